// Package report puts what was found on paper: as a PDF that is signed and timestamped,
// as plain text for an official record, and as the same text for a word processor. It is
// made of root nouns, strings and bytes, and knows no store: whoever fills in a Document
// says everything that the report says.
//
// What always holds for it:
//
//   - Texts of sources are complete and as they were given. In the PDF, what cannot be
//     printed or seen is written out, "[U+1F600 grinning face]" (see spell), and the
//     exact bytes of each version, title and text with a line feed between them, are
//     attached as a file text-<advert>-<number>-<version>.txt. Words that fired stand
//     underlined between square brackets with the number of their rule, and only where
//     the text is what the hit says it is.
//   - Old and new, found and missing, proved and not yet: all is told by words. Colour
//     says nothing, there is none.
//   - What is not proved by a checkpoint that witnesses cosigned says so on the first
//     page and above the version.
//   - Every page has the report's identifier and "page x of y"; the index names the page
//     of each part.
//   - Content that was destroyed or sealed is refused: it belongs in Absent.
//   - The same document gives the same bytes, but for the signature, its timestamp, and
//     the order in which pictures of the same width are stored.
//   - No input makes it panic: fpdf does above U+FFFF, and nothing of that kind reaches
//     it.
//
// The PDF is A4 in one language, with DejaVu's fonts in it (font/vendored.txt), which
// have Latin, Greek, Cyrillic and many symbols. Hebrew and Arabic are put in the order in
// which they are read, Arabic letters unjoined. It does not claim to be PDF/A.
//
// Pictures are left out unless the document says otherwise. For a file that others read
// too they go into an annex of their own (Annex).
package report

// Package extract reads captured pages: which addresses they lead to, whether
// they are content at all, the fields of the advert on them, and the phone numbers
// in its text. It makes no connection and keeps no state; the same page gives the
// same reading, so that a better recipe reads the past again.
//
// # How a page is read
//
//   - Bytes become text by byte order mark, header, meta element and then by what
//     the bytes themselves allow (decode.go); HTML is parsed as browsers do, and
//     tree depth, size and time are bounded (document.go).
//   - Addresses are resolved against the page's base by the rules of the WHATWG
//     URL standard; only http and https are kept, without fragments.
//   - With a recipe, fields stand where it says (field.go, jsonpath.go) and go
//     through its transforms (transform.go). Without one a guess is made from what
//     pages say of themselves and from where their text is (generic.go).
//   - The text of an element keeps its lines: blocks and <br> end lines, other
//     white space is folded, what is not displayed is left out (layout.go).
//
// # How entities are found
//
//   - Phone numbers: tokens that are digits, in figures of any script, in words, in
//     letters that look like figures or mixed (digits.go), are put into chains by what
//     stands between them (chain.go), without what is an amount, a date, a score or part
//     of an address (edges.go); stretches of a chain are put to libphonenumber's tables
//     (judge.go), and what is a number there by chance is left out (meant.go). A number
//     that the tables do not know is given, as not valid, where it is written as a number
//     is (guess.go). Behind a country's code there is never a number of another country.
//   - What a person types as a number is read otherwise: everything in it may be digits,
//     and what cannot be a number is told with its reason (typed.go).
//   - The rest stands on one cutting of the text into letters, digits and signs
//     (lex.go), with a file for each kind.
//   - All words are data, a file for each language (words/, described in
//     vocabulary.go). A text may mix languages.
//   - The work is bounded by the length of the text: every token is looked at a bounded
//     number of times, and look-ups in the tables have a budget by its length.
//
// # What always holds of a Reading
//
//   - Nothing leaves that is not in Options.Fields: title, body and images
//     included.
//   - Fields holds a value for each match of each field, by the fields' names, with
//     where it stood. Of title, body and images it holds only where they stood, with an
//     empty value: their values are in Title, Body and Images.
//   - Offsets of entities point into Title + "\n" + Body, and Raw is what stands there.
//     They come in the order in which they begin; those of one type do not overlap. An
//     entity that stands in a field only (a number behind a button, a price, an age, a
//     place) comes after them and has both offsets 0.
//   - Text is UTF-8 without NUL, and bounded: a title by 2 kB, a field by 64 kB, a
//     body by 512 KiB, the values of a field by 500.
//   - NotContent is empty for content. It is set only on good evidence: a page
//     whose required fields are all there is content whatever else is on it, but
//     for a recipe's own barriers and headings that say "not found".
package extract

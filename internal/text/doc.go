// Package text holds what can be said about a text without knowing what it is
// about: its folded form, its words, its language, how it differs from an
// earlier text, and where a query's words stand in it.
//
// # The folded form
//
// Everything that compares texts compares folded texts, and the store keeps the
// folded form in its column "folded". A stored format therefore: a change to it
// means folding every stored version again. What always holds for it:
//
//   - It consists of lower-case letters, digits and single spaces, with no space
//     at either end. A token is what stands between spaces.
//   - Letters are folded for case, decomposed for compatibility (ligatures,
//     full-width, mathematical and circled letters become plain ones) and lose
//     their marks: "É", "é" and "𝐞" are "e". Letters that Unicode does not
//     decompose but that people type without their stroke are in our own table:
//     "ø" is "o", "ß" is "ss", "ł" is "l".
//   - Decimal digits of every script become 0–9.
//   - Zero-width characters, bidirectional controls, soft hyphens and combining
//     marks vanish: they do not separate.
//   - Everything else separates: white space, punctuation, currency signs,
//     emoji, controls, and bytes that are not UTF-8. So "24/7" is the two tokens
//     "24" and "7", "€50" is "50", "06-000 123 45" is "06", "000", "123", "45",
//     and "foto's" is "foto", "s". A query is folded in the same way and asks
//     for such tokens as a phrase, so that it finds what it looks like.
//   - Folding is idempotent, and independent of its surroundings but for the
//     spaces: the folding of a concatenation is that of its parts.
//
// The server's parser of texts takes these tokens as they are, but for one: digits,
// an e and digits ("5e3") end a token, so that "5e3x" becomes two. Words of a
// question must go through the same parser (to_tsquery and the like do that; a
// cast to tsquery does not).
//
// No rule of the database server takes part in it (unaccent and the server's
// collations change with its version).
package text

// Package zoeklicht holds the nouns of Zoeklicht ("searchlight"), one file
// each: what a theme, a source, a capture, an advert, a version, a question and
// a result are, and what always holds for them. It imports the standard library
// only and does nothing by itself; every room under internal/ exchanges these
// nouns with its neighbours instead of importing them.
//
// The words are those of the field, in English; the Dutch words that users see
// are in the table of docs/nl/begrippen.md:
//
//	theme    a purpose with its own legal basis, sources, people and separate store
//	source   an approved public place on the internet, with its considerations
//	visit    one look at one URL, complete with redirects and pictures
//	capture  a visit made durable: WARC records, salted manifest, leaf
//	advert   one advertisement at one source over time
//	version  a distinct content of an advert; sightings say when it was seen unchanged
//	entity   a phone number, price, place … found in a version, with its place in the text
//	question what was asked, as of which moment
//	result   what was answered, under an identifier that gives the same answer for ever
//	pass     the right to be in one theme, for one purpose, now (internal/access)
//
// The picture of the whole house is in layers_test.go, which enforces it.
package zoeklicht

// Package assess says why an advert may deserve a look: it applies a theme's rules
// (zoeklicht.Indicator) to one version of an advert and what is known beside it, and
// adds up the weights of those that fired. It judges advertisements, never persons; it
// reads no store, makes no connection, and the same input gives the same assessment.
//
// # What a condition may look at
//
// A condition is one expression of CEL (the Common Expression Language) that gives
// true or false. Its variables are these and no others; functions and macros are CEL's
// own.
//
//	words.<lexicon>    int     distinct words and phrases of the lexicon in title and body
//	phones             int     distinct valid telephone numbers
//	disguised          int     those of them that are written to defeat machines
//	emails, handles, links  int  distinct ones
//	places             int     distinct places named in the text
//	ages               list of int     stated ages
//	prices             list of double  an hour, of the prices that have a duration
//	price.hour         double  the price an hour of the duration nearest to one; 0 unknown
//	price.median       double  what is usual an hour, as the caller says; 0 unknown
//	always             bool    stated to be available at all hours
//	length             int     characters of title and body
//	beside.<count>     int     the counts of zoeklicht.Beside: adverts, sources, cities,
//	                           names, ages, versions, text_elsewhere, picture_elsewhere
//
// There is no variable for the text itself: words come from lexicons only, so that
// each hit can show where they stand. There is none for the language either, since it
// says where somebody comes from. Lists have their first 200 distinct values. Only valid
// entities count.
//
// # How words are found
//
// Lexicons and texts are compared folded (internal/text), token by token, in all
// languages of a lexicon at once, since adverts mix them. Of words of one lexicon that
// begin at the same token the longest counts, and none that begins within another.
//
// # What always holds
//
//   - Score is the sum of the hits' weights. Weights are quarters of a point, so the
//     sum is exact in binary and the same in every order and in every program.
//   - Only active rules fire, and only where SeenAt lies in their days of validity.
//   - A condition that costs more than its limit, or fails otherwise, does not fire;
//     the others go on, and it is named in a *Stopped.
//   - Offsets point into Title + "\n" + Body and lie on rune boundaries; a hit has 100
//     at most. The text between those of a lexicon's word folds to that word, but where
//     one rune folds to several words.
//   - A trace tells counts, prices and ages, never a telephone number.
//   - Set names what decides: the identifiers, versions and digests of the active
//     rules. The same set gives the same assessment of the same input.
package assess

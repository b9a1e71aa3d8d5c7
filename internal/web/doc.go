// Package web is the dashboard: pages made on the server, forms that work without
// JavaScript, and a small script that makes them quicker where it runs.
//
// # What always holds
//
//   - Nothing of a theme is read without a pass. Each request enters the theme anew
//     through the Door, so that a grant that ended a second ago opens nothing. The
//     web keeps no content between requests: a session holds who signed in, the
//     purpose stated in each theme, which numbers and pictures were asked for, and what was
//     answered, done in the worklist and sealed last, to be taken back or told about.
//   - What does not exist and what a person may not see get the same answer, byte
//     for byte but for the reference number.
//   - Numbers come masked and pictures not at all, until a POST asked for them with
//     a purpose. The store masks, and writes the audit row in the transaction that
//     serves; the web shows what it is given and never unmasks by itself.
//   - Everything that came from a source is text: escaped, in an element of its own
//     direction (bdi), with control and direction characters made visible. Addresses
//     at a source are never links: following one would tell the source who looks.
//   - A page is rendered whole before its first byte is sent; an error gives an error
//     page that says what failed, what is safe and what to do, with a reference number
//     that is in the log as well. The log holds no query strings and no content.
//   - The content security policy is 'self' without exceptions for inline script or
//     style; there is no style attribute in any template. State changes by POST only,
//     refused across origins, with a SameSite=Strict cookie.
//
// # Where things are
//
// Each screen is a pair, <screen>.go beside <screen>.tmpl; layout.tmpl and parts.tmpl
// are around and inside them. ports.go, deskports.go and
// exportports.go say what the screens need of the rooms below.
// assets/ holds the style sheet, the script and the vendored htmx, with vendored.txt
// naming what was vendored, under which licence, with which SHA-256.
//
// # Addresses
//
//	/                               the theme, or a choice of themes
//	/sign-in /sign-out /account     who I am; /settings language and keys
//	/t/{theme}/                     theme home, with the unit's worklist: ?show= ?new= ?page=
//	/t/{theme}/progress             its live part
//	/t/{theme}/asof …/purpose       another moment; what the work is for
//	/t/{theme}/unit                 whose list;      /t/{theme}/next?lead=&at= the row after one, &back=1 before
//	/t/{theme}/leads/{version}      the card of a version's number, masked; …/step …/reveal
//	/t/{theme}/numbers?q=           a number's card; /t/{theme}/numbers/list a pasted list
//	/t/{theme}/capture              have a page captured now; /t/{theme}/capture/{id} how far it is
//	/t/{theme}/reports              what is wrong on screens
//	/t/{theme}/search               a question;      /t/{theme}/results/{id} its answer, for ever
//	/t/{theme}/adverts/{id}         an advert;       ?v= and ?with= choose versions
//	                                or ?id= one by its identifier; ?after= names its list
//	/t/{theme}/rows/next?after=     the row after one of an answer; &back=1 before it
//	…/classify …/name …/correct …/seal   what a reader says about it
//	/t/{theme}/feedback/{id}/undo   and /t/{theme}/corrections/{id}/undo
//	/t/{theme}/urgent               what was sealed and cannot wait; …/lane its live part
//	                                …/alarm what every page of the duty role says of it
//	/t/{theme}/pictures/{version}/{n}
//	/t/{theme}/exports              long work and what left; …/new?result= or ?advert=&v=&with= the form
//	/t/{theme}/exports/{job}        how far one is; …/progress its live part, …/cancel, …/again, …/file
//	/t/{theme}/captures/{id}/proof  the proof of a capture; …/proof/{file} its parts, to check elsewhere
//	/t/{theme}/cases?number=        what the record says about a case number
//	/t/{theme}/sources              the register;    /t/{theme}/sources/{id} one source
//	/t/{theme}/sources/many         propose a pasted list of sites
//
// Every address of a theme takes ?asof=2006-01-02T15:04, a minute in the theme's place,
// or an exact moment in UTC, 2006-01-02T15:04:05.999999Z. A minute stands for its last
// instant, so that what a page calls 08:15 is found again under 08:15.
package web

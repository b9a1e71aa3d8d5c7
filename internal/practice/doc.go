// Package practice is the practice web: synthetic sites with synthetic adverts,
// served over real HTTP on loopback, so that the platform's main job can be
// shown, tested and measured without watching anyone. Texts are neutral and
// professional, pictures are abstract, and the telephone numbers (06 000x xxxx)
// are ones that nobody can have.
//
// # The world
//
// A World is a function of Config.Seed and Config.Adverts, and of nothing else:
// any advert can be told on any simulated day, in any order, without state. It
// has so many slots; in each lives one advert after another, for 4 to 72 days,
// with some days between them. A quarter of those that live long enough go away
// for one to four days and return under the same number. While an advert lives,
// its price, text, pictures, phone or place change now and then (together about
// once in nine days); a value that was left never returns, so every change is a
// new version.
//
// # Who advertises
//
// What stands behind an advert is drawn with it, and holds for its whole life:
//
//	independent  15 in 100: works alone, and says one to three things that keep it
//	             safe; one in five disguises the number; who tours moves every seventh
//	             day, so that a week knows two towns. Carries no planted signal
//	branch       10 in 100, two to five of them to a practice: one name, one number,
//	             a stock of pictures and one text with slots, in two neighbouring towns
//	agency       5 in 100, in worlds of 300 adverts and more: one name and one number
//	             on all of them, each with its own text. A hub, which links nobody
//	ring         6 in 1,000, four to a ring, on four sites: the first three are other
//	             names of other ages in other towns on one number; the fourth has the
//	             very text of the first, and a picture of all, under a second number
//	loner        8 in 1,000: four to six signals in one advert
//	mover        8 in 1,000: the same, and in another town every other day
//	ordinary     all others; 14 in 100 of them carry one signal or two
//
// Ring, loner and mover are "planted": they carry three signals or more, all the
// time. They lie in every 640 slots alike, so worlds of one size have about as
// many: of 3,000 adverts some 60, of those that appear in 20 days 80 to 105. One
// planted or ordinary advert in eight has a safety wording as well.
//
// The signals are those of the indicators of the same names; what the indicators
// weigh is theirs to say, and some of them (arrival-wording, disguised-number,
// several-cities) weigh nothing. In words (see words/signals for what they say in
// each language): trust-wording, youth-wording, constant-availability,
// third-person, plural-voice, restricted-movement, arrival-wording,
// no-limits-wording, third-party-contact. In how it is written: disguised-number, price-below-median (20 to 46 euros an hour,
// where 70 to 135 are usual). By what stands beside it, in the week up to the day
// and not before day 0: several-aliases (two names on its number), shared-contact
// (three), several-ages (two), several-cities (three towns), text-elsewhere (the
// same title and text under another number), picture-elsewhere (a picture that
// can be had, under another number). The safety wordings: screening,
// no-anonymous-callers, in-call-only, works-with-others, touring.
//
// A disguised number stands in the text and nowhere else: in number words of the
// advert's language, with hyphens, or words and digits in turn; in brackets,
// spaced, with another sign between every two digits, in letters that look like
// digits; and, where the site can show it, with emoji or zero-width spaces between
// digits, in keycaps, full-width or circled digits. About 8 adverts in 100 have no
// other number, on every site.
//
// # The sites
//
// Each on its own port, in this order, adverts dealt by slot over the first five:
//
//	admarkt      Dutch; listings and pages in HTML, "Volgende" link, total above the
//	             list (1.234), pictures on the same host, phone in a field, 404 for
//	             what vanished; one page in four counts its visitors, and so differs
//	             every day without being another version; consent pages
//	stadsgids    Dutch and English; listing by JSON at /api/v2/adverts, pages with
//	             part of their fields in a JSON script element; the town is in the
//	             address, so an advert that moves redirects (301) to another address
//	             under the same number; half of the pictures on the picture host; 410
//	             for what vanished; captchas, empty templates
//	kiosk        Dutch, German, English; session ids in every link (query sid= on
//	             even numbers, ;sid= on odd ones), a redirect to a new session where
//	             a listing is asked for without; windows-1252, declared in three ways;
//	             a third of the pictures cannot be had (see Trouble); soft 404 for
//	             what vanished; rate-limit and error pages that answer 200
//	wellkompass  German and English; page numbers in the path; more fields than the
//	             others: stated age, hours, languages, a table of prices by length;
//	             phone in a link; 404 for what vanished; login walls
//	corso        English, Polish, Romanian, Spanish; listing paged by a cursor; phone
//	             in an attribute; half of the pictures on the picture host, one in
//	             twelve missing; 410 for what vanished; rate limits, captchas
//	snelcontact  a fake: nine profiles with three texts and four stock pictures, always
//	             of today, that send whoever answers to a paid short number (0000).
//	             It has no adverts, and the truth knows nothing of it
//	beeldbank    the picture host, after the sites: pictures and nothing else. The
//	             theme pack's approvals of stadsgids and corso cover it, that of kiosk
//	             does not
//
// The adverts of a group are in its own language wherever they stand.
//
// Pages that are not content stand before one advert in two hundred on a day;
// from day 2 on, one day in 25 a site's listing is an empty frame. Both are drawn
// from the seed: a second try on the same day meets the same.
//
// # The truth
//
// On a port of its own, which the platform must not be able to reach, as JSON
// lines unless said otherwise; days that are left out mean the day served:
//
//	GET  /.truth/online?day=D          OnlineAdvert: what is online
//	GET  /.truth/adverts?day=D         TrueAdvert, with the content of that day
//	GET  /.truth/versions?from=D&to=D  TrueAdvert, with every content in these days;
//	                                   &hash=1 adds SHA-256 of the pictures
//	GET  /.truth/day                   Addresses
//	POST /.truth/day?d=D               moves the world to a day; Addresses
//	GET  /.truth/stats                 SiteStats: what visitors did, per site
//	GET  /.truth/faults                Fault, one a line
//	POST /.truth/faults                a JSON array of Fault, instead of those before
//
// How to compare versions with it. A version is one content: title, body, price,
// place, name, date posted, phone numbers and set of pictures, white space
// folded. Phones are all numbers that it shows, however they are written. A
// TrueAdvert lists its contents in order, each with the days on which
// it was online. A visitor who comes once a day must have every version whose
// Seen is not empty; may have one without Seen only if it was online on an
// Unlisted day that was not Hidden, by an address known from before; and must
// call nothing gone that is online. Pictures: the truth gives address, trouble and, for those that
// can be had, the digest of the bytes. Within one advert, address, bytes and
// trouble of a picture stand and fall together, so the versions are the same
// whether a picture counts by address or by digest; no picture's address carries
// a session. Between adverts the same bytes do occur under different addresses:
// in groups, and as stock pictures that link nobody. Titles and prices are as on
// the page (PriceTxt) and as a number (Price); body has a line feed where the
// page begins a new paragraph.
//
// Entities tell where each number, age, price and town stands, and how it is
// written. Signals of a version are those that it carried on one of its days at
// least: those in its own content on all of them, those that stand beside it as
// others come and go. An advert is Planted if one of its versions carries three.
//
// # Measuring search
//
// Corpus generates any number of versions with planted term frequencies,
// without serving them.
package practice

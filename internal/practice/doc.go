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
// new version. One advert in ten belongs to a planted group: one advertiser, on
// more than one site, with two or three numbers, a stock of pictures and one
// text with slots.
//
// # The sites
//
// Each on its own port, in this order, adverts dealt out by slot:
//
//	admarkt    Dutch; listings and pages in HTML, "Volgende" link, total above the
//	           list (1.234), pictures on the same host, phone in a field, 404 for
//	           what vanished; one page in four counts its visitors, and so differs
//	           every day without being another version; consent pages
//	stadsgids  Dutch and English; listing by JSON at /api/v2/adverts, pages with
//	           part of their fields in a JSON script element; the town is in the
//	           address, so an advert that moves redirects (301) to another address
//	           under the same number; half of the pictures on the picture host; 410
//	           for what vanished; captchas, empty templates
//	kiosk      Dutch, German, English; session ids in every link (query sid= on
//	           even numbers, ;sid= on odd ones), a redirect to a new session where
//	           a listing is asked for without; windows-1252, declared in three ways;
//	           a third of the pictures cannot be had (see Trouble); soft 404 for
//	           what vanished; rate-limit and error pages that answer 200
//	beeldbank  the picture host, after the sites: pictures and nothing else. The
//	           theme pack's approval of stadsgids covers it, that of kiosk does not
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
// folded. A TrueAdvert lists its contents in order, each with the days on which
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
// # Measuring search
//
// Corpus generates any number of versions with planted term frequencies,
// without serving them.
package practice

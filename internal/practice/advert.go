package practice

import (
	"slices"
	"strconv"
)

// Advert is the content of one advert on one day, as its page shows it.
type Advert struct {
	Site    string // key of the site
	Number  int    // the site's own number
	Posted  int    // the simulated day on which it appeared; may lie before day 0
	Changed int    // the last day on which its content changed, Posted if never
	Lang    string // "nl", "en", "de", "pl", "ro" or "es"
	Studio  string // who advertises
	Title   string
	// Body is the text in paragraphs.
	Body      []string
	Price     int    // in euros
	PriceText string // as the page writes it
	Place     string
	// Phone is the number in E.164 and PhoneText its spelling on the page, which
	// has it in a field of its own, in the text, or both. A disguised one stands in
	// the text only.
	Phone        string
	PhoneText    string
	PhoneInField bool
	PhoneInBody  bool
	Disguised    bool
	// Age is the advertiser's, 0 where the advert does not state it.
	Age                   int
	AgeInField, AgeInBody bool
	Pictures              []Picture
	// Group is the group that shares text, number and pictures, named by its first
	// slot; -1 for none.
	Group int
	// Minutes and Payment are fields that no theme asked for.
	Minutes int
	Payment string

	plan plan
}

const (
	// A text has leastSentences to mostSentences, and can exchange spareSentences in
	// one life.
	leastSentences = 6
	mostSentences  = 13
	spareSentences = 24
	priceSteps     = 27
)

// ringLanguages are those of a ring's one text, on whatever site it stands.
var ringLanguages = []string{"nl", "nl", "nl", "en", "en", "de", "es"}

// advert tells a life's content on a day.
func (w *World) advert(l life, day int) *Advert {
	site := w.sites[l.slot%w.dealt]
	hab := site.habits()
	p := w.plan(l)
	rev := w.revisionsBy(&p, l, day)
	style := seeded(w.cfg.Seed, drawStyle, uint64(l.slot), uint64(l.gen))
	a := &Advert{Site: hab.key, Number: w.number(l), Posted: l.from, Group: p.group, plan: p}

	// What a group shares is drawn from its name, what it does not from the life.
	text := [3]uint64{drawText, uint64(l.slot), uint64(l.gen)}
	lang := w.languages[pick(&style, hab.languages)]
	shared := seeded(w.cfg.Seed, drawGroup, uint64(p.group), drawStyle)
	if p.group >= 0 {
		lang, text = w.languages["nl"], [3]uint64{drawGroup, uint64(p.group), 0}
		if p.kind == ring {
			lang = w.languages[pick(&shared, ringLanguages)]
		}
	}
	a.Lang = lang.name
	a.Changed = w.changed(l, day, rev)
	w.price(a, l, rev[facetPrice], &style)
	w.place(a, l, rev[facetPlace])
	w.spellPhone(a, l, rev[facetPhone], &hab, lang, &style)
	w.age(a, l, &hab)

	with := blanks{place: a.Place, price: strconv.Itoa(a.Price), length: strconv.Itoa(a.Minutes), phone: a.PhoneText, age: strconv.Itoa(a.Age), plain: hab.plain}
	own := lang.fill["studio"][style.intn(len(lang.fill["studio"]))][0]
	a.Studio, with.studio = own, own
	switch p.kind {
	case branch, agency: // one name
		a.Studio = pick(&shared, w.languages["nl"].fill["studio"])[0]
		with.studio = a.Studio
	case ring: // names that differ
		names := lang.fill["studio"]
		from := shared.intn(len(names))
		a.Studio = names[(from+7*p.member)%len(names)][0]
		with.studio = a.Studio
		if p.twin() { // the same text, whatever the fields beside it say
			with.studio, with.place = names[from][0], places[w.townOf(p.group)]
			with.price, with.length = strconv.Itoa(90+5*shared.intn(4)), "60"
			if p.signals.has(int(priceBelowMedian)) {
				with.price = "35"
			}
		}
	}
	a.Payment = string(lang.expand(nil, pick(&style, lang.fill["payment"]), &style, &with))
	w.write(a, lang, text, rev[facetText], &with)
	a.Pictures = w.pictures(l, &p, a, rev[facetPictures], site)
	return a
}

// price fills in the price and what it is for: 70 to 135 euros an hour, and 20 to
// 46 where it is meant to be far below what is usual.
func (w *World) price(a *Advert, l life, rev int, style *rng) {
	r := seeded(w.cfg.Seed, drawPrice, uint64(l.slot), uint64(l.gen))
	step := (r.intn(priceSteps) + rev*pick(&r, []int{1, 2, 26, 25})) % priceSteps
	if a.plan.signals.has(int(priceBelowMedian)) {
		a.Minutes = 60 + 15*style.intn(3) // so that every step is a euro or more
		a.Price = (20 + step) * a.Minutes / 60
	} else {
		a.Minutes = 30 + 15*style.intn(5)
		a.Price = (140 + 5*step) * a.Minutes / 120
	}
	a.PriceText = priceText(a.Lang, a.Price, style.intn(3))
}

// place fills in the town. The branches of a practice lie in two towns, the
// members of a ring in as many as they are.
func (w *World) place(a *Advert, l life, rev int) {
	r := seeded(w.cfg.Seed, drawPlace, uint64(l.slot), uint64(l.gen))
	from, step := r.intn(len(places)), 1+r.intn(len(places)-1)
	if p := &a.plan; p.group >= 0 {
		from = w.townOf(p.group)
		if p.kind == ring {
			from += 11 * p.member
		} else {
			from += p.member % 2
		}
	}
	a.Place = places[(from+rev*step)%len(places)]
}

// townOf gives the town, by its number in places, in which a group began.
func (w *World) townOf(group int) int {
	r := seeded(w.cfg.Seed, drawPlace, drawGroup, uint64(group))
	return r.intn(len(places))
}

// spellPhone fills in the number, how it is written, and where.
func (w *World) spellPhone(a *Advert, l life, rev int, hab *habits, lang *language, style *rng) {
	digits := w.phone(l, &a.plan, rev)
	a.Phone, a.PhoneText = "+31"+digits, spell(digits, style.intn(spellings))
	a.PhoneInBody = style.chance(hab.phoneInBody)
	a.PhoneInField = !a.PhoneInBody || style.chance(hab.phoneInField)
	switch {
	case a.plan.twin():
		a.PhoneInBody, a.PhoneInField = false, true
	case a.plan.signals.has(int(disguisedNumber)):
		ways := int(disguises)
		if hab.plain {
			ways = plainDisguises
		}
		r := seeded(w.cfg.Seed, drawPhone, drawStyle, uint64(l.slot), uint64(l.gen))
		a.PhoneText = disguise("0"+digits, r.intn(ways), lang, &r)
		a.PhoneInBody, a.PhoneInField, a.Disguised = true, false, true
	}
}

// age fills in the stated age, if there is one: 23 to 57. The members of a ring
// state different ones, but for the two that have one text.
func (w *World) age(a *Advert, l life, hab *habits) {
	r := seeded(w.cfg.Seed, drawAge, uint64(l.slot), uint64(l.gen))
	age := 23 + r.intn(35)
	a.AgeInField, a.AgeInBody = hab.ageInField, r.chance(100)
	switch p := &a.plan; p.kind {
	case branch, agency: // of whoever answers the one number
		g := seeded(w.cfg.Seed, drawAge, drawGroup, uint64(p.group))
		age, a.AgeInBody = 23+g.intn(35), false
	case ring:
		g := seeded(w.cfg.Seed, drawAge, drawGroup, uint64(p.group))
		age = 23 + g.intn(20) + 4*(p.member%(ringSize-1))
		a.AgeInBody = true
	}
	if a.AgeInField || a.AgeInBody {
		a.Age = age
	}
}

// number is the site's own number for a life: unique, and higher for later ones.
func (w *World) number(l life) int { return firstNumber + l.gen*w.cfg.Adverts + l.slot }

const firstNumber = 100_000

// bySiteNumber finds the life that a site's own number names.
func (w *World) bySiteNumber(site, number int) (life, bool) {
	n := number - firstNumber
	if n < 0 || n%w.cfg.Adverts%w.dealt != site {
		return life{}, false
	}
	return w.lifeOf(n%w.cfg.Adverts, n/w.cfg.Adverts)
}

// changed finds the last day up to day on which the content changed.
func (w *World) changed(l life, day int, now revisions) int {
	if now == (revisions{}) {
		return l.from
	}
	d := min(day, l.to-1)
	for d > l.from && w.revisionsAt(l, d-1) == now {
		d--
	}
	return d
}

// write fills in title and text. The sentences are drawn once per text; each
// revision exchanges one of them for a sentence that was not used before, so no
// two revisions are equal.
func (w *World) write(a *Advert, lang *language, text [3]uint64, rev int, with *blanks) {
	fill := func(what int) rng {
		return seeded(w.cfg.Seed, drawFill, text[0], text[1], text[2], uint64(what))
	}
	r := fill(rev / 2)
	a.Title = capital(lang.expand(nil, pick(&r, lang.titles), &r, with))

	r = seeded(w.cfg.Seed, text[0], text[1], text[2])
	var order [128]uint8
	n := len(lang.sentences)
	for i := range n {
		j := r.intn(i + 1)
		order[i], order[j] = order[j], uint8(i)
	}
	count := leastSentences + r.intn(mostSentences-leastSentences+1)
	for i := range rev {
		order[i%count] = order[count+i]
	}
	var b []byte
	for i := range count {
		r := fill(1000 + int(order[i]))
		b = lang.expand(b, lang.sentences[order[i]], &r, with)
		if i%3 == 2 || i == count-1 {
			a.Body = append(a.Body, string(b))
			b = b[:0]
		} else {
			b = append(b, ' ')
		}
	}
	if said := w.said(a, lang, fill, with); said != "" {
		r := fill(3000)
		a.Body = slices.Insert(a.Body, r.intn(len(a.Body)+1), said)
	}
	if a.PhoneInBody {
		r := fill(2000)
		a.Body = append(a.Body, string(lang.expand(nil, pick(&r, lang.calls), &r, with)))
	}
}

// said is the paragraph that says what the advert's plan wants said.
func (w *World) said(a *Advert, lang *language, fill func(int) rng, with *blanks) string {
	var b []byte
	say := func(section string, draw int) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		r := fill(draw)
		b = lang.expand(b, pick(&r, lang.phrases[section]), &r, with)
	}
	for n, name := range signalNames {
		if (a.plan.signals & wordings).has(n) {
			say(name, 4000+n)
		}
	}
	for n, name := range safetyNames {
		if a.plan.safety.has(n) {
			say(name, 5000+n)
		}
	}
	if a.AgeInBody {
		say("age", 6000)
	}
	return string(b)
}

// capital begins a title with a capital letter. The titles' first letters that
// are not capitals already are all ASCII.
func capital(title []byte) string {
	if len(title) > 0 && 'a' <= title[0] && title[0] <= 'z' {
		title[0] -= 'a' - 'A'
	}
	return string(title)
}

// priceText writes a price in one of the ways of a language.
func priceText(lang string, euros, style int) string {
	n := strconv.Itoa(euros)
	switch lang {
	case "en":
		return [...]string{"€" + n, "€ " + n + ".00", "EUR " + n}[style]
	case "de", "pl", "ro", "es":
		return [...]string{n + " €", n + ",00 €", "EUR " + n}[style]
	default:
		return [...]string{"€ " + n, "€ " + n + ",-", n + " euro"}[style]
	}
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

package practice

import "strconv"

// Advert is the content of one advert on one day, as its page shows it.
type Advert struct {
	Site    string // key of the site
	Number  int    // the site's own number
	Posted  int    // the simulated day on which it appeared; may lie before day 0
	Changed int    // the last day on which its content changed, Posted if never
	Lang    string // "nl", "en" or "de"
	Studio  string // who advertises
	Title   string
	// Body is the text in paragraphs.
	Body      []string
	Price     int    // in euros
	PriceText string // as the page writes it
	Place     string
	// Phone is the number in E.164 and PhoneText its spelling on the page, which
	// has it in a field of its own, in the text, or both.
	Phone        string
	PhoneText    string
	PhoneInField bool
	PhoneInBody  bool
	Pictures     []Picture
	// Group is the planted group, named by its first slot; -1 for none.
	Group int
	// Minutes and Payment are fields that no theme asked for.
	Minutes int
	Payment string
}

const (
	// spareSentences is how many sentences a text can exchange in one life.
	spareSentences = 24
	priceSteps     = 27
)

// advert tells a life's content on a day.
func (w *World) advert(l life, day int) *Advert {
	site := w.sites[l.slot%len(w.sites)]
	hab := site.habits()
	rev := w.revisionsAt(l, day)
	style := seeded(w.cfg.Seed, drawStyle, uint64(l.slot), uint64(l.gen))
	a := &Advert{Site: hab.key, Number: w.number(l), Posted: l.from, Group: -1}

	// What a group shares is drawn from its name, what it does not from the life.
	text := [3]uint64{drawText, uint64(l.slot), uint64(l.gen)}
	lang := w.languages[pick(&style, hab.languages)]
	if first, ok := w.group(l.slot); ok {
		a.Group, lang, text = first, w.languages["nl"], [3]uint64{drawGroup, uint64(first), 0}
	}
	a.Lang = lang.name
	a.Changed = w.changed(l, day, rev)

	r := seeded(w.cfg.Seed, drawPrice, uint64(l.slot), uint64(l.gen))
	a.Price = 30 + 5*((r.intn(priceSteps)+rev[facetPrice]*pick(&r, []int{1, 2, 26, 25}))%priceSteps)
	a.PriceText = priceText(a.Lang, a.Price, style.intn(3))

	r = seeded(w.cfg.Seed, drawPlace, uint64(l.slot), uint64(l.gen))
	a.Place = places[(r.intn(len(places))+rev[facetPlace]*(1+r.intn(len(places)-1)))%len(places)]

	digits := w.phone(l, rev[facetPhone])
	a.Phone, a.PhoneText = "+31"+digits, spell(digits, style.intn(spellings))
	a.PhoneInBody = style.chance(hab.phoneInBody)
	a.PhoneInField = !a.PhoneInBody || style.chance(hab.phoneInField)

	a.Minutes = 30 + 15*style.intn(5)
	with := blanks{place: a.Place, price: strconv.Itoa(a.Price), phone: a.PhoneText, plain: hab.plain}
	with.studio = string(lang.expand(nil, pick(&style, lang.fill["studio"]), &style, &with))
	a.Studio = with.studio
	a.Payment = string(lang.expand(nil, pick(&style, lang.fill["payment"]), &style, &with))
	w.write(a, lang, text, rev[facetText], &with)
	a.Pictures = w.pictures(l, a, rev[facetPictures], site)
	return a
}

// number is the site's own number for a life: unique, and higher for later ones.
func (w *World) number(l life) int { return firstNumber + l.gen*w.cfg.Adverts + l.slot }

const firstNumber = 100_000

// bySiteNumber finds the life that a site's own number names.
func (w *World) bySiteNumber(site, number int) (life, bool) {
	n := number - firstNumber
	if n < 0 || n%w.cfg.Adverts%len(w.sites) != site {
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
	count := 6 + r.intn(8)
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
	if a.PhoneInBody {
		r := fill(2000)
		a.Body = append(a.Body, string(lang.expand(nil, pick(&r, lang.calls), &r, with)))
	}
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
	case "de":
		return [...]string{n + " €", n + ",00 €", "EUR " + n}[style]
	default:
		return [...]string{"€ " + n, "€ " + n + ",-", n + " euro"}[style]
	}
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

package practice

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"zoeklicht"
)

// Corpus is a large body of synthetic versions for measuring search: three
// languages, each with a fixed vocabulary of CorpusWords words drawn by Zipf's
// law, and planted terms whose document frequency is known exactly. Version i is
// a function of seed, size and i, so parts can be made side by side. Safe for
// concurrent use.
type Corpus struct {
	seed  uint64
	n     int
	words map[string][]string
	langs map[string]*language
	zipf  *aliases
}

// CorpusWords is how many words each language's vocabulary has.
const CorpusWords = 40_000

// CorpusDays is how many days a corpus spans: version i is first seen on day
// i*CorpusDays/n.
const CorpusDays = 400

// CorpusVersion is one version of a corpus.
type CorpusVersion struct {
	Site   string // key of a site of the practice web
	Advert int    // from 0; every advert has four versions, or up to three fewer
	N      int    // 1 for an advert's first version
	Day    int    // on which it is first seen
	Lang   string
	Title  string
	Body   string // 40 to 120 words, what signals say, and the phone number's spelling
	Price  string
	Place  string
	Phone  string // E.164
	// Signals are the planted signals that its body says in words, for one version
	// in fifty.
	Signals []string
}

// Planted is a term that a corpus has in exactly one version of every so many.
type Planted struct {
	Term string
	Per  int
}

// The planted terms: words that stand in no vocabulary. Frequencies are exact
// for sizes that are multiples of 20,000. Combinations are exact as well:
//
//	Tenth AND OtherTenth        1 version in 100
//	"Tenth OtherTenth" (phrase) 1 version in 200, half of those
//	Hundredth AND Rare          1 version in 20,000, half of those with Rare
var (
	Tenth          = Planted{"kwintelaar", 10}
	OtherTenth     = Planted{"brosselmaat", 10}
	Hundredth      = Planted{"zwerkelang", 100}
	OtherHundredth = Planted{"mistelvoord", 100}
	Rare           = Planted{"dravelhoek", 10_000}
	OtherRare      = Planted{"ogenspaan", 10_000}
)

// NewCorpus prepares a corpus of n versions.
func NewCorpus(seed uint64, n int) (*Corpus, error) {
	if n < 1 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "a corpus of %d versions", n)
	}
	c := &Corpus{seed: seed, n: n, words: map[string][]string{}, langs: map[string]*language{}, zipf: newZipf(CorpusWords)}
	for _, name := range []string{"nl", "en", "de"} {
		lang, err := loadLanguage(name)
		if err != nil {
			return nil, err
		}
		c.words[name], c.langs[name] = vocabulary(lang), lang
	}
	return c, nil
}

// Len gives the number of versions.
func (c *Corpus) Len() int { return c.n }

// All gives the versions in the order in which they are first seen.
func (c *Corpus) All() iter.Seq2[int, CorpusVersion] {
	return func(yield func(int, CorpusVersion) bool) {
		for i := range c.n {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// At gives version i, from 0 to Len()-1.
func (c *Corpus) At(i int) CorpusVersion {
	r := seeded(c.seed, drawCorpus, uint64(i))
	adverts := (c.n + 3) / 4
	v := CorpusVersion{
		Site:   [...]string{"admarkt", "stadsgids", "kiosk"}[i%adverts%3],
		Advert: i % adverts, N: i/adverts + 1, Day: i * CorpusDays / c.n,
		Lang: "nl", Price: "€ " + strconv.Itoa(30+5*r.intn(priceSteps)), Place: pick(&r, places[:]),
	}
	switch share := r.intn(100); {
	case share < 15:
		v.Lang = "de"
	case share < 40:
		v.Lang = "en"
	}
	digits := strconv.Itoa(600000000 + r.intn(numbers))
	v.Phone = "+31" + digits
	words := c.words[v.Lang]
	b := make([]byte, 0, 1024)
	for range 3 + r.intn(5) {
		b = append(append(b, words[c.zipf.draw(&r)]...), ' ')
	}
	v.Title = string(b) + v.Place
	b = c.body(b[:0], i, words, &r)
	b, v.Signals = c.say(b, i, &v)
	v.Body = string(append(append(b, "tel. "...), spell(digits, r.intn(spellings))...))
	return v
}

// say appends what one version in fifty says: one to four planted signals.
func (c *Corpus) say(b []byte, i int, v *CorpusVersion) ([]byte, []string) {
	r := seeded(c.seed, drawCorpus, drawPlan, uint64(i))
	if !r.chance(20) {
		return b, nil
	}
	lang, with := c.langs[v.Lang], blanks{place: v.Place}
	m := drawMarks(&r, wordings, 1+r.intn(4))
	for n, name := range signalNames[:wordings.count()] {
		if m.has(n) {
			b = append(lang.expand(b, pick(&r, lang.phrases[name]), &r, &with), ' ')
		}
	}
	return b, m.names(signalNames[:])
}

func (c *Corpus) body(b []byte, i int, words []string, r *rng) []byte {
	length := 40 + r.intn(81)
	var planted [6]string
	var at [6]int
	count := 0
	for _, term := range c.planted(i) {
		if term != "" {
			planted[count], at[count] = term, r.intn(length)
			count++
		}
	}
	for k := range length {
		for p := range count {
			if at[p] == k {
				b = append(append(b, planted[p]...), ' ')
			}
		}
		b = append(b, words[c.zipf.draw(r)]...)
		if r.intn(11) == 0 {
			b = append(b, '.')
		}
		b = append(b, ' ')
	}
	return b
}

// planted gives the planted terms of version i.
func (c *Corpus) planted(i int) (out [6]string) {
	ten, hundred, tenThousand := i/10, i/100, i/10_000
	place := func(p Planted, block int) int {
		r := seeded(c.seed, drawCorpus, uint64(p.Per), uint64(len(p.Term)), uint64(p.Term[0]), uint64(block))
		return block*p.Per + r.intn(p.Per)
	}
	a, b := place(Tenth, ten), place(OtherTenth, ten)
	together := ten%10 == 0
	switch {
	case together:
		b = a
	case a == b:
		b = ten*10 + (b+1)%10
	}
	switch {
	case together && ten%20 == 0 && i == a:
		out[0] = Tenth.Term + " " + OtherTenth.Term
	default:
		if i == b {
			out[0] = OtherTenth.Term
		}
		if i == a {
			out[1] = Tenth.Term
		}
	}
	rare := place(Rare, tenThousand)
	h := place(Hundredth, hundred)
	if rare/100 == hundred {
		switch {
		case tenThousand%2 == 0:
			h = rare
		case h == rare:
			h = hundred*100 + (h+1)%100
		}
	}
	for k, hit := range []struct {
		at   int
		term string
	}{{h, Hundredth.Term}, {rare, Rare.Term}, {place(OtherHundredth, hundred), OtherHundredth.Term}, {place(OtherRare, tenThousand), OtherRare.Term}} {
		if i == hit.at {
			out[2+k] = hit.term
		}
	}
	return out
}

// vocabulary gives a language's words, the most frequent first: those of its
// building blocks, then made-up ones from their syllables.
func vocabulary(lang *language) []string {
	seen := map[string]bool{}
	var words []string
	sections := make([]string, 0, len(lang.fill))
	for s := range lang.fill {
		sections = append(sections, s)
	}
	slices.Sort(sections)
	for _, section := range sections {
		for _, t := range lang.fill[section] {
			for i := 0; i < len(t); i += 2 {
				for _, w := range strings.FieldsFunc(strings.ToLower(t[i]), func(c rune) bool { return !unicode.IsLetter(c) }) {
					if !seen[w] {
						seen[w] = true
						words = append(words, w)
					}
				}
			}
		}
	}
	// Short words lead, as in any language.
	slices.SortStableFunc(words, func(a, b string) int { return len(a) - len(b) })
	onsets := strings.Fields("b d f g h k l m n p r s t v w z bl br dr fl gr kl kr pl pr sl sn sp st tr")
	nuclei := map[string][]string{
		"nl": strings.Fields("a e i o u aa ee oo ij oe ui ei ou"),
		"en": strings.Fields("a e i o u ea ee oa ou ai ow y oo"),
		"de": strings.Fields("a e i o u ä ö ü ie au ei eu ah"),
	}[lang.name]
	codas := strings.Fields("l m n r s t k p ng nd rt st lm")
	r := seeded(drawCorpus, uint64(lang.name[0]))
	for len(words) < CorpusWords {
		w := ""
		for range 2 + r.intn(2) {
			w += pick(&r, onsets) + pick(&r, nuclei)
		}
		if r.chance(700) {
			w += pick(&r, codas)
		}
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

// aliases draws from a distribution in constant time (Vose's alias method).
type aliases struct {
	keep  []uint32 // chance, of 2^32, to stay with the column drawn
	other []uint32
}

// newZipf makes the distribution in which word k of n has weight 1/(k+3).
func newZipf(n int) *aliases {
	weight := make([]float64, n)
	sum := 0.0
	for k := range weight {
		weight[k] = 1 / float64(k+3)
		sum += weight[k]
	}
	a := &aliases{keep: make([]uint32, n), other: make([]uint32, n)}
	var small, large []int
	for k := range weight {
		weight[k] *= float64(n) / sum
		if weight[k] < 1 {
			small = append(small, k)
		} else {
			large = append(large, k)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.keep[s], a.other[s] = uint32(weight[s]*(1<<32-1)), uint32(l)
		if weight[l] -= 1 - weight[s]; weight[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, rest := range [][]int{small, large} {
		for _, k := range rest {
			a.keep[k], a.other[k] = 1<<32-1, uint32(k)
		}
	}
	return a
}

func (a *aliases) draw(r *rng) int {
	n := r.next()
	column := int(n >> 32 * uint64(len(a.keep)) >> 32)
	if uint32(n) <= a.keep[column] {
		return column
	}
	return int(a.other[column])
}

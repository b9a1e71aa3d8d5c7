package extract

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"zoeklicht"
)

// Typed reads what somebody typed or pasted as phone numbers, in any spelling. Whoever
// types a number means one, so more is taken for digits than in the text of an advert:
// letters alone ("ooo"), and any number that a numbering plan has room for, given out or
// not. In return, digits too few or too many are told, and nothing is cut off to fit.
func (p *Phones) Typed(s string) zoeklicht.Typed {
	var out zoeklicht.Typed
	for part := range strings.FieldsFuncSeq(s, cuts) {
		if part = strings.TrimSpace(part); part != "" && !parameter(part) {
			p.part(part, &out)
		}
	}
	if len(out.Numbers) > 0 { // a house number or an age beside a number is no news
		out.Refused = slices.DeleteFunc(out.Refused, func(no zoeklicht.NotANumber) bool { return len(no.Digits) < minDigits })
	}
	if len(out.Numbers)+len(out.Refused) == 0 {
		out.Refused = []zoeklicht.NotANumber{{Raw: s, Why: zoeklicht.NoDigits}}
	}
	return out
}

// cuts reports whether no number goes over a sign.
func cuts(r rune) bool { return strings.ContainsRune(",;\n\r\t\v\f，；\u2028\u2029\u0085", r) }

// parameter reports whether a part is one of those that RFC 3966 has behind a number.
func parameter(part string) bool {
	name, _, ok := strings.Cut(strings.ToLower(part), "=")
	return ok && (name == "ext" || name == "isub" || name == "phone-context")
}

// part reads a part without cuts.
func (p *Phones) part(raw string, out *zoeklicht.Typed) {
	if account(raw) {
		out.Refused = append(out.Refused, zoeklicht.NotANumber{Raw: raw, Digits: digitsOf(raw), Why: zoeklicht.BankAccount})
		return
	}
	s := raw
	if number, international := linked(raw); number != "" {
		if s = number; international && !strings.HasPrefix(s, "+") && !strings.HasPrefix(s, "0") {
			s = "+" + s
		}
	}
	from, refused := len(out.Numbers), []zoeklicht.NotANumber(nil)
	for _, r := range runs(s) {
		numbers, no := p.run(s, r)
		out.Numbers = append(out.Numbers, numbers...)
		if no != nil {
			refused = append(refused, *no)
		}
	}
	if s != raw { // a link has one number, which is written as the link
		for i := range out.Numbers[from:] {
			out.Numbers[from+i].Raw = raw
		}
		for i := range refused {
			refused[i].Raw = raw
		}
	}
	out.Refused = append(out.Refused, refused...)
}

// account reports whether a part is a bank account number, whatever stands before it.
func account(s string) bool {
	s = strings.ToUpper(s)
	for i := range len(s) {
		if accountEnd(s, i) > i {
			return true
		}
	}
	return false
}

// digitRun is groups of digits that can be typed as one number; last says that no letters
// stand behind it.
type digitRun struct {
	chain
	last bool
}

// runs gives the groups of digits in a text, cut where words, signs of currency or a plus
// stand between them.
func runs(s string) (out []digitRun) {
	t := &tokens{s: s, words: wordsKnown()}
	var c chain
	flush := func(last bool) {
		if c.trim(); len(c.groups) > 0 {
			out = append(out, digitRun{c, last})
		}
		c = chain{}
	}
	for i := 0; i < len(s); {
		if g := glyphAt(s, i); g.class == between || g.class == invisible {
			i += g.size
			continue
		}
		g, end, ok := t.group(i)
		if !ok {
			if g, end, ok = t.alike(i); !ok {
				flush(false)
				i = max(end, i+1)
				continue
			}
		}
		if !g.word {
			g.around(s)
		}
		if g.plus || g.other {
			flush(g.plus)
		}
		c.join(g)
		if i = max(g.end, i+1); g.last {
			flush(false)
			i = max(end, i)
		}
	}
	flush(true)
	return out
}

// alike reads a token at i that is nothing but letters that look like digits.
func (t *tokens) alike(i int) (g group, end int, ok bool) {
	end = t.read(i)
	if n := len(t.cells); n == 0 || n > maxDigits {
		return g, end, false
	}
	var b strings.Builder
	for _, c := range t.cells {
		v, often := t.words.often[c.r]
		if !often {
			return g, end, false
		}
		b.WriteByte(v)
	}
	return group{digits: b.String(), start: t.cells[0].start, end: t.cells[len(t.cells)-1].end, look: true, soft: true}, end, true
}

// run reads a run as one number, or as several that leave no digits over behind them.
func (p *Phones) run(s string, r digitRun) (numbers []zoeklicht.TypedNumber, refused *zoeklicht.NotANumber) {
	g := r.groups
	for lo, hi := 0, len(g); lo < hi; { // words at the ends may be words: "is 06 0001 2345"
		if values, _ := p.values(&r.chain, lo, hi); len(values) > 0 {
			return []zoeklicht.TypedNumber{{Raw: s[g[lo].start:g[hi-1].end], Values: values}}, nil
		}
		switch {
		case g[lo].soft || g[lo].weak:
			lo++
		case g[hi-1].soft || g[hi-1].weak:
			hi--
		default:
			lo = hi
		}
	}
	next := 0
	for lo := 0; lo < len(g); {
		if next == 0 && lo > 0 && international(g[0]) {
			break // what is behind a country's code is no number of its own
		}
		hi, values := p.longestOf(&r.chain, lo)
		if len(values) == 0 {
			lo++
			continue
		}
		numbers = append(numbers, zoeklicht.TypedNumber{Raw: s[g[lo].start:g[hi-1].end], Values: values})
		lo, next = hi, hi
	}
	if len(numbers) > 0 && (next == len(g) || !r.last) {
		return numbers, nil
	}
	_, why := p.values(&r.chain, 0, len(g))
	var digits strings.Builder
	letters := true
	for _, x := range g {
		digits.WriteString(x.digits)
		letters = letters && x.soft
	}
	if letters && digits.Len() < minDigits {
		return nil, nil
	}
	return nil, &zoeklicht.NotANumber{Raw: s[g[0].start:g[len(g)-1].end], Digits: digits.String(), Why: why}
}

// longestOf gives the surest number that begins with group lo, and the group after it: one
// that the tables or a region know, of the first region that has one, the longest.
func (p *Phones) longestOf(c *chain, lo int) (hi int, values []string) {
	var best fit
	for end := lo + 1; end <= len(c.groups); end++ {
		d := c.digits(lo, end)
		if d == "" {
			break
		}
		fits := p.fits(d, c.groups[lo].plus)
		if len(fits) > 0 && fits[0].rank < unknownNumber && (hi == 0 || !best.before(fits[0])) {
			hi, values, best = end, valuesOf(fits), fits[0]
		}
	}
	return hi, values
}

// values gives what groups lo to hi may be, or why they are no number.
func (p *Phones) values(c *chain, lo, hi int) (values []string, why zoeklicht.Unfit) {
	d, plus := c.digits(lo, hi), c.groups[lo].plus
	if d == "" {
		return nil, zoeklicht.TooLong
	}
	if fits := p.fits(d, plus); len(fits) > 0 {
		return valuesOf(fits), ""
	}
	return nil, p.unfit(d, plus)
}

// fit is what digits may be, and how surely.
type fit struct {
	value  string
	rank   int
	region int // its place among the regions; that of a number with its country's code is 0
}

func (f fit) before(g fit) bool { return f.rank < g.rank || f.rank == g.rank && f.region < g.region }

const (
	knownNumber   = iota // the tables or a pattern know it
	mobileNumber         // it has the form of a region's mobile numbers
	unknownNumber        // a numbering plan has room for it
)

func valuesOf(fits []fit) (out []string) {
	for _, f := range fits {
		if (f.rank < unknownNumber || fits[0].rank == unknownNumber) && !slices.Contains(out, f.value) {
			out = append(out, f.value)
		}
	}
	return out
}

// fits gives what digits may be, the surest first, then by the order of the regions. A
// number without its zero or its country's code, and one that no table knows, is one of the
// first region only: of some region it would always be one.
func (p *Phones) fits(d string, plus bool) (out []fit) {
	if len(d) < minDigits {
		return nil
	}
	put := func(key, region string, i, least int) {
		if f, ok := p.fit(key, region); ok && f.rank <= least {
			f.region = i
			out = append(out, f)
		}
	}
	key := callable(d, plus, unnamed)
	if key[0] == '+' {
		put(key, "", 0, unknownNumber)
		return out
	}
	mistyped := false // a mobile number of the first region, but for a digit or two
	for i := range p.regions {
		r := &p.regions[i]
		if rest, trunk := r.national(d); i == 0 {
			mistyped = trunk && r.near(rest)
		}
		if strings.HasPrefix(d, strconv.Itoa(r.code)) && len(d) >= minWithin+1 {
			put("+"+d, "", i, mobileNumber)
		}
		rest, trunk := r.national(d)
		if i > 0 && (!trunk || mistyped && !r.like(rest)) || !r.takes(len(rest)) {
			continue
		}
		least := mobileNumber
		if i == 0 && trunk {
			least = unknownNumber
		}
		put("+"+strconv.Itoa(r.code)+rest, r.name, i, least)
	}
	if d[0] != '0' && len(d) > minWithin {
		put("+"+d, "", len(p.regions), knownNumber)
	}
	slices.SortStableFunc(out, func(a, b fit) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.region, b.region)) })
	return out
}

// fit puts a number with its country's code to the tables, as one of a region where one
// is given.
func (p *Phones) fit(key, region string) (f fit, ok bool) {
	n, err := phonenumbers.Parse(key, "ZZ")
	if err != nil {
		return f, false
	}
	if v := p.accept(n, region, 0); v.value != "" {
		return fit{value: v.value, rank: knownNumber}, true
	}
	code, rest := p.split(n)
	if rest == "" || rest[0] == '0' || len(code)+len(rest) > 15 {
		return f, false
	}
	for i := range p.regions {
		if r := &p.regions[i]; strconv.Itoa(r.code) == code && r.like(rest) && (region == "" || region == r.name) {
			return fit{value: "+" + code + rest, rank: mobileNumber}, true
		}
	}
	if p.lengthens(code, rest) != 0 {
		return f, false
	}
	n, err = phonenumbers.Parse("+"+code+rest, "ZZ")
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return f, false
	}
	return fit{value: "+" + code + rest, rank: unknownNumber}, true
}

// split gives a number's country code and its digits within the country, without the zero
// that is for those who call from there.
func (p *Phones) split(n *phonenumbers.PhoneNumber) (code, rest string) {
	region := phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	rest = phonenumbers.GetNationalSignificantNumber(n)
	if phonenumbers.GetNddPrefixForRegion(region, true) == "0" {
		rest = strings.TrimPrefix(rest, "0")
	}
	return strconv.Itoa(int(n.GetCountryCode())), rest
}

// lengthens tells digits that are missing (1) and digits too many (-1) from a number that
// only nobody has (0): it would be a known one with a digit or two more, or less. The
// tables' own lengths do not tell, since a country's shortest numbers are of another kind.
func (p *Phones) lengthens(code, rest string) int {
	whole := func(rest string) bool {
		if p.mobile("+" + code + rest) {
			return true
		}
		n, err := phonenumbers.Parse("+"+code+rest, "ZZ")
		return err == nil && p.accept(n, "", 0).value != ""
	}
	for _, more := range []string{"1", "5", "11", "55", "111"} {
		if whole(rest + more) {
			return 1
		}
	}
	for less := 1; less <= 3 && less < len(rest); less++ {
		if whole(rest[:len(rest)-less]) {
			return -1
		}
	}
	return 0
}

// unfit says why digits are no number, by the first region where they name no country.
func (p *Phones) unfit(d string, plus bool) zoeklicht.Unfit {
	switch {
	case len(d) < minDigits:
		return zoeklicht.TooShort
	case len(d) > maxDigits:
		return zoeklicht.TooLong
	}
	key := callable(d, plus, unnamed)
	if key[0] != '+' {
		if len(p.regions) == 0 {
			return zoeklicht.NoCountry
		}
		rest, _ := p.regions[0].national(d)
		key = "+" + strconv.Itoa(p.regions[0].code) + rest
	}
	n, err := phonenumbers.Parse(key, "ZZ")
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return zoeklicht.NoCountry
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return zoeklicht.TooLong
	case err != nil:
		return zoeklicht.TooShort
	}
	code, rest := p.split(n)
	switch p.lengthens(code, rest) {
	case 1:
		return zoeklicht.TooShort
	case -1:
		return zoeklicht.TooLong
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return zoeklicht.TooShort
	case phonenumbers.TOO_LONG:
		return zoeklicht.TooLong
	case phonenumbers.INVALID_COUNTRY_CODE:
		return zoeklicht.NoCountry
	}
	return zoeklicht.NoSuchPlan
}

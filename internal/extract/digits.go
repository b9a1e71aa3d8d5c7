package extract

import (
	"strings"
	"unicode"
)

// group is digits that stand together: in figures, in words, in letters that look
// like figures, or mixed.
type group struct {
	digits     string // as ASCII
	start, end int    // in the text; with a plus or bracket before it, and a bracket after it
	plus       bool   // a plus stands before it
	paren      bool   // in brackets
	other      bool   // no part of a phone number: an amount, a date, part of a word
	unit       bool   // a unit follows, so that it may be a count ("30 min")
	last       bool   // letters follow at once: nothing can be joined to it

	word   bool // said in words, in part at least
	look   bool // letters stand for figures
	shape  bool // figures of another script, width or shape, or hidden signs between them
	weak   bool // an ordinary word: "een", "for"
	soft   bool // nothing but look-alikes: a number may not end with it
	repeat int  // says the digit after it so many times
	said   bool // the word "plus"
	odd    bool // what stands between it and the group before it is no ordinary separator
	sign   rune // the only sign between it and the group before it, where it is one without white space
	listed bool // a comma or colon before it parts longer groups
}

// cell is a letter or digit of a token.
type cell struct {
	r          rune
	fold       string // of a letter
	value      byte   // of a digit, else 0
	start, end int
}

const (
	maxCells = 160 // of a token that is read as digits; longer ones are no number
	maxWord  = 40  // cells of one number word
)

// tokens reads the tokens of a text: letters and digits in a row, with what does
// not show between them.
type tokens struct {
	s     string
	words *vocabulary
	cells []cell
	shape bool // of the token read last

	cost []int // of the cheapest reading of its first n cells
	step []step
}

// read reads the token at i into cells and gives the place after it. A mark after
// the last cell belongs to it.
func (t *tokens) read(i int) (end int) {
	t.cells, t.shape = t.cells[:0], false
	hidden := false
	for i < len(t.s) {
		g := glyphAt(t.s, i)
		switch g.class {
		case between:
			return i
		case invisible:
			hidden = true
			if n := len(t.cells); n > 0 && unicode.Is(unicode.M, g.r) && t.cells[n-1].end == i {
				t.cells[n-1].end = i + g.size
				t.shape = t.shape || t.cells[n-1].value > 0
			}
		default:
			t.shape = t.shape || g.strange || hidden
			if len(t.cells) <= maxCells {
				if g.class == digit {
					t.cells = append(t.cells, cell{r: g.r, value: g.value, start: i, end: i + g.size})
				} else {
					t.cells = append(t.cells, cell{r: g.r, fold: g.fold, start: i, end: i + g.size})
				}
			}
			hidden = false
		}
		i += g.size
	}
	return i
}

// skip gives the end of the token at i and whether it has digits; cheaper than read.
func (t *tokens) skip(i int) (end int, digits bool) {
	for i < len(t.s) {
		c := t.s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			i++
			continue
		}
		g := glyphAt(t.s, i)
		if g.class == between {
			return i, digits
		}
		digits = digits || g.class == digit
		i += g.size
	}
	return i, digits
}

// group reads the token at i as digits. end is the place after the token; ok is false
// where it is no digits.
func (t *tokens) group(i int) (g group, end int, ok bool) {
	first := glyphAt(t.s, i)
	if first.class == letter {
		var digits bool
		if end, digits = t.skip(i); !digits {
			if t.words.numbers.next[firstRune(first.fold)] == nil {
				return g, end, false
			}
			if g, at, ok := t.phrase(i); ok {
				return g, at, true
			}
		}
	}
	end = t.read(i)
	if len(t.cells) == 0 || len(t.cells) > maxCells {
		return g, end, false
	}
	whole := group{start: t.cells[0].start, end: t.cells[len(t.cells)-1].end, shape: t.shape}
	if t.parse(0, &whole) {
		return whole, end, true
	}
	return t.partly(end)
}

// partly reads digits at the beginning or end of a token that is not digits as a
// whole: "30min", "tel0600012345".
func (t *tokens) partly(end int) (g group, _ int, ok bool) {
	n, letters := len(t.cells), 0
	for letters < n && t.cells[letters].value == 0 {
		letters++
	}
	if letters == n {
		return g, end, false
	}
	if g, ok := t.crossed(); ok {
		return g, end, true
	}
	if letters > 0 {
		for k := letters; k > 0; k-- { // "telnul6": the word may begin before the first figure
			if !t.calls(k) {
				continue
			}
			g = group{start: t.cells[k].start, end: t.cells[n-1].end, shape: t.shape}
			if t.parse(k, &g) {
				return g, end, true
			}
		}
		for _, c := range t.cells[letters:] {
			if c.value == 0 {
				return g, end, false
			}
		}
		g = t.figures(letters, n)
		g.other = true
		return g, end, true
	}
	k := 0
	for k < n && t.cells[k].value > 0 {
		k++
	}
	for _, c := range t.cells[k:] {
		if c.value > 0 {
			return g, end, false // a code
		}
	}
	g = t.figures(0, k)
	g.last = true
	return g, end, true
}

// figures makes a group of cells that are digits.
func (t *tokens) figures(from, to int) group {
	var b strings.Builder
	for _, c := range t.cells[from:to] {
		b.WriteByte(c.value)
	}
	return group{digits: b.String(), start: t.cells[from].start, end: t.cells[to-1].end, shape: t.shape}
}

// crossed makes a group of a token in which one letter parts single figures: "0x6x0".
func (t *tokens) crossed() (g group, ok bool) {
	n := len(t.cells)
	if n%2 == 0 || n < 2*minWithin {
		return g, false
	}
	var b strings.Builder
	for i, c := range t.cells {
		if (c.value > 0) != (i%2 == 0) || i%2 == 1 && c.fold != t.cells[1].fold {
			return g, false
		}
		if c.value > 0 {
			b.WriteByte(c.value)
		}
	}
	return group{digits: b.String(), start: t.cells[0].start, end: t.cells[n-1].end, shape: true}, true
}

// calls reports whether the first k cells are a word that calls for a phone number.
func (t *tokens) calls(k int) bool {
	var b strings.Builder
	for _, c := range t.cells[:k] {
		b.WriteString(c.fold)
	}
	return t.words.call[b.String()]
}

// step is the last thing of a reading of cells.
type step struct {
	from   int
	digits string
	repeat int
	word   bool
	look   bool
	weak   bool
}

// What a reading of a token costs: words before look-alikes, and few before many.
const (
	wordCost = 1
	lookCost = 4
	rareCost = 7
)

// parse reads the cells from k on as digits, words and look-alikes, as cheaply as it
// can be done, and puts the digits into g. It reports false where it cannot.
func (t *tokens) parse(k int, g *group) bool {
	cells := t.cells[k:]
	n := len(cells)
	t.cost, t.step = t.cost[:0], t.step[:0]
	figures := 0
	for i := range n + 1 {
		t.cost, t.step = append(t.cost, -1), append(t.step, step{})
		if i < n && cells[i].value > 0 {
			figures++
		}
	}
	t.cost[0] = 0
	for i := range n {
		if t.cost[i] < 0 {
			continue
		}
		if v := cells[i].value; v > 0 {
			t.reach(i+1, t.cost[i], step{from: i, digits: decimal[v-'0' : v-'0'+1]})
			continue
		}
		t.sayings(cells, i, i, t.words.numbers)
		if figures == 0 {
			continue
		}
		if v, ok := t.words.often[cells[i].r]; ok {
			t.reach(i+1, t.cost[i]+lookCost, step{from: i, digits: decimal[v-'0' : v-'0'+1], look: true})
		} else if v, ok := t.words.rare[cells[i].r]; ok && figures*2 >= n {
			t.reach(i+1, t.cost[i]+rareCost, step{from: i, digits: decimal[v-'0' : v-'0'+1], look: true})
		}
	}
	if t.cost[n] < 0 {
		return false
	}
	return t.collect(n, g)
}

const decimal = "0123456789"

// reach takes a step to cell i where that is cheaper than what is known.
func (t *tokens) reach(i, cost int, s step) {
	if t.cost[i] < 0 || cost < t.cost[i] {
		t.cost[i], t.step[i] = cost, s
	}
}

// sayings takes the steps by a number word that begins at cell from; at is how far
// its letters have been followed to node n.
func (t *tokens) sayings(cells []cell, from, at int, n *trie) {
	for {
		if x, ok := n.has(tagNumber); ok {
			cost := t.cost[from] + wordCost
			if x.weak {
				cost++
			}
			t.reach(at, cost, step{from: from, digits: x.text, word: true, weak: x.weak})
		}
		if x, ok := n.has(tagRepeat); ok {
			t.reach(at, t.cost[from]+wordCost, step{from: from, repeat: int(x.text[0] - '0'), word: true})
		}
		if g := n.next[gapEdge]; g != nil {
			t.sayings(cells, from, at, g)
		}
		if at == len(cells) || cells[at].value > 0 || at-from > maxWord {
			return
		}
		for _, r := range cells[at].fold {
			if n = n.next[r]; n == nil {
				return
			}
		}
		at++
	}
}

// collect goes back over the steps to cell n and puts their digits into g.
func (t *tokens) collect(n int, g *group) bool {
	var steps []step
	for i := n; i > 0; i = t.step[i].from {
		steps = append(steps, t.step[i])
	}
	var b strings.Builder
	times, weak := 1, 0
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		g.word, g.look = g.word || s.word, g.look || s.look
		if s.repeat > 0 {
			times = s.repeat
			continue
		}
		if s.weak {
			weak++
		}
		b.WriteString(strings.Repeat(s.digits[:1], times-1))
		b.WriteString(s.digits)
		times = 1
	}
	g.digits = b.String()
	g.weak = len(steps) == 1 && weak == 1
	if times > 1 {
		if len(steps) > 1 {
			return false
		}
		g.repeat = times
	}
	return weak*2 <= len(steps) || len(steps) == 1
}

// phrase reads a number said in words of their own at i: "six", "twenty-one",
// "quatre vingt douze". It gives the longest.
func (t *tokens) phrase(i int) (g group, end int, ok bool) {
	t.follow(i, i, t.words.numbers, func(x term, at int) {
		if at <= end {
			return
		}
		g, end, ok = group{start: i, end: at, word: true, weak: x.weak}, at, true
		switch x.tag {
		case tagNumber:
			g.digits = x.text
		case tagRepeat:
			g.repeat = int(x.text[0] - '0')
		case tagPlus:
			g.said = true
		}
	})
	return g, end, ok
}

// follow goes along a trie from the place at, and calls found for every phrase that
// ends with a token. from is where it began.
func (t *tokens) follow(from, at int, n *trie, found func(x term, end int)) {
	for at-from < 4*maxWord {
		g := glyph{}
		if at < len(t.s) {
			g = glyphAt(t.s, at)
		}
		if g.class == invisible {
			at += g.size
			continue
		}
		if len(n.terms) > 0 && g.class == between {
			for _, x := range n.terms {
				found(x, at)
			}
		}
		if e := n.next[gapEdge]; e != nil {
			t.follow(from, skipGap(t.s, at), e, found)
		}
		if g.class != letter {
			return
		}
		for _, r := range g.fold {
			if n = n.next[r]; n == nil {
				return
			}
		}
		at += g.size
	}
}

// skipGap skips what may stand between the parts of a phrase.
func skipGap(s string, at int) int {
	for n := 0; n < 3 && at < len(s); n++ {
		switch {
		case s[at] == ' ' || s[at] == '-' || s[at] == '\'':
			at++
		case strings.HasPrefix(s[at:], "\u00a0"):
			at += len("\u00a0")
		case strings.HasPrefix(s[at:], "’"):
			at += len("’")
		default:
			return at
		}
	}
	return at
}

// soft reads a token at i that is nothing but letters that look like digits. Such a
// token is one only beside others: capitals, o's, or a single l or i.
func (t *tokens) soft(i int) (g group, end int, ok bool) {
	end = t.read(i)
	if n := len(t.cells); n == 0 || n > 4 {
		return g, end, false
	}
	var b strings.Builder
	for _, c := range t.cells {
		v, often := t.words.often[c.r]
		if !often || !unicode.IsUpper(c.r) && (len(t.cells) > 1 && v != '0' || v > '1') {
			return g, end, false
		}
		b.WriteByte(v)
	}
	return group{digits: b.String(), start: t.cells[0].start, end: t.cells[len(t.cells)-1].end, look: true, soft: true, shape: t.shape}, end, true
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

package text

import "strings"

// Op says what became of a stretch of text.
type Op string

// The three fates.
const (
	Same    Op = "same"
	Removed Op = "removed"
	Added   Op = "added"
)

// Edit is a stretch of text and what became of it.
type Edit struct {
	Op   Op
	Text string
}

// Diff tells how a text became another, word by word; a phone number, a price
// and an address are one word. The texts that are Same or Removed together are
// exactly old, those Same or Added exactly new. Neighbours differ in Op, and what
// was removed stands before what was added in its place. White space and
// punctuation between two changes count as changed, which reads better.
//
// Time and memory are bounded: about a second for two texts of 1 MB at worst.
// Where the texts have too little in common to be compared within the bound,
// the stretch is removed and added whole.
func Diff(old, new string) []Edit {
	numbers := map[string]int32{}
	number := func(words []string) []int32 {
		out := make([]int32, len(words))
		for i, w := range words {
			n, ok := numbers[w]
			if !ok {
				n = int32(len(numbers))
				numbers[w] = n
			}
			out[i] = n
		}
		return out
	}
	a, b := pieces(old), pieces(new)
	d := differ{a: number(a), b: number(b)}
	d.keepA, d.keepB = make([]bool, len(a)), make([]bool, len(b))
	d.compare(0, len(a), 0, len(b), 0)
	return edits(a, b, d.keepA, d.keepB)
}

// edits writes down what was kept and what was not.
func edits(a, b []string, keepA, keepB []bool) []Edit {
	var out []Edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		var gone, came, same strings.Builder
		for i < len(a) && !keepA[i] || j < len(b) && !keepB[j] {
			for i < len(a) && !keepA[i] {
				gone.WriteString(a[i])
				i++
			}
			for j < len(b) && !keepB[j] {
				came.WriteString(b[j])
				j++
			}
			// What holds no word, between changes, goes with them.
			k := 0
			for i+k < len(a) && j+k < len(b) && keepA[i+k] && keepB[j+k] && !isWord(a[i+k]) {
				k++
			}
			changed := i+k < len(a) && !keepA[i+k] || j+k < len(b) && !keepB[j+k]
			for ; changed && k > 0; k-- {
				gone.WriteString(a[i])
				came.WriteString(b[j])
				i, j = i+1, j+1
			}
		}
		for i < len(a) && j < len(b) && keepA[i] && keepB[j] {
			same.WriteString(a[i])
			i, j = i+1, j+1
		}
		for _, e := range []Edit{{Removed, gone.String()}, {Added, came.String()}, {Same, same.String()}} {
			if e.Text != "" {
				out = append(out, e)
			}
		}
	}
	return out
}

// differ finds words that two texts have in common, in the same order.
type differ struct {
	a, b         []int32 // the words, by number
	keepA, keepB []bool  // which are in common
}

func (d *differ) keep(i, j int) { d.keepA[i], d.keepB[j] = true, true }

// compare works on a[i:iEnd] and b[j:jEnd]: what both begin and end with is in
// common; then words that each has just once hold the rest apart, and what lies
// between them is compared in the same way, or by Myers where there are none.
func (d *differ) compare(i, iEnd, j, jEnd, depth int) {
	for i < iEnd && j < jEnd && d.a[i] == d.b[j] {
		d.keep(i, j)
		i, j = i+1, j+1
	}
	for i < iEnd && j < jEnd && d.a[iEnd-1] == d.b[jEnd-1] {
		iEnd, jEnd = iEnd-1, jEnd-1
		d.keep(iEnd, jEnd)
	}
	if i == iEnd || j == jEnd {
		return
	}
	var anchors [][2]int
	if depth < 16 {
		anchors = d.anchors(i, iEnd, j, jEnd)
	}
	if len(anchors) == 0 {
		d.myers(i, iEnd, j, jEnd)
		return
	}
	for _, x := range anchors {
		if x[0] < i || x[1] < j {
			continue // the comparison before it took it along
		}
		d.compare(i, x[0], j, x[1], depth+1)
		d.keep(x[0], x[1])
		i, j = x[0]+1, x[1]+1
	}
	d.compare(i, iEnd, j, jEnd, depth+1)
}

// anchors gives the longest series of pairs, rising on both sides, of words that
// stand once in each stretch.
func (d *differ) anchors(i, iEnd, j, jEnd int) [][2]int {
	type seen struct{ a, b, inA, inB int }
	words := map[int32]*seen{}
	for k := i; k < iEnd; k++ {
		s := words[d.a[k]]
		if s == nil {
			s = &seen{}
			words[d.a[k]] = s
		}
		s.a, s.inA = k, s.inA+1
	}
	for k := j; k < jEnd; k++ {
		if s := words[d.b[k]]; s != nil {
			s.b, s.inB = k, s.inB+1
		}
	}
	var pairs [][2]int
	for k := i; k < iEnd; k++ {
		if s := words[d.a[k]]; s.inA == 1 && s.inB == 1 {
			pairs = append(pairs, [2]int{k, s.b})
		}
	}
	return rising(pairs)
}

// rising gives a longest subsequence in which the second numbers rise; the first
// ones do already.
func rising(pairs [][2]int) [][2]int {
	before := make([]int, len(pairs))
	var tails []int // tails[n]: the pair that ends a series of n+1 lowest
	for k, p := range pairs {
		lo, hi := 0, len(tails)
		for lo < hi {
			if mid := (lo + hi) / 2; pairs[tails[mid]][1] < p[1] {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		before[k] = -1
		if lo > 0 {
			before[k] = tails[lo-1]
		}
		if lo == len(tails) {
			tails = append(tails, k)
		} else {
			tails[lo] = k
		}
	}
	if len(tails) == 0 {
		return nil
	}
	out := make([][2]int, len(tails))
	for k, n := tails[len(tails)-1], len(tails)-1; n >= 0; k, n = before[k], n-1 {
		out[n] = pairs[k]
	}
	return out
}

// myersWork bounds a comparison: steps along the texts times changes.
const (
	myersWork    = 20_000_000
	myersChanges = 1000
)

// myers marks what a[i:iEnd] and b[j:jEnd] have in common by the shortest way
// from one to the other (Myers 1986), or nothing where that has more changes
// than the bound allows.
func (d *differ) myers(i, iEnd, j, jEnd int) {
	a, b := d.a[i:iEnd], d.b[j:jEnd]
	limit := min(len(a)+len(b), myersChanges, max(8, myersWork/(len(a)+len(b))))
	// v[limit+k] is how far along a the best way with so many changes got on the
	// diagonal k; before holds v as it was before each number of changes.
	v := make([]int32, 2*limit+2)
	var before [][]int32
	for n := 0; n <= limit; n++ {
		before = append(before, append([]int32(nil), v[limit-n:limit+n+2]...))
		for k := -n; k <= n; k += 2 {
			var x int32
			if k == -n || k != n && v[limit+k-1] < v[limit+k+1] {
				x = v[limit+k+1]
			} else {
				x = v[limit+k-1] + 1
			}
			y := x - int32(k)
			for int(x) < len(a) && int(y) < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			v[limit+k] = x
			if int(x) >= len(a) && int(y) >= len(b) {
				d.walkBack(before, i, j, len(a), len(b))
				return
			}
		}
	}
}

// walkBack follows the way that myers found from its end and keeps what it
// passed unchanged.
func (d *differ) walkBack(before [][]int32, i, j, x, y int) {
	for n := len(before) - 1; n >= 0; n-- {
		at := func(k int) int { return int(before[n][k+n]) }
		k := x - y
		var from int
		if k == -n || k != n && at(k-1) < at(k+1) {
			from = k + 1
		} else {
			from = k - 1
		}
		fromX := 0
		if n > 0 {
			fromX = at(from)
		}
		fromY := fromX - from
		if n == 0 {
			fromY = 0
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			d.keep(i+x, j+y)
		}
		x, y = fromX, fromY
	}
}

package text

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Folded is a text in its folded form, with the way back to the raw text.
type Folded struct {
	// Text is the folded form, as FoldString gives it.
	Text string

	raw  string
	segs []segment
}

// segment says that the folded bytes from fold up to the next segment's were
// made from raw[raw:rawEnd]. Where both are equally long they correspond byte
// by byte, but for runes that became others of the same length. A text of
// mostly letters has about one segment for each place with more than one
// separator in a row, and one for each rune that changed its length.
type segment struct {
	fold, raw, rawEnd uint32
}

// maxFold bounds what Fold looks at: offsets are kept in 32 bits.
const maxFold = 1<<32 - 1

// FoldString gives the folded form of s. It allocates nothing where s is in its
// folded form already.
func FoldString(s string) string {
	if isFolded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	put := func(piece string) {
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteString(piece)
	}
	for i := 0; i < len(s); {
		// A run of letters and digits that stand for themselves is copied whole.
		j := i
		for j < len(s) && asciiSelf[s[j]] {
			j++
		}
		if j > i {
			put(s[i:j])
			i = j
			continue
		}
		if c := s[i]; c < utf8.RuneSelf {
			i++
			if up := c | 0x20; up >= 'a' && up <= 'z' {
				put(lower[up-'a' : up-'a'+1])
			} else {
				space = true
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch piece := foldRune(r, n); piece {
		case "":
		case " ":
			space = true
		default:
			put(piece)
		}
	}
	return b.String()
}

// Fold folds s as FoldString does and keeps the way back.
func Fold(s string) Folded {
	if len(s) > maxFold {
		s = s[:maxFold]
	}
	f := folder{raw: s, out: make([]byte, 0, len(s))}
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && asciiSelf[s[j]] {
			j++
		}
		if j > i {
			f.put(s[i:j], i, j)
			i = j
			continue
		}
		if c := s[i]; c < utf8.RuneSelf {
			if up := c | 0x20; up >= 'a' && up <= 'z' {
				f.put(lower[up-'a':up-'a'+1], i, i+1)
			} else {
				f.separate(i, i+1)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch piece := foldRune(r, n); piece {
		case "":
		case " ":
			f.separate(i, i+n)
		default:
			f.put(piece, i, i+n)
		}
		i += n
	}
	return Folded{Text: string(f.out), raw: s, segs: f.segs}
}

// folder builds a Folded from left to right.
type folder struct {
	raw            string
	out            []byte
	segs           []segment
	gap            bool // separators were met since the last letter
	gapRaw, gapEnd int  // and lie here
}

func (f *folder) separate(start, end int) {
	if !f.gap {
		f.gap, f.gapRaw = true, start
	}
	f.gapEnd = end
}

func (f *folder) put(piece string, start, end int) {
	if f.gap {
		f.gap = false
		if len(f.out) > 0 {
			f.add(" ", f.gapRaw, f.gapEnd)
		}
	}
	f.add(piece, start, end)
}

func (f *folder) add(piece string, start, end int) {
	if n := len(f.segs); n > 0 && len(piece) == end-start {
		last := f.segs[n-1]
		if int(last.rawEnd) == start && len(f.out)-int(last.fold) == start-int(last.raw) {
			f.segs[n-1].rawEnd = uint32(end)
			f.out = append(f.out, piece...)
			return
		}
	}
	f.segs = append(f.segs, segment{uint32(len(f.out)), uint32(start), uint32(end)})
	f.out = append(f.out, piece...)
}

// Raw gives the byte offsets in the raw text of what became Text[start:end].
// They lie on rune boundaries and include the marks that follow the last
// letter. An empty stretch gives an empty stretch.
func (f *Folded) Raw(start, end int) (rawStart, rawEnd int) {
	if len(f.segs) == 0 {
		return 0, 0
	}
	start = min(max(start, 0), len(f.Text))
	end = min(max(end, start), len(f.Text))
	if start == end {
		if start == len(f.Text) {
			rawStart = int(f.segs[len(f.segs)-1].rawEnd)
		} else {
			rawStart, _ = f.one(start)
		}
		return rawStart, rawStart
	}
	rawStart, _ = f.one(start)
	_, rawEnd = f.one(end - 1)
	for rawEnd < len(f.raw) {
		r, n := utf8.DecodeRuneInString(f.raw[rawEnd:])
		if !unicode.Is(unicode.M, r) {
			break
		}
		rawEnd += n
	}
	return rawStart, rawEnd
}

// one gives where the folded byte at i came from.
func (f *Folded) one(i int) (start, end int) {
	k := sort.Search(len(f.segs), func(k int) bool { return int(f.segs[k].fold) > i }) - 1
	s, next := f.segs[k], len(f.Text)
	if k+1 < len(f.segs) {
		next = int(f.segs[k+1].fold)
	}
	if next-int(s.fold) != int(s.rawEnd-s.raw) {
		return int(s.raw), int(s.rawEnd)
	}
	start = int(s.raw) + i - int(s.fold)
	end = start + 1
	for start > int(s.raw) && !utf8.RuneStart(f.raw[start]) {
		start--
	}
	for end < int(s.rawEnd) && !utf8.RuneStart(f.raw[end]) {
		end++
	}
	return start, end
}

// isFolded reports whether s is ASCII in its folded form. Other texts take the
// long way even where it changes nothing.
func isFolded(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		switch {
		case asciiSelf[s[i]]:
			space = false
		case s[i] == ' ' && !space:
			space = true
		default:
			return false
		}
	}
	return !space || s == ""
}

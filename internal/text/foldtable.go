package text

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const lower = "abcdefghijklmnopqrstuvwxyz"

// asciiSelf marks the bytes that are themselves in the folded form.
var asciiSelf = func() (t [256]bool) {
	for c := range 256 {
		t[c] = c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	return t
}()

// special holds letters that Unicode leaves whole and that people write without
// their stroke, hook or ligature, and signs that stand for letters or digits
// without Unicode saying so. Lower case suffices.
var special = map[rune]string{
	'ß': "ss", 'ς': "σ", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d",
	'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ȷ': "j", 'ŧ': "t", 'ŋ': "n",
	'ĸ': "k", 'ƀ': "b", 'ƃ': "b", 'ƈ': "c", 'ƌ': "d", 'ƒ': "f", 'ƙ': "k",
	'ƚ': "l", 'ƞ': "n", 'ƥ': "p", 'ƭ': "t", 'ƴ': "y", 'ƶ': "z", 'ǝ': "e",
	'ə': "e", 'ɇ': "e", 'ɉ': "j", 'ɍ': "r", 'ɏ': "y", 'ɓ': "b", 'ɖ': "d",
	'ɗ': "d", 'ɠ': "g", 'ɡ': "g", 'ɨ': "i", 'ɫ': "l", 'ɵ': "o", 'ʉ': "u",
	'ⱥ': "a", 'ȼ': "c", 'ⱦ': "t", '〇': "0",
	// Fillers are letters to Unicode and nothing to a reader.
	'\u115f': "", '\u1160': "", '\u3164': "", '\uffa0': "",
}

// ranges are signs in alphabetical or numerical order that stand for what
// follows: the first rune of the range for from[0] and so on.
var ranges = []struct {
	first rune
	from  []string
}{
	{'❶', numbers(1, 10)},
	{'➀', numbers(1, 10)},
	{'➊', numbers(1, 10)},
	{'⓫', numbers(11, 20)},
	{'⓵', numbers(1, 10)},
	{'⓿', numbers(0, 0)},
	{'🅐', strings.Split(lower, "")}, // negative circled
	{'🅰', strings.Split(lower, "")}, // negative squared
}

func numbers(from, to int) (out []string) {
	for n := from; n <= to; n++ {
		s := string(rune('0' + n%10))
		if n >= 10 {
			s = string(rune('0'+n/10)) + s
		}
		out = append(out, s)
	}
	return out
}

// blocks are those that texts of adverts are made of; their foldings are worked
// out once. What lies outside (rare scripts, ideographs) is worked out each time.
var blocks = [...]struct{ first, end rune }{
	{0, 0x2e00},        // Latin to dingbats and arrows
	{0x1d400, 0x1d800}, // mathematical letters, used as ornament
	{0x1f000, 0x1fb00}, // enclosed alphanumerics, emoji
}

var tables = sync.OnceValue(func() *[len(blocks)][]string {
	var t [len(blocks)][]string
	for i, b := range blocks {
		t[i] = make([]string, b.end-b.first)
		for r := b.first; r < b.end; r++ {
			t[i][r-b.first] = foldSlow(r)
		}
	}
	return &t
})

// foldRune gives what a rune becomes: letters and digits, " " where it
// separates, "" where it vanishes. Its size tells a real U+FFFD from a byte that
// is not UTF-8; both separate.
func foldRune(r rune, size int) string {
	for i, b := range blocks {
		if r >= b.first && r < b.end {
			return tables()[i][r-b.first]
		}
	}
	switch {
	case r >= 0xfe00 && r <= 0xfe0f: // variation selectors follow emoji
		return ""
	case r == utf8.RuneError && size == 1:
		return " "
	}
	return foldSlow(r)
}

// foldSlow works out what foldRune gives.
func foldSlow(r rune) string {
	for _, g := range ranges {
		if r >= g.first && int(r-g.first) < len(g.from) {
			return g.from[r-g.first]
		}
	}
	// Most runes have no decomposition; that of Hangul (from U+AC00) is worked out
	// and stands in no table.
	var buf [utf8.UTFMax]byte
	if norm.NFKD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition() == nil && r < 0xac00 {
		return foldPart(r)
	}
	var b strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		b.WriteString(foldPart(d))
	}
	out := b.String()
	if out == "" || out == " " {
		return out
	}
	// "⑴" decomposes to "(1)": a piece neither begins nor ends with a space, but
	// for what stands between two letters ("½" is "1 2").
	if out = strings.Join(strings.Fields(out), " "); out == "" {
		return " "
	}
	return out
}

// foldPart folds a rune that has no decomposition.
func foldPart(r rune) string {
	r = unicode.ToLower(r)
	if s, ok := special[r]; ok {
		return s
	}
	switch {
	case r < utf8.RuneSelf && asciiSelf[byte(r)]:
		return string(r)
	case r >= 0x2b0 && r <= 0x2ff: // modifier letters: used as apostrophes
		return " "
	case unicode.IsDigit(r):
		return string(rune('0' + digitValue(r)))
	case unicode.IsLetter(r):
		return string(r)
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r):
		return ""
	}
	return " "
}

// digitValue gives the value of a decimal digit. Unicode keeps the ten digits
// of each script together and in order, so the value is the distance from the
// beginning of their range, modulo ten.
func digitValue(r rune) int {
	for _, g := range unicode.Nd.R16 {
		if r >= rune(g.Lo) && r <= rune(g.Hi) {
			return int(r-rune(g.Lo)) % 10
		}
	}
	for _, g := range unicode.Nd.R32 {
		if r >= rune(g.Lo) && r <= rune(g.Hi) {
			return int(r-rune(g.Lo)) % 10
		}
	}
	return 0
}

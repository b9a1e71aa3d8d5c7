package practice

import "strings"

// Numbers written to defeat machines. Each way can be read by a person, and none
// is found by who looks for digits in a row.

// Ways of disguising a number. Those from plainDisguises on need signs that
// windows-1252 lacks.
const (
	inWords = iota
	inWordsAndDigits
	inHyphenedWords
	inBrackets
	spaced
	separated // by another sign every time
	lookAlikes
	plainDisguises
	betweenEmoji = iota - 1
	keycaps
	fullWidth
	zeroWidth
	circled
	disguises
)

// disguise writes a national number such as 0600012345 in one of the ways.
func disguise(digits string, style int, lang *language, r *rng) string {
	var b strings.Builder
	for i, c := range digits {
		n := int(c - '0')
		if i > 0 {
			switch style {
			case inWords, inWordsAndDigits, spaced:
				b.WriteByte(' ')
			case inHyphenedWords:
				b.WriteByte('-')
			case separated:
				b.WriteByte(" ._/~*-"[r.intn(7)])
			case betweenEmoji:
				b.WriteString([...]string{"🌿", "✨", "🌸", "☀"}[r.intn(4)])
			case zeroWidth:
				b.WriteRune('\u200b')
			}
		}
		switch {
		case style == inWords || style == inHyphenedWords || style == inWordsAndDigits && i%2 == 0:
			b.WriteString(lang.digits[n])
		case style == inBrackets:
			b.WriteString("(" + string(c) + ")")
		case style == lookAlikes:
			b.WriteByte("Ol234S67B9"[n])
		case style == keycaps:
			b.WriteString(string(c) + "\ufe0f\u20e3")
		case style == fullWidth:
			b.WriteRune('０' + rune(n))
		case style == circled:
			b.WriteRune([]rune("⓪①②③④⑤⑥⑦⑧⑨")[n])
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

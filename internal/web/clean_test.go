package web

import (
	"html"
	"html/template"
	"regexp"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		"Massage & rust":                         "Massage &amp; rust",
		"<script>alert(1)</script>":              "&lt;script&gt;alert(1)&lt;/script&gt;",
		`" onmouseover=x "`:                      "&#34; onmouseover=x &#34;",
		"line\none\ttab":                         "line\none\ttab",
		"a\r\nb\rc\u2028d\u0085e":                "a\nb\nc\nd\ne",
		"nul\x00":                                `nul<span class="ctl">U+0000</span>`,
		"evil\u202eexe.gpj":                      `evil<span class="ctl">U+202E</span>exe.gpj`,
		"06\u200b00":                             `06<span class="ctl">U+200B</span>00`,
		"bad\xffutf":                             `bad<span class="ctl">\xFF</span>utf`,
		"👩\u200d👩\u200d👧 fine":                   "👩\u200d👩\u200d👧 fine",
		"é e\u0301":                              "é e\u0301",
		"مرحبا":                                  "مرحبا",
		"z" + strings.Repeat("\u0301", 50) + "!": "z" + strings.Repeat("\u0301", maxMarks) + "!",
	} {
		if got := clean(in); got != template.HTML(want) {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

var tags = regexp.MustCompile(`<span class="ctl">(U\+[0-9A-F]{4,6}|\\x[0-9A-F]{2})</span>`)

// FuzzClean: whatever a source sends, the only tags are ours, and nothing that
// changes direction is left.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain", "<b>", "\u202e", "\xff<", "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "&amp;", "\r\n", "\U000e0041"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := tags.ReplaceAllString(string(clean(s)), "")
		if strings.ContainsAny(out, "<>\"'") {
			t.Errorf("%q became %q", s, out)
		}
		if strings.ContainsFunc(html.UnescapeString(out), hidden) {
			t.Errorf("%q: something hidden is left in %q", s, out)
		}
	})
}

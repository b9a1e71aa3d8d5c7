package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/text"
)

func TestFoldString(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, raw, want string }{
		{"empty", "", ""},
		{"folded already", "relaxing massage 24 7", "relaxing massage 24 7"},
		{"case", "Relaxing MASSAGE", "relaxing massage"},
		{"white space", "  a\t b\r\n\n c ", "a b c"},
		{"punctuation only", "?!… — €", ""},
		{"opening hours", "open 24/7!", "open 24 7"},
		{"price", "vanaf €50,- per uur", "vanaf 50 per uur"},
		{"decimal price", "1.250,00", "1 250 00"},
		{"phone", "06-00012345", "06 00012345"},
		{"phone, international", "+31 (0)6 0001 2345", "31 0 6 0001 2345"},
		{"apostrophe", "foto's d’amour", "foto s d amour"},
		{"modifier apostrophe", "fotoʼs", "foto s"},
		{"address", "Info@Voorbeeld.example", "info voorbeeld example"},
		{"marks composed", "Één crème brûlée", "een creme brulee"},
		{"marks decomposed", "E\u0301e\u0301n", "een"},
		{"umlaut", "Öffnungszeiten für Gäste", "offnungszeiten fur gaste"},
		{"sharp s", "Straße STRAẞE", "strasse strasse"},
		{"polish", "Zażółć gęślą jaźń ŁÓDŹ", "zazolc gesla jazn lodz"},
		{"romanian, both kinds of mark", "Știință şi țară ţară", "stiinta si tara tara"},
		{"spanish", "mañana, ¿qué?", "manana que"},
		{"nordic", "Ærø Þór Åse", "aero thor ase"},
		{"turkish", "İstanbul ısı", "istanbul isi"},
		{"dutch ij", "ĲSSEL ĳs", "ijssel ijs"},
		{"ligatures", "ﬁne ﬂow eﬃcient œuvre", "fine flow efficient oeuvre"},
		{"full-width", "ＡＢＣ　１２３！", "abc 123"},
		{"mathematical", "𝐌𝐚𝐬𝐬𝐚𝐠𝐞 𝟎𝟔", "massage 06"},
		{"circled", "①②③ ⓿❶➊ Ⓐⓑ", "123 011 ab"},
		{"negative squared", "🅼🅰🆂🆂", "mass"},
		{"keycaps", "0️⃣6️⃣", "06"},
		{"digits of other scripts", "٠٦ ०६ ０６", "06 06 06"},
		{"superscript", "m²", "m2"},
		{"fraction", "½ uur", "1 2 uur"},
		{"zero width", "mas\u200bsa\u200dge\ufeff", "massage"},
		{"bidi controls", "\u202eegassam\u202c \u2066x\u2069", "egassam x"},
		{"soft hyphen", "mas\u00adsage", "massage"},
		{"no-break space", "a\u00a0b\u202fc", "a b c"},
		{"emoji", "hallo😀wereld ❤️", "hallo wereld"},
		{"not utf-8", "a\xffb\xc3", "a b"},
		{"replacement character", "a\ufffdb", "a b"},
		{"nul", "a\x00b", "a b"},
		{"greek sigma", "ΟΔΟΣ οδος", "οδοσ οδοσ"},
		{"cyrillic", "Массаж Йод Ёлка", "массаж иод елка"},
		{"hebrew points", "שָׁלוֹם", "שלום"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := text.FoldString(tc.raw); got != tc.want {
				t.Errorf("FoldString(%q) = %q, want %q", tc.raw, got, tc.want)
			}
			if got := text.Fold(tc.raw).Text; got != tc.want {
				t.Errorf("Fold(%q).Text = %q, want %q", tc.raw, got, tc.want)
			}
		})
	}
}

// Every rune that Unicode has assigned, and some that it has not, alone and
// between letters.
func TestFoldEveryRune(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || r > 0x33480 && r < 0xe0000 || r > 0xe1000 {
			continue
		}
		checkFold(t, string(r))
		checkFold(t, "a"+string(r)+"b")
		if t.Failed() {
			t.Fatalf("at %U", r)
		}
	}
}

// checkFold checks what doc.go says always holds.
func checkFold(t *testing.T, raw string) {
	t.Helper()
	folded := text.FoldString(raw)
	if again := text.FoldString(folded); again != folded {
		t.Errorf("%q folds to %q and that to %q", raw, folded, again)
	}
	if strings.HasPrefix(folded, " ") || strings.HasSuffix(folded, " ") || strings.Contains(folded, "  ") {
		t.Errorf("%q folds to %q: spaces", raw, folded)
	}
	for _, r := range folded {
		if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.ToLower(r) != r {
			t.Errorf("%q folds to %q: %U", raw, folded, r)
		}
	}
	f := text.Fold(raw)
	if f.Text != folded {
		t.Errorf("Fold(%q).Text = %q and FoldString %q", raw, f.Text, folded)
	}
	last := 0
	for tok := range text.Tokens(raw) {
		if tok.Start < last || tok.End <= tok.Start || tok.End > len(raw) {
			t.Fatalf("%q: token %+v after %d", raw, tok, last)
		}
		// One rune can hold two tokens ("½"): then both stand where it stands.
		last = tok.Start
		if back := text.FoldString(raw[tok.Start:tok.End]); !strings.Contains(" "+back+" ", " "+tok.Word+" ") {
			t.Errorf("%q: token %q stands at %q, which folds to %q", raw, tok.Word, raw[tok.Start:tok.End], back)
		}
		if utf8.ValidString(raw) && !utf8.ValidString(raw[tok.Start:tok.End]) {
			t.Errorf("%q: token %q stands at %q, not whole runes", raw, tok.Word, raw[tok.Start:tok.End])
		}
	}
}

func TestFoldedRaw(t *testing.T) {
	t.Parallel()
	raw := "  Één café\u0301 — de Straße: ﬁne!"
	f := text.Fold(raw)
	got := map[string]string{}
	for tok := range text.Tokens(raw) {
		got[tok.Word] = raw[tok.Start:tok.End]
	}
	want := map[string]string{"een": "Één", "cafe": "café\u0301", "de": "de", "strasse": "Straße", "fine": "ﬁne"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	i := strings.Index(f.Text, "cafe de strasse")
	s, e := f.Raw(i, i+len("cafe de strasse"))
	if got, want := raw[s:e], "café\u0301 — de Straße"; got != want {
		t.Errorf("Raw gives %q, want %q", got, want)
	}
	if s, e := f.Raw(3, 3); s != e {
		t.Errorf("an empty stretch gives %d:%d", s, e)
	}
	if s, e := f.Raw(len(f.Text), len(f.Text)+5); s != e || s > len(raw) {
		t.Errorf("beyond the end gives %d:%d", s, e)
	}
	var none text.Folded
	if s, e := none.Raw(0, 1); s != 0 || e != 0 {
		t.Errorf("the zero Folded gives %d:%d", s, e)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{
		"", "Relaxing massage, 24/7 — €50", "0️⃣6️⃣ \u202e½\u0301\u200d", "\xff\xc3(\xe2\x80", "ŉ⑴ﷺ ㎏ 가각", "ʼˈ´¨",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { checkFold(t, raw) })
}

var benchTexts = map[string]string{
	"ascii": strings.Repeat("Relaxing massage by appointment, ask for Kim. Open 10:00-22:00, price 80 euro; call 06-00012345.\n", 100),
	"dutch": strings.Repeat("Ontspannende massage op afspraak – vraag naar Zoë. Één uur €80, 24/7 bereikbaar op 06‑00012345.\n", 100),
	"emoji": strings.Repeat("💆‍♀️ Massage 💶 80 ☎️ 0️⃣6️⃣ 𝐨𝐧𝐭𝐬𝐩𝐚𝐧𝐧𝐞𝐧𝐝 ✨\n", 100),
	"greek": strings.Repeat("Χαλαρωτικό μασάζ κατόπιν ραντεβού στο κέντρο της πόλης.\n", 100),
}

func BenchmarkFoldString(b *testing.B) {
	for name, s := range benchTexts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				text.FoldString(s)
			}
		})
	}
	folded := text.FoldString(benchTexts["ascii"])
	b.Run("folded", func(b *testing.B) {
		b.SetBytes(int64(len(folded)))
		for b.Loop() {
			text.FoldString(folded)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, s := range benchTexts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				text.Fold(s)
			}
		})
	}
}

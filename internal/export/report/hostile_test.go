package report

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/export/report/papertest"
	"zoeklicht/internal/text"
)

func TestSpell(t *testing.T) {
	t.Parallel()
	faces, err := newFaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Gewone tekst,\nmet een regel. ’s “é” €", "Gewone tekst,\nmet een regel. ’s “é” €"},
		{"twee\r\nregels\r", "twee\nregels[U+000D control]"},
		{"tab\ttab", "tab tab"},
		{"😀", "[U+1F600 grinning face]"},
		{"😀😀😀", "[U+1F600 grinning face][U+1F600 grinning face][U+1F600 grinning face]"},
		{"😀😀😀😀a", "[U+1F600 grinning face ×4]a"},
		{"a\u200bb", "a[U+200B zero width space]b"},
		{"\u202eomgekeerd\u202c", "[U+202E right-to-left override]omgekeerd[U+202C pop directional formatting]"},
		{"\x00\x07\x1b[31m", "[U+0000 control][U+0007 control][U+001B control][31m"},
		{"\xff\xfe", "[byte FF][byte FE]"},
		{"\xe2\x82", "[byte E2][byte 82]"},
		{"zacht\u00adafgebroken", "zacht[U+00AD soft hyphen]afgebroken"},
		{"regel\u2028scheiding", "regel[U+2028 line separator]scheiding"},
		{"按摩", "[U+6309][U+6469]"},
		{"\ue000\U000f0000", "[U+E000][U+F0000]"},
		{"\u0378\ufffe", "[U+0378][U+FFFE]"},
		{"\ufffd", "\ufffd"},
		{"❤\ufe0f", "❤[U+FE0F variation selector-16]"},
		{"a\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308", "a\u0300\u0301\u0302\u0303\u0304\u0306[U+0307 combining dot above][U+0308 combining diaeresis]"},
		{"\u3164 \u2800", "[U+3164 hangul filler] [U+2800 braille pattern blank]"},
		{"\U000e0041", "[U+E0041 tag latin capital letter a]"},
	} {
		if got := spell(c.in, faces[plainFace].has); got != c.want {
			t.Errorf("spell(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
}

// TestFonts: the fonts have every letter of the languages that sources are in.
func TestFonts(t *testing.T) {
	t.Parallel()
	faces, err := newFaces()
	if err != nil {
		t.Fatal(err)
	}
	letters := "ABCXYZabcxyz0123456789 .,;:!?'\"()[]{}<>@#&*+-=/\\|~^_`%$€£§©®°±²³µ¶·¹¼½¾×÷«»‘’“”„…–—•→×⁰¹²³⁴⁵⁶⁷⁸⁹" +
		"éëïöüèêàâçñáíóúäß" + "ĄąĆćĘęŁłŃńÓóŚśŹźŻż" + "ĂăÂâÎîȘșȚțŞşŢţ" + "ČčĎďĚěŇňŘřŠšŤťŮůŽžĹĺĽľŔŕ" + "ĞğİıŐőŰű" +
		"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёЄєІіЇїҐґЀѐЍѝ" +
		"ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψωΆΈΉΊΌΎΏάέήίόύώΪΫϊϋΐΰ"
	for _, f := range faces {
		for _, r := range letters {
			if !f.has(r) {
				t.Errorf("%s%s does not have %c (%U)", f.family, f.style, r, r)
			}
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	p, err := newPage(sample(t, "nl", 1), "")
	if err != nil {
		t.Fatal(err)
	}
	set := func(width float64, texts ...string) (out []string) {
		var spans []span
		for i, s := range texts {
			spans = append(spans, span{s, style{size: 10, under: i%2 == 1}})
		}
		for _, l := range p.lines(width, spans...) {
			var b strings.Builder
			wide := 0.0
			for _, x := range l.pieces {
				b.WriteString(x.text)
				wide += x.width
			}
			if wide > width+1e-6 {
				t.Errorf("%q is %.2f wide in a column of %.2f", b.String(), wide, width)
			}
			out = append(out, b.String())
		}
		return out
	}
	for name, c := range map[string]struct{ got, want []string }{
		"nothing":        {set(50, ""), []string{""}},
		"one":            {set(50, "een twee"), []string{"een twee"}},
		"breaks":         {set(20, "een twee drie vier"), []string{"een twee", "drie vier"}},
		"ends of lines":  {set(50, "een\n\ntwee\n"), []string{"een", "", "twee"}},
		"spaces kept":    {set(50, "een   twee"), []string{"een   twee"}},
		"across spans":   {set(15, "een tw", "ee", "drie"), []string{"een", "tweedrie"}},
		"a long word":    {set(10, "aaaaaaaaaa"), []string{"aaaaa", "aaaaa"}},
		"spaces at ends": {set(10, "aaaa      bbbb"), []string{"aaaa", "bbbb"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestVisual(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"gewoon":          "gewoon",
		"שלום":            "םולש",
		"bel שלום nu":     "bel םולש nu",
		"12 שלום 34":      "12 34 םולש",
		"bel שלום 34 nu":  "bel 34 םולש nu",
		"(עיסוי) massage": "(יוסיע) massage",
	} {
		if got := visual(in); got != want {
			t.Errorf("visual(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMarked: what overlaps is cut so that each stretch has its rules, and what is not
// what a hit says is not marked.
func TestMarked(t *testing.T) {
	t.Parallel()
	v := &Version{Content: zoeklicht.Version{Title: "Nieuw hier", Body: "alleen op afspraak, één uur"}, Assessment: &zoeklicht.Assessment{Hits: []zoeklicht.Hit{
		{Where: []zoeklicht.Offset{{Start: 0, End: 5, Word: "nieuw"}, {Start: 18, End: 29, Word: "op afspraak"}}},
		{Where: []zoeklicht.Offset{{Start: 21, End: 29, Word: "afspraak"}, {Start: 6, End: 10, Word: "weg"}, {Start: -1, End: 4}, {Start: 5, End: 5}, {Start: 30, End: 400}, {Start: 32, End: 34}}},
		{Where: []zoeklicht.Offset{{Start: 6, End: 17}}},
	}}}
	want := []mark{
		{text.Range{Start: 0, End: 5}, []int{1}},
		{text.Range{Start: 6, End: 17}, []int{3}},
		{text.Range{Start: 18, End: 21}, []int{1}},
		{text.Range{Start: 21, End: 29}, []int{1, 2}},
	}
	if diff := cmp.Diff(want, marked(v), cmp.AllowUnexported(mark{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r := &renderer{}
	join := func(part string, from int) string {
		var b strings.Builder
		for _, s := range r.marks(part, from, marked(v), style{}) {
			b.WriteString(s.text)
		}
		return b.String()
	}
	if got := join(v.Content.Title, 0) + "|" + join(v.Content.Body, 11); got != "[Nieuw]¹ [hier]³|[alleen]³ [op ]¹[afspraak]¹·², één uur" {
		t.Errorf("%q", got)
	}
}

// hostile are texts that somebody could have written to break a report.
var hostile = map[string]string{
	"controls":       strings.Repeat("\x00\x01\x1b]0;x\x07\r\r\n\v\f", 50),
	"bidi":           "abc \u202e def \u2066 שלום مرحبا \u2069 12 \u200f ghi",
	"surrogates":     "\xed\xa0\xbd\xed\xb8\x80",
	"not UTF-8":      "caf\xe9 \xc3\x28 \xf0\x28\x8c\xbc \xff",
	"above FFFF":     "𝐌𝐚𝐬𝐬𝐚𝐠𝐞 😀🏳️‍🌈 𝒑",
	"marks":          "Z" + strings.Repeat("\u0335\u0321\u0489", 200),
	"PDF":            ") Tj ET endstream endobj (\\ \\) << /JS (app.alert(1)) >> %%EOF",
	"one word":       strings.Repeat("x", 5000),
	"only spaces":    strings.Repeat(" ", 5000),
	"only lines":     strings.Repeat("\n", 300),
	"noncharacters":  "\uffff\ufffe\U0001ffff\ufdd0",
	"zero width":     strings.Repeat("a\u200b\u200c\u200d\ufeff", 100),
	"emoji":          strings.Repeat("😀😁😂", 200),
	"brackets":       "[U+1F600 grinning face] [was: x] [nieuw: y]",
	"other writing":  "按摩 マッサージ 마사지 นวด मालिश",
	"no-break":       strings.Repeat("a\u00a0", 3000),
	"joined letters": "تدليك بموعد",
}

func TestHostile(t *testing.T) {
	t.Parallel()
	var pdfs [][]byte
	for name, s := range hostile {
		d := everywhere(t, s)
		pdfs = append(pdfs, write(t, d))
		for _, form := range []func(*Document) ([]byte, error){Findings, DOCX} {
			if out, err := form(d); err != nil || len(out) == 0 {
				t.Errorf("%s: findings of %d bytes, %v", name, len(out), err)
			}
		}
		out, err := Findings(d)
		if err != nil || !utf8.Valid(out) || strings.ContainsFunc(string(out), func(r rune) bool { return r != '\n' && hidden(r) }) {
			t.Errorf("%s: the findings have characters that are not seen (%v)", name, err)
		}
		d.Compare = true
		d.Versions = append(d.Versions, sampleVersion(2))
		pdfs = append(pdfs, write(t, d))
	}
	papertest.Sound(t, pdfs...)
}

// everywhere puts a text wherever a source or a person decides what stands there.
func everywhere(t testing.TB, s string) *Document {
	d := sample(t, "nl", 1)
	v := &d.Versions[0]
	v.Content.Title, v.Content.Body, v.Content.URL, v.Content.Place, v.Content.Lang = s, s, s, s, "nl"
	v.Content.Fields = []zoeklicht.FieldValue{{Name: s, Value: s, From: s}}
	v.Content.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: s, Value: s, Obfuscated: true}}
	v.Advert.Key = s
	v.Names = []zoeklicht.VersionName{{Name: s, Person: s, At: seen}}
	v.Feedback[0].Reason = s
	v.Pictures[0].URL, v.Pictures[0].Problem, v.Pictures[1].Detail = s, s, s
	v.Provenance.Capture.URL, v.Provenance.Hops[0].Location, v.Provenance.Hops[0].Caching = s, s, []string{s}
	v.Provenance.Hops[1].TLS.ServerName = s
	d.Purpose, d.By, d.Theme, d.Organisation = s+"x", s+"x", s, s
	d.Sources["practice-a"] = s
	d.Absent = []Absent{{s, s}}
	d.Appendices[0].Name, d.Appendices[0].What = s, s
	if len(s) > 3 && utf8.RuneStart(s[1]) && utf8.RuneStart(s[3]) {
		v.Assessment = &zoeklicht.Assessment{Hits: []zoeklicht.Hit{{Indicator: "number-in-many-places", Rule: 2, Where: []zoeklicht.Offset{{Start: 1, End: 3}}, Trace: s}}}
	}
	return d
}

// TestLarge: a text of 1 MB is set whole.
func TestLarge(t *testing.T) {
	t.Parallel()
	d := sample(t, "nl", 1)
	d.Versions[0].Content.Body = strings.Repeat("Ontspannende massage op afspraak, iedere dag. ", (1<<20)/46)
	d.Versions[0].Assessment = nil
	pdf := write(t, d)
	if got := strings.Count(readable(t, pdf), "Ontspannende massage op afspraak, iedere dag."); got != (1<<20)/46 {
		t.Errorf("%d of %d sentences come back", got, (1<<20)/46)
	}
	d.Versions[0].Content.Body = strings.Repeat("\u200b\u200c", 1<<18)
	write(t, d)
}

// FuzzPDF: whatever a source wrote, a report is made.
func FuzzPDF(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 1, 4)
	}
	f.Fuzz(func(t *testing.T, s string, start, end int) {
		d := everywhere(t, s)
		d.Versions[0].Assessment = &zoeklicht.Assessment{Hits: []zoeklicht.Hit{{Indicator: "x", Rule: 1, Where: []zoeklicht.Offset{{Start: start, End: end}, {Start: end / 2, End: end}}}}}
		if _, err := PDF(context.Background(), d, nil); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzLines: nothing is lost in lines but the spaces at their ends, no line is wider than
// its column, and nothing above U+FFFF comes through.
func FuzzLines(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 40.0)
	}
	p, err := newPage(sample(f, "nl", 1), "")
	if err != nil {
		f.Fatal(err)
	}
	squeeze := strings.NewReplacer(" ", "", "\n", "")
	f.Fuzz(func(t *testing.T, s string, width float64) {
		width = max(10, min(width, 200))
		var set strings.Builder
		for _, l := range p.lines(width, plainly(s, 9)) {
			wide := 0.0
			for _, x := range l.pieces {
				set.WriteString(x.text)
				wide += x.width
				if n := utf8.RuneCountInString(visual(x.text)); n != utf8.RuneCountInString(x.text) {
					t.Errorf("%q has %d characters from left to right", x.text, n)
				}
			}
			if wide > width+1e-6 {
				t.Errorf("a line of %g in a column of %g", wide, width)
			}
		}
		spelled := spell(s, p.faces[plainFace].has)
		if squeeze.Replace(set.String()) != squeeze.Replace(spelled) {
			t.Errorf("%q was set as %q", spelled, set.String())
		}
		if strings.ContainsFunc(spelled, func(r rune) bool { return r > 0xffff }) {
			t.Errorf("%q has what fpdf cannot take", spelled)
		}
	})
}

// FuzzFindings: whatever a source wrote, findings are text and XML.
func FuzzFindings(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := everywhere(t, s)
		out, err := Findings(d)
		if err != nil || !utf8.Valid(out) {
			t.Fatalf("findings that are no text (%v)", err)
		}
		doc, err := DOCX(d)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			for dec := xml.NewDecoder(r); ; {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", part.Name, err)
				}
			}
		}
	})
}

// BenchmarkPDF measures reports of one version and of a thousand.
func BenchmarkPDF(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("versions=%d", n), func(b *testing.B) {
			d := sample(b, "nl", n)
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(write(b, d))))
			}
		})
	}
}

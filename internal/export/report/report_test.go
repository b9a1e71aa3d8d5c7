package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/export/report/papertest"
)

// heads are what stands on every page; where a text runs over to the next page they stand
// amid it.
var heads = regexp.MustCompile(`(?s)Rapport over [^\n]*\n+Pagina \d+ van \d+\s*\f.*?verzonnen\.\n`)

// readable gives what pdftotext reads, with pages joined.
func readable(t *testing.T, pdf []byte) string {
	return words(heads.ReplaceAllString(papertest.Text(t, pdf), " "))
}

func write(t testing.TB, d *Document) []byte {
	t.Helper()
	pdf, err := PDF(context.Background(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// TestSound has every kind of report read by those who are strict about it.
func TestSound(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() *Document{
		"one":        func() *Document { return sample(t, "nl", 1) },
		"several":    func() *Document { d := withPictures(t, sample(t, "en", 6)); d.Pictures = PicturesIn; return d },
		"comparison": func() *Document { return compared(t, "nl") },
		"result":     func() *Document { return answered(t, "en", 60) },
		"nothing":    func() *Document { d := answered(t, "nl", 0); d.Versions = nil; return d },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := make()
			pdf := write(t, d)
			papertest.Sound(t, pdf)
			if again := write(t, make()); !bytes.Equal(pdf, again) {
				t.Error("the same document gives other bytes")
			}
			t.Run("each page", func(t *testing.T) {
				pages := strings.Split(strings.TrimSuffix(papertest.Text(t, pdf), "\f"), "\f")
				for n, page := range pages {
					w := d.words()
					for _, want := range []string{d.ID, w.T("paper.page", n+1, len(pages)), w.T("paper.practice")} {
						if !strings.Contains(page, want) {
							t.Errorf("page %d does not say %q:\n%s", n+1, want, page)
						}
					}
				}
			})
		})
	}
}

// compared makes a comparison.
func compared(t testing.TB, lang string) *Document {
	d := sample(t, lang, 2)
	d.Compare = true
	a, b := &d.Versions[0].Content, &d.Versions[1].Content
	b.Title = "Ontspannende massage, alleen op afspraak"
	b.Body = "Rustige praktijk in het centrum, ’s avonds en in het weekend, alleen op afspraak. Bel 06 000 543 21 voor een afspraak; 60 minuten voor €75.\n\nKoffie en thee staan klaar. Privé, geen haast."
	b.Fields = append(b.Fields[:1:1], zoeklicht.FieldValue{Name: zoeklicht.FieldPrice, Value: "€75", From: "dl.facts > dd:nth-child(2)"})
	b.Pictures = append(b.Pictures, zoeklicht.VersionPicture{N: 1, URL: "http://127.0.0.1:8391/foto/9.jpg", Picture: 9})
	b.SeenAt = a.SeenAt.Add(24 * 3600e9)
	return d
}

// answered makes a report on a result with n rows, of which the first six are included.
func answered(t testing.TB, lang string, n int) *Document {
	d := sample(t, lang, min(n, 6))
	d.ID = "r-0123456789"
	d.Result = &zoeklicht.Result{
		ID: "r-0123456789", Question: zoeklicht.Question{Text: `"op afspraak" -hotel`, From: "2026-11-01", Phone: "06 000 12345", Sources: []zoeklicht.SourceID{"practice-a"}, Newest: true, State: "online"},
		AsOf: d.AsOf, Seq: d.Seq, Asked: d.Made, Adverts: n, Versions: n, Destroyed: 1,
	}
	for i := range n {
		v := sampleVersion(i + 1)
		v.Content.Advert = zoeklicht.AdvertID(42 + i)
		if i == 7 {
			v.Content = zoeklicht.Version{ID: v.Content.ID, Advert: v.Content.Advert, N: 1, Destroyed: true}
		}
		d.Result.Rows = append(d.Result.Rows, zoeklicht.Row{Position: i + 1, Version: v.Content, Matches: 1, Assessment: v.Assessment})
	}
	if n > 1 {
		d.Result.Rows[0].Matches, d.Result.Rows[1].Matches, d.Result.Versions = 3, 2, n+3
	}
	return d
}

// TestSigned has a signed report read.
func TestSigned(t *testing.T) {
	t.Parallel()
	papertest.Need(t, "openssl", "openssl")
	id := papertest.NewIdentity(t, "P-384")
	d := withPictures(t, sample(t, "nl", 2))
	d.Pictures = PicturesAnnexed
	for name, make := range map[string]func() ([]byte, error){
		"report": func() ([]byte, error) { return PDF(context.Background(), d, &id.Signer) },
		"annex":  func() ([]byte, error) { return Annex(context.Background(), d, &id.Signer) },
	} {
		pdf, err := make()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			papertest.Sound(t, pdf)
			papertest.Signed(t, pdf)
			text := readable(t, pdf)
			for _, want := range []string{`CN=Practice unit\, reports`, fmt.Sprintf("%x", sha256.Sum256(id.Chain[0].Raw)), "x-2026-0017-A"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s does not say %q", name, want)
				}
			}
		})
	}
}

// TestUndated: a signature that nobody dates is made all the same, and the face says so.
func TestUndated(t *testing.T) {
	t.Parallel()
	id := papertest.NewIdentity(t, "P-256")
	stamped, asked := id.Stamp, 0
	for name, c := range map[string]struct {
		stamp func(context.Context, [32]byte) ([]byte, error)
		dated bool
		asked int
	}{
		"dated":         {func(ctx context.Context, sum [32]byte) ([]byte, error) { asked++; return stamped(ctx, sum) }, true, 1},
		"nobody could":  {func(context.Context, [32]byte) ([]byte, error) { asked++; return nil, nil }, false, 1},
		"nobody to ask": {nil, false, 0},
	} {
		asked, id.Stamp = 0, c.stamp
		pdf, err := PDF(t.Context(), sample(t, "nl", 1), &id.Signer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := readable(t, pdf)
		if says := strings.Contains(text, "ONDERTEKEND ZONDER TIJDSTEMPEL Geen dienst"); says == c.dated || asked != c.asked {
			t.Errorf("%s: says that it is undated: %v; asked %d times", name, says, asked)
		}
		if says := strings.Contains(text, "gedateerd door een dienst voor tijdstempels"); says != c.dated {
			t.Errorf("%s: says that it is dated: %v", name, says)
		}
		papertest.Sound(t, pdf)
	}
}

// TestMasked: nothing in a masked report lets anybody try out what was masked.
func TestMasked(t *testing.T) {
	t.Parallel()
	d := answered(t, "nl", 3)
	d.Masked, d.Result.Question.Text = true, `afspraak 06 000 123 45`
	f, err := Findings(d)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"findings": words(string(f)), "report": readable(t, write(t, d))} {
		for what, secret := range map[string]string{
			"digest of the page": fmt.Sprintf("%x", sha256.Sum256([]byte("page"))), "digest of a picture": fmt.Sprintf("%x", sha256.Sum256([]byte("picture"))),
			"number that was asked for": "06 000 12345", "number among the words": "06 000 123 45 ·",
		} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s has the %s", form, what)
			}
		}
		for _, want := range []string{"afspraak •• ••• ••• ••", fmt.Sprintf("%x", sha256.Sum256([]byte("p"))), "weggelaten; wel genoemd, met de gezouten"} {
			if !strings.Contains(strings.ReplaceAll(text, "Weggelaten", "weggelaten"), want) {
				t.Errorf("the %s does not say %q", form, want)
			}
		}
	}
}

// TestTextComesBack: what pdftotext reads holds the text of every version, in every
// language, with emoji named, and the attached files have its very bytes.
func TestTextComesBack(t *testing.T) {
	t.Parallel()
	d := sample(t, "nl", len(bodies))
	for i := range d.Versions {
		d.Versions[i].Assessment = nil // marks stand amid words; see TestMarks
	}
	pdf := write(t, d)
	text := readable(t, pdf)
	for _, b := range bodies[:5] {
		for _, want := range []string{b.title, b.body} {
			if !strings.Contains(text, words(want)) {
				t.Errorf("%s: the text does not come back: %q", b.lang, want)
			}
		}
	}
	last := "Nieuw in de stad ☎ ❤[U+FE0F variation selector-16]. [U+1F469 woman][U+200D zero width joiner][U+1F9B0 emoji component red hair]. " +
		"Bel nul zes 000 12345 [U+2728 sparkles ×5] tot zo!"
	last = strings.Replace(last, "selector-16]. ", "selector-16] ", 1)
	for _, want := range []string{"Massage met bloemen [U+1F337 tulip][U+1F600 grinning face]", last} {
		if !strings.Contains(text, want) {
			t.Errorf("emoji do not come back by name: %q", want)
		}
	}
	t.Run("attached", func(t *testing.T) {
		want := map[string][]byte{}
		for i, b := range bodies {
			want[fmt.Sprintf("text-000042-%03d-%d.txt", i+1, 1001+i)] = []byte(b.title + "\n" + b.body)
		}
		if diff := cmp.Diff(want, papertest.Attached(t, pdf)); diff != "" {
			t.Errorf("attached (-want +got):\n%s", diff)
		}
	})
}

// TestSays: what must be on paper is.
func TestSays(t *testing.T) {
	t.Parallel()
	waiting := sample(t, "nl", 2)
	waiting.Versions[1].Proof = Proof{}
	logged := sample(t, "en", 1)
	logged.Versions[0].Proof.State = ProofLogged
	masked := sample(t, "en", 1)
	masked.Masked = true
	annexed := withPictures(t, sample(t, "nl", 1))
	annexed.Pictures = PicturesAnnexed
	hidden := sample(t, "nl", 1)
	hidden.Versions[0].Provenance = nil
	for name, c := range map[string]struct {
		d    *Document
		says []string
		not  []string
	}{
		"who, why, when": {sample(t, "nl", 1), []string{
			"Grondslag Wpg 9, oefening", "Doel Zaak 2026-000123", "A. Analist, intelligence-specialist", "22-11-2026 08:15 (22-11-2026 07:15:12 UTC) · stand 4711",
			"Bewijs: door getuigen bevestigd", "1 versie, 1 advertentie, 1 bron", "Dit rapport is niet ondertekend.",
		}, []string{"NOG NIET", "⟦"}},
		"text and marks": {sample(t, "nl", 1), []string{
			"alleen op [afspraak]¹. Bel", "woorden die een risico-indicator deden aanslaan", "Nummer op veel plaatsen", "cities = 4", "oordeel van deskundigen, niet getoetst",
			"Zelfstandigen die op tournee zijn", "Een reden om te kijken, geen bewijs", "beside.cities >= 4",
		}, nil},
		"provenance": {sample(t, "nl", 1), []string{
			"HTTP 302", "HTTP 200", "127.0.0.1:8391", "van literal op", "TLS 1.3", "niet geldig bevonden: self-signed", "niet te lezen", "Via: 1.1 practice", "Zoeklicht/1 (practice)",
			"klok van de server wijkt 0.012 s af", "18.231 ontvangen", "practice-a/3", "Viewport: 1280 × 800", "Doorverwijzing 1", "niet gebruikt: de verbinding was niet versleuteld",
		}, nil},
		"proof": {sample(t, "nl", 1), []string{
			"zoeklicht/capture/v1", "after none", "context ca978112", "zoeklicht.invalid/practice/mensenhandel/2026", "12345", "witness-a.example.invalid, witness-b.example.invalid",
			"tsa-a: 20-11-2026 08:19", "Niet eerder dan 20-11-2026 08:08",
		}, nil},
		"pictures":       {sample(t, "nl", 1), []string{"vastgelegd, hier", "niet opgehaald: bron gaf een fout: HTTP 404"}, []string{"hieronder ·"}},
		"annexed":        {annexed, []string{"in bijlage x-2026-0017-A"}, []string{"hieronder ·"}},
		"absent":         {sample(t, "nl", 1), []string{"Advertentie 9, versie 1 vernietigd volgens", "capture.wacz de vastlegging om af te spelen"}, nil},
		"not witnessed":  {waiting, []string{"NOG NIET DOOR GETUIGEN BEVESTIGD", "1 vastlegging van 2", "Nog niet door getuigen bevestigd: wacht op"}, nil},
		"only logged":    {logged, []string{"NOT YET WITNESSED", "Not yet witnessed: it stands in the ledger."}, []string{"witness-a"}},
		"masked":         {masked, []string{"Contact details are masked", "Contact details stand in the report masked"}, []string{"shown in full"}},
		"no provenance":  {hidden, []string{"De herkomst wordt in dit rapport niet verstrekt."}, []string{"zoeklicht/capture/v1"}},
		"readers":        {sample(t, "nl", 1), []string{"nee werkt zichtbaar zelfstandig B. Lezer"}, []string{"teruggenomen"}},
		"comparison":     {compared(t, "nl"), []string{"Ontspannende massage[nieuw: , alleen] op afspraak", "Bel [was: 06 000 123 45] [nieuw: 06 000 543 21] voor", "[was: €65] [nieuw: €75].", "prijs €65 €75", "plaats Zwolle (niets)", "0 afbeeldingen weg; 1 afbeelding erbij."}, nil},
		"result":         {answered(t, "en", 10), []string{`Words "op afspraak" -hotel`, "r-0123456789", "13 versions, 10 adverts", "3 older versions that matched the question as well are not included", "1 row of this result has been destroyed since", "Seen from day 01-11-2026", "newest only", "still there", "7* 48 / 7", "This row was destroyed"}, nil},
		"nothing at all": {func() *Document { d := answered(t, "nl", 0); d.Versions = nil; return d }(), []string{"Er is niets gevonden. Ook dat is een antwoord"}, []string{"door getuigen bevestigd NOG"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := readable(t, write(t, c.d))
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("it says %q", not)
				}
			}
		})
	}
}

// TestIndex: each entry of the index names the page on which the part begins.
func TestIndex(t *testing.T) {
	t.Parallel()
	d := sample(t, "nl", 70)
	pages := strings.Split(papertest.Text(t, write(t, d)), "\f")
	found := 0
	for _, page := range pages[:3] {
		for _, m := range regexp.MustCompile(`Advertentie 42, versie (\d+): [^\n]*\n+(\d+)\n`).FindAllStringSubmatch(page, -1) {
			var n int
			if _, err := fmt.Sscan(m[2], &n); err != nil || n > len(pages) {
				t.Fatalf("%q", m[0])
			}
			if !strings.Contains(pages[n-1], "Advertentie 42, versie "+m[1]+":") {
				t.Errorf("version %s does not begin on page %d", m[1], n)
			}
			found++
		}
	}
	if found < 30 {
		t.Errorf("only %d entries were found on the first pages", found)
	}
}

func TestAnnex(t *testing.T) {
	t.Parallel()
	d := sample(t, "nl", 3)
	if pdf, err := Annex(context.Background(), d, nil); pdf != nil || err != nil {
		t.Errorf("an annex without pictures: %d bytes, %v", len(pdf), err)
	}
	withPictures(t, d)
	d.Versions[2].Pictures[0].Read = given([]byte("no picture"))
	pdf, err := Annex(context.Background(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	papertest.Sound(t, pdf)
	text := readable(t, pdf)
	for _, want := range []string{"Verzegelde bijlage met afbeeldingen", "x-2026-0017-A", "Afbeelding 1, vastlegging c0ffee00", "niet te tonen: image: unknown format"} {
		if !strings.Contains(text, want) {
			t.Errorf("the annex does not say %q:\n%s", want, text)
		}
	}
	for _, not := range []string{bodies[1].body[:30], "Risico-indicatoren"} {
		if strings.Contains(text, not) {
			t.Errorf("the annex says %q", not)
		}
	}
	t.Run("pdfimages", func(t *testing.T) {
		papertest.Need(t, "pdfimages", "poppler-utils")
		if out := papertest.Run(t, "pdfimages", "-list", papertest.Write(t, "annex.pdf", pdf)); len(regexp.MustCompile(`(?m)^ +\d+ +\d+ image`).FindAllString(out, -1)) != 2 {
			t.Errorf("pdfimages:\n%s", out)
		}
	})
}

// TestPictureForms shows pictures in every form that a store or a source may have them.
func TestPictureForms(t *testing.T) {
	t.Parallel()
	d := sample(t, "nl", 1)
	d.Pictures = PicturesIn
	v := &d.Versions[0]
	one := v.Pictures[0]
	v.Pictures = nil
	r := image.Rect(0, 0, 30, 20)
	var last []byte
	glass := image.NewNRGBA(r)
	glass.Set(3, 3, color.NRGBA{200, 0, 0, 100})
	palette := image.NewPaletted(r, color.Palette{color.White, color.Black, color.Transparent})
	palette.SetColorIndex(4, 4, 1)
	for _, m := range []image.Image{glass, palette, image.NewGray(r), image.NewRGBA64(r), image.NewGray16(r), image.NewYCbCr(r, image.YCbCrSubsampleRatio420)} {
		for _, encode := range []func(io.Writer) error{
			func(w io.Writer) error { return png.Encode(w, m) },
			func(w io.Writer) error { return gif.Encode(w, m, nil) },
			func(w io.Writer) error { return jpeg.Encode(w, m, nil) },
		} {
			var b bytes.Buffer
			if err := encode(&b); err != nil {
				t.Fatal(err)
			}
			one.Read = given(b.Bytes())
			last = b.Bytes()
			v.Pictures = append(v.Pictures, one)
		}
	}
	for _, broken := range [][]byte{last[:len(last)/2], []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), []byte("\x89PNG\r\n\x1a\n")} {
		one.Read = given(broken)
		v.Pictures = append(v.Pictures, one)
	}
	pdf := write(t, d)
	papertest.Sound(t, pdf)
	text := readable(t, pdf)
	if shown, not := strings.Count(text, "Afbeelding "), strings.Count(text, "niet te tonen:"); shown != 21 || not != 3 {
		t.Errorf("%d pictures have a caption, %d of them cannot be shown", shown, not)
	}
}

// TestRefused: a document that lacks what every report says is not written.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Document){
		"no identifier":    func(d *Document) { d.ID = "" },
		"no ground":        func(d *Document) { d.Ground = "" },
		"no purpose":       func(d *Document) { d.Purpose = "" },
		"nobody":           func(d *Document) { d.By = "" },
		"no moment":        func(d *Document) { d.AsOf = time.Time{} },
		"three to compare": func(d *Document) { d.Compare = true },
		"sealed":           func(d *Document) { d.Versions[1].Content.Sealed = true },
		"destroyed":        func(d *Document) { d.Versions[1].Content.Destroyed = true },
		"by no witness":    func(d *Document) { d.Versions[1].Proof.Witnesses = nil },
		"empty":            func(d *Document) { d.Versions = nil },
	} {
		d := sample(t, "nl", 3)
		spoil(d)
		if _, err := PDF(context.Background(), d, nil); err == nil {
			t.Errorf("%s: a PDF was written", name)
		}
		if _, err := Findings(d); err == nil {
			t.Errorf("%s: findings were written", name)
		}
		if _, err := DOCX(d); err == nil {
			t.Errorf("%s: a DOCX was written", name)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := PDF(ctx, sample(t, "nl", 3), nil); err == nil {
		t.Error("a report was written that was called off")
	}
}

// TestVendored holds what font/ carries of others against the list of it.
func TestVendored(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("font/vendored.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"vendored.txt": true}
	for line := range strings.Lines(string(list)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		b, err := os.ReadFile(filepath.Join("font", f[0]))
		if err != nil || len(f) != 4 || fmt.Sprintf("%x", sha256.Sum256(b)) != f[3] {
			t.Errorf("%s is not what vendored.txt says (%v)", f[0], err)
		}
		listed[f[0]] = true
	}
	entries, err := os.ReadDir("font")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !listed[e.Name()] {
			t.Errorf("%s is not in vendored.txt", e.Name())
		}
	}
}

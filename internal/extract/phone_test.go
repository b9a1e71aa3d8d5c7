package extract_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

// nobody matches numbers that are not given out or reserved for fiction, so that
// the tables know nothing of them.
const nobody = `\+316000\d{5}|\+3363998\d{4}`

func finder(t testing.TB, regions ...string) *extract.Phones {
	t.Helper()
	p, err := extract.NewPhones(regions, []string{nobody})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPhones(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want string // raw=value, separated by " | "
	}{
		// Plain forms.
		{"Bel 0600012345 voor een afspraak", "0600012345=+31600012345"},
		{"06-00012345", "06-00012345=+31600012345"},
		{"06 - 00 01 23 45", "06 - 00 01 23 45=+31600012345"},
		{"06.00.01.23.45.", "06.00.01.23.45=+31600012345"},
		{"tel: +31 6 0001 2345!", "+31 6 0001 2345=+31600012345"},
		{"+31 (0)6 0001 2345", "+31 (0)6 0001 2345=+31600012345"},
		{"+31(0)600012345", "+31(0)600012345=+31600012345"},
		{"(+31) 6 0001 2345", "(+31) 6 0001 2345=+31600012345"},
		{"0031 6 00012345", "0031 6 00012345=+31600012345"},
		{"+310600012345", "+310600012345=+31600012345"},
		{"31600012345 via app", "31600012345=+31600012345"},
		{"(06) 0001 2345", "(06) 0001 2345=+31600012345"},
		{"(bel 06 0001 2345)", "06 0001 2345=+31600012345"},
		{"(06 0001 2345)", "06 0001 2345=+31600012345"},
		{"06\u00a00001\u00a02345 / 06\u201100012346", "06\u00a00001\u00a02345=+31600012345 | 06\u201100012346=+31600012346"},
		{"WhatsApp0600012345", "0600012345=+31600012345"},
		{"app:0600012345,0600012346", "0600012345=+31600012345 | 0600012346=+31600012346"},
		{"0600012345 0600012346", "0600012345=+31600012345 | 0600012346=+31600012346"},
		{"06 00012345 +33 6 39 98 00 12", "06 00012345=+31600012345 | +33 6 39 98 00 12=+33639980012"},
		{"+1 212-555-0123", "+1 212-555-0123=+12125550123"},
		{"https://wa.me/31600012345", "31600012345=+31600012345"},
		// Beside other numbers.
		{"30 min € 50, 06 00012345 60 euro", "06 00012345=+31600012345"},
		{"€50 06 00012345", "06 00012345=+31600012345"},
		{"06 00 01 23 45 u kunt bellen", "06 00 01 23 45=+31600012345"},
		{"06 00012345 10:00-22:00", "06 00012345=+31600012345"},
		{"sinds 01-02-2026 06 00012345", "06 00012345=+31600012345"},
		{"1,5 uur. 06 00012345", "06 00012345=+31600012345"},
		{"nr. 06-00012345", "06-00012345=+31600012345"},
		{"mijn nummer: 06-00012345", "06-00012345=+31600012345"},
		// Not phone numbers.
		{"01-02-2026 10.00", ""},
		{"20-11-2026 t/m 24-11-2026", ""},
		{"open 10:00-22:00", ""},
		{"€ 1.250,00", ""},
		{"tarieven 50 80 120 150 200 350", ""},
		{"ISBN 0306406152", ""},
		{"ISBN-13: 978-0-306-40615-7", ""},
		{"KvK 01234567", ""},
		{"IBAN NL00 BANK 0101 2345 67", ""},
		{"IBAN NL00BANK0101234567", ""},
		{"BANK0101234567", ""},
		{"https://voorbeeld.example/0101234567", ""},
		{"https://voorbeeld.example/a?id=0101234567", ""},
		{"info0101234567@voorbeeld.example", ""},
		{"advertentienummer 0101234567", ""},
		{"nr 31600012345", ""},
		{"#0101234567", ""},
		{"52.3702160, 4.8951680", ""},
		{"0101234567abc9", ""},
		{"postcode 1234 AB", ""},
		{"", ""},
		{"0600", ""},
		{strings.Repeat("0 1 2 ", 50), ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range finder(t, "NL").Find(tc.text) {
				if e.Raw != tc.text[e.Start:e.End] {
					t.Errorf("raw is %q, at its offsets stands %q", e.Raw, tc.text[e.Start:e.End])
				}
				got = append(got, e.Raw+"="+e.Value)
			}
			if strings.Join(got, " | ") != tc.want {
				t.Errorf("in %q: %q, want %q", tc.text, strings.Join(got, " | "), tc.want)
			}
		})
	}
}

func TestPhonesAreMarkedAsDisguised(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"06 00012345": false, "06 00 01 23 45": false, "0 6 0 0 0 1 2 3 4 5": true, "０６ ０００１２３４５": true,
	} {
		got := finder(t, "NL").Find(raw)
		if len(got) != 1 || got[0].Obfuscated != want {
			t.Errorf("%q: %+v, want obfuscated %v", raw, got, want)
		}
	}
}

func TestPhonesOfFields(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"06-00012345":                                     "+31600012345",
		"tel:+31600012345":                                "+31600012345",
		"tel:06-00012345;ext=1":                           "+31600012345",
		"tel:%2B31%206%2000012345":                        "+31600012345",
		"sms:0600012345":                                  "+31600012345",
		"https://wa.me/31600012345?text=hoi":              "+31600012345",
		"https://www.wa.me/33639980012":                   "+33639980012",
		"https://api.whatsapp.com/send?phone=31600012345": "+31600012345",
		"whatsapp://send?phone=%2B31600012345":            "+31600012345",
		"https://voorbeeld.example/advert/0600012345":     "",
		"tel:": "", "tel:anoniem": "", "::": "",
	} {
		got := ""
		for _, e := range finder(t, "NL").Of(value) {
			got += e.Value
		}
		if got != want {
			t.Errorf("Of(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestPhonesByRegion(t *testing.T) {
	t.Parallel()
	text := "06 39 98 00 12 of (212) 555-0123"
	values := func(p *extract.Phones) (out []string) {
		for _, e := range p.Find(text) {
			out = append(out, e.Value)
		}
		return out
	}
	if d := cmp.Diff([]string{"+33639980012", "+12125550123"}, values(finder(t, "FR", "US"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string(nil), values(finder(t))); d != "" {
		t.Error("without regions only international numbers are found:", d)
	}
}

func TestNewPhonesRefuses(t *testing.T) {
	t.Parallel()
	if _, err := extract.NewPhones([]string{"XX"}, nil); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("region XX: %v", err)
	}
	if _, err := extract.NewPhones(nil, []string{"("}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("pattern (: %v", err)
	}
}

// The public set of disguises: this finder owes the plain classes, and to take
// nothing else for a number. (Words, look-alikes and emoji are not its task.)
func TestPhonesOfPublicSet(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(shared(t, "phones/obfuscated.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := extract.NewPhones([]string{"NL", "US", "GB"}, []string{`\+447700900\d{3}`})
	if err != nil {
		t.Fatal(err)
	}
	plain := map[string]bool{"plain": true, "spaced": true, "dots": true, "plus-intl": true, "bracketed": true, "fullwidth": true, "arabic-indic": true, "negative": true}
	right, total := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(b)) {
		var x struct {
			Class, Text string
			Want        []string
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		got := p.Find(x.Text)
		ok := len(got) == len(x.Want)
		for i := 0; ok && i < len(got); i++ {
			ok = strings.HasSuffix(got[i].Value, strings.TrimPrefix(x.Want[i], "0"))
		}
		total[x.Class]++
		if ok {
			right[x.Class]++
		} else if plain[x.Class] {
			t.Errorf("%s: in %q: %+v, want %v", x.Class, x.Text, got, x.Want)
		}
	}
	all := 0
	for class, n := range right {
		if class != "negative" {
			all += n
		}
	}
	t.Logf("%d of %d found; by class %v", all, 264, right)
}

func FuzzPhones(f *testing.F) {
	for _, s := range []string{
		"Bel 06-00012345 of +31 (0)6 0001 2345", "(+31) (0) (6) €50 01-02-2026", "((((++++0600012345))))", "０６ ＋31", "\xff06\x80 00012345",
		"wa.me/31600012345 tel0600012345,0600012346", "00 00 00 00 00 00",
	} {
		f.Add(s)
	}
	p := finder(f, "NL", "US", "DE")
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, e := range p.Find(s) {
			if e.Start < end || e.End <= e.Start || e.End > len(s) {
				t.Fatalf("%q: %+v after %d", s, e, end)
			}
			end = e.End
			if e.Raw != s[e.Start:e.End] || !e.Valid || !strings.HasPrefix(e.Value, "+") || len(e.Value) > 16 {
				t.Errorf("%q: %+v", s, e)
			}
			if utf8.ValidString(s) && !utf8.ValidString(e.Raw) {
				t.Errorf("%q: %q is not whole runes", s, e.Raw)
			}
			// What was found is found again where it stands alone, but for numbers in links
			// that leave out the plus.
			if l := strings.ToLower(s); strings.Contains(l, "wa.me/") || strings.Contains(l, "phone=") {
				continue
			}
			again := p.Find(e.Raw)
			if len(again) != 1 || again[0].Value != e.Value {
				t.Errorf("%q: %+v, alone %+v", s, e, again)
			}
		}
		p.Of(s)
	})
}

func BenchmarkPhones(b *testing.B) {
	p := finder(b, "NL", "DE", "BE")
	rng := rand.New(rand.NewPCG(1, 1))
	digits := func() string {
		var s strings.Builder
		for s.Len() < 1<<20 {
			s.WriteString(fmt.Sprintf("%d ", rng.IntN(10000)))
		}
		return s.String()
	}()
	var numbers strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&numbers, "Bel 06-000%05d, ", i)
	}
	ad := "Ontspannende massage op afspraak. Open 10:00-22:00, prijs 80 euro, 60 minuten. Bel 06-00012345 of stuur een bericht naar +31 6 0001 2346. Geen anonieme nummers.\n"
	for name, s := range map[string]string{
		"advert": strings.Repeat(ad, 4), "numbers": numbers.String(), "rubbish": digits,
		"words": strings.Repeat("Ontspannende massage op afspraak in het centrum. ", 2000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				p.Find(s)
			}
		})
	}
}

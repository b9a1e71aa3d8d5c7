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
		{"+06 0001 2345", "06 0001 2345=+31600012345"},
		{"06&nbsp;0001&nbsp;2345", "06&nbsp;0001&nbsp;2345=+31600012345"},
		{"0900-1234 (60 cpm)", "0900-1234=+319001234"},
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

// publicRegions are those whose numbers the public set has.
var publicRegions = []string{"NL", "GB", "US"}

// The public set of disguises, with no pattern for the British numbers that are
// reserved for fiction: they are found as numbers that the tables do not know.
func TestPhonesOfPublicSet(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(shared(t, "phones/obfuscated.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, regions := range [][]string{publicRegions, extract.CommonRegions} {
		p, err := extract.NewPhones(regions, nil)
		if err != nil {
			t.Fatal(err)
		}
		right, total, found, wanted, wrong := map[string]int{}, map[string]int{}, 0, 0, 0
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
			} else {
				t.Logf("%s: in %q: %+v, want %v", x.Class, x.Text, got, x.Want)
			}
			switch {
			case len(x.Want) > 0 && ok:
				found++
				wanted++
			case len(x.Want) > 0:
				wanted++
			case !ok:
				wrong++
			}
		}
		for class, n := range total {
			t.Logf("%v %s: %d of %d", regions, class, right[class], n)
		}
		t.Logf("%v: %d of %d found, %d negatives taken for numbers", regions, found, wanted, wrong)
		if found < wanted || wrong > 0 {
			t.Errorf("%v: %d of %d found, %d negatives found: it was all of them, and none", regions, found, wanted, wrong)
		}
	}
}

// The public set of shapes in which numbers were really written, some of them short
// of a digit or with one too many.
func TestPhonesOfPublicShapes(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(shared(t, "phones/shapes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var shapes []struct{ Class, Shape, Digits string }
	if err := json.Unmarshal(b, &shapes); err != nil {
		t.Fatal(err)
	}
	for _, regions := range [][]string{publicRegions, extract.CommonRegions} {
		p, err := extract.NewPhones(regions, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range shapes {
			for _, text := range []string{x.Shape, "Tel: " + x.Shape + "\n"} {
				got := p.Find(text)
				if len(got) != 1 || !strings.HasSuffix(got[0].Value, strings.TrimPrefix(x.Digits, "0")) {
					t.Errorf("%v %s: in %q: %+v, want %s", regions, x.Class, text, got, x.Digits)
				}
			}
		}
	}
}

// Disguises of a number of the theme's own, and of a French one that is reserved for
// fiction. Each row is written by hand, none is in the public set.
func TestDisguises(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"nul zes, nul nul nul een, twee drie vier vijf", "nul zes, nul nul nul een, twee drie vier vijf"},
		{"Bel nulzes nulnulnul een twee drie vier vijf!", "nulzes nulnulnul een twee drie vier vijf"},
		{"zero-six double zero zero one two three four five", "zero-six double zero zero one two three four five"},
		{"call 06 triple zero 1 23 forty-five", "06 triple zero 1 23 forty-five"},
		{"null sechs null null null eins dreiundzwanzig fünfundvierzig", ""},
		{"nul zes nul nul nul een drieëntwintig vijfenveertig", ""},
		{"nul zes nul nul nul twaalf drie vier vijf", "nul zes nul nul nul twaalf drie vier vijf"},
		{"06 0OO1 2345", "06 0OO1 2345"},
		{"O6-OOO12345", "O6-OOO12345"},
		{"O 6 0 0 0 1 2 3 4 5", "O 6 0 0 0 1 2 3 4 5"},
		{"0⃣6⃣0⃣0⃣0⃣1⃣2⃣3⃣4⃣5⃣", "0⃣6⃣0⃣0⃣0⃣1⃣2⃣3⃣4⃣5⃣"},
		{"➏ 06|00|01|23|45 ok", "06|00|01|23|45"},
		{"❷ x ⓿❻⓿⓿⓿❶❷❸❹❺ y", "⓿❻⓿⓿⓿❶❷❸❹❺"},
		{"06 ❤️ 0001 ❤️ 2345", "06 ❤️ 0001 ❤️ 2345"},
		{"06👩‍👩‍👧00012345", "06👩‍👩‍👧00012345"},
		{"０６-०००१२३४५", ""},
		{"[06] {0001} <2345>", "06] {0001} <2345"},
		{"0\u03386\u03380\u03380\u03380\u03381\u03382\u03383\u03384\u03385\u0338", "0\u03386\u03380\u03380\u03380\u03381\u03382\u03383\u03384\u03385\u0338"},
		{"0\n6\n0\n0\n0\n1\n2\n3\n4\n5", "0\n6\n0\n0\n0\n1\n2\n3\n4\n5"},
		{"plus 31 6 0001 2345", "plus 31 6 0001 2345"},
		{"telnul6 0001 2345", "nul6 0001 2345"},
		{"+33 six trente-neuf quatre-vingt-dix-huit douze trente-quatre", "+33 six trente-neuf quatre-vingt-dix-huit douze trente-quatre"},
		{"zero şase zero zero zero unu doi trei patru cinci", "zero şase zero zero zero unu doi trei patru cinci"},
		{"zero sześć zero zero zero jeden dwa trzy cztery pięć", "zero sześć zero zero zero jeden dwa trzy cztery pięć"},
		{"cero seis cero cero cero uno dos tres cuatro cinco", "cero seis cero cero cero uno dos tres cuatro cinco"},
		{"0➕6➕0➕0➕0➕1➕2➕3➕4➕5", "0➕6➕0➕0➕0➕1➕2➕3➕4➕5"},
		{"O6 OOO l2 345", ""},
		{"0 6 O O O I 2 3 4 5", ""},
		{"06 ooo 12345", ""},
		{"06 oo o1 23 45", ""},
		{"06,0001,2345", ""},
		{"06:0001:2345", ""},
		{"06....000....12345", ""},
		{"**06** **0001** **2345**", "06** **0001** **2345"},
		{"0x6x0x0x0x1x2x3x4x5", ""},
		{"06 drie keer de nul 12345", ""},
		{"06<b>000</b>12345", ""},
		{"0-6*0-0.0.1.2-3~4/5", ""},
		{"رقم 06 0001 2345 اتصل", "06 0001 2345"},
		{"06 ٠٠٠١ 2345", "06 ٠٠٠١ 2345"},
	} {
		want := tc.want
		if want == "" {
			want = tc.text
		}
		got := finder(t, "NL", "FR").Find(tc.text)
		if len(got) != 1 || got[0].Raw != want || !got[0].Valid || tc.text != "رقم 06 0001 2345 اتصل" && !got[0].Obfuscated {
			t.Errorf("%q: %+v, want %q", tc.text, got, want)
			continue
		}
		if v := got[0].Value; v != "+31600012345" && v != "+33639981234" {
			t.Errorf("%q: %s", tc.text, v)
		}
	}
}

// Things with digits that are no phone numbers. These are ours, beside the twenty of
// the public set.
var noNumbers = []string{
	"Open 24/7, ook op 25 en 26-12-2026",
	"ma-vr 10.00-22.00, za 12.00-18.00 en zo 13:00 - 17:00",
	"€ 80 30 min, € 120 60 min, € 150 / 90 min",
	"80 euro 120 euro 150 euro 200 euro",
	"30 / 45 / 60 / 90 / 120 minuten",
	"1 uur 150, 2 uur 280, 3 uur 400",
	"Prijzen: 50,- 80,- 120,- 150,-",
	"vijftig euro, tachtig euro, honderd twintig euro",
	"maat 36/38, lengte 1.70, gewicht 60 kg, 75B",
	"90-60-90 en 1,70 m",
	"postcode 1012 AB, 3011 CD en 9711 EF",
	"1012AB Amsterdam, huisnummer 12-14",
	"sinds 2004 open, verbouwd in 2013, 2019 en 2024",
	"2026-11-22T13:05:30Z", "22/11/2026 13:05", "22.11.2026 13.05 - 14.05",
	"IBAN: NL91 ABNA 0417 1643 00", "DE89 3704 0044 0532 0130 00", "FR76 3000 6000 0112 3456 7890 189",
	"order 20261122-00417", "ordernummer 0612345678901",
	"ISBN 978-90-274-3964-2", "EAN 8712345678906",
	"192.168.10.25:8080", "00:1A:2B:3C:4D:5E", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
	"v1.12.3-beta.4", "#ff00aa #001122",
	"51.9225, 4.47917", "52°22'12.8\"N 4°53'42.6\"E",
	"4111 1111 1111 1111", "9999 8888 7777 6666",
	"een of twee keer, drie of vier dagen, vijf of zes weken",
	"one two three four five six seven eight nine ten",
	"één, twee, drie, vier, vijf",
	"six for you, two for one, one to ten",
	"10 x 15, 13 x 18, 20 x 30, 30 x 40",
	"1. knippen 2. wassen 3. drogen 4. föhnen 5. klaar",
	"kamer 101 102 103 104 105 106",
	"10 20 30 40 50 60 70 80 90 100",
	"2024 2025 2026 2027 2028",
	"bus 15, 22, 37 en 170 of tram 1, 2, 5, 12, 13",
	"Bol Zo Oss Is Sos Lol Bobbi",
	"SOS OOO BOB ISO SIB",
	"score 6-0 6-1 7-5 en 3-6 6-3 7-6",
	"10% 20% 30% 40%", "1.000.000.000 keer", "3,14159265358979",
	"18+ 21+ 25+ 30+", "A4 A5 B2 C1 2B 3D 4K 5G",
	"07:30 08:00 08:30 09:00", "5 sterren (128 reviews, 4.8/5)",
	"soixante-dix ou quatre-vingts", "twintig of dertig of veertig",
	"foto 12 van 34, bekeken 5678 keer", "0 0 0 0 0 0 0 0 0 0",
	"06-10 06-11 06-12 2026", "2026 11 22 20 15 55", "18+ 18-25 26-35 36-45 46-55", "score 2-0 1-5 5-5 0-1 4-2", "leden: 20 15 55 01 42",
	"transactie 0600-0123-4512", "Prijs 060 - 000 - 12345", "lat 06.000123", "OV-chip 3528 0600 0123 4567", "0,60 0,00 12,345 cent",
	"192.168.100.201", "0612345", "code 06,0001,23456,78", "06:00:12:34", "1:1000:25000", "12,345,678,901", "06,50,00 per stuk",
	"10/11 11/11 12/11 13/11", "geopend 06/01 06/02 2026",
}

// No number of another country becomes one of ours: neither one that the tables do not
// know, nor one that is no number.
func TestForeignPhonesStayForeign(t *testing.T) {
	t.Parallel()
	for _, regions := range [][]string{{"NL"}, {"NL", "BE", "DE"}, extract.CommonRegions} {
		p, err := extract.NewPhones(regions, nil) // 06 39 98 is French for fiction: the tables have none
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct{ text, want string }{
			{"+33 (0)6 39 98 01 23", "+33 (0)6 39 98 01 23=+33639980123"},
			{"0033 (0)6 39 98 01 23", "0033 (0)6 39 98 01 23=+33639980123"},
			{"00 33 (0)6 39 98 01 23", "00 33 (0)6 39 98 01 23=+33639980123"},
			{"+33(0)639980123", "+33(0)639980123=+33639980123"},
			{"+33 (0) 639 98 01 23", "+33 (0) 639 98 01 23=+33639980123"},
			{"(+33) 06 39 98 01 23", "(+33) 06 39 98 01 23=+33639980123"},
			{"bel +33 6 39 98 01 23, niet 06 0001 2345", "+33 6 39 98 01 23=+33639980123 | 06 0001 2345=+31600012345"},
			{"+33 6 39 98 01 23 / +33 6 39 98 01 24", "+33 6 39 98 01 23=+33639980123 | +33 6 39 98 01 24=+33639980124"},
			{"+31 (0)6 0001 2345", "+31 (0)6 0001 2345=+31600012345"},
			{"+31 6 0001 2345 06 0001 2346", "+31 6 0001 2345=+31600012345 | 06 0001 2346=+31600012346"},
			{"+999 (0)6 1234 5678", ""},
			{"0033 (0)6 39 98", ""},
		} {
			var got []string
			for _, e := range p.Find(tc.text) {
				got = append(got, e.Raw+"="+e.Value)
				if e.Valid {
					t.Errorf("%v: in %q: %+v is valid", regions, tc.text, e)
				}
			}
			if strings.Join(got, " | ") != tc.want {
				t.Errorf("%v: in %q: %q, want %q", regions, tc.text, strings.Join(got, " | "), tc.want)
			}
		}
	}
}

// A German number behind Dutch and Belgian ones counts where the text is German, or calls
// for it.
func TestGermanPhonesOfMixedThemes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Tel. 030 12345678": "+493012345678",
		"Ruhige Massage nach Absprache, täglich geöffnet. Hier erreichst du mich: 030 12345678 oder schreib mir eine Nachricht.": "+493012345678",
		"Rustige massage op afspraak, dossier 0600-0123-4512 is gesloten":                                                        "",
		"0612345": "",
	} {
		got := ""
		for _, e := range finder(t, "NL", "BE", "DE").Find(text) {
			got += e.Value
		}
		if got != want {
			t.Errorf("in %q: %q, want %q", text, got, want)
		}
	}
}

func TestPhonesLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, regions := range [][]string{{"NL"}, publicRegions, extract.CommonRegions} {
		p, wrong := finder(t, regions...), 0
		for _, s := range noNumbers {
			if got := p.Find(s); len(got) > 0 {
				wrong++
				t.Errorf("%v: in %q: %+v", regions, s, got)
			}
		}
		t.Logf("%v: %d of %d taken for numbers", regions, wrong, len(noNumbers))
	}
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
			if e.Raw != s[e.Start:e.End] || !strings.HasPrefix(e.Value, "+") || len(e.Value) > 16 {
				t.Errorf("%q: %+v", s, e)
			}
			if utf8.ValidString(s) && !utf8.ValidString(e.Raw) {
				t.Errorf("%q: %q is not whole runes", s, e.Raw)
			}
			// What was found in a plain form is found again where it stands alone, but for
			// numbers in links that leave out the plus.
			if !e.Valid || e.Obfuscated {
				continue
			}
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

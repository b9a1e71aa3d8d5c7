package extract_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/practice"
)

func entities(t testing.TB, regions ...string) *extract.Entities {
	t.Helper()
	e, err := extract.NewEntities(extract.EntitiesConfig{Regions: regions, PhonePatterns: []string{nobody}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// of gives what is found of one type: raw=value, separated by " | ", with a ! behind
// what is disguised and a ? behind what is doubtful.
func of(t testing.TB, kind zoeklicht.EntityType, text, lang string) string {
	t.Helper()
	var out []string
	for _, x := range entities(t, "NL").Find(text, lang) {
		if x.Type != kind {
			continue
		}
		if x.Raw != text[x.Start:x.End] {
			t.Errorf("%q: raw is %q, at its offsets stands %q", text, x.Raw, text[x.Start:x.End])
		}
		s := x.Raw + "=" + x.Value
		if x.Obfuscated {
			s += "!"
		}
		if !x.Valid {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}

type kindCase struct{ text, want string }

func try(t *testing.T, kind zoeklicht.EntityType, cases []kindCase) {
	t.Helper()
	for _, c := range cases {
		if got := of(t, kind, c.text, ""); got != c.want {
			t.Errorf("%s in %q:\n got %s\nwant %s", kind, c.text, got, c.want)
		}
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Email, []kindCase{
		{"Mail Anna.Sun@Example.org!", "Anna.Sun@Example.org=anna.sun@example.org"},
		{"mail: a_b-c+1@mail.example.co.uk.", "a_b-c+1@mail.example.co.uk=a_b-c+1@mail.example.co.uk"},
		{"anna (at) example (dot) org", "anna (at) example (dot) org=anna@example.org!"},
		{"anna[at]example.org", "anna[at]example.org=anna@example.org!"},
		{"anna at example dot org", "anna at example dot org=anna@example.org!"},
		{"anna apenstaartje example punt nl", "anna apenstaartje example punt nl=anna@example.nl!"},
		{"anna @ example . org", "anna @ example . org=anna@example.org!"},
		{"anna＠example.org", "anna＠example.org=anna@example.org!"},
		{"anna(@)example(.)org", "anna(@)example(.)org=anna@example.org!"},
		{"anna arobase example point fr", "anna arobase example point fr=anna@example.fr!"},
		{"a@b.nl,c@d.nl", "a@b.nl=a@b.nl | c@d.nl=c@d.nl"},
		{"name@host.nosuchend", "name@host.nosuchend=name@host.nosuchend?"},
		{"look at example.org today", ""},
		{"room at some point so we go", ""},
		{"at home dot", ""},
		{"@anna", ""},
		{"anna@", ""},
		{"5 @ 10. ok", ""},
		{"at . at . at", ""},
		{"I am at work. Org later", ""},
		{"€5@10.30", ""},
	})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Link, []kindCase{
		{"see https://Example.org/a/../b?x=1#top.", "https://Example.org/a/../b?x=1#top=https://example.org/b?x=1"},
		{"(http://example.org/x_(y))", "http://example.org/x_(y)=http://example.org/x_(y)"},
		{"www.example.org", "www.example.org=http://www.example.org/"},
		{"www.voorbeeld.example/pad, en meer", "www.voorbeeld.example/pad=http://www.voorbeeld.example/pad"},
		{"mijn site: example.nl", "example.nl=http://example.nl/"},
		{"t.me/anna_sun", "t.me/anna_sun=http://t.me/anna_sun"},
		{"hxxps://example.org/a", "hxxps://example.org/a=https://example.org/a!"},
		{"example (dot) com", "example (dot) com=http://example.com/!"},
		{"example punt nl", "example punt nl=http://example.nl/!"},
		{"Kom langs.Nu open", ""},
		{"anna@example.org", ""},
		{"e.g. so.me", ""},
		{"http://", ""},
		{"http://img", ""},
		{"https:// x", ""},
		{"www.", ""},
		{"1.2.3.4", ""},
	})
}

func TestHandles(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Handle, []kindCase{
		{"Telegram: @Anna_Sun", "@Anna_Sun=telegram:anna_sun"},
		{"tg @anna.sun.", "@anna.sun=telegram:anna.sun"},
		{"insta: annasun", "annasun=instagram:annasun"},
		{"Snapchat anna_22 of bel", "anna_22=snapchat:anna_22"},
		{"snap = annasun", "annasun=snapchat:annasun"},
		{"volg @annasun", "@annasun=:annasun"},
		{"https://t.me/AnnaSun", "https://t.me/AnnaSun=telegram:annasun"},
		{"instagram.com/anna.sun/", "instagram.com/anna.sun/=instagram:anna.sun"},
		{"＠annasun", "＠annasun=:annasun!"},
		{"mail anna@example.org", ""},
		{"instagram.com/p/Cxyz123", ""},
		{"Telegram of WhatsApp", ""},
		{"whatsapp 0600012345", ""},
		{"@ 12", ""},
		{"@12345", ""},
		{"a line: see below", ""},
		{"\xbcQML_1", ""},
		{"x \xa0anna_sun", ""},
		{"telegram mag ook", ""},
		{"@@", ""},
	})
}

func TestPrices(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Price, []kindCase{
		{"150 euro per uur", "150 euro per uur=EUR 150/60min"},
		{"€ 100 / 30 min", "€ 100 / 30 min=EUR 100/30min"},
		{"€100,- voor een half uur", "€100,- voor een half uur=EUR 100/30min"},
		{"1h 150€", "1h 150€=EUR 150/60min"},
		{"60 min 120 euro, 30 min 80 euro", "60 min 120 euro=EUR 120/60min | 30 min 80 euro=EUR 80/30min"},
		{"€ 80 30 min, € 120 60 min", "€ 80 30 min=EUR 80/30min | € 120 60 min=EUR 120/60min"},
		{"30 min: €50\n60 min: €90", "30 min: €50=EUR 50/30min | 60 min: €90=EUR 90/60min"},
		{"€50 - 30 min\n€90 - 60 min", "€50 - 30 min=EUR 50/30min | €90 - 60 min=EUR 90/60min"},
		{"halfuur 70,- anderhalf uur 160,-", "halfuur 70,-=EUR 70/30min | anderhalf uur 160,-=EUR 160/90min"},
		{"een uur voor 130 euro", "een uur voor 130 euro=EUR 130/60min"},
		{"1,5 uur 180 euro", "1,5 uur 180 euro=EUR 180/90min"},
		{"1u30 = €175", "1u30 = €175=EUR 175/90min"},
		{"€ 1.250,00 incl.", "€ 1.250,00=EUR 1250"},
		{"€12,50", "€12,50=EUR 12.50"},
		{"120 € die Stunde, 70 € halbe Stunde", "120 €=EUR 120 | 70 € halbe Stunde=EUR 70/30min"},
		{"150 Euro pro Stunde", "150 Euro pro Stunde=EUR 150/60min"},
		{"£80 per hour or $100 an hour", "£80 per hour=GBP 80/60min | $100 an hour=USD 100/60min"},
		{"80 pounds for 45 minutes", "80 pounds for 45 minutes=GBP 80/45min"},
		{"200 zł za godzinę", "200 zł za godzinę=PLN 200/60min"},
		{"300 lei pe oră", "300 lei pe oră=RON 300/60min"},
		{"100 € de l'heure, 60 euros la demi-heure", "100 €=EUR 100 | 60 euros la demi-heure=EUR 60/30min"},
		{"80 euros por hora", "80 euros por hora=EUR 80/60min"},
		{"EUR 95", "EUR 95=EUR 95"},
		{"€80/u", "€80/u=EUR 80/60min"},
		{"50€ 60€", "50€=EUR 50 | 60€=EUR 60"},
		{"150 euro, 24 uur bereikbaar", "150 euro=EUR 150"},
		{"€ 0", "€ 0=EUR 0?"},
		{"€ 1234567", "€ 1234567=EUR 1234567?"},
		{"16 £5", "£5=GBP 5"},
		{"Euro2024 u", ""},
		{"80 euro u kunt bellen", "80 euro=EUR 80"},
		{"EUR95", "EUR95=EUR 95"},
		{"30 min", ""},
		{"tarieven 50 80 120", ""},
		{"bel 0600012345", ""},
		{"€", ""},
		{"euro 's avonds", ""},
	})
}

func TestAges(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Age, []kindCase{
		{"leeftijd: 24, lengte 170", "leeftijd: 24=24"},
		{"Ik ben 31 jaar", "Ik ben 31 jaar=31"},
		{"24 jaar oud", "24 jaar oud=24"},
		{"een 45-jarige", "45-jarige=45"},
		{"27 y/o", "27 y/o=27"},
		{"27yo", "27yo=27"},
		{"29 years old", "29 years old=29"},
		{"Age 33", "Age 33=33"},
		{"I'm 36.", "I'm 36=36"},
		{"Ich bin 28 Jahre alt", "Ich bin 28 Jahre alt=28"},
		{"Alter: 41", "Alter: 41=41"},
		{"35 ans", "35 ans=35"},
		{"32 años", "32 años=32"},
		{"wiek 29", "wiek 29=29"},
		{"26 lat", "26 lat=26"},
		{"30 de ani", "30 de ani=30"},
		{"22 jaar", "22 jaar=22"},
		{"17 jaar oud", "17 jaar oud=17"},
		{"Ik ben achttien jaar", "Ik ben achttien jaar=18"},
		{"Ik ben zeventien en nieuw hier", "Ik ben zeventien=17"},
		{"leeftijd: negentien", "leeftijd: negentien=19"},
		{"achttien jaar jong", "achttien jaar jong=18"},
		{"een-en-twintig jaar", "een-en-twintig jaar=21"},
		{"drieëntwintig jaar", "drieëntwintig jaar=23"},
		{"eighteen years old", "eighteen years old=18"},
		{"I am twenty-two.", "I am twenty-two=22"},
		{"seventeen yo", "seventeen yo=17"},
		{"Ich bin achtzehn Jahre alt", "Ich bin achtzehn Jahre alt=18"},
		{"Alter: siebzehn", "Alter: siebzehn=17"},
		{"neunzehnjährige", ""},
		{"dix-huit ans", "dix-huit ans=18"},
		{"dieciocho años", "dieciocho años=18"},
		{"osiemnaście lat", "osiemnaście lat=18"},
		{"optsprezece ani", "optsprezece ani=18"},
		{"achttien jaar ervaring", ""},
		{"al twintig jaar", ""},
		{"vanaf achttien jaar", ""},
		{"van achttien tot dertig jaar", ""},
		{"tussen achttien en dertig jaar", ""},
		{"I am twenty minutes away", ""},
		{"I am twenty steps from the station", ""},
		{"elf jaar", ""},
		{"een jaar of twee", ""},
		{"20 jaar ervaring", ""},
		{"al 20 jaar", ""},
		{"vanaf 18 jaar", ""},
		{"18 jaar of ouder", ""},
		{"over 25 years experience", ""},
		{"20-30 jaar", ""},
		{"seit 20 Jahren", ""},
		{"5 jaar", ""},
		{"ik ben 24 uur bereikbaar", ""},
		{"ik ben 24/7 bereikbaar", ""},
		{"120 jaar", ""},
		{"leeftijd", ""},
	})
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	try(t, zoeklicht.Availability, []kindCase{
		{"24/7 bereikbaar", "24/7=24/7"},
		{"24x7", "24x7=24/7"},
		{"dag en nacht", "dag en nacht=24/7"},
		{"24 uur per dag", "24 uur per dag=24/7"},
		{"around the clock", "around the clock=24/7"},
		{"rund um die Uhr", "rund um die Uhr=24/7"},
		{"non-stop", "non-stop=24/7"},
		{"ma-vr 10-22 uur", "ma-vr 10-22 uur=mo-fr 10:00-22:00"},
		{"ma t/m za van 9.00 tot 17.30 uur", "ma t/m za van 9.00 tot 17.30 uur=mo-sa 09:00-17:30"},
		{"maandag, woensdag en vrijdag 12:00-20:00", "maandag, woensdag en vrijdag 12:00-20:00=mo,we,fr 12:00-20:00"},
		{"elke dag 10u-23u", "elke dag 10u-23u=mo-su 10:00-23:00"},
		{"open 10:00-22:00 maandag t/m zondag", "10:00-22:00=10:00-22:00 | maandag t/m zondag=mo-su"},
		{"Mo-Fr 10 bis 20 Uhr", "Mo-Fr 10 bis 20 Uhr=mo-fr 10:00-20:00"},
		{"Mon-Fri 10am-8pm", "Mon-Fri 10am-8pm=mo-fr 10:00-20:00"},
		{"Monday to Saturday", "Monday to Saturday=mo-sa"},
		{"tussen 10 en 22 uur", "10 en 22 uur=10:00-22:00"},
		{"from 9 am to 5 pm", "9 am to 5 pm=09:00-17:00"},
		{"weekend 12:00 - 02:00", "weekend 12:00 - 02:00=sa-su 12:00-02:00"},
		{"dagelijks", "dagelijks=mo-su"},
		{"lundi au vendredi 10h-19h", "lundi au vendredi 10h-19h=mo-fr 10:00-19:00"},
		{"lunes a viernes", "lunes a viernes=mo-fr"},
		{"codziennie", "codziennie=mo-su"},
		{"luni - vineri", "luni - vineri=mo-fr"},
		{"ik do het so so", ""},
		{"Saturday, so", ""},
		{"zaterdag en zondag", ""},
		{"zaterdag en zondag 10:00-14:00", "zaterdag en zondag 10:00-14:00=sa,su 10:00-14:00"},
		{"20-11-2026", ""},
		{"24/7/2026", ""},
		{"maandag", ""},
		{"10-22", ""},
		{"€10-22", ""},
		{"25:00-26:00", ""},
		{"10-20 euro", ""},
	})
}

func TestPlaceNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, lang, want string }{
		{"Massage in Den Haag, ook omgeving Delft", "nl", "Den Haag=GM0518 | Delft=GM0503"},
		{"in Best of Eindhoven", "nl", "Best=GM0753 | Eindhoven=GM0772"},
		{"de Best massage", "nl", ""},
		{"nabij Bergen", "nl", "Bergen=GM0373|GM0893"},
		{"near Huizen", "en", "Huizen=GM0406"},
		{"near Huizen", "nl", ""},
		{"near Huizen", "", "Huizen=GM0406"},
		{"Weesp", "", "Weesp=GM0363"},
	} {
		if got := of(t, zoeklicht.PlaceName, c.text, c.lang); got != c.want {
			t.Errorf("%q (%s): %s, want %s", c.text, c.lang, got, c.want)
		}
	}
}

// Every town of the practice web is a place, in a field and in text.
func TestPlacesOfPractice(t *testing.T) {
	t.Parallel()
	web, err := practice.Serve(t.Context(), practice.Config{Seed: 7, Adverts: 600}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	e, seen := entities(t), map[string]bool{}
	for _, a := range truths(t, web, 0) {
		for _, v := range a.Versions {
			seen[v.Place] = true
		}
	}
	for p := range seen {
		if got := extract.OfField(e, zoeklicht.FieldPlace, p); len(got) != 1 || strings.Contains(got[0].Value, "|") {
			t.Errorf("field %q: %+v", p, got)
		}
		if got := of(t, zoeklicht.PlaceName, "massage in "+p, "nl"); !strings.HasPrefix(got, strings.TrimPrefix(p, "'")+"=GM") {
			t.Errorf("text %q: %s", p, got)
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d towns", len(seen))
	}
}

func TestEntitiesOfFields(t *testing.T) {
	t.Parallel()
	e := entities(t, "NL")
	for _, c := range []struct{ field, value, want string }{
		{zoeklicht.FieldPhones, "06-0001 2345", "phone +31600012345"},
		{zoeklicht.FieldPrice, "65", "price EUR 65"},
		{zoeklicht.FieldPrice, "€ 80 / 30 min", "price EUR 80/30min"},
		{zoeklicht.FieldPrice, "op aanvraag", ""},
		{zoeklicht.FieldAge, "24", "age 24"},
		{zoeklicht.FieldAge, "24 jaar", "age 24"},
		{zoeklicht.FieldAge, "onbekend", ""},
		{zoeklicht.FieldAge, "7", ""},
		{zoeklicht.FieldPlace, "Zaandam", "place GM0479"},
		{zoeklicht.FieldPlace, "Bergen", "place GM0373|GM0893"},
		{zoeklicht.FieldPlace, "Elders", ""},
		{zoeklicht.FieldName, "Anna, Zwolle", ""},
	} {
		got := ""
		for _, x := range extract.OfField(e, c.field, c.value) {
			got += fmt.Sprintf("%s %s", x.Type, x.Value)
			if x.Start != 0 || x.End != 0 || x.Raw != c.value || !x.Valid {
				t.Errorf("%s %q: %+v", c.field, c.value, x)
			}
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.field, c.value, got, c.want)
		}
	}
	if _, err := extract.NewEntities(extract.EntitiesConfig{Regions: []string{"??"}}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("region ??: %v", err)
	}
}

// A whole advert: all kinds, in order.
func TestEntities(t *testing.T) {
	t.Parallel()
	text := "Relaxing massage in Utrecht by Anna, 34 years old. Mon-Fri 10:00-20:00, 60 min €80. Call 06-0001 2345, mail anna@example.org, telegram @anna_sun or www.example.org."
	var got []string
	for _, x := range entities(t, "NL").Find(text, "en") {
		got = append(got, string(x.Type)+" "+x.Value)
	}
	want := []string{
		"place GM0344", "age 34", "availability mo-fr 10:00-20:00", "price EUR 80/60min", "phone +31600012345", "email anna@example.org",
		"handle telegram:anna_sun", "url http://www.example.org/",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// hold checks what always holds of the entities in a text.
func hold(t *testing.T, e *extract.Entities, s string) {
	t.Helper()
	got := e.Find(s, "")
	last, start, valid := map[zoeklicht.EntityType]int{}, 0, utf8.ValidString(s)
	for _, x := range got {
		if x.Start < start || x.Start < last[x.Type] || x.End <= x.Start || x.End > len(s) {
			t.Fatalf("%q: %+v, after %d", s, x, last[x.Type])
		}
		start, last[x.Type] = x.Start, x.End
		if x.Raw != s[x.Start:x.End] || x.Value == "" || x.Type == zoeklicht.Handle && !utf8.ValidString(x.Raw) {
			t.Fatalf("%q: %+v", s, x)
		}
		if valid && (!utf8.ValidString(x.Raw) || !utf8.ValidString(x.Value)) {
			t.Fatalf("%q: %+v is not whole runes", s, x)
		}
	}
	if again := e.Find(s, ""); !slices.Equal(got, again) {
		t.Fatalf("%q: found otherwise the second time: %+v, then %+v", s, got, again)
	}
}

func FuzzEntities(f *testing.F) {
	for _, s := range mixed {
		f.Add(s)
	}
	for _, s := range noNumbers {
		f.Add(s)
	}
	for _, s := range []string{
		"", "@", "a@b", "€", "24/7", "1h30=€5", "double double 6", "plus plus 31", "&#48;&#x36;&#;&#99999999999;", "((((((((((", "0️⃣", "\xff\xfe0\x806",
		"O O O 0 0 0", "http://http://www.a.nl/((", "@anna@anna@", "een een een uur uur uur", "twintig en en twintig", "\u202e06 0001 2345\u202c", "ß6ﬁve",
	} {
		f.Add(s)
	}
	e := entities(f, "NL", "GB", "US", "DE", "FR")
	f.Fuzz(func(t *testing.T, s string) { hold(t, e, s) })
}

// mixed are texts as adverts are, disguises among them.
var mixed = []string{
	"Ontspannende massage op afspraak in het centrum van Utrecht. Open ma-vr 10:00-22:00, prijs 80 euro, 60 minuten. Bel 06-00012345 of stuur een bericht naar +31 6 0001 2346. Geen anonieme nummers.\n",
	"Relaxing massage by appointment near Rotterdam. I am 34 years old. Call nul zes nul nul nul een twee drie vier vijf or telegram @anna_sun. £80 per hour.\n",
	"Ruhige Massage nach Absprache, 100 € für 60 Minuten, täglich 10 bis 20 Uhr. Null sechs null null null eins zwei drei vier sechs. Mail: anna (at) example (dot) org\n",
	"✨ Rustige sfeer ✨ parkeren voor de deur ✨ 0️⃣6️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣7️⃣ ✨ 24/7 ✨ www.voorbeeld.example/anna\n",
	"Spokojny masaż, codziennie od 10 do 20, 200 zł za godzinę, tel. O6 OOO1 2348. Masaj relaxant la programare, 30 de ani, în fiecare zi.\n",
	"رقم 06 0001 2349 · спокойный массаж по записи · 按摩 預約 06❤00❤01❤23❤50 · 06.00.01.23.51, IBAN NL91 ABNA 0417 1643 00, 20-11-2026\n",
}

// Much of everything ends in good time, and nothing is lost of 10,000 numbers.
func TestEntitiesBounds(t *testing.T) {
	t.Parallel()
	e := entities(t, "NL", "GB", "US")
	var lines, commas, spaces strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&lines, "06-000%05d\n", i)
		fmt.Fprintf(&commas, "06-000%05d, ", i)
		fmt.Fprintf(&spaces, "06000%05d ", i)
	}
	for name, s := range map[string]string{"lines": lines.String(), "commas": commas.String(), "spaces": spaces.String()} {
		values := map[string]bool{}
		for _, x := range e.Find(s, "") {
			if x.Type == zoeklicht.Phone {
				values[x.Value] = true
			}
		}
		if len(values) != 10_000 {
			t.Errorf("%s: %d of 10,000 numbers", name, len(values))
		}
	}
	for _, part := range []string{
		"0", "0 ", "06 ", "1,", "nul ", "nul", "double ", "O", "een ", "(", "+", "\u200b", "0\u200b", "0\u0301", "&#48;", "&#", "@", "a@", "a.", "€", "€1 ", "1 uur ", "ma-",
		"http://", "24/", "in Best ", "Bergen op ", "twintig", "quatre-", "\n", "❤", "٠", "א", "\xff", "telegram ", "leeftijd ", "x", "é",
	} {
		hold(t, e, strings.Repeat(part, (1<<16)/len(part)))
	}
	hold(t, e, strings.Repeat(strings.Join(mixed, ""), (1<<20)/len(strings.Join(mixed, ""))))
}

func BenchmarkEntities(b *testing.B) {
	e := entities(b, "NL", "DE", "BE")
	all := strings.Join(mixed, "")
	var numbers strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&numbers, "Bel 06-000%05d, ", i)
	}
	for _, x := range []struct{ name, text string }{
		{"mixed", strings.Repeat(all, 1+(1<<18)/len(all))},
		{"plain", strings.Repeat("Ontspannende massage op afspraak in het centrum, rustig gelegen en goed bereikbaar. ", 3000)},
		{"numbers", numbers.String()},
		{"zeros", strings.Repeat("0 ", 1<<17)},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.SetBytes(int64(len(x.text)))
			for b.Loop() {
				e.Find(x.text, "")
			}
		})
	}
}

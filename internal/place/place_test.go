package place_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/place"
)

func day(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func codes(ms []place.Municipality) string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Code)
	}
	return strings.Join(out, "|")
}

func TestLookup(t *testing.T) {
	t.Parallel()
	x := place.Load()
	for _, c := range []struct{ name, day, want, municipality, unit string }{
		{"Amsterdam", "", "GM0363", "GM0363", "amsterdam"},
		{"AMSTERDAM", "2026-11-22", "GM0363", "GM0363", "amsterdam"},
		{"Den Haag", "", "GM0518", "GM0518", "den-haag"},
		{"'s-Gravenhage", "", "GM0518", "GM0518", "den-haag"},
		{"’s gravenhage", "", "GM0518", "GM0518", "den-haag"},
		{"den bosch", "", "GM0796", "GM0796", "oost-brabant"},
		{"Súdwest-Fryslân", "", "GM1900", "GM1900", "noord-nederland"},
		{"Sudwest Fryslan", "", "GM1900", "GM1900", "noord-nederland"},
		{"Zaandam", "", "GM0479", "GM0479", "noord-holland"},
		{"Hilversum", "", "GM0402", "GM0402", "midden-nederland"},
		{"Best", "", "GM0753", "GM0753", "oost-brabant"},
		{"Bergen", "", "GM0373|GM0893", "", ""},
		{"Bergen (L.)", "", "GM0893", "GM0893", "limburg"},
		{"Bergen, Limburg", "", "GM0893", "GM0893", "limburg"},
		{"Laren", "", "GM0262|GM0417", "", ""},
		{"Elsloo", "", "GM0888|GM0971", "", "limburg"},
		{"Amsterdam, Noord-Holland", "", "GM0363", "GM0363", "amsterdam"},
		{"Rotterdam - Centrum", "", "GM0599", "GM0599", "rotterdam"},
		// Mergers.
		{"Weesp", "2022-03-23", "GM0457", "GM0457", "midden-nederland"},
		{"Weesp", "2022-03-24", "GM0363", "GM0363", "amsterdam"},
		{"Weesp", "", "GM0363", "GM0363", "amsterdam"},
		{"Uden", "2021-12-31", "GM0856", "GM0856", "oost-brabant"},
		{"Uden", "2022-01-01", "GM1991", "GM1991", "oost-brabant"},
		{"Brielle", "2022-12-31", "GM0501", "GM0501", "rotterdam"},
		{"Brielle", "2023-01-01", "GM1992", "GM1992", "rotterdam"},
		{"Haaren", "2020-12-31", "GM0788", "GM0788", "oost-brabant"},
		{"Haaren", "2021-01-01", "GM0824", "GM0824", "zeeland-west-brabant"},
		{"Land van Cuijk", "2021-06-01", "", "", ""},
		{"Purmerend", "2019-01-01", "GM0439", "GM0439", "noord-holland"},
		{"Beemster", "2022-01-01", "GM0439", "GM0439", "noord-holland"},
		// Nothing.
		{"", "", "", "", ""},
		{"Atlantis", "", "", "", ""},
		{"(", "", "", "", ""},
		{"Paris, France", "", "", "", ""},
	} {
		if got := codes(x.Lookup(c.name, day(c.day))); got != c.want {
			t.Errorf("Lookup(%q, %s) = %s, want %s", c.name, c.day, got, c.want)
		}
		if m, u := x.Of(c.name, day(c.day)); m != c.municipality || u != c.unit {
			t.Errorf("Of(%q, %s) = %q, %q, want %q, %q", c.name, c.day, m, u, c.municipality, c.unit)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	leads := func(w string) bool { return w == "in" || w == "near" }
	for _, c := range []struct{ text, want string }{
		{"Massage in Den Haag en omgeving Delft.", "Den Haag=GM0518 Delft=GM0503"},
		{"massage in amsterdam", "amsterdam=GM0363"},
		{"ook in Bergen op Zoom", "Bergen op Zoom=GM0748"},
		{"in Bergen aan Zee", "Bergen aan Zee=GM0373"},
		{"Nu in Bergen", "Bergen=GM0373|GM0893"},
		{"De Best massage, in Best", "Best=GM0753"},
		{"in het best", ""},
		{"Best in town", ""},
		{"in best", ""},
		{"Twee Huizen in Huizen", "Huizen=GM0406"},
		{"Ede Oss Goes", ""},
		{"in Ede", "Ede=GM0228"},
		{"in Urk near Oss", "Urk=GM0184 Oss=GM0828"},
		{"S\u00fcdwest", ""},
		{"’s-Hertogenbosch!", "s-Hertogenbosch=GM0796"},
		{"Leeuwarden/Ljouwert", "Leeuwarden=GM0080 Ljouwert=GM0080"},
		{"Rotterdammer, Amsterdams", ""},
		{"", ""},
	} {
		var got []string
		for _, m := range place.Load().Find(c.text, time.Time{}, leads) {
			got = append(got, c.text[m.Start:m.End]+"="+strings.Join(m.Codes, "|"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("in %q: %q, want %q", c.text, got, c.want)
		}
	}
}

// The table holds what is said of it.
func TestTable(t *testing.T) {
	t.Parallel()
	all := place.Load().All()
	seen, units, provinces, now := map[string]bool{}, map[string]int{}, map[string]int{}, 0
	for _, m := range all {
		if seen[m.Code] {
			t.Errorf("%s stands there twice", m.Code)
		}
		seen[m.Code] = true
		if got, ok := place.Load().Municipality(m.Code); !ok || got.Name != m.Name {
			t.Errorf("%s is not found by its code: %+v", m.Code, got)
		}
		if m.Until.IsZero() {
			now++
			units[m.Unit]++
			provinces[m.Province]++
		}
		// The official name leads to it on its first and last day, but to it alone only
		// where no other is called so.
		last := m.Until.AddDate(0, 0, -1)
		if m.Until.IsZero() {
			last = day("2026-11-22")
		}
		for _, d := range []time.Time{m.From, last} {
			if d.IsZero() {
				d = day("2020-01-01")
			}
			if !strings.Contains(codes(place.Load().Lookup(m.Name, d)), m.Code) {
				t.Errorf("%s is not found as %q on %s", m.Code, m.Name, d.Format(time.DateOnly))
			}
		}
	}
	if now != 342 || len(units) != len(place.Units()) || len(provinces) != 12 {
		t.Errorf("%d municipalities, %d units, %d provinces; want 342, 10, 12", now, len(units), len(provinces))
	}
	want := map[string]int{
		"Groningen": 10, "Fryslân": 18, "Drenthe": 12, "Overijssel": 25, "Flevoland": 6, "Gelderland": 51, "Utrecht": 26,
		"Noord-Holland": 44, "Zuid-Holland": 50, "Zeeland": 13, "Noord-Brabant": 56, "Limburg": 31,
	}
	if d := cmp.Diff(want, provinces); d != "" {
		t.Error("municipalities by province:", d)
	}
	for _, u := range place.Units() {
		if got, err := place.UnitOf(u.Code); err != nil || got != u || u.Name.NL == "" || u.Name.EN == "" {
			t.Errorf("unit %s: %+v, %v", u.Code, got, err)
		}
	}
	if m, ok := place.Load().Municipality("GM9999"); ok {
		t.Errorf("there is %+v", m)
	}
	if _, err := place.UnitOf("atlantis"); err == nil {
		t.Error("there is a unit atlantis")
	}
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	const head = "code\tname\tprovince\tunit\tfrom\tuntil\tnames\n"
	for _, c := range []struct{ table, says string }{
		{"", "nothing in it"},
		{"a\tb\n", "more.tsv:1: the first line must name the columns"},
		{head + "GM0363\tAmsterdam\n", "more.tsv:2: it has 2 columns"},
		{head + "# x\n\n363\tA\tB\tamsterdam\t\t\t\n", `more.tsv:4: "363" is no code`},
		{head + "GM9999\t\tB\tamsterdam\t\t\t\n", "more.tsv:2: the name or the province is missing"},
		{head + "GM9999\tA\tB\tnowhere\t\t\t\n", `no police unit "nowhere"`},
		{head + "GM9999\tA\tB\tlimburg\tyesterday\t\t\n", `from: "yesterday" is not a day`},
		{head + "GM9999\tA\tB\tlimburg\t2022-01-02\t2022-01-01\t\n", "before it begins"},
		{head + "GM9999\tA\tB\tlimburg\t\t\tx@soon\n", `name "x": "soon" is not a day`},
		{head + "GM9999\tA\tB\tlimburg\t\t\t\nGM9999\tA\tB\tlimburg\t\t\t\n", "more.tsv:3: code GM9999 stands on line 2 too"},
		{head + strings.Repeat("x", 1<<17), "token too long"},
	} {
		_, err := place.ReadTable("more.tsv", strings.NewReader(c.table))
		if zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.table[:min(len(c.table), 200)], err, c.says)
		}
	}
	more, err := place.ReadTable("more.csv", strings.NewReader("\ufeffcode,name,province,unit,from,until,names\r\nGM0363,Amsterdam,Noord-Holland,amsterdam,,,\"De Pijp; *Jordaan\"\r\nDE0001,Musterstadt,Abroad,limburg,,,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := place.Load().With(more)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"De Pijp": "GM0363", "jordaan": "GM0363", "Musterstadt": "DE0001", "Amsterdam": "GM0363"} {
		if got := codes(x.Lookup(name, time.Time{})); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := codes(place.Load().Lookup("De Pijp", time.Time{})); got != "" {
		t.Errorf("the built-in index changed: %s", got)
	}
	more[0].Province = "Elsewhere"
	if _, err := place.Load().With(more); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("a municipality in two provinces: %v", err)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"in Den Haag", "Bergen op Zoom en Bergen", "'s-Hertogenbosch’s", "\xffUrk\u0301 in Úrk", "in\u202eEde"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, m := range place.Load().Find(s, time.Time{}, func(w string) bool { return w == "in" }) {
			if m.Start < end || m.End <= m.Start || m.End > len(s) || len(m.Codes) == 0 {
				t.Fatalf("%q: %+v after %d", s, m, end)
			}
			end = m.End
		}
		place.Load().Of(s, time.Time{})
	})
}

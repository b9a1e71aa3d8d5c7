package practice_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/practice"
)

// saying is a fragment of every sentence that says a signal or a safety wording, in
// each language: a table of its own, so that what the truth tells is held against the
// text and not against the words that made it.
var saying = map[string][]string{
	"trust-wording":         {"etrouwba", "professione", "te vertrouwen", "trust", "genuine", "vertrauensw", "verlässig", "seriös", "zaufa", "Rzetelnie", "încredere", "Serios", "confianza", "Seria,"},
	"youth-wording":         {"ong", "oung", "unge", "łod", "ânăr", "oven"},
	"constant-availability": {"24", "Dag en nacht", "Day and night", "Tag und Nacht", "Rund um die Uhr", "całą dobę"},
	"third-person":          {"Zij ", "zij ", "She ", "she ", "Sie ", "sie ", "Ona ", "ona ", "Ea ", "ea ", "Ella ", "ella "},
	"plural-voice":          {"dames", "ladies", "Damen", "panie", "pań", "oamne", "señoras"},
	"restricted-movement":   {"binnen", "de deur uit", "naar buiten", "inside", "leaves", "outside", "drinnen", "verlässt", "aus dem Haus", "wychodz", "ies", "sale"},
	"arrival-wording":       {"angekomen", "gearriveerd", "aangekomen", "arrived", "angekommen", "eingetroffen", "przy", "osit", "llegada", "llegar"},
	"no-limits-wording":     {"grenzen", "limieten", "beperkingen", "limits", "restrictions", "Grenzen", "Einschränkungen", "Limits", "granic", "ogranicze", "limitów", "limit", "restricții", "límites", "restricciones"},
	"third-party-contact":   {"manager", "Manager", "menedżer"},
	"screening":             {"stellen", "screen", "kennis", "introduc", "acquainted", "Kennenlernen", "prüfe", "imię", "sprawdzam", "poznać", "numele", "verific", "cunoștință", "presenta", "conocernos"},
	"no-anonymous-callers":  {"noniem", "anonymous", "nonyme", "anonim", "anónim"},
	"in-call-only":          {"praktijk", "aan huis", "own practice", "n-call", "Praxis", "Hausbesuche", "gabinecie", "u mnie", "cabinet", "la mine", "estudio", "consulta"},
	"works-with-others":     {"collega", "colleague", "Kollegin", "koleżan", "coleg", "compañera"},
	"touring":               {"week", "tournee", "reis", "tour", "travel", "Woche", "Tour", "reise", "tydzie", "trasie", "Podróż", "săptămân", "turneu", "Călător", "semana", "gira", "Viajo"},
}

// Signals are planted in the shares that are documented, for whatever seed, and none
// in what independent workers write.
func TestPlantedShares(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 77, 20261122} {
		s := serve(t, practice.Config{Seed: seed, Adverts: 3000})
		carried, cautious := map[string]int{}, map[string]int{}
		adverts, planted, one, independents, touring, hub := 0, 0, 0, 0, 0, 0
		disguisedOnly, ofSite, clusters := map[string]int{}, map[string]int{}, map[string]map[string]bool{}
		hubOf := map[string]bool{}
		for _, a := range truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=0&to=19") {
			adverts++
			ofSite[a.Site]++
			phones := slices.DeleteFunc(slices.Clone(a.Versions[0].Entities), func(e practice.TrueEntity) bool { return e.Type != "phone" })
			if !slices.ContainsFunc(phones, func(e practice.TrueEntity) bool { return !e.Disguised }) {
				disguisedOnly[a.Site]++
			}
			for _, name := range a.Signals {
				carried[name]++
			}
			for _, name := range a.Safety {
				cautious[name]++
			}
			most := 0
			for _, v := range a.Versions {
				most = max(most, len(v.Signals))
			}
			switch {
			case a.Planted != (most >= 3):
				t.Errorf("advert %d: planted %v with %d signals", a.Number, a.Planted, most)
			case a.Planted:
				planted++
			case most > 0:
				one++
			}
			if a.Independent {
				independents++
				own := slices.DeleteFunc(slices.Clone(a.Signals), func(s string) bool { return s == "disguised-number" })
				if a.Planted || len(own) > 0 || len(a.Safety) == 0 {
					t.Errorf("advert %d is of someone independent: signals %v, safety %v", a.Number, a.Signals, a.Safety)
				}
				if slices.Contains(a.Safety, "touring") && a.Versions[0].Place != a.Versions[len(a.Versions)-1].Place {
					touring++
				}
			}
			if a.Hub {
				hub++
				hubOf[a.Site] = true
			}
			if a.Cluster != "" {
				if clusters[a.Cluster] == nil {
					clusters[a.Cluster] = map[string]bool{}
				}
				clusters[a.Cluster][a.Site] = true
			}
		}
		permille := func(n int) int { return 1000 * n / adverts }
		t.Logf("seed %d: %d adverts, planted %d, with one or two signals %d, independent %d, hub %d; signals %v; safety %v",
			seed, adverts, planted, one, independents, hub, carried, cautious)
		if p := permille(planted); planted < 60 || p < 16 || p > 28 {
			t.Errorf("seed %d: %d of %d adverts are planted", seed, planted, adverts)
		}
		if p := permille(one); p < 70 || p > 170 {
			t.Errorf("seed %d: %d of %d adverts carry a signal or two", seed, one, adverts)
		}
		if p := permille(independents); p < 130 || p > 170 {
			t.Errorf("seed %d: %d of %d adverts are of independent workers", seed, independents, adverts)
		}
		if p := permille(hub); p < 35 || p > 65 {
			t.Errorf("seed %d: %d of %d adverts carry the agency's number", seed, hub, adverts)
		}
		for name := range saying {
			if carried[name]+cautious[name] < 10 {
				t.Errorf("seed %d: %s is in %d adverts", seed, name, carried[name]+cautious[name])
			}
		}
		for _, name := range []string{
			"disguised-number", "price-below-median", "shared-contact", "several-aliases", "several-ages",
			"several-cities", "text-elsewhere", "picture-elsewhere",
		} {
			if carried[name] < 6 {
				t.Errorf("seed %d: %s is in %d adverts", seed, name, carried[name])
			}
		}
		for site, n := range ofSite {
			if share := 1000 * disguisedOnly[site] / n; share < 45 || share > 125 {
				t.Errorf("seed %d: %d of %d adverts on %s have a disguised number only", seed, disguisedOnly[site], n, site)
			}
		}
		rings := 0
		for name, sites := range clusters {
			if strings.HasPrefix(name, "ring-") && len(sites) == 4 {
				rings++
			}
		}
		if len(ofSite) != 5 || len(hubOf) != 5 || rings < 3 || touring < 20 {
			t.Errorf("seed %d: %d sites, %d rings on four of them, %d who tour", seed, len(ofSite), rings, touring)
		}
	}
}

// costs finds a price with its length in a text, in any of the languages.
var costs = regexp.MustCompile(`(?i)(\d+) minut\S* (?:kost|costs|kostet|i kosztuje|costă|cuesta) (?:€ )?(\d+)`)

// What the truth tells of an advert really stands on its page.
func TestTruthStandsOnThePage(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 5, Adverts: 1500, NoBarriers: true})
	sites := map[string]*walker{}
	for _, w := range walkers(t, s) {
		sites[string(w.source.ID)] = w
	}
	met := map[string]int{}
	for _, a := range truthLines[practice.TrueAdvert](t, s, "/.truth/adverts?day=0") {
		v := a.Versions[0]
		if len(v.Signals) == 0 && len(a.Safety) == 0 {
			continue
		}
		w := sites[a.Site]
		page, doc := w.page(v.URL)
		read := w.read(page, doc)
		text := strings.Join(read["body"], " ")
		for _, name := range append(slices.Clone(v.Signals), a.Safety...) {
			if words := saying[name]; words != nil {
				met[name]++
				if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
					t.Errorf("%s: nothing in its text is %s:\n%s", v.URL, name, text)
				}
			}
		}
		for _, e := range v.Entities {
			switch {
			case e.Disguised:
				if !slices.Contains(v.Signals, "disguised-number") && !a.Independent || undisguised(e.Text) != e.Value || !strings.Contains(text, folded(e.Text)) {
					t.Errorf("%s: %q is told as %s; signals %v", v.URL, e.Text, e.Value, v.Signals)
				}
			case e.Type == "phone" && e.Where == "text" && !strings.Contains(text, e.Text),
				e.Type == "age" && e.Where == "text" && !strings.Contains(text, e.Text):
				t.Errorf("%s: %+v is not in its text", v.URL, e)
			case e.Type == "phone" && e.Where == "field" && !slices.Contains(read["phones"], e.Text):
				t.Errorf("%s: %+v is not in its field: %v", v.URL, e, read["phones"])
			}
		}
		if m := costs.FindStringSubmatch(text); m != nil {
			met["price"]++
			minutes, price := count(m[1]), count(m[2])
			if cheap := price*60 < 50*minutes; cheap != slices.Contains(v.Signals, "price-below-median") {
				t.Errorf("%s: %d euros for %d minutes; signals %v", v.URL, price, minutes, v.Signals)
			}
		}
	}
	if met["price"] < 20 {
		t.Errorf("%d prices in the text", met["price"])
	}
	for name := range saying {
		if met[name] == 0 {
			t.Errorf("%s was not met", name)
		}
	}
}

// What a ring shares follows from what its members show: this counts it anew from
// the contents of each day.
func TestSignalsBesideAreCounted(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 12, Adverts: 1000})
	type shown struct {
		practice.TrueVersion
		advert int
	}
	days := map[int][]shown{}
	all := truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=0&to=13&hash=1")
	hubs := map[int]bool{}
	for _, a := range all {
		hubs[a.Number] = a.Hub
		for _, v := range a.Versions {
			for _, d := range v.Days {
				days[d] = append(days[d], shown{v, a.Number})
			}
		}
	}
	compared := map[string]int{}
	for _, a := range all {
		for _, v := range a.Versions {
			want := map[string]bool{}
			for _, day := range v.Days {
				names, towns, ages := map[string]bool{}, map[string]bool{}, map[string]bool{}
				for d := max(0, day-6); d <= day; d++ {
					for _, o := range days[d] {
						if o.Phones[0] == v.Phones[0] {
							names[o.Name], towns[o.Place] = true, true
							for _, e := range o.Entities {
								if e.Type == "age" {
									ages[e.Value] = true
								}
							}
						} else if o.advert != a.Number {
							want["text-elsewhere"] = want["text-elsewhere"] || o.Title == v.Title && o.Body == v.Body
						}
					}
				}
				want["several-aliases"] = want["several-aliases"] || len(names) >= 2
				want["shared-contact"] = want["shared-contact"] || len(names) >= 3
				want["several-ages"] = want["several-ages"] || len(ages) >= 2
				want["several-cities"] = want["several-cities"] || len(towns) >= 3
			}
			for name, yes := range want {
				if yes = yes && !hubs[a.Number]; yes != slices.Contains(v.Signals, name) {
					t.Errorf("%s, days %v: %s is %v by counting, the truth says %v", v.URL, v.Days, name, yes, v.Signals)
				}
				if yes {
					compared[name]++
				}
			}
		}
	}
	t.Logf("versions with each: %v", compared)
	if len(compared) != 5 {
		t.Errorf("only %v were met", compared)
	}
}

// The truth is told the same twice, and a range tells what its days tell.
func TestTruthIsAFunctionOfTheSeed(t *testing.T) {
	t.Parallel()
	told := func() []practice.TrueAdvert {
		s := serve(t, practice.Config{Seed: 9, Adverts: 400})
		all := truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=2&to=9")
		for i := range all { // other ports
			all[i].URL = ""
			for k := range all[i].Versions {
				v := &all[i].Versions[k]
				v.URL = ""
				for n := range v.Pictures {
					v.Pictures[n].URL = ""
				}
			}
		}
		return all
	}
	if diff := cmp.Diff(told(), told()); diff != "" {
		t.Error(diff)
	}
}

// The fake site has nothing but its short number, and the truth nothing of it.
func TestFakeSite(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 3})
	home := s.Addresses().Sites["snelcontact"]
	list := string(get(t, home+"/").body)
	texts, pictures := map[string]bool{}, map[string]bool{}
	for n := range 9 {
		path := "/profiel/" + strconv.Itoa(n+1)
		page := string(get(t, home+path).body)
		if !strings.Contains(list, `"`+path+`"`) || !strings.Contains(page, fmt.Sprintf("SNEL%d naar <b>0000</b>", n+1)) {
			t.Errorf("%s: not listed, or without its number:\n%s", path, page)
		}
		if spelled.MatchString(page) {
			t.Errorf("%s has a number that can be called:\n%s", path, page)
		}
		_, text, _ := strings.Cut(page, `<p class="tekst">`)
		text, rest, _ := strings.Cut(text, "</p>")
		_, picture, _ := strings.Cut(rest, `src="`)
		picture, _, _ = strings.Cut(picture, `"`)
		texts[text], pictures[picture] = true, true
		if a := get(t, home+picture); a.StatusCode != http.StatusOK || len(a.body) < 1000 {
			t.Errorf("%s: %d", picture, a.StatusCode)
		}
	}
	if len(texts) != 3 || len(pictures) != 4 || get(t, home+"/profiel/10").StatusCode != http.StatusNotFound {
		t.Errorf("%d texts, %d pictures", len(texts), len(pictures))
	}
	for _, o := range truthLines[practice.OnlineAdvert](t, s, "/.truth/online") {
		if o.Site == "snelcontact" {
			t.Errorf("the truth knows %+v", o)
		}
	}
}

package extract_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

// fetch gets a page as it is, redirects followed.
func fetch(t testing.TB, address string) extract.Page {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return extract.Page{URL: resp.Request.URL.String(), Canonical: address, Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// The practice web, walked and read by the theme pack's recipes, against its
// truth: every advert of every site, all fields exact.
func TestPracticeWeb(t *testing.T) {
	t.Parallel()
	const day = 4
	web, err := practice.Serve(t.Context(), practice.Config{Seed: 20261122, Adverts: 600, Day: day}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	pack, problems, err := theme.Load(themes.Packs, "practice")
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if pack, err = theme.Fill(pack, web.Hosts()); err != nil {
		t.Fatal(err)
	}
	truth := truths(t, web, day)
	opt := extract.Options{Regions: pack.Regions, PhonePatterns: pack.PhonePatterns, Fields: pack.Fields, Languages: pack.Languages}
	for _, source := range pack.Sources {
		i := slices.IndexFunc(pack.Recipes, func(r zoeklicht.Recipe) bool { return r.Source == source.ID })
		if i < 0 {
			continue // the fake site, which nobody reads
		}
		r, err := extract.Compile(&pack.Recipes[i], opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(string(source.ID), func(t *testing.T) {
			// Session values come and go: by the site's own number, each advert once.
			adverts, total := walk(t, r, source.Home, pack.Recipes[i].Listing.Start)
			found, languages := 0, 0
			for key, address := range adverts {
				want := truth[string(source.ID)+" "+key]
				p := fetch(t, address)
				got := r.Read(p)
				if want == nil {
					t.Errorf("%s: %s is listed and not true", source.ID, address)
					continue
				}
				found++
				if len(want.Hidden) > 0 {
					if got.NotContent != want.Hidden[0].Kind && p.Status < 400 {
						t.Errorf("%s is %q, want %q", address, got.NotContent, want.Hidden[0].Kind)
					}
					continue
				}
				if compare(t, address, &got, &want.Versions[0]) {
					languages++
				}
			}
			if total != found {
				t.Errorf("%d adverts found, the site says %d", found, total)
			}
			if found < 90 || languages*100 < found*97 {
				t.Errorf("%d adverts found, the language of %d right", found, languages)
			}
			t.Logf("%d adverts, the language of %d right", found, languages)
		})
	}
}

// truths gives what is online on a day, by site and number.
func truths(t testing.TB, web *practice.Server, day int) map[string]*practice.TrueAdvert {
	t.Helper()
	resp, err := http.Get(web.Addresses().Truth + "/.truth/adverts?day=" + strconv.Itoa(day))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]*practice.TrueAdvert{}
	for dec := json.NewDecoder(resp.Body); dec.More(); {
		a := &practice.TrueAdvert{}
		if err := dec.Decode(a); err != nil {
			t.Fatal(err)
		}
		out[a.Site+" "+strconv.Itoa(a.Number)] = a
	}
	return out
}

// walk follows a source's listings to their end and gives the addresses of its
// adverts by number, and how many there are by what the site says.
func walk(t testing.TB, r *extract.Reader, home string, start []string) (adverts map[string]string, total int) {
	t.Helper()
	adverts = map[string]string{}
	var todo []string
	for _, s := range start {
		todo = append(todo, home[:len(home)-1]+s)
	}
	for n := 0; len(todo) > 0 && n < 200; n++ {
		p := fetch(t, todo[0])
		l := r.Links(p)
		if l.NotContent != "" || l.Kind != zoeklicht.KindListing {
			t.Fatalf("listing %s is a %s and %q", p.URL, l.Kind, l.NotContent)
		}
		todo = append(todo[1:], l.Listings...)
		total = max(total, l.Total)
		for _, a := range l.Adverts {
			got := r.Read(extract.Page{URL: a, Status: http.StatusNotFound})
			adverts[got.Key] = a
		}
	}
	return adverts, total
}

// compare compares a reading with the truth, and reports whether its language is
// right too.
func compare(t testing.TB, address string, got *zoeklicht.Reading, want *practice.TrueVersion) bool {
	t.Helper()
	check := func(field, have, want string) {
		if have != want {
			t.Errorf("%s: %s is %q, want %q", address, field, have, want)
		}
	}
	check("not content", string(got.NotContent), "")
	check("title", got.Title, want.Title)
	check("body", got.Body, want.Body)
	check("price", got.Field(zoeklicht.FieldPrice), strconv.Itoa(want.Price))
	check("place", got.Field(zoeklicht.FieldPlace), want.Place)
	check("name", got.Field(zoeklicht.FieldName), want.Name)
	check("date", got.Field(zoeklicht.FieldDate), want.Posted)
	var phones, pictures []string
	for _, e := range got.Entities {
		if e.Type == zoeklicht.Phone {
			phones = append(phones, e.Value)
		}
	}
	wanted := slices.Clone(want.Phones)
	slices.Sort(phones)
	slices.Sort(wanted)
	if !slices.Equal(slices.Compact(phones), slices.Compact(wanted)) {
		t.Errorf("%s: phones are %v, want %v", address, phones, want.Phones)
	}
	for _, p := range want.Pictures {
		pictures = append(pictures, p.URL)
	}
	if !slices.Equal(got.Images, pictures) {
		t.Errorf("%s: pictures are %v, want %v", address, got.Images, pictures)
	}
	return got.Lang == want.Lang
}

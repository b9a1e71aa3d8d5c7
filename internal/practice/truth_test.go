package practice_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/practice"
)

// Within one advert a picture's address and its bytes change together, so
// versions are the same whether pictures count by address or by digest.
func TestPicturesCountTheSameByAddressAndByDigest(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 14, Adverts: 150})
	for _, a := range truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=0&to=20&hash=1") {
		byAddress, byDigest := map[string]string{}, map[string]string{}
		for _, v := range a.Versions {
			for _, p := range v.Pictures {
				if p.SHA256 == "" {
					continue
				}
				if was, ok := byAddress[p.URL]; ok && was != p.SHA256 {
					t.Errorf("%s gives other bytes", p.URL)
				}
				if was, ok := byDigest[p.SHA256]; ok && was != p.URL {
					t.Errorf("%s and %s give the same bytes", was, p.URL)
				}
				byAddress[p.URL], byDigest[p.SHA256] = p.SHA256, p.URL
			}
		}
	}
}

func TestVersionsOfTheTruth(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 30, Adverts: 300})
	all := truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=0&to=9")
	online := map[int]map[int]practice.OnlineAdvert{}
	for day := range 10 {
		online[day] = map[int]practice.OnlineAdvert{}
		for _, o := range truthLines[practice.OnlineAdvert](t, s, "/.truth/online?day="+strconv.Itoa(day)) {
			online[day][o.Number] = o
		}
	}
	days, versions := 0, 0
	for _, a := range all {
		var again []int
		for i, v := range a.Versions {
			again = append(again, v.Days...)
			versions++
			for _, d := range v.Days {
				o, ok := online[d][a.Number]
				if !ok || o.URL != v.URL || o.Site != a.Site {
					t.Errorf("advert %d day %d: online %v %+v", a.Number, d, ok, o)
				}
				seen := o.Listed && o.Hidden == ""
				if got := slices.Contains(v.Seen, d); got != seen {
					t.Errorf("advert %d day %d: seen %v in %v, want %v", a.Number, d, got, v.Seen, seen)
				}
				delete(online[d], a.Number)
			}
			if i > 0 {
				w := a.Versions[i-1]
				w.Days, w.Seen = v.Days, v.Seen
				if cmp.Equal(w, v) {
					t.Errorf("advert %d: versions %d and %d are equal", a.Number, i-1, i)
				}
			}
		}
		if !cmp.Equal(again, a.Days) {
			t.Errorf("advert %d: days %v, of its versions %v", a.Number, a.Days, again)
		}
		days += len(a.Days)
	}
	for day, rest := range online {
		if len(rest) > 0 {
			t.Errorf("day %d: %d adverts online that the versions do not know", day, len(rest))
		}
	}
	if days < 2500 || versions < 500 {
		t.Errorf("%d adverts, %d versions, %d days", len(all), versions, days)
	}
}

func TestDayIsSetOverTheTruthPort(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 3, Day: 1})
	truth := s.Addresses().Truth
	post := func(path, body string) int {
		resp, err := http.Post(truth+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if code := post("/.truth/day?d=4", ""); code != http.StatusOK || s.Day() != 4 {
		t.Errorf("status %d, day %d", code, s.Day())
	}
	for _, bad := range []string{"x", "-1", "99999"} {
		if code := post("/.truth/day?d="+bad, ""); code != http.StatusBadRequest || s.Day() != 4 {
			t.Errorf("day %q: status %d, day %d", bad, code, s.Day())
		}
	}
	if code := get(t, truth+"/.truth/versions?from=0&to=x").StatusCode; code != http.StatusBadRequest {
		t.Errorf("a range to x: %d", code)
	}
	if got := truthLines[practice.Addresses](t, s, "/.truth/day"); len(got) != 1 || got[0].Day != 4 || len(got[0].Sites) != 6 {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{`[{"site":"nowhere","kind":"slow"}]`, `[{"site":"kiosk","kind":"slwo"}]`, `{}`, `[{"sit":"kiosk"}]`} {
		if code := post("/.truth/faults", bad); code != http.StatusBadRequest {
			t.Errorf("faults %s: %d", bad, code)
		}
	}
	if code := post("/.truth/faults", `[{"site":"kiosk","kind":"errors"}]`); code != http.StatusNoContent || get(t, s.Addresses().Sites["kiosk"]).StatusCode != http.StatusInternalServerError {
		t.Errorf("faults: %d, %v", code, s.Faults())
	}
	want := []practice.Fault{{Site: "kiosk", Kind: practice.FaultErrors, Permille: 1000}}
	if got := truthLines[practice.Fault](t, s, "/.truth/faults"); !cmp.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if code := post("/.truth/faults", `[]`); code != http.StatusNoContent {
		t.Errorf("no faults: %d", code)
	}
	// The truth is on no site.
	for site, home := range s.Addresses().Sites {
		if code := get(t, home+"/.truth/online").StatusCode; code != http.StatusNotFound {
			t.Errorf("%s tells the truth: %d", site, code)
		}
	}
}

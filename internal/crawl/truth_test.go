package crawl_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
)

func TestMain(m *testing.M) { crawltest.Main(m) }

// number reads a setting of a longer run from the environment.
func number(t *testing.T, key string, usual int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return n
}

// TestAgainstTheTruth crawls a practice world day by day and holds what was found
// against the truth: adverts, exact versions, and what is called gone. The seed is
// new every time unless ZOEKLICHT_SEED says otherwise; ZOEKLICHT_ADVERTS and
// ZOEKLICHT_DAYS make it longer.
func TestAgainstTheTruth(t *testing.T) {
	seed := number(t, "ZOEKLICHT_SEED", int(time.Now().UnixNano()%1e6))
	adverts, days := number(t, "ZOEKLICHT_ADVERTS", 150), number(t, "ZOEKLICHT_DAYS", 6)
	t.Logf("ZOEKLICHT_SEED=%d, %d adverts, %d days", seed, adverts, days)
	b := crawltest.New(t, practice.Config{Seed: uint64(seed), Adverts: adverts})
	falseGone, gone := 0, 0
	for day := range days {
		b.Day(day)
		b.Visit(t.Context())
		f, g := goneOn(t, b, day)
		falseGone, gone = falseGone+f, gone+g
	}
	truth := truthOf(t, b, days)
	found := foundIn(t, b)
	s := compare(t, truth, found)
	t.Logf("adverts %d of %d, versions exact %d of %d (allowed besides: %d, wrong: %d), called gone %d times, falsely %d",
		s.adverts, s.allAdverts, s.exact, s.versions, s.optional, s.wrong, gone, falseGone)
	if s.adverts*100 < s.allAdverts*99 {
		t.Errorf("adverts found: %d of %d is less than 99 %%", s.adverts, s.allAdverts)
	}
	if s.exact*100 < s.versions*98 || s.wrong*100 > s.versions*2 {
		t.Errorf("versions exact: %d of %d, %d wrong: less than 98 %%", s.exact, s.versions, s.wrong)
	}
	if falseGone > 0 {
		t.Errorf("%d adverts were called gone and are online", falseGone)
	}
	if days > 4 && gone == 0 {
		t.Error("nothing was called gone: the test shows nothing about it")
	}
}

// lines reads JSON lines from the truth port.
func lines[T any](t *testing.T, url string) (out []T) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() // read only
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func truthURL(b *crawltest.Bench, path string) string {
	return strings.TrimSuffix(b.Web.Addresses().Truth, "/") + path
}

func truthOf(t *testing.T, b *crawltest.Bench, days int) []practice.TrueAdvert {
	return lines[practice.TrueAdvert](t, truthURL(b, fmt.Sprintf("/.truth/versions?from=0&to=%d", days-1)))
}

// goneOn counts adverts that are called gone today, and those among them that are
// online.
func goneOn(t *testing.T, b *crawltest.Bench, day int) (wrong, all int) {
	t.Helper()
	online := map[string]bool{}
	for _, a := range lines[practice.OnlineAdvert](t, truthURL(b, fmt.Sprintf("/.truth/online?day=%d", day))) {
		online[a.Site+"/"+strconv.Itoa(a.Number)] = true
	}
	rows, err := b.Store.Owner.Query(t.Context(), `SELECT a.source || '/' || a.key FROM advert a JOIN current_advert c ON c.advert = a.id WHERE c.gone_at IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		all++
		if online[key] {
			t.Logf("day %d: %s is called gone and is online", day, key)
			wrong++
		}
	}
	return wrong, all
}

// foundVersion is a version as the store has it, in the form that the truth has.
type foundVersion struct {
	title, body, price, place string
	phones, pictures          []string
}

func (v foundVersion) String() string {
	f := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	phones, pictures := slices.Clone(v.phones), slices.Clone(v.pictures)
	slices.Sort(phones)
	slices.Sort(pictures)
	return strings.Join([]string{f(v.title), f(v.body), v.price, f(v.place), strings.Join(slices.Compact(phones), ","), strings.Join(slices.Compact(pictures), ",")}, "\n")
}

func foundIn(t *testing.T, b *crawltest.Bench) map[string][]string {
	t.Helper()
	rows, err := b.Store.Owner.Query(t.Context(), `
		SELECT a.source || '/' || a.key, v.title, v.body, v.price, v.place,
		       array(SELECT value FROM entity e WHERE e.version = v.id AND e.type = 'phone' ORDER BY 1),
		       array(SELECT p.url FROM version_picture p WHERE p.version = v.id ORDER BY 1)
		FROM version v JOIN advert a ON a.id = v.advert ORDER BY 1, v.n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var key string
		var v foundVersion
		if err := rows.Scan(&key, &v.title, &v.body, &v.price, &v.place, &v.phones, &v.pictures); err != nil {
			t.Fatal(err)
		}
		out[key] = append(out[key], v.String())
	}
	return out
}

type score struct{ adverts, allAdverts, exact, versions, optional, wrong int }

// compare holds found versions against the truth. A version that the listing or the
// page hid on all of its days need not be found, and may be.
func compare(t *testing.T, truth []practice.TrueAdvert, found map[string][]string) (s score) {
	t.Helper()
	shown := 0
	for _, a := range truth {
		key := a.Site + "/" + strconv.Itoa(a.Number)
		got := slices.Clone(found[key])
		var must, may []string
		for _, v := range a.Versions {
			w := foundVersion{title: v.Title, body: v.Body, price: strconv.Itoa(v.Price), place: v.Place, phones: v.Phones}
			for _, p := range v.Pictures {
				w.pictures = append(w.pictures, p.URL)
			}
			if len(v.Seen) > 0 {
				must = append(must, w.String())
			} else {
				may = append(may, w.String())
			}
		}
		if len(must) > 0 {
			s.allAdverts++
			if len(got) > 0 {
				s.adverts++
			}
		}
		s.versions += len(must)
		for _, m := range must {
			if i := slices.Index(got, m); i >= 0 {
				s.exact++
				got = slices.Delete(got, i, i+1)
			} else if shown < 3 {
				shown++
				t.Logf("%s: wanted\n%s\nfound\n%s", key, m, strings.Join(got, "\n---\n"))
			}
		}
		for _, m := range may {
			if i := slices.Index(got, m); i >= 0 {
				s.optional++
				got = slices.Delete(got, i, i+1)
			}
		}
		s.wrong += len(got)
	}
	return s
}

package practice_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html/charset"

	"zoeklicht"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"
)

// These tests walk the sites as the recipes of the theme pack say, with a small
// reader of their own, and compare what they find with the truth: sites, recipes
// and truth have to tell the same story.

func serve(t testing.TB, cfg practice.Config) *practice.Server {
	t.Helper()
	s, err := practice.Serve(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// truthLines reads JSON lines from the truth port.
func truthLines[T any](t testing.TB, s *practice.Server, path string) (out []T) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(get(t, s.Addresses().Truth+path).body))
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

type answer struct {
	*http.Response
	body []byte
}

func get(t testing.TB, address string) answer {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, b}
}

// walker reads one source by its recipe.
type walker struct {
	t      *testing.T
	source zoeklicht.Source
	recipe zoeklicht.Recipe
	match  *regexp.Regexp
	id     *regexp.Regexp
}

func walkers(t *testing.T, s *practice.Server) (out []*walker) {
	pack, problems, err := theme.Load(themes.Packs, "practice")
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if pack, err = theme.Fill(pack, s.Hosts()); err != nil {
		t.Fatal(err)
	}
	for _, source := range pack.Sources {
		i := slices.IndexFunc(pack.Recipes, func(r zoeklicht.Recipe) bool { return r.Source == source.ID })
		if i < 0 {
			continue // the fake site
		}
		r := pack.Recipes[i]
		out = append(out, &walker{t, source, r, regexp.MustCompile(r.Advert.Match), regexp.MustCompile(r.Advert.ID)})
	}
	return out
}

func pathQuery(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + u.RawQuery
}

func (w *walker) page(address string) (answer, *goquery.Document) {
	a := get(w.t, address)
	utf8, err := charset.NewReader(bytes.NewReader(a.body), a.Header.Get("Content-Type"))
	if err != nil {
		w.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(utf8)
	if err != nil {
		w.t.Fatal(err)
	}
	return a, doc
}

var digits = regexp.MustCompile(`[0-9.]+`)

func count(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(digits.FindString(text), ".", ""))
	if err != nil {
		return -1
	}
	return n
}

// listing walks the listing: addresses by advert number, and the total stated.
func (w *walker) listing() (adverts map[int]string, total int) {
	adverts = map[int]string{}
	l := w.recipe.Listing
	home, err := url.Parse(w.source.Home)
	if err != nil {
		w.t.Fatal(err)
	}
	next := home.JoinPath(l.Start[0]).String()
	for range 100 {
		a, doc := w.page(next)
		if got := pathQuery(a.Request.URL); !regexp.MustCompile(l.Match).MatchString(got) {
			w.t.Errorf("%s: %s is no listing by the recipe", w.source.ID, got)
		}
		add := func(href string) {
			u, err := a.Request.URL.Parse(href)
			if err != nil {
				w.t.Fatal(err)
			}
			m := w.id.FindStringSubmatch(pathQuery(u))
			if m == nil || !w.match.MatchString(pathQuery(u)) {
				w.t.Fatalf("%s: %s is no advert by the recipe", w.source.ID, u)
			}
			adverts[count(m[1])] = u.String()
		}
		var follow string
		if l.JSON != nil {
			var body map[string]any
			if err := json.Unmarshal(a.body, &body); err != nil {
				w.t.Fatal(err)
			}
			for _, item := range body[l.JSON.Items].([]any) {
				add(item.(map[string]any)[l.JSON.URL].(string))
			}
			total = int(body[l.JSON.Total].(float64))
			follow, _ = body[l.JSON.Next].(string)
		} else {
			doc.Find(l.Links).Each(func(_ int, s *goquery.Selection) { add(s.AttrOr("href", "")) })
			total = count(doc.Find(l.Total).Text())
			follow = doc.Find(l.Next).AttrOr("href", "")
		}
		if follow == "" {
			return adverts, total
		}
		u, err := a.Request.URL.Parse(follow)
		if err != nil {
			w.t.Fatal(err)
		}
		next = u.String()
	}
	w.t.Fatalf("%s: the listing has no end", w.source.ID)
	return nil, 0
}

// barrier recognises pages that are not content.
func (w *walker) barrier(doc *goquery.Document) zoeklicht.NotContent {
	for _, b := range w.recipe.NotContent {
		if b.Select != "" && doc.Find(b.Select).Length() == 0 {
			continue
		}
		if b.Text != "" && !regexp.MustCompile(b.Text).MatchString(doc.Find("body").Text()) {
			continue
		}
		return b.Kind
	}
	return ""
}

// read reads the fields of a page.
func (w *walker) read(a answer, doc *goquery.Document) map[string][]string {
	out := map[string][]string{}
	for name, f := range w.recipe.Advert.Fields {
		doc.Find(f.Select).Each(func(i int, s *goquery.Selection) {
			v := s.Text()
			if f.Attr != "" {
				v = s.AttrOr(f.Attr, "")
			}
			if f.JSON != "" {
				var data any
				if err := json.Unmarshal([]byte(v), &data); err != nil {
					w.t.Fatal(err)
				}
				for part := range strings.SplitSeq(f.JSON, ".") {
					data = data.(map[string]any)[part]
				}
				v, _ = data.(string)
			}
			for _, do := range f.Do {
				v = w.transform(a, do, v)
			}
			if (i == 0 || f.All) && v != "" {
				out[name] = append(out[name], v)
			}
		})
	}
	return out
}

func (w *walker) transform(a answer, do, v string) string {
	name, arg, _ := strings.Cut(do, ":")
	switch name {
	case "trim", "text":
		return strings.Join(strings.Fields(v), " ")
	case "price":
		return strconv.Itoa(count(strings.TrimSuffix(strings.ReplaceAll(v, ",00", ""), ".00")))
	case "date":
		return v
	case "regexp":
		if m := regexp.MustCompile(arg).FindStringSubmatch(v); m != nil {
			return m[1]
		}
		return ""
	case "url":
		u, err := a.Request.URL.Parse(v)
		if err != nil {
			w.t.Fatal(err)
		}
		return u.String()
	}
	w.t.Fatalf("transform %q", do)
	return ""
}

func folded(s string) string { return strings.Join(strings.Fields(s), " ") }

// E164 reads the plain spellings of the practice web.
func e164(s string) string {
	s = strings.Replace(s, "(0)", "", 1)
	var b strings.Builder
	for _, c := range s {
		if '0' <= c && c <= '9' {
			b.WriteRune(c)
		}
	}
	d := strings.TrimPrefix(b.String(), "0031")
	d = strings.TrimPrefix(d, "31")
	return "+31" + strings.TrimPrefix(d, "0")
}

var spelled = regexp.MustCompile(`(?:\+31|0031|0)[ (0)]{0,4}6[-. ]{0,3}(?:[0-9][. ]?){7}[0-9]`)

func TestRecipesReadTheTruth(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 11, Adverts: 550})
	seen := map[zoeklicht.NotContent]int{}
	empty := 0
	for _, day := range []int{0, 1, 2, 5, 9, 40} {
		if err := s.SetDay(day); err != nil {
			t.Fatal(err)
		}
		query := "?day=" + strconv.Itoa(day)
		truth := map[string]map[int]practice.TrueAdvert{"admarkt": {}, "stadsgids": {}, "kiosk": {}, "wellkompass": {}, "corso": {}}
		for _, a := range truthLines[practice.TrueAdvert](t, s, "/.truth/adverts"+query) {
			truth[a.Site][a.Number] = a
		}
		for _, w := range walkers(t, s) {
			site := string(w.source.ID)
			listed, total := w.listing()
			unlisted := 0
			for _, a := range truth[site] {
				unlisted += len(a.Unlisted)
			}
			if unlisted > 0 {
				if unlisted != len(truth[site]) || len(listed) != 0 {
					t.Errorf("day %d %s: %d listed, %d of %d unlisted", day, site, len(listed), unlisted, len(truth[site]))
				}
				empty++
				continue
			}
			if total != len(truth[site]) || len(listed) != len(truth[site]) {
				t.Errorf("day %d %s: total %d, %d listed, %d online", day, site, total, len(listed), len(truth[site]))
			}
			for number, address := range listed {
				want, ok := truth[site][number]
				if !ok {
					t.Errorf("day %d %s: %d is listed and not online", day, site, number)
					continue
				}
				if kind := w.compare(address, want); kind != "" {
					seen[kind]++
				}
			}
		}
	}
	if len(seen) < 3 || empty == 0 {
		t.Errorf("barriers met: %v, empty listings: %d; too few to be a test of them", seen, empty)
	}
}

// compare reads one page and compares it with the truth; it gives the barrier
// that was met instead, if any.
func (w *walker) compare(address string, want practice.TrueAdvert) zoeklicht.NotContent {
	a, doc := w.page(address)
	kind := w.barrier(doc)
	hidden := zoeklicht.NotContent("")
	if len(want.Hidden) > 0 {
		hidden = want.Hidden[0].Kind
	}
	if kind != hidden || a.StatusCode != http.StatusOK {
		w.t.Errorf("%s: status %d, barrier %q, the truth says %q", address, a.StatusCode, kind, hidden)
	}
	if kind != "" {
		return kind
	}
	v := want.Versions[0]
	got := w.read(a, doc)
	posted := v.Posted
	wantFields := map[string][]string{
		"title": {folded(v.Title)}, "body": {folded(v.Body)}, "price": {strconv.Itoa(v.Price)},
		"place": {v.Place}, "name": {v.Name},
		"date": {map[string]string{
			"admarkt": posted[8:] + "-" + posted[5:7] + "-" + posted[:4], "stadsgids": posted,
			"kiosk": posted[8:] + "." + posted[5:7] + "." + posted[:4], "wellkompass": posted[8:] + "." + posted[5:7] + "." + posted[:4],
			"corso": posted,
		}[want.Site]},
	}
	for _, p := range v.Pictures {
		wantFields["images"] = append(wantFields["images"], p.URL)
	}
	var read []string
	for _, e := range v.Entities {
		switch {
		case e.Type == "age" && e.Where == "field":
			wantFields["age"] = []string{e.Value}
		case e.Disguised:
			if e.Where != "text" || !strings.Contains(strings.Join(got["body"], " "), e.Text) {
				w.t.Errorf("%s: %q is not in its text", address, e.Text)
			}
			read = append(read, undisguised(e.Text))
		}
	}
	phones := append(got["phones"], spelled.FindAllString(strings.Join(got["body"], " "), -1)...)
	delete(got, "phones")
	if diff := cmp.Diff(wantFields, got); diff != "" {
		w.t.Errorf("%s (-truth +page):\n%s", address, diff)
	}
	for _, p := range phones {
		read = append(read, e164(p))
	}
	slices.Sort(read)
	if read = slices.Compact(read); !slices.Equal(read, v.Phones) {
		w.t.Errorf("%s: phones %q from %q, the truth says %q", address, read, phones, v.Phones)
	}
	return ""
}

// Decoder undoes every disguise: what stands for a digit, in any language, and
// nothing for what stands between.
var decoder = func() *strings.Replacer {
	var pairs []string
	for n, signs := range []string{
		"nul null zero cero O ０ ⓪", "een one eins jeden unu uno l １ ①", "twee two zwei dwa doi dos ２ ②",
		"drie three drei trzy trei tres ３ ③", "vier four cztery patru cuatro ４ ④", "vijf five fünf pięć cinci cinco S ５ ⑤",
		"zes sechs six sześć șase seis ６ ⑥", "zeven seven sieben siedem șapte siete ７ ⑦",
		"acht eight osiem opt ocho B ８ ⑧", "negen nine neun dziewięć nouă nueve ９ ⑨",
	} {
		for sign := range strings.FieldsSeq(signs) {
			pairs = append(pairs, sign, strconv.Itoa(n))
		}
	}
	// Longer words first: "seven" has no other in it, but "null" begins with "nul".
	order := make([][2]string, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		order = append(order, [2]string{pairs[i], pairs[i+1]})
	}
	slices.SortStableFunc(order, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	pairs = pairs[:0]
	for _, p := range order {
		pairs = append(pairs, p[0], p[1])
	}
	return strings.NewReplacer(pairs...)
}()

// undisguised reads a disguised number.
func undisguised(s string) string {
	return "+31" + strings.TrimPrefix(strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, decoder.Replace(s)), "0")
}

func TestRecipesFieldsAreInTheThemesList(t *testing.T) {
	t.Parallel()
	pack, _, err := theme.Load(themes.Packs, "practice")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pack.Recipes {
		for name := range r.Advert.Fields {
			if !slices.Contains(pack.Fields, name) {
				t.Errorf("%s reads %q, which the theme does not want", r.Source, name)
			}
		}
	}
}

package search_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"
	"zoeklicht/internal/text"

	gocmp "github.com/google/go-cmp/cmp"
)

// line is what a test compares of a row.
type line struct {
	Version  zoeklicht.VersionID
	Matches  int
	Gone     bool
	LastSeen time.Time
}

// answer is what a test compares of a result.
type answer struct {
	Adverts, Versions int
	More              bool
	Lines             []line
	Days, Units       map[string]int
}

// TestAnswersAreRight asks random questions of random worlds, as of random moments, and
// compares each answer with what going through everything one by one gives.
func TestAnswersAreRight(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 2026))
			th := storetest.New(t)
			w := newWorld(r)
			desks := [2]*store.Store{th.Person("case 7", zoeklicht.Analyst), th.Person("case 7", zoeklicht.Analyst)}
			w.readers = [2]zoeklicht.PersonID{desks[0].Pass().Person(), desks[1].Pass().Person()}
			w.write(t, th)
			matched, cut := 0, 0
			for _, limit := range []int{0, 1 + r.IntN(5), 5 + r.IntN(30)} {
				engine := search.New(search.Config{Limit: limit})
				for range 120 {
					q, at, reader := w.question(), w.moment(), w.IntN(2)
					res, err := engine.Ask(t.Context(), desks[reader], q, at, 0, 10_000)
					if err != nil {
						t.Fatalf("%+v: %v", q, err)
					}
					want, got := w.answer(t, q, at, limit, int64(reader+1)), told(res)
					if diff := gocmp.Diff(want, got); diff != "" {
						t.Fatalf("%+v as of %v, at most %d, by reader %d (-one by one +answer):\n%s", q, at, limit, reader+1, diff)
					}
					matched += got.Versions
					if got.More {
						cut++
					}
				}
			}
			if matched < 200 || cut < 20 {
				t.Errorf("%d versions matched in all and %d answers were cut short: the test shows little", matched, cut)
			}
		})
	}
}

// told takes from a result what is compared.
func told(res *zoeklicht.Result) answer {
	a := answer{Adverts: res.Adverts, Versions: res.Versions, More: res.More, Days: map[string]int{}, Units: map[string]int{}}
	for _, row := range res.Rows {
		a.Lines = append(a.Lines, line{row.Version.ID, row.Matches, row.Advert.Gone(), row.Version.LastSeen.UTC()})
	}
	for _, d := range res.Days {
		if d.Count > 0 {
			a.Days[d.Day] = d.Count
		}
	}
	for _, u := range res.Units {
		a.Units[u.Value] = u.Count
	}
	return a
}

// question makes a question; most of them have words.
func (w *world) question() (q zoeklicht.Question) {
	var terms []string
	for range w.IntN(4) {
		term := vocabulary[w.IntN(1+w.IntN(len(vocabulary)))]
		if w.IntN(3) == 0 { // what stands together somewhere, or might
			in := strings.Fields(pick(w.Rand, w.versions).fold)
			from := w.IntN(len(in))
			term = `"` + strings.Join(in[from:min(from+1+w.IntN(3), len(in))], " ") + `"`
		}
		if w.IntN(4) == 0 {
			term = "-" + term
		}
		terms = append(terms, term)
	}
	q.Text = strings.Join(terms, " ")
	sometimes := func(n int) bool { return w.IntN(n) == 0 }
	day := func() time.Time { return noon.AddDate(0, 0, w.IntN(16)) }
	if sometimes(4) {
		q.From = day().Format(time.DateOnly)
	}
	if sometimes(4) {
		q.To = max(q.From, day().Format(time.DateOnly))
	}
	if sometimes(6) {
		q.Sources = []zoeklicht.SourceID{pick(w.Rand, srcs)}
	}
	if sometimes(6) {
		q.Place = pick(w.Rand, places)
	}
	if sometimes(6) {
		q.Lang = pick(w.Rand, langs)
	}
	if sometimes(6) {
		q.Phone = pick(w.Rand, []string{"06-0001 2345", "0033 639981234", "+1 212 555 0123", "012345", "6000", "99812", "777777"})
	}
	if sometimes(4) {
		q.State = pick(w.Rand, []string{"online", "gone"})
	}
	if sometimes(6) {
		q.Picture = pick(w.Rand, []string{"with", "without", "missing"})
	}
	q.Newest = sometimes(4)
	w.ask(&q)
	return q
}

// moment makes a moment to ask as of: a commit's own, one between two, one before all, now.
func (w *world) moment() time.Time {
	switch at := pick(w.Rand, w.moments); w.IntN(5) {
	case 0:
		return time.Time{}
	case 1:
		return at.Add(-time.Duration(w.IntN(100)) * time.Second)
	default:
		return at
	}
}

// answer goes through everything one by one.
func (w *world) answer(t *testing.T, q zoeklicht.Question, at time.Time, limit int, reader int64) answer {
	t.Helper()
	seq := 0
	for i, m := range w.moments {
		if at.IsZero() || !m.After(at) {
			seq = i + 1
		}
	}
	words, err := text.ParseQuery(q.Text)
	if err != nil {
		t.Fatal(err)
	}
	var hits []*version
	for i := range w.versions {
		if v := &w.versions[i]; v.seq <= seq && !v.destroyed && v.judged(q, seq, reader) && answers(v.fold, words) && w.fits(t, v, q, seq) {
			hits = append(hits, v)
		}
	}
	slices.SortFunc(hits, func(a, b *version) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
	out := answer{Days: map[string]int{}, Units: map[string]int{}}
	if limit > 0 && len(hits) > limit {
		hits, out.More = hits[:limit], true
	}
	out.Versions = len(hits)
	lines := map[int64]int{}
	for _, v := range hits {
		// The day was stored with the version: UTC's in this world.
		out.Days[v.at.Format(time.DateOnly)]++
		if v.unit != "" {
			out.Units[v.unit]++
		}
		if k, ok := lines[v.advert]; ok {
			out.Lines[k].Matches++
			continue
		}
		lines[v.advert] = len(out.Lines)
		var last event
		for _, s := range v.seen {
			if s.seq <= seq {
				last = s
			}
		}
		out.Lines = append(out.Lines, line{zoeklicht.VersionID(v.id), 1, w.adverts[v.advert].goneAsOf(seq), last.at})
	}
	out.Adverts = len(out.Lines)
	return out
}

// answers reports whether a folded text answers a query, token by token.
func answers(fold string, q text.Query) bool {
	tokens := strings.Fields(fold)
	has := func(term string) bool {
		words := strings.Fields(term)
		for i := range tokens {
			if i+len(words) <= len(tokens) && slices.Equal(tokens[i:i+len(words)], words) {
				return true
			}
		}
		return false
	}
	all := func(terms ...string) bool { return !slices.ContainsFunc(terms, func(s string) bool { return !has(s) }) }
	return all(q.Words...) && all(q.Phrases...) && !slices.ContainsFunc(append(slices.Clone(q.NotWords), q.NotPhrases...), has)
}

// fits reports whether a version passes the filters of a question.
func (w *world) fits(t *testing.T, v *version, q zoeklicht.Question, seq int) bool {
	t.Helper()
	day := v.at.In(search.Amsterdam()).Format(time.DateOnly)
	switch {
	case q.From != "" && day < q.From, q.To != "" && day > q.To:
		return false
	case len(q.Sources) > 0 && !slices.Contains(q.Sources, v.source), q.Place != "" && q.Place != v.place, q.Lang != "" && q.Lang != v.lang:
		return false
	case q.Picture != "" && q.Picture != [...]string{"without", "with", "missing"}[v.pictures]:
		return false
	case q.State != "" && (q.State == "gone") != w.adverts[v.advert].goneAsOf(seq):
		return false
	case q.Newest && slices.ContainsFunc(w.versions, func(y version) bool { return y.advert == v.advert && y.n > v.n && y.seq <= seq }):
		return false
	case q.Phone == "":
		return true
	}
	whole, part, err := search.Phone(q.Phone, []string{"NL"})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(v.numbersAsOf(seq), func(p string) bool {
		return slices.Contains(whole, p) || part != "" && strings.Contains(p, part)
	})
}

// goneAsOf reports whether an advert was known to be gone, and neither a sighting nor a
// listing undid it.
func (a *advert) goneAsOf(seq int) bool {
	return slices.ContainsFunc(a.gone, func(g event) bool {
		undone := func(e event) bool { return e.run > g.run && e.seq <= seq }
		return g.seq <= seq && !slices.ContainsFunc(a.sightings, undone) && !slices.ContainsFunc(a.relisted, undone)
	})
}

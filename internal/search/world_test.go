package search_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store/storetest"
	"zoeklicht/internal/text"

	"github.com/jackc/pgx/v5"
)

// world is a random truth, as a test knows it: what the database holds as well.
type world struct {
	*rand.Rand
	moments  []time.Time // of seq 1, 2 …
	versions []version
	adverts  map[int64]*advert
	readers  [2]zoeklicht.PersonID
}

type version struct {
	id, advert        int64
	n, seq            int
	source            zoeklicht.SourceID
	at                time.Time
	lang, place       string
	pictures          int // as the column has_picture
	title, body, fold string
	phones            []string
	destroyed         bool
	sealed            bool
	unit              string
	found             []found
	answers           []said
	corrections       []said
	seen              []event // its sightings
}

// advert is what happened to an advert besides its versions.
type advert struct{ sightings, gone, relisted []event }

type event struct {
	run int64
	seq int
	at  time.Time
}

// The parts of texts: words in several scripts, and tokens that parsers of texts cut
// elsewhere than folding does.
var (
	vocabulary = strings.Fields(`garden massage evening studio quiet weekend parking Straße fuß naïve café 5e3 5e3x 24/7 C&A 06-12 x_y 1.5 a.b www.example.nl/deur ǅungla ﬁne Αθήνα москва`)
	numbers    = []string{"+31600012345", "+31600054321", "+33639981234", "+12125550123"}
	places     = []string{"", "Utrecht", "Zwolle", "'s-Hertogenbosch"}
	langs      = []string{"nl", "en", ""}
	srcs       = []zoeklicht.SourceID{"one", "two"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

var noon = time.Date(2026, 3, 20, 11, 0, 0, 0, time.UTC) // summer time begins in Amsterdam on the 29th

// newWorld lets random things happen to some adverts for some days: seen, changed,
// absent, gone, listed again, destroyed.
func newWorld(r *rand.Rand) *world {
	w := &world{Rand: r, adverts: map[int64]*advert{}}
	count := 5 + r.IntN(60)
	for day := range 6 + r.IntN(12) {
		start := noon.AddDate(0, 0, day).Add(time.Duration(r.IntN(26)-13) * time.Hour)
		for source := range srcs {
			w.run(int64(day*len(srcs)+source+1), source, count, start.Add(time.Duration(source)*time.Hour))
		}
	}
	for i := range w.versions {
		w.versions[i].destroyed = r.IntN(20) == 0
	}
	w.judge()
	return w
}

// run lets one source be visited; what it brings becomes known in several commits.
func (w *world) run(run int64, source, count int, start time.Time) {
	newest := map[int64]*version{}
	for i := range w.versions {
		newest[w.versions[i].advert] = &w.versions[i]
	}
	if n := len(w.moments); n > 0 && !start.After(w.moments[n-1]) {
		start = w.moments[n-1].Add(time.Minute) // moments never go back
	}
	w.moments = append(w.moments, start)
	for k := range count {
		if w.IntN(6) == 0 {
			w.moments = append(w.moments, start.Add(time.Duration(k+1)*time.Minute))
		}
		id := int64(k*len(srcs) + source + 1)
		now := event{run: run, seq: len(w.moments), at: w.moments[len(w.moments)-1].Add(-time.Duration(w.IntN(30)) * time.Second)}
		a, last := w.adverts[id], newest[id]
		switch what := w.IntN(10); {
		case last == nil && what < 5, last != nil && what < 2:
			if a == nil {
				a = &advert{}
				w.adverts[id] = a
			}
			n := 1
			if last != nil {
				n = last.n + 1
			}
			w.versions = append(w.versions, w.version(id, n, srcs[source], now))
			a.back(now)
			a.sightings = append(a.sightings, now)
		case last == nil:
		case what < 5:
			a.back(now)
			a.sightings = append(a.sightings, now)
			w.versions[last.id-1].seen = append(w.versions[last.id-1].seen, now)
		case what < 7:
			a.gone = append(a.gone, now)
		case what < 8:
			a.relisted = append(a.relisted, now)
		}
	}
}

// back notes that an advert that was gone is seen again, as storing a reading does.
func (a *advert) back(now event) {
	if a.goneAsOf(now.seq) {
		a.relisted = append(a.relisted, now)
	}
}

func (w *world) version(advert int64, n int, source zoeklicht.SourceID, now event) version {
	v := version{
		id: int64(len(w.versions) + 1), advert: advert, n: n, seq: now.seq, source: source, at: now.at,
		lang: pick(w.Rand, langs), place: pick(w.Rand, places), pictures: w.IntN(3), seen: []event{now},
		title: w.words(1 + w.IntN(3)), body: w.words(w.IntN(12)),
	}
	for range w.IntN(3) {
		v.phones = append(v.phones, pick(w.Rand, numbers))
	}
	v.fold = text.FoldString(v.title + "\n" + v.body)
	return v
}

func (w *world) words(n int) string {
	var out []string
	for range n {
		// The first ones are in most texts, the last in few.
		out = append(out, vocabulary[w.IntN(1+w.IntN(len(vocabulary)))])
	}
	return strings.Join(out, pick(w.Rand, []string{" ", " ", ", ", "\n"}))
}

// write writes the world into an empty compartment.
func (w *world) write(t *testing.T, th *storetest.Theme) {
	t.Helper()
	rows := map[string][][]any{}
	add := func(table string, values ...any) { rows[table] = append(rows[table], values) }
	for i, at := range w.moments {
		add("moment", int64(i+1), at)
	}
	first := map[int64]*version{}
	contacts := map[string]bool{}
	for i := range w.versions {
		v := &w.versions[i]
		if first[v.advert] == nil {
			first[v.advert] = v
		}
		add("version", v.id, int64(v.seq), v.advert, v.n, string(v.source), v.at, v.at, zoeklicht.CaptureID{}, "http://example.nl/", v.lang, "", v.place,
			v.pictures, []byte{}, "test/1", v.title, v.body, v.fold, []byte("[]"), v.unit)
		for _, s := range v.seen {
			add("sighting", v.id, s.run, v.advert, int64(s.seq), s.at, zoeklicht.CaptureID{})
		}
		for _, p := range v.phones {
			add("entity", v.id, int64(v.seq), "phone", p, p, 0, 0, false, true)
			if !contacts[p] {
				contacts[p] = true
				add("contact", "phone", p, int64(v.seq))
			}
		}
		if v.destroyed {
			add("tombstone", v.id, int64(len(w.moments)), w.moments[len(w.moments)-1], "a rule")
		}
	}
	for id, a := range w.adverts {
		v := first[id]
		add("advert", id, int64(v.seq), string(v.source), fmt.Sprint(id), fmt.Appendf(nil, "%d", id), "http://example.nl/", v.at)
		for _, e := range a.gone {
			add("gone", id, e.run, int64(e.seq), e.at)
		}
		for _, e := range a.relisted {
			add("relisted", id, e.run, int64(e.seq), e.at)
		}
	}
	w.judgements(add)
	for _, of := range [][2]string{
		{"moment", "seq at"},
		{"advert", "id seq source key keyhash canonical first_seen"},
		{"version", "id seq advert n source seen_at day capture url lang price place has_picture digest reader title body folded fields unit"},
		{"sighting", "version run advert seq at capture"},
		{"entity", "version seq type value raw start stop obfuscated valid"},
		{"contact", "type value seq"},
		{"tombstone", "version seq at rule"},
		{"gone", "advert run seq at"},
		{"relisted", "advert run seq at"},
		{"indicator_set", "id seq at rules"},
		{"round", "id seq rules"},
		{"assessment", "round version seq score indicators hits"},
		{"feedback", "id seq version advert answer reason person name at"},
		{"feedback_undo", "feedback seq at"},
		{"correction", "id seq version advert type value raw start stop obfuscated valid corrected person name at"},
		{"correction_undo", "correction seq at"},
		{"seal", "id seq version advert capture why person name at"},
		{"sealed", "version advert seal seq"},
	} {
		table, columns := of[0], of[1]
		if _, err := th.Owner.CopyFrom(t.Context(), pgx.Identifier{table}, strings.Fields(columns), pgx.CopyFromRows(rows[table])); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	if err := th.Service(zoeklicht.Analysis).Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	// As autovacuum does: without it the planner expects little of any word, and no
	// question would be asked a stretch at a time.
	if _, err := th.Owner.Exec(t.Context(), `ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

package bulk

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"
	"zoeklicht/internal/text"
)

// filler knows the corpus and when each of its versions comes.
type filler struct {
	corpus    *practice.Corpus
	cfg       Config
	adverts   int
	commits   int
	sightings int
}

func newFiller(corpus *practice.Corpus, cfg Config) *filler {
	n := corpus.Len()
	return &filler{corpus: corpus, cfg: cfg, adverts: (n + 3) / 4, commits: (n + cfg.Batch - 1) / cfg.Batch}
}

// tail gives the first version that comes when the indexes are there: a whole
// number of commits before the end.
func (f *filler) tail() int {
	n := f.corpus.Len()
	return (n - f.cfg.Tail) / f.cfg.Batch * f.cfg.Batch
}

const span = practice.CorpusDays * 24 * time.Hour

// seen gives when version i was first seen.
func (f *filler) seen(i int) time.Time {
	return f.cfg.Start.Add(time.Duration(float64(span) * float64(i) / float64(f.corpus.Len()))).Truncate(time.Microsecond)
}

// seq gives the commit of version i.
func (f *filler) seq(i int) int { return i/f.cfg.Batch + 1 }

// at gives the time of a commit: when the last of its versions was seen.
func (f *filler) at(seq int) time.Time { return f.seen(min(seq*f.cfg.Batch, f.corpus.Len()) - 1) }

func (f *filler) filled() *Filled {
	out := &Filled{Versions: f.corpus.Len(), Adverts: f.adverts, Sightings: f.sightings, First: f.seen(0), Last: f.seen(f.corpus.Len() - 1)}
	for seq := 1; seq <= f.commits; seq++ {
		out.Moments = append(out.Moments, f.at(seq))
	}
	return out
}

// source gives the place of an advert's source among the sources.
func source(advert int) int { return advert % len(sources) }

// runOf gives the run of a source on the day of a moment.
func (f *filler) runOf(advert int, at time.Time) int64 {
	return int64(at.Sub(f.cfg.Start)/(24*time.Hour))*int64(len(sources)) + int64(source(advert)) + 1
}

func captureID(seq, row int) (id zoeklicht.CaptureID) {
	binary.BigEndian.PutUint64(id[:], uint64(seq))
	binary.BigEndian.PutUint64(id[8:], uint64(row)|1<<63)
	id[6] = id[6]&0x0f | 0x70
	return id
}

var versionColumns = []string{
	"id", "seq", "advert", "n", "source", "seen_at", "day", "capture", "url", "lang",
	"price", "place", "has_picture", "digest", "reader", "title", "body", "folded", "fields", "municipality", "unit", "template",
}

var (
	entityColumns   = []string{"version", "seq", "type", "value", "raw", "start", "stop", "obfuscated", "valid"}
	pictureColumns  = []string{"version", "n", "seq", "url", "canonical", "picture", "failure", "detail", "item"}
	advertColumns   = []string{"id", "seq", "source", "key", "keyhash", "canonical", "first_seen"}
	sightingColumns = []string{"version", "run", "advert", "seq", "at", "capture"}
)

// chunk is the rows of one commit's versions.
type chunk struct{ adverts, versions, entities, pictures [][]any }

// chunk makes the rows of versions from..to.
func (f *filler) chunk(from, to int) *chunk {
	c := &chunk{}
	for i := from; i < to; i++ {
		f.add(c, i, f.corpus.At(i))
	}
	return c
}

func (f *filler) add(c *chunk, i int, v practice.CorpusVersion) {
	id, advert, seq, at := int64(i+1), int64(v.Advert+1), int64(f.seq(i)), f.seen(i)
	src := string(sources[source(v.Advert)])
	key := fmt.Sprint(100_000 + v.Advert)
	url := "http://" + src + ".example/advertentie/" + key
	if v.N == 1 {
		c.adverts = append(c.adverts, []any{advert, seq, src, key, sha(key), url, at})
	}
	raw := v.Body[strings.LastIndex(v.Body, "tel. ")+len("tel. "):]
	whole := v.Title + "\n" + v.Body
	r := zoeklicht.Reading{Title: v.Title, Body: v.Body, Fields: []zoeklicht.FieldValue{
		{Name: zoeklicht.FieldTitle, Value: v.Title, From: "h1"},
		{Name: zoeklicht.FieldPrice, Value: v.Price, From: ".price"},
		{Name: zoeklicht.FieldPlace, Value: v.Place, From: ".place"},
		{Name: zoeklicht.FieldPhones, Value: v.Phone, From: "text"},
	}}
	r.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: raw, Value: v.Phone, Start: len(whole) - len(raw), End: len(whole), Valid: true}}
	sum := r.ContentDigest()
	city, unit := placed(v.Place)
	has := i % 3
	c.versions = append(c.versions, []any{
		id, seq, advert, v.N, src, at, at, captureID(int(seq), i), url, v.Lang,
		v.Price, v.Place, has, sum[:], "recipe " + src + "/1", v.Title, v.Body, text.FoldString(whole), r.Fields, city, unit, store.Template(&r),
	})
	e := &r.Entities[0]
	c.entities = append(c.entities, []any{id, seq, string(e.Type), e.Value, e.Raw, e.Start, e.End, e.Obfuscated, e.Valid})
	switch has {
	case 1:
		c.pictures = append(c.pictures, []any{id, 0, seq, url + "/1.jpg", url + "/1.jpg", advert, "", "", "picture:0"})
	case 2:
		c.pictures = append(c.pictures, []any{id, 0, seq, url + "/1.jpg", url + "/1.jpg", int64(0), string(zoeklicht.FailStatus), "the source gave 404", ""})
	}
}

// placed gives a municipality and a unit to a name of a place: the same ones each time,
// and not the ones that it has on a map.
func placed(name string) (city, unit string) {
	n := binary.BigEndian.Uint32(sha(name))
	return fmt.Sprintf("GM%04d", n%9999+1), Units[n%uint32(len(Units))]
}

func sha(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// later is what becomes known of versions after they were first read.
type later struct{ sightings, absences, gone, relisted [][]any }

// add adds what becomes known in a commit: its own versions seen for the first
// time, older ones seen again, and adverts that are no longer there.
func (l *later) add(f *filler, seq int) {
	for k, ago := range []int{0, f.commits / 16, f.commits / 8} {
		if k > 0 && ago == 0 {
			continue // too small a corpus
		}
		f.eachOf(seq-ago, func(i int) {
			at := f.at(seq)
			if ago == 0 {
				at = f.seen(i)
			}
			advert := i % f.adverts
			if n := i/f.adverts + 1; ago == 0 && n == 3 && advert%5 == 0 {
				l.relisted = append(l.relisted, []any{int64(advert + 1), f.runOf(advert, at), int64(seq), at})
			}
			l.sightings = append(l.sightings, []any{int64(i + 1), f.runOf(advert, at), int64(advert + 1), int64(seq), at, captureID(seq, i)})
		})
	}
	f.eachOf(seq-3*f.commits/16, func(i int) {
		advert, n, at := i%f.adverts, i/f.adverts+1, f.at(seq)
		if !(n == 2 && advert%5 == 0 || n == 4 && advert%7 == 0) {
			return
		}
		run := f.runOf(advert, at)
		for _, r := range []int64{run - int64(len(sources)), run} {
			l.absences = append(l.absences, []any{int64(advert + 1), r, int64(seq), at, string(zoeklicht.AbsentFromListing)})
		}
		l.gone = append(l.gone, []any{int64(advert + 1), run, int64(seq), at})
	})
}

// eachOf calls fn for the versions that one commit brought, if there is one.
func (f *filler) eachOf(seq int, fn func(i int)) {
	if seq < 1 {
		return
	}
	for i := (seq - 1) * f.cfg.Batch; i < min(seq*f.cfg.Batch, f.corpus.Len()); i++ {
		fn(i)
	}
}

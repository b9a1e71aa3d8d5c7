package retain_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/frontier"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/picture"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary be a process that erases, and the picture decoder's.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == erasingArg {
		erasingMain()
	}
	crawltest.Main(m)
}

// world is a theme with captures of adverts, each with a picture, read and in its place.
type world struct {
	t        *testing.T
	data     string // data folder, without the cluster
	th       *storetest.Theme
	ring     *keys.Ring
	vault    *blob.Writer
	tech     *store.Store
	analyser *crawl.Analyser
	run      zoeklicht.Run
	captures []zoeklicht.CaptureID // in the order in which they were added
	leaves   map[zoeklicht.CaptureID][]byte
}

const recipe = `
source: s
version: 1
template: s
listing: {match: ^/list$, start: [/list], links: "a"}
advert:
  match: ^/ad/
  fields:
    title: {select: h1, do: [trim]}
    body: {select: "p.text", do: [text]}
    place: {select: "p.place", do: [trim]}
    images: {select: img, attr: src, all: true, do: [url]}
  require: [title, body]
`

// cluster gives a database of a theme on a PostgreSQL server of the test's own, and the
// folder of its files.
func cluster(t *testing.T) (dsn, dir string) {
	t.Helper()
	s, cfg := postgrestest.Cluster(t)
	admin, err := pgx.Connect(t.Context(), s.Admin(""))
	must(t, err)
	defer admin.Close(context.WithoutCancel(t.Context())) // read only
	_, err = postgres.EnsureDatabase(t.Context(), admin, "zl_practice", "")
	must(t, err)
	conn, err := pgx.Connect(t.Context(), s.Admin("zl_practice"))
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context())) // committed
	_, _, err = postgres.Migrate(t.Context(), conn, store.Migrations())
	must(t, err)
	return s.Admin("zl_practice"), cfg.Dir
}

func newWorld(t *testing.T, th *storetest.Theme) *world {
	t.Helper()
	w := &world{t: t, data: t.TempDir(), th: th, leaves: map[zoeklicht.CaptureID][]byte{}}
	var err error
	w.ring, err = keys.NewRing("practice", th.Clock.Now())
	must(t, err)
	w.vault, err = blob.In(w.data, "practice", blob.Vault).Writer(blob.Config{}, w.ring.Public())
	must(t, err)
	t.Cleanup(func() { w.vault.Close() }) // the test is over
	w.approve()
	w.tech = th.Service(zoeklicht.Technical)
	w.run, _, err = w.tech.BeginRun(t.Context(), "s", "test", nil)
	must(t, err)
	w.analyser = w.newAnalyser()
	return w
}

func (w *world) approve() {
	t, ctx := w.t, w.t.Context()
	whole := zoeklicht.Considerations{Public: "yes", Real: "yes", Need: "yes", Proportionate: "yes", Against: "little"}
	proposer, vetter, approver := w.th.Person("p", zoeklicht.Analyst), w.th.Person("v", zoeklicht.SourceManager), w.th.Person("a", zoeklicht.Prosecutor)
	must(t, proposer.Propose(ctx, &zoeklicht.Source{ID: "s", Title: "S", Home: "http://127.0.0.1:1/list", Priority: 1}, zoeklicht.Decision{Reason: "seen", Considerations: whole}))
	_, err := vetter.AddRecipe(ctx, "s", recipe, "test")
	must(t, err)
	must(t, vetter.Decide(ctx, zoeklicht.Decision{Source: "s", Kind: zoeklicht.Vet, Reason: "public", Considerations: whole}))
	must(t, approver.Decide(ctx, zoeklicht.Decision{Source: "s", Kind: zoeklicht.Approve, Reason: "needed", ReviewBy: w.th.Clock.Now().AddDate(1, 0, 0)}))
}

func (w *world) newAnalyser() *crawl.Analyser {
	t := w.t
	reader, err := blob.In(w.data, "practice", blob.Vault).Reader(w.ring)
	must(t, err)
	working, err := blob.In(w.data, "practice", blob.Working).Writer(blob.Config{}, w.ring.Public())
	must(t, err)
	self, err := os.Executable()
	must(t, err)
	decoder := picture.NewDecoder(picture.Config{Command: []string{self, crawltest.PictureChild}}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { working.Close(); decoder.Close() }) // the test is over
	return &crawl.Analyser{
		Store: w.th.Service(zoeklicht.Analysis), Vault: reader, Working: working, Decoder: decoder, Recipe: crawltest.Recipe,
		Options: extract.Options{Regions: []string{"NL"}},
		Day:     func(at time.Time) time.Time { return at.Truncate(24 * time.Hour) }, Log: slog.New(slog.DiscardHandler),
	}
}

// advert is a page to be captured.
type advert struct {
	n       int
	text    string
	place   string
	header  string
	picture []byte // nil for none
}

// plain is an advert like any other.
func plain(n int) advert {
	return advert{
		n: n, text: fmt.Sprintf("Relaxing massage by appointment number %s, call 06 0001 %04d", strings.Repeat("x", n%7+1), n), place: "Utrecht",
		picture: drawing(n, ""),
	}
}

// drawing gives a picture of its own, with words in it that a decoder passes over.
func drawing(n int, words string) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for x := range 40 {
		for y := range 40 {
			img.Set(x, y, color.RGBA{uint8(n * 7), uint8(x * y), uint8(n + x), 255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // to memory
	body := b.Bytes()
	chunk := append([]byte("tEXtComment\x00"), words...)
	out := append([]byte{}, body[:33]...) // signature and IHDR
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, body[33:]...)
}

func exchange(url, kind, header string, body []byte) *zoeklicht.Exchange {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nX-Trace: %s\r\nETag: \"%s\"\r\nContent-Length: %d\r\n\r\n", kind, header, header, len(body))
	return &zoeklicht.Exchange{
		URL: url, Method: "GET", Driver: "http/1", Started: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC), Duration: time.Millisecond,
		Request: []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), Response: append([]byte(head), body...), HeadLen: len(head), Status: 200,
		Header: http.Header{"Content-Type": {kind}, "X-Trace": {header}, "Etag": {header}}, Body: body,
	}
}

// nextRun ends the run and begins another.
func (w *world) nextRun() {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	must(t, w.tech.EndRun(ctx, &w.run, 1))
	var err error
	w.run, _, err = w.tech.BeginRun(ctx, "s", "test", nil)
	must(t, err)
}

// add captures adverts and reads them.
func (w *world) add(ads ...advert) {
	w.t.Helper()
	w.capture(ads...)
	must(w.t, w.analyser.CatchUp(w.t.Context()))
}

// capture captures adverts, as the collector does.
func (w *world) capture(ads ...advert) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	sealer := capture.New(capture.Config{})
	var group []store.Visited
	for _, a := range ads {
		url := fmt.Sprintf("http://127.0.0.1:1/ad/%d", a.n)
		page := fmt.Sprintf("<html><head><title>%d</title></head><body><h1>Massage %d %s</h1><p class=text>%s</p><p class=place>%s</p>", a.n, a.n, a.header, a.text, a.place)
		v := &zoeklicht.Visit{At: w.th.Clock.Now(), Task: zoeklicht.Task{Source: "s", Run: w.run.ID, URL: url, Canonical: url, Kind: zoeklicht.KindAdvert}}
		var rows []store.PictureRow
		if a.picture != nil {
			src := fmt.Sprintf("http://127.0.0.1:1/p/%d.png", a.n)
			page += `<img src="` + src + `">`
			v.Pictures = []zoeklicht.PictureVisit{{URL: src, Chain: []*zoeklicht.Exchange{exchange(src, "image/png", a.header, a.picture)}}}
			rows = []store.PictureRow{{URL: src, Item: "picture:0"}}
		}
		v.Chain = []*zoeklicht.Exchange{exchange(url, "text/html", a.header, []byte(page+"</body></html>"))}
		v.Digest = frontier.Digest(v.Chain[0].Body, nil)
		sealed, err := sealer.Seal(v, &zoeklicht.Context{Theme: "practice", Source: "s", Build: strings.Repeat("0", 64)})
		must(t, err)
		places, err := w.vault.Append(ctx, sealed.ID, sealed.Items)
		must(t, err)
		c := zoeklicht.Capture{
			ID: sealed.ID, Source: "s", Run: w.run.ID, Kind: zoeklicht.KindAdvert, URL: url, Canonical: url, FinalURL: url, Status: 200,
			At: v.At, Digest: v.Digest, Pictures: len(rows), Manifest: sealed.Manifest, Leaf: sealed.Leaf, Items: map[string]zoeklicht.Place{},
		}
		for i, p := range places {
			c.Items[sealed.Items[i].Name] = p
		}
		group = append(group, store.Visited{Task: v.Task, Capture: c, Final: url, Pictures: rows, Salts: sealed.Salts, Done: true, Full: true})
		w.captures = append(w.captures, sealed.ID)
		w.leaves[sealed.ID] = sealed.Leaf
	}
	must(t, w.vault.Sync(ctx))
	_, err := w.tech.CommitVisits(ctx, group)
	must(t, err)
}

// eraser gives what carries erasures out.
func (w *world) eraser(step func(string) error) *retain.Eraser {
	return &retain.Eraser{
		Store: w.th.Service(zoeklicht.Retain), Vault: blob.In(w.data, "practice", blob.Vault), Working: blob.In(w.data, "practice", blob.Working),
		Out: w.out(), List: retain.ListFile(w.data),
		Owner: func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, w.th.OwnerDSN) },
		Log:   slog.New(slog.DiscardHandler), Step: step,
	}
}

// out is where jobs leave what they made.
func (w *world) out() string { return filepath.Join(w.data, "themes", "practice", "out") }

// decide has two people order an erasure.
func (w *world) decide(e zoeklicht.Erasure) zoeklicht.ErasureID {
	w.t.Helper()
	e.Ground = "order 12 of the prosecutor"
	asked, _, err := w.th.Person("case 9", zoeklicht.Specialist).AskErase(w.t.Context(), e)
	must(w.t, err)
	_, err = w.th.Person("case 9", zoeklicht.Prosecutor).ApproveErase(w.t.Context(), asked.ID)
	must(w.t, err)
	return asked.ID
}

// sealed reads a capture back, with the items that are there.
func (w *world) sealed(id zoeklicht.CaptureID) *zoeklicht.Sealed {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	s := &zoeklicht.Sealed{ID: id, Leaf: w.leaves[id]}
	must(t, w.th.Owner.QueryRow(ctx, `SELECT manifest, salts FROM capture WHERE id = $1`, id).Scan(&s.Manifest, &s.Salts))
	rows, err := w.th.Owner.Query(ctx, `SELECT name, segment, off, len, wrapped FROM item WHERE capture = $1 ORDER BY name`, id)
	must(t, err)
	type item struct {
		name string
		at   zoeklicht.Place
	}
	items, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (i item, err error) {
		return i, r.Scan(&i.name, &i.at.Segment, &i.at.Offset, &i.at.Length, &i.at.Key)
	})
	must(t, err)
	vault, err := blob.In(w.data, "practice", blob.Vault).Reader(w.ring)
	must(t, err)
	for _, i := range items {
		b, err := vault.Read(ctx, i.at, id, i.name)
		must(t, err)
		s.Items = append(s.Items, zoeklicht.Item{Name: i.name, Bytes: b})
	}
	return s
}

// version gives the version that was read from a capture.
func (w *world) version(id zoeklicht.CaptureID) (v zoeklicht.VersionID) {
	w.t.Helper()
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `SELECT id FROM version WHERE capture = $1`, id).Scan(&v))
	return v
}

// advert gives the advert that a capture shows.
func (w *world) advert(id zoeklicht.CaptureID) (a zoeklicht.AdvertID) {
	w.t.Helper()
	must(w.t, w.th.Owner.QueryRow(w.t.Context(), `SELECT advert FROM sighting WHERE capture = $1`, id).Scan(&a))
	return a
}

// needles are byte strings that must not be found, by what they are.
type needles map[string][]byte

// word adds a word so that it is found where compression cuts it: any eight bytes of it.
func (n needles) word(what, word string) {
	for i := 0; i+8 <= len(word); i++ {
		n[fmt.Sprintf("%s at %d", what, i)] = []byte(word[i : i+8])
	}
}

// secrets adds keys, salts, digests and sealed bytes of items; "" for all of a capture.
func (w *world) secrets(n needles, id zoeklicht.CaptureID, item string) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	rows, err := w.th.Owner.Query(ctx, `SELECT name, segment, off, len, wrapped FROM item WHERE capture = $1 AND ($2 = '' OR name = $2)`, id, item)
	must(t, err)
	var name string
	var p zoeklicht.Place
	_, err = pgx.ForEachRow(rows, []any{&name, &p.Segment, &p.Offset, &p.Length, &p.Key}, func() error {
		n[id.String()+" key of "+name] = bytes.Clone(p.Key)
		w.place(n, id.String()+" sealed "+name, blob.Vault, p)
		return nil
	})
	must(t, err)
	var manifest, salts, digest []byte
	must(t, w.th.Owner.QueryRow(ctx, `SELECT manifest, salts, digest FROM capture WHERE id = $1`, id).Scan(&manifest, &salts, &digest))
	for i, line := range bytes.Split(bytes.TrimSpace(manifest), []byte("\n")) {
		name, _, _ := bytes.Cut(line, []byte(" "))
		if item == "" || bytes.HasPrefix(name, []byte("image:0")) {
			n[fmt.Sprintf("%s salt of %s", id, name)] = salts[i*32 : i*32+32]
		}
	}
	if item == "" {
		n[id.String()+" digest"] = digest
	}
	rows, err = w.th.Owner.Query(ctx, `
		SELECT p.sha256, p.segment, p.off, p.len, p.wrapped, v.digest FROM version v JOIN version_picture q ON q.version = v.id JOIN picture p ON p.id = q.picture WHERE v.capture = $1`, id)
	must(t, err)
	var sum, version []byte
	_, err = pgx.ForEachRow(rows, []any{&sum, &p.Segment, &p.Offset, &p.Length, &p.Key, &version}, func() error {
		n[id.String()+" picture's digest"] = bytes.Clone(sum)
		n[id.String()+" picture's key"] = bytes.Clone(p.Key)
		if item == "" {
			n[id.String()+" version's digest"] = bytes.Clone(version)
		}
		w.place(n, id.String()+" picture as shown", blob.Working, p)
		return nil
	})
	must(t, err)
}

// place adds bytes from the midst of what is sealed at a place.
func (w *world) place(n needles, what string, kind blob.Kind, p zoeklicht.Place) {
	w.t.Helper()
	f, err := os.Open(filepath.Join(w.data, "themes", "practice", string(kind), fmt.Sprintf("%08d.seg", p.Segment)))
	must(w.t, err)
	defer f.Close() // read only
	b := make([]byte, 32)
	_, err = f.ReadAt(b, p.Offset+64+10)
	must(w.t, err)
	n[what] = b
}

// found looks through every file below the folders for the needles.
func (n needles) found(t *testing.T, dirs ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
				return nil
			}
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // the server removed it
			}
			for what, needle := range n {
				if bytes.Contains(b, needle) {
					out[what] = append(out[what], path)
				}
			}
			return err
		})
		must(t, err)
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// postgresFor gives a database on a server of the test's own, because erasing writes the
// server's log anew, which others would wait for.
func postgresFor(t *testing.T) string {
	t.Helper()
	dsn, _ := cluster(t)
	return dsn
}

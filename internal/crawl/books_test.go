package crawl_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl/crawltest"
	warcfile "zoeklicht/internal/export/warc"
	"zoeklicht/internal/export/warc/warctest"
	"zoeklicht/internal/practice"

	gowarc "github.com/internetarchive/gowarc"
)

// TestRealPages crawls 286 product pages of a real shop of 2010, served by somebody
// else's file server, and exports the run. Every page must be captured, pictures
// that lie elsewhere listed as outside the approval, titles and ISBNs right, and the
// export must be read by another's reader.
func TestRealPages(t *testing.T) {
	root := unpackBooks(t)
	addr := serveFolder(t, root)
	recipe, err := os.ReadFile(filepath.Join("..", "extract", "testdata", "books.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	b := crawltest.New(t, practice.Config{Seed: 1, Adverts: 6})
	b.Day(0)
	src := &zoeklicht.Source{
		ID: "books", Title: "Shop of 2010", Home: "http://" + addr + "/", Priority: 1, Expected: "286 pages",
		Scope: zoeklicht.Scope{Hosts: []string{addr}, Private: []string{"127.0.0.1/32"}}, Schedule: zoeklicht.Schedule{Delay: -1},
		Considerations: b.Theme.Sources[0].Considerations,
	}
	b.Approve(src, string(recipe))
	run, err := b.Collector.Once(t.Context(), "books", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Analyser.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if run.Adverts != 286 || !run.Complete || len(run.Failed) > 0 {
		t.Errorf("adverts %d, complete %v, failed %v, drift %q", run.Adverts, run.Complete, run.Failed, run.Drift)
	}
	var pages, elsewhere, otherwise int
	err = b.Store.Owner.QueryRow(t.Context(), `
		SELECT count(DISTINCT c.id), count(*) FILTER (WHERE p->>'failure' = 'outside-approval'), count(*) FILTER (WHERE p->>'failure' IS DISTINCT FROM 'outside-approval')
		FROM capture c, jsonb_array_elements(c.pictures) p WHERE c.run = $1`, run.ID).Scan(&pages, &elsewhere, &otherwise)
	if err != nil {
		t.Fatal(err)
	}
	if pages < 280 || otherwise != 0 {
		t.Errorf("%d pages have pictures, %d pictures lie outside the approval, %d do not", pages, elsewhere, otherwise)
	}
	for field, name := range map[string]string{"title": "title", "isbn": "isbn_13"} {
		truth := booksTruth(t, name)
		right := 0
		rows, err := b.Store.Owner.Query(t.Context(), `
			SELECT a.key, coalesce(nullif((SELECT f->>'value' FROM jsonb_array_elements(v.fields) f WHERE f->>'name' = $1 LIMIT 1), ''), v.title)
			FROM version v JOIN advert a ON a.id = v.advert WHERE a.source = 'books'`, field)
		if err != nil {
			t.Fatal(err)
		}
		all := 0
		for rows.Next() {
			var key, got string
			if err := rows.Scan(&key, &got); err != nil {
				t.Fatal(err)
			}
			all++
			if slices.Contains(truth[key], strings.Join(strings.Fields(got), " ")) {
				right++
			} else if all-right < 4 {
				t.Logf("%s: %s is %q, want %q", key, field, got, truth[key])
			}
		}
		t.Logf("%s: %d right of %d", field, right, all)
		if all != 286 || right*100 < all*99 {
			t.Errorf("%s: %d right of %d: less than 99 %%", field, right, all)
		}
	}
	readExport(t, b, run)
}

// readExport exports the run and reads it with gowarc and with npm's warcio, which check
// digests.
func readExport(t *testing.T, b *crawltest.Bench, run *zoeklicht.Run) {
	t.Helper()
	reader, err := blob.In(b.Dir, "practice", blob.Vault).Reader(b.Ring)
	if err != nil {
		t.Fatal(err)
	}
	specialist := b.Store.Person("test export", zoeklicht.Specialist)
	var out bytes.Buffer
	items := func(yield func(zoeklicht.Item, error) bool) {
		_, err := specialist.EachCapture(t.Context(), run.ID, func(c *zoeklicht.Capture) error {
			for _, name := range slices.Sorted(keysOf(c.Items)) {
				body, err := reader.Read(t.Context(), c.Items[name], c.ID, name)
				if err != nil {
					return err
				}
				if !yield(zoeklicht.Item{Name: name, Bytes: body}, nil) {
					return errors.New("stopped")
				}
			}
			return nil
		})
		if err != nil {
			yield(zoeklicht.Item{}, err)
		}
	}
	stats, err := warcfile.Write(t.Context(), &out, warcfile.Info{Created: time.Now(), Theme: "practice", Source: "books", Run: run.ID, Software: "zoeklicht"}, items)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "books.warc.gz")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := gowarc.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	responses, records := 0, 0
	for {
		rec, err := r.ReadRecord()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("record %d: %v", records, err)
		}
		records++
		block, err := io.ReadAll(rec.Content)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := gowarc.GetDigest(bytes.NewReader(block), gowarc.SHA256Base16); err != nil || d != rec.Header.Get("WARC-Block-Digest") {
			t.Errorf("record %d: block digest %s, %v", records, d, err)
		}
		if rec.Header.Get("WARC-Type") == "response" {
			responses++
		}
	}
	t.Logf("export: %d bytes, %d records, %d responses", stats.Bytes, records, responses)
	if responses < 287 {
		t.Errorf("gowarc read %d responses, want the 286 pages and the listing at the least", responses)
	}
	read := warctest.Read(t, file)
	right := 0
	for _, rec := range read {
		if rec.Block && (rec.Type != "response" || rec.Payload == true || rec.Payload == "none") {
			right++
		}
	}
	t.Logf("npm warcio: %d records, digests right in %d", len(read), right)
	if len(read) != records || right != records {
		t.Errorf("npm warcio read %d records with %d right, gowarc %d", len(read), right, records)
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func shared(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	file := filepath.Join(root, "data", filepath.FromSlash(name))
	if _, err := os.Stat(file); err != nil {
		t.Skipf("public test data are absent (%v): set ZOEKLICHT_SHARED to the folder that holds data/", err)
	}
	return file
}

func unpackBooks(t *testing.T) string {
	t.Helper()
	f, err := os.Open(shared(t, "pages/books/pages.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // read only
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasPrefix(path.Base(h.Name), ".") {
			continue
		}
		body, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path.Base(h.Name)), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serveFolder starts Python's file server on a free port.
func serveFolder(t *testing.T, root string) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3, whose file server serves the pages")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	l.Close() // it only found a free port
	cmd := exec.Command(python, "-m", "http.server", "--bind", "127.0.0.1", "--directory", root, port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() }) // our own child
	deadline := time.Now().Add(20 * time.Second)
	for {
		resp, err := http.Get("http://" + addr + "/")
		if err == nil {
			resp.Body.Close() // nothing is read
			return addr
		}
		if time.Now().After(deadline) {
			t.Fatalf("Python's file server does not answer: %v", err)
		}
	}
}

// booksTruth gives the true values of a field by page.
func booksTruth(t *testing.T, field string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(shared(t, "pages/books/book-booksamillion-"+field+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		cols := strings.Split(strings.TrimSpace(line), "\t")
		if len(cols) < 3 {
			continue
		}
		for _, v := range cols[2:] {
			v = html.UnescapeString(strings.TrimPrefix(strings.TrimSpace(v), ": "))
			out[cols[0]] = append(out[cols[0]], strings.Join(strings.Fields(v), " "))
		}
	}
	return out
}

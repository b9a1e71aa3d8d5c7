package blob

import (
	"errors"
	"os"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/durable"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// failing is a disk on which one operation fails: number n of that name.
type failing struct {
	op   string
	n    int
	with error
}

func (d *failing) err(op string) error {
	if op != d.op {
		return nil
	}
	if d.n--; d.n == 0 {
		return d.with
	}
	return nil
}

func (d *failing) create(path string) (file, error) {
	if err := d.err("create"); err != nil {
		return nil, err
	}
	f, err := createFile(path)
	return failingFile{f, d}, err
}

type failingFile struct {
	file
	disk *failing
}

func (f failingFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.disk.err("write"); err != nil {
		n, _ := f.file.WriteAt(b[:len(b)/2], off) // a disk fails in the middle
		return n, err
	}
	return f.file.WriteAt(b, off)
}

func (f failingFile) Datasync() error { return errors.Join(f.disk.err("sync"), f.file.Datasync()) }

// TestFailingDisk fails each operation at different moments. Whatever happens,
// what a Sync confirmed can be read, and the writer goes on in a new segment.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"create", "write", "sync"} {
		for n := 1; n <= 6; n++ {
			for _, with := range []error{unix.ENOSPC, unix.EIO} {
				disk := &failing{op, n, with}
				failures, code := runOn(t, disk)
				if disk.n > 0 {
					continue // it never came to the n-th
				}
				if failures != 1 {
					t.Errorf("%s %d %v: %d failures were reported", op, n, with, failures)
				}
				want := zoeklicht.Internal
				if errors.Is(with, unix.ENOSPC) {
					want = zoeklicht.Limit
				}
				if code != want {
					t.Errorf("%s %d %v: code %s", op, n, with, code)
				}
			}
		}
	}
}

func runOn(t *testing.T, disk *failing) (failures int, code zoeklicht.Code) {
	t.Helper()
	ring, err := keys.NewRing("practice", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	folder := In(t.TempDir(), "practice", Vault)
	w, err := folder.Writer(Config{SegmentSize: 20 << 10, Buffer: 4 << 10}, ring.Public())
	if err != nil {
		t.Fatal(err)
	}
	w.create = disk.create
	type one struct {
		owner zoeklicht.CaptureID
		place zoeklicht.Place
	}
	var group, durable []one
	failed := func(err error) bool {
		if err != nil {
			failures, code, group = failures+1, zoeklicht.CodeOf(err), nil
		}
		return err != nil
	}
	for n := range 30 {
		o := zoeklicht.CaptureID{byte(n)}
		places, err := w.Append(t.Context(), o, []zoeklicht.Item{{Name: "page", Bytes: make([]byte, 3000)}})
		if failed(err) {
			continue
		}
		group = append(group, one{o, places[0]})
		if n%3 == 2 && !failed(w.Sync(t.Context())) {
			durable, group = append(durable, group...), nil
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(durable) < 20 {
		t.Errorf("%s: only %d of 30 became durable", disk.op, len(durable))
	}
	r, err := folder.Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range durable {
		if _, err := r.Read(t.Context(), o.place, o.owner, "page"); err != nil {
			t.Errorf("%s: durable and lost: %v", disk.op, err)
		}
	}
	return failures, code
}

func TestSegmentsIgnoresOthers(t *testing.T) {
	t.Parallel()
	f := In(t.TempDir(), "practice", Vault)
	if n, err := f.Segments(); err != nil || n != nil {
		t.Errorf("no folder: %v, %v", n, err)
	}
	if err := durable.Mkdir(f.Dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lock", "00000010.seg", "00000002.seg", "2.seg", "-0000003.seg", "00000000.seg", "x.seg", "123456789.seg"} {
		if err := os.WriteFile(f.Dir+"/"+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := f.Segments()
	if d := cmp.Diff([]int64{2, 10, 123456789}, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

// TestOpenersAreBounded asks for more segments than a Reader remembers.
func TestOpenersAreBounded(t *testing.T) {
	t.Parallel()
	ring, err := keys.NewRing("practice", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	folder := In(t.TempDir(), "practice", Vault)
	w, err := folder.Writer(Config{SegmentSize: 1}, ring.Public()) // a segment for each capture
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := folder.Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	var places []zoeklicht.Place
	for range maxOpeners + 20 {
		p, err := w.Append(t.Context(), zoeklicht.CaptureID{}, []zoeklicht.Item{{Name: "page"}})
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, p...)
	}
	if err := w.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, p := range places {
			if _, err := r.Read(t.Context(), p, zoeklicht.CaptureID{}, "page"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(r.openers) != maxOpeners || len(r.order) != maxOpeners {
		t.Errorf("remembers %d keys in an order of %d", len(r.openers), len(r.order))
	}
}

package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/blob/blobtest"
	"zoeklicht/internal/keys"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// files joins the two halves of a folder into what blobtest tests.
type files struct {
	*blob.Writer
	*blob.Reader
	blob.Folder
}

// The folder's own Writer and Reader are the embedded ones here.
func (f files) Close() error { return f.Writer.Close() }

func newRing(t testing.TB) *keys.Ring {
	t.Helper()
	ring, err := keys.NewRing("practice", time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func open(t testing.TB, dir string, ring *keys.Ring, c blob.Config) files {
	t.Helper()
	f := blob.In(dir, "practice", blob.Vault)
	w, err := f.Writer(c, ring.Public())
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	return files{w, r, f}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) func() blobtest.Driver {
		dir, ring := t.TempDir(), newRing(t)
		return func() blobtest.Driver { return open(t, dir, ring, blob.Config{SegmentSize: 64 << 10, Buffer: 8 << 10}) }
	})
}

func segment(dir string, n int) string {
	return filepath.Join(dir, "themes", "practice", "vault", fmt.Sprintf("%08d.seg", n))
}

var owner = zoeklicht.CaptureID{1, 2, 3}

// filled makes one segment of a few items and gives their places.
func filled(t testing.TB, dir string, ring *keys.Ring, items ...zoeklicht.Item) []zoeklicht.Place {
	t.Helper()
	d := open(t, dir, ring, blob.Config{})
	places, err := d.Append(context.Background(), owner, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return places
}

var items = []zoeklicht.Item{
	{Name: "page", Bytes: bytes.Repeat([]byte("Relaxing massage by appointment. "), 10)},
	{Name: "picture:0", Bytes: nil},
	{Name: "context", Bytes: []byte("{}")},
}

// scan gives what Scan found, as text.
func scan(f blob.Folder, n int64) (out []string) {
	for fr, err := range f.Scan(n) {
		var d *blob.Damage
		switch {
		case errors.As(err, &d):
			out = append(out, fmt.Sprintf("damage at %d of %d, tail %v", d.Offset, d.Length, d.Tail))
		case err != nil:
			out = append(out, err.Error())
		default:
			name := "?"
			for _, i := range items {
				if fr.Holds(i.Name) {
					name = i.Name
				}
			}
			out = append(out, fmt.Sprintf("%s at %d of %d, erased %v", name, fr.Offset, fr.Length, fr.Erased))
		}
	}
	return out
}

// TestTorn cuts a segment at every length and wants each whole frame found, the
// rest reported as a torn tail, and places before the cut readable.
func TestTorn(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	places := filled(t, dir, ring, items...)
	whole, err := os.ReadFile(segment(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	f := blob.In(dir, "practice", blob.Vault)
	r, err := f.Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if n < 4096 && n%97 != 0 && n != 4095 {
			continue // the head is one piece: no need for each of its bytes
		}
		if err := os.WriteFile(segment(dir, 1), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var want []string
		end := int64(4096)
		for i, p := range places {
			if p.Offset+p.Length > int64(n) {
				break
			}
			want = append(want, fmt.Sprintf("%s at %d of %d, erased false", items[i].Name, p.Offset, p.Length))
			end = (p.Offset + p.Length + 63) / 64 * 64
			if got, err := r.Read(t.Context(), p, owner, items[i].Name); err != nil || !bytes.Equal(got, items[i].Bytes) {
				t.Errorf("cut at %d: %s: %v", n, items[i].Name, err)
			}
		}
		switch {
		case n == 0:
		case n < 4096:
			want = []string{fmt.Sprintf("damage at 0 of %d, tail true", n)}
		case int64(n) > end:
			want = append(want, fmt.Sprintf("damage at %d of %d, tail true", end, int64(n)-end))
		}
		if d := cmp.Diff(want, scan(f, 1)); d != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", n, d)
		}
	}
}

// TestFlippedBits flips one bit in each byte of a segment: Scan reports it and
// still finds the other frames, and Read fails or gives the same bytes.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	places := filled(t, dir, ring, items...)
	whole, err := os.ReadFile(segment(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	f := blob.In(dir, "practice", blob.Vault)
	clean := scan(f, 1)
	for at := range whole {
		if at < 4096 && at%61 != 0 {
			continue
		}
		whole[at] ^= 1 << (at % 8)
		if err := os.WriteFile(segment(dir, 1), whole, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := f.Reader(ring)
		if err != nil {
			t.Fatal(err)
		}
		hit := -1 // the item whose frame was flipped
		for i, p := range places {
			got, err := r.Read(t.Context(), p, owner, items[i].Name)
			inside := int64(at) >= p.Offset && int64(at) < p.Offset+p.Length
			if inside {
				hit = i
			}
			if inside && err == nil {
				t.Errorf("byte %d: %s was read", at, items[i].Name)
			}
			if at >= 4096 && !inside && err != nil {
				t.Errorf("byte %d: %s: %v", at, items[i].Name, err)
			}
			if err == nil && !bytes.Equal(got, items[i].Bytes) {
				t.Errorf("byte %d: %s: other bytes", at, items[i].Name)
			}
			if err != nil && (!strings.Contains(err.Error(), "vault/00000001") || !strings.Contains(err.Error(), fmt.Sprint(p.Offset))) {
				t.Errorf("byte %d: %q names no segment and offset", at, err)
			}
		}
		got := scan(f, 1)
		switch {
		case at < 4096:
			if len(got) != len(clean)+1 {
				t.Errorf("byte %d in the head: %v", at, got)
			}
		case hit >= 0:
			if len(got) != len(clean) || !strings.HasPrefix(got[hit], fmt.Sprintf("damage at %d ", places[hit].Offset)) {
				t.Errorf("byte %d of %s: %v", at, items[hit].Name, got)
			}
		default: // padding: no claim covers it
			if d := cmp.Diff(clean, got); d != "" {
				t.Errorf("byte %d of the padding:\n%s", at, d)
			}
		}
		whole[at] ^= 1 << (at % 8)
	}
}

func TestMovedSegment(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	places := filled(t, dir, ring, items...)
	if err := os.Rename(segment(dir, 1), segment(dir, 2)); err != nil {
		t.Fatal(err)
	}
	r, err := blob.In(dir, "practice", blob.Vault).Reader(ring)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(t.Context(), places[0], owner, "page"); zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), "missing") {
		t.Errorf("missing segment: %v", err)
	}
	p := places[0]
	p.Segment = 2
	if _, err := r.Read(t.Context(), p, owner, "page"); err == nil || !strings.Contains(err.Error(), "belongs elsewhere") {
		t.Errorf("renamed segment: %v", err)
	}
	other, err := blob.In(dir, "practice", blob.Vault).Reader(newRing(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(segment(dir, 2), segment(dir, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(t.Context(), places[0], owner, "page"); err == nil || !strings.Contains(err.Error(), "put back practice.key") {
		t.Errorf("another key: %v", err)
	}
}

func TestEraseFreesAndHides(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	big := zoeklicht.Item{Name: "page", Bytes: bytes.Repeat([]byte("x"), 1<<20)}
	places := filled(t, dir, ring, big, items[2])
	before, err := os.ReadFile(segment(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	var was, is unix.Stat_t
	if err := unix.Stat(segment(dir, 1), &was); err != nil {
		t.Fatal(err)
	}
	f := blob.In(dir, "practice", blob.Vault)
	if err := f.Erase(t.Context(), places[0], owner, "page"); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(segment(dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	p := places[0]
	sealed := after[p.Offset+64 : p.Offset+p.Length]
	if len(bytes.Trim(sealed, "\x00")) > 0 || len(after) != len(before) {
		t.Error("sealed bytes are left, or the segment's length changed")
	}
	if err := unix.Stat(segment(dir, 1), &is); err != nil {
		t.Fatal(err)
	}
	if was.Blocks-is.Blocks < 1000 { // of 512 bytes
		t.Logf("the file system gave back no room: %d blocks before, %d after", was.Blocks, is.Blocks)
	}
	want := []string{
		fmt.Sprintf("page at %d of %d, erased true", p.Offset, p.Length),
		fmt.Sprintf("context at %d of %d, erased false", places[1].Offset, places[1].Length),
	}
	if d := cmp.Diff(want, scan(f, 1)); d != "" {
		t.Error(d)
	}
}

func TestOneWriter(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	d := open(t, dir, ring, blob.Config{})
	f := blob.In(dir, "practice", blob.Vault)
	if _, err := f.Writer(blob.Config{}, ring.Public()); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("a second writer: %v", err)
	}
	w, err := blob.In(dir, "practice", blob.Working).Writer(blob.Config{}, ring.Public())
	if err != nil {
		t.Errorf("a writer of the other kind: %v", err)
	} else if err := w.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	d = open(t, dir, ring, blob.Config{})
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if n, err := f.Segments(); err != nil || len(n) != 0 {
		t.Errorf("writers that wrote nothing left segments %v, %v", n, err)
	}
	if _, err := blob.In(dir, "other", blob.Vault).Writer(blob.Config{}, ring.Public()); err == nil {
		t.Error("wrote to one theme with the key of another")
	}
	if _, err := blob.In(dir, "other", blob.Vault).Reader(ring); err == nil {
		t.Error("reads one theme with the keys of another")
	}
}

// TestKilled kills a process that appends and syncs, many times, and wants
// every place that it had been told was durable.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir, ring := t.TempDir(), newRing(t)
	total := 0
	for round := range 8 {
		acked := killed(t, dir, ring.Public(), 3+round*5)
		r, err := blob.In(dir, "practice", blob.Vault).Reader(ring)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range acked {
			got, err := r.Read(t.Context(), a.Place, a.Owner, "page")
			if err != nil || len(got) != a.Size {
				t.Errorf("round %d: acknowledged and lost: %v", round, err)
			}
		}
		total += len(acked)
	}
	if total == 0 {
		t.Error("nothing was ever acknowledged")
	}
	f := blob.In(dir, "practice", blob.Vault)
	numbers, err := f.Segments()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		for _, err := range f.Scan(n) {
			var d *blob.Damage
			if err != nil && (!errors.As(err, &d) || !d.Tail) {
				t.Errorf("more than a torn tail: %v", err)
			}
		}
	}
}

type ack struct {
	Owner zoeklicht.CaptureID
	Place zoeklicht.Place
	Size  int
}

// killed runs the writing child and kills it once it has acknowledged n items.
func killed(t *testing.T, dir string, pub keys.Public, n int) (acked []ack) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BLOB_CHILD="+dir)
	cmd.Stdin = bytes.NewReader(pub.Marshal())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var a ack
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			break // a line cut off by the kill
		}
		if acked = append(acked, a); len(acked) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended before it was killed")
	}
	return acked
}

// child appends for ever and prints what is durable.
func child(dir string) error {
	var in bytes.Buffer
	if _, err := in.ReadFrom(os.Stdin); err != nil {
		return err
	}
	pub, err := keys.ParsePublic(in.Bytes())
	if err != nil {
		return err
	}
	w, err := blob.In(dir, "practice", blob.Vault).Writer(blob.Config{SegmentSize: 100 << 10, Buffer: 10 << 10}, pub)
	if err != nil {
		return err
	}
	ctx, out := context.Background(), json.NewEncoder(os.Stdout)
	for n := 0; ; {
		var group []ack
		for range 7 {
			n++
			a := ack{Owner: zoeklicht.CaptureID{byte(n), byte(n >> 8), byte(n >> 16)}, Size: n * 37 % 20_000}
			places, err := w.Append(ctx, a.Owner, []zoeklicht.Item{{Name: "page", Bytes: make([]byte, a.Size)}})
			if err != nil {
				return err
			}
			a.Place = places[0]
			group = append(group, a)
		}
		if err := w.Sync(ctx); err != nil {
			return err
		}
		for _, a := range group {
			if err := out.Encode(a); err != nil {
				return err
			}
		}
	}
}

func TestMain(m *testing.M) {
	if dir := os.Getenv("BLOB_CHILD"); dir != "" {
		fmt.Fprintln(os.Stderr, child(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestFullDisk fills a real file system of 1 MiB. It needs root, for the mount.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	// The mount exists in the namespace of this thread alone, which ends with
	// the test because it is never unlocked.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Skipf("needs root, for a small file system of its own: %v", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skipf("needs root, for a small file system of its own: %v", err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs root, for a small file system of its own: %v", err)
	}
	defer func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	ring, ctx := newRing(t), context.Background()
	d := open(t, dir, ring, blob.Config{SegmentSize: 300 << 10, Buffer: 16 << 10})
	defer d.Close()
	type one struct {
		owner zoeklicht.CaptureID
		place zoeklicht.Place
	}
	var safe []one
	var err error
	add := func(n int) (one, error) {
		o := zoeklicht.CaptureID{byte(n), byte(n >> 8)}
		places, err := d.Append(ctx, o, []zoeklicht.Item{{Name: "page", Bytes: make([]byte, 30_000)}})
		if err != nil {
			return one{}, err
		}
		return one{o, places[0]}, d.Sync(ctx)
	}
	for n := 0; err == nil && n < 100; n++ {
		var o one
		if o, err = add(n); err == nil {
			safe = append(safe, o)
		}
	}
	if zoeklicht.CodeOf(err) != zoeklicht.Limit || !strings.Contains(err.Error(), "what was stored before is whole") {
		t.Fatalf("after %d items: %v", len(safe), err)
	}
	if len(safe) < 15 {
		t.Errorf("only %d items fitted into 1 MiB", len(safe))
	}
	if free, total, err := blob.Free(dir); err != nil || total != 1<<20 || free > 64<<10 {
		t.Errorf("free %d of %d, %v", free, total, err)
	}
	if _, err := add(200); zoeklicht.CodeOf(err) != zoeklicht.Limit {
		t.Errorf("once more: %v", err)
	}
	for _, o := range safe {
		if _, err := d.Read(ctx, o.place, o.owner, "page"); err != nil {
			t.Errorf("stored before the disk was full: %v", err)
		}
	}
	for _, o := range safe[:10] {
		if err := d.Erase(ctx, o.place, o.owner, "page"); err != nil {
			t.Fatal(err)
		}
	}
	o, err := add(201) // room was made
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(ctx, o.place, o.owner, "page"); err != nil {
		t.Errorf("after room was made: %v", err)
	}
}

func TestFree(t *testing.T) {
	t.Parallel()
	free, total, err := blob.Free(filepath.Join(t.TempDir(), "not", "there", "yet"))
	if err != nil || total == 0 || free > total {
		t.Errorf("%d of %d, %v", free, total, err)
	}
}

// FuzzScan puts bytes after the head of a segment: nothing panics, and frames
// and damage together cover every byte once.
func FuzzScan(f *testing.F) {
	dir, ring := f.TempDir(), newRing(f)
	filled(f, dir, ring, items...)
	whole, err := os.ReadFile(segment(dir, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[4096:])
	f.Add(whole[4096:4300])
	f.Add(append(bytes.Clone(whole[4096:4160]), whole[4096:]...))
	folder := blob.In(dir, "practice", blob.Vault)
	path := filepath.Join(folder.Dir, "00000007.seg")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, append(bytes.Clone(whole[:4096]), b...), 0o600); err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		for fr, err := range folder.Scan(7) {
			var d *blob.Damage
			switch {
			case errors.As(err, &d):
				if d.Offset != at && d.Offset != (at+63)/64*64 {
					t.Fatalf("damage at %d after %d", d.Offset, at)
				}
				at = d.Offset + d.Length
			case err != nil:
				t.Fatal(err)
			default:
				if fr.Offset != (at+63)/64*64 {
					t.Fatalf("frame at %d after %d", fr.Offset, at)
				}
				at = fr.Offset + fr.Length
			}
		}
		if size := int64(4096 + len(b)); (at+63)/64*64 < size {
			t.Fatalf("looked at %d of %d bytes", at, size)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{2 << 10, 20 << 10, 200 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			d := open(b, b.TempDir(), newRing(b), blob.Config{})
			defer d.Close()
			ctx, group := b.Context(), []zoeklicht.Item{{Name: "page", Bytes: make([]byte, size)}, {Name: "context", Bytes: make([]byte, 1500)}}
			b.SetBytes(int64(size + 1500))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if _, err := d.Append(ctx, owner, group); err != nil {
					b.Fatal(err)
				}
				if n%64 == 63 {
					if err := d.Sync(ctx); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	dir, ring := b.TempDir(), newRing(b)
	places := filled(b, dir, ring, zoeklicht.Item{Name: "page", Bytes: make([]byte, 20<<10)})
	r, err := blob.In(dir, "practice", blob.Vault).Reader(ring)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(20 << 10)
	for b.Loop() {
		if _, err := r.Read(b.Context(), places[0], owner, "page"); err != nil {
			b.Fatal(err)
		}
	}
}

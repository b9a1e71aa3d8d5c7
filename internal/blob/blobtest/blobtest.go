// Package blobtest holds the test that every driver of package blob passes:
// files, and whatever stores segments elsewhere later.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/blob"
)

// Driver is what is tested. Read and Erase may be used by several goroutines,
// the others by one.
type Driver interface {
	Append(ctx context.Context, owner zoeklicht.CaptureID, items []zoeklicht.Item) ([]zoeklicht.Place, error)
	Sync(ctx context.Context) error
	Read(ctx context.Context, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) ([]byte, error)
	Erase(ctx context.Context, place zoeklicht.Place, owner zoeklicht.CaptureID, name string) error
	Close() error
}

// Run tests a driver. Open opens the same store each time, one at a time, and
// fails the test if it cannot; fresh gives the Open of a new, empty store whose
// segments end at about 64 KiB.
func Run(t *testing.T, fresh func(t *testing.T) (open func() Driver)) {
	for name, test := range map[string]func(*testing.T, func() Driver){
		"round trip": roundTrip, "wrong place": wrongPlace, "erase": erase, "cancelled": cancelled, "together": together,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

// stored is a capture in the store.
type stored struct {
	owner  zoeklicht.CaptureID
	items  []zoeklicht.Item
	places []zoeklicht.Place
}

func put(t *testing.T, d Driver, n int, items ...zoeklicht.Item) stored {
	t.Helper()
	s := stored{owner: zoeklicht.CaptureID{0: byte(n), 1: byte(n >> 8), 15: 1}, items: items}
	var err error
	if s.places, err = d.Append(t.Context(), s.owner, items); err != nil {
		t.Fatal(err)
	}
	if len(s.places) != len(items) {
		t.Fatalf("%d places for %d items", len(s.places), len(items))
	}
	return s
}

func settle(t *testing.T, d Driver) {
	t.Helper()
	if err := d.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s stored) check(t *testing.T, d Driver) {
	t.Helper()
	for i, item := range s.items {
		got, err := d.Read(t.Context(), s.places[i], s.owner, item.Name)
		if err != nil || !bytes.Equal(got, item.Bytes) {
			t.Errorf("%s %s: %d bytes, want %d, %v", s.owner, item.Name, len(got), len(item.Bytes), err)
		}
	}
}

func pattern(seed uint64, n int) []byte {
	r, b := rand.New(rand.NewPCG(seed, 1)), make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// roundTrip stores captures of all sizes over several segments and openings.
func roundTrip(t *testing.T, open func() Driver) {
	sizes := []int{0, 1, 15, 16, 63, 64, 65, 4095, 4096, 70_000, 3_000_000}
	var all []stored
	for round := range 3 {
		d := open()
		for i, size := range sizes {
			n := round*len(sizes) + i
			all = append(all, put(t, d, n,
				zoeklicht.Item{Name: "page", Bytes: pattern(uint64(n), size)},
				zoeklicht.Item{Name: "picture:0", Bytes: pattern(uint64(n)+1000, size/2)},
				zoeklicht.Item{Name: "context", Bytes: []byte("{}")}))
			if i%3 == 0 {
				settle(t, d)
			}
		}
		all = append(all, put(t, d, 500)) // a capture without items is nothing, and no error
		settle(t, d)
		settle(t, d)
		for _, s := range all {
			s.check(t, d)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	segments := map[int64]bool{}
	for _, s := range all {
		for _, p := range s.places {
			segments[p.Segment] = true
			if p.Segment != s.places[0].Segment {
				t.Errorf("the items of one capture lie in segments %d and %d", s.places[0].Segment, p.Segment)
			}
		}
	}
	if len(segments) < 6 {
		t.Errorf("%d segments: a new one is begun at each opening and when one is full", len(segments))
	}
}

// wrongPlace asks for what is not there.
func wrongPlace(t *testing.T, open func() Driver) {
	d := open()
	defer d.Close()
	one := put(t, d, 1, zoeklicht.Item{Name: "page", Bytes: pattern(1, 1000)})
	two := put(t, d, 2, zoeklicht.Item{Name: "page", Bytes: pattern(2, 1000)})
	settle(t, d)
	p := one.places[0]
	for what, try := range map[string]struct {
		place zoeklicht.Place
		owner zoeklicht.CaptureID
		name  string
	}{
		"another's":     {two.places[0], one.owner, "page"},
		"another owner": {p, two.owner, "page"},
		"another name":  {p, one.owner, "picture:0"},
		"another key":   {zoeklicht.Place{Segment: p.Segment, Offset: p.Offset, Length: p.Length, Key: two.places[0].Key}, one.owner, "page"},
		"no key":        {zoeklicht.Place{Segment: p.Segment, Offset: p.Offset, Length: p.Length}, one.owner, "page"},
		"offset":        {zoeklicht.Place{Segment: p.Segment, Offset: p.Offset + 64, Length: p.Length, Key: p.Key}, one.owner, "page"},
		"negative":      {zoeklicht.Place{Segment: p.Segment, Offset: -64, Length: p.Length, Key: p.Key}, one.owner, "page"},
		"length":        {zoeklicht.Place{Segment: p.Segment, Offset: p.Offset, Length: p.Length - 1, Key: p.Key}, one.owner, "page"},
		"beyond":        {zoeklicht.Place{Segment: p.Segment, Offset: 1 << 62, Length: 1 << 62, Key: p.Key}, one.owner, "page"},
		"no segment":    {zoeklicht.Place{Segment: p.Segment + 100, Offset: p.Offset, Length: p.Length, Key: p.Key}, one.owner, "page"},
	} {
		got, err := d.Read(t.Context(), try.place, try.owner, try.name)
		if err == nil || got != nil {
			t.Errorf("%s: read %d bytes, %v", what, len(got), err)
		}
		if what == "another key" || what == "no key" {
			continue // erasing looks at no key
		}
		if err := d.Erase(t.Context(), try.place, try.owner, try.name); err == nil {
			t.Errorf("%s: erased something", what)
		}
	}
	one.check(t, d)
	two.check(t, d)
}

// erase destroys one item of one capture and looks at all others.
func erase(t *testing.T, open func() Driver) {
	d := open()
	var all []stored
	for n := range 20 {
		all = append(all, put(t, d, n,
			zoeklicht.Item{Name: "page", Bytes: pattern(uint64(n), 1000*n)},
			zoeklicht.Item{Name: "picture:0", Bytes: pattern(uint64(n), 20_000)}))
	}
	settle(t, d)
	gone := all[7]
	for range 2 { // twice is once
		if err := d.Erase(t.Context(), gone.places[1], gone.owner, "picture:0"); err != nil {
			t.Fatal(err)
		}
	}
	last := put(t, d, 99, zoeklicht.Item{Name: "page", Bytes: pattern(99, 5000)}) // the writer goes on
	settle(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open()
	defer d.Close()
	if _, err := d.Read(t.Context(), gone.places[1], gone.owner, "picture:0"); !errors.Is(err, blob.ErrErased) {
		t.Errorf("read after erasing: %v", err)
	}
	for _, s := range append(all, last) {
		if s.owner == gone.owner {
			s.items = s.items[:1]
		}
		s.check(t, d)
	}
}

// cancelled does nothing under a context that has ended, and harms nothing.
func cancelled(t *testing.T, open func() Driver) {
	d := open()
	defer d.Close()
	s := put(t, d, 1, zoeklicht.Item{Name: "page", Bytes: []byte("text")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, e1 := d.Append(ctx, s.owner, s.items)
	e2 := d.Sync(ctx)
	_, e3 := d.Read(ctx, s.places[0], s.owner, "page")
	e4 := d.Erase(ctx, s.places[0], s.owner, "page")
	for i, err := range []error{e1, e2, e3, e4} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	settle(t, d) // what was appended before still stands
	s.check(t, d)
}

// together reads from many goroutines while the writer goes on.
func together(t *testing.T, open func() Driver) {
	d := open()
	defer d.Close()
	var all []stored
	for n := range 30 {
		all = append(all, put(t, d, n, zoeklicht.Item{Name: "page", Bytes: pattern(uint64(n), 9000)}))
	}
	settle(t, d)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, s := range all {
				s.check(t, d)
			}
		})
	}
	for n := range 30 {
		put(t, d, 1000+n, zoeklicht.Item{Name: fmt.Sprint("picture:", n), Bytes: pattern(uint64(n), 9000)})
		settle(t, d)
	}
	wg.Wait()
}

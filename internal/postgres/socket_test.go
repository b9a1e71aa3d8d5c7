package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht"
)

func TestSocketFolder(t *testing.T) {
	id := self()
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 90))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	place := t.TempDir()
	missing := filepath.Join(place, "not-there")
	first, err := socketFolder(id, "", missing, long, place)
	if err != nil || filepath.Dir(first) != place || !private(first, id) {
		t.Fatalf("got %q, %v; want a private folder in %s", first, err, place)
	}
	if left, _ := os.ReadDir(long); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	again := func(what string, want bool) {
		t.Helper()
		got, err := socketFolder(id, first, place)
		if err != nil || (got == first) != want || !private(got, id) {
			t.Errorf("%s: got %q, %v; the same %v", what, got, err, want)
		}
	}
	again("as it was", true)
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	again("after a restart of the machine", true)
	if err := os.Chmod(first, 0o755); err != nil {
		t.Fatal(err)
	}
	again("open to others", false)
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(place, first); err != nil {
		t.Fatal(err)
	}
	again("a link of somebody else's", false)
	if os.Geteuid() == 0 {
		if err := os.Remove(first); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(first, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(first, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		again("somebody else's", false)
	}
	if _, err := socketFolder(id, "", missing, long); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("no place: got %v", err)
	}
}

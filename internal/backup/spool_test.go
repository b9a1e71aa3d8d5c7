package backup

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestSpool: what is held comes back, and is neither on the disk in clear nor under a name.
func TestSpool(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := newSpool(data)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := bytes.Repeat([]byte("a row in clear\n"), 1000)
	for rest := want; len(rest) > 0; rest = rest[min(len(rest), 777):] {
		if _, err := s.Write(rest[:min(len(rest), 777)]); err != nil {
			t.Fatal(err)
		}
	}
	raw := make([]byte, len(want))
	if _, err := s.file.ReadAt(raw, 0); err != nil || bytes.Contains(raw, []byte("row")) {
		t.Errorf("the rows lie on the disk in clear: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(data, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("it has a name: %v, %v", left, err)
	}
	r, err := s.reader()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) || s.size != int64(len(want)) {
		t.Errorf("%d of %d bytes came back: %v", len(got), len(want), err)
	}
}

package backup_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/backup"
)

// sealed writes a backup encrypted to a key of its own.
func sealed(t *testing.T, keys string, at time.Time, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := backup.Seal(&out, keys, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unsealed(b []byte, keys string) ([]byte, error) {
	r, err := backup.Unseal(bytes.NewReader(b), keys)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// TestSealedThereAndBack restores a backup that is encrypted, and none of which a bit was
// flipped or the end is missing.
func TestSealedThereAndBack(t *testing.T) {
	t.Parallel()
	src, dsn := set(t)
	keys := t.TempDir()
	b := sealed(t, keys, src.Now, write(t, src))
	if bytes.Contains(b, []byte("manifest.json")) {
		t.Error("the backup is not encrypted")
	}
	r, err := backup.Unseal(bytes.NewReader(b), keys)
	if err != nil {
		t.Fatal(err)
	}
	to, fresh := target(t)
	if _, err := backup.Restore(t.Context(), r, to); err != nil {
		t.Fatal(err)
	}
	if dump(t, dsn)["outbox"] != dump(t, fresh)["outbox"] || backup.Unfinished(to.Data) {
		t.Error("what was restored is not what was backed up")
	}
	for name, wrong := range map[string][]byte{"cut": b[:len(b)-20], "flipped": flipped(b, len(b)/2)} {
		to, fresh := target(t)
		r, err := backup.Unseal(bytes.NewReader(wrong), keys)
		if err == nil {
			_, err = backup.Restore(t.Context(), r, to)
		}
		if err == nil || dump(t, fresh)["moment"] != "" {
			t.Errorf("%s: was restored: %v", name, err)
		}
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// TestExpire: every edge of the clock, and what a destroyed key opened.
func TestExpire(t *testing.T) {
	t.Parallel()
	keys, now := t.TempDir(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ages := []time.Duration{0, time.Hour, 30*24*time.Hour - time.Second, 30 * 24 * time.Hour, 30*24*time.Hour + time.Second, 400 * 24 * time.Hour}
	backups := make([][]byte, len(ages))
	for i, age := range ages {
		backups[i] = sealed(t, keys, now.Add(-age), []byte("what it holds"))
	}
	for _, other := range []string{"notes.txt", "20260101T000000Z-other.txt", "nothing.key"} {
		if err := os.WriteFile(filepath.Join(keys, other), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone, left, err := backup.Expire(keys, now.AddDate(0, 0, -30))
	if err != nil || gone != 2 || left != 4 {
		t.Errorf("%d keys went, %d are left: %v", gone, left, err)
	}
	for i, age := range ages {
		got, err := unsealed(backups[i], keys)
		switch kept := age <= 30*24*time.Hour; {
		case kept && (err != nil || string(got) != "what it holds"):
			t.Errorf("of %v ago: %q, %v", age, got, err)
		case !kept && zoeklicht.CodeOf(err) != zoeklicht.NotFound:
			t.Errorf("of %v ago: it opened: %v", age, err)
		}
	}
	for _, other := range []string{"notes.txt", "20260101T000000Z-other.txt", "nothing.key"} {
		if _, err := os.Stat(filepath.Join(keys, other)); err != nil {
			t.Errorf("%s went as well", other)
		}
	}
	if gone, left, err := backup.Expire(filepath.Join(keys, "none"), now); err != nil || gone+left != 0 {
		t.Errorf("of a folder that is not there: %d, %d, %v", gone, left, err)
	}
}

// TestUnsealPlain: a backup that is not encrypted passes as it is, and an encrypted one
// does not open without its key.
func TestUnsealPlain(t *testing.T) {
	t.Parallel()
	for _, b := range []string{"", "x", "plain bytes that are longer than the header of an encrypted file"} {
		if got, err := unsealed([]byte(b), ""); err != nil || string(got) != b {
			t.Errorf("%q became %q: %v", b, got, err)
		}
	}
	b := sealed(t, t.TempDir(), time.Now(), []byte("x"))
	for _, keys := range []string{"", t.TempDir()} {
		if _, err := unsealed(b, keys); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
			t.Errorf("opened with the keys of %q: %v", keys, err)
		}
	}
}

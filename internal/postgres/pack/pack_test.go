package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/postgres"
)

type entry struct{ name, body string }

// npm makes a package as npm does, its files in the order given.
func npm(t *testing.T, when time.Time, files ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: "package/" + f.name, Mode: 0o644, Size: int64(len(f.body)), ModTime: when}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var links = entry{"native/pg-symlinks.json", `[
	{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"},
	{"source": "native/lib/libecpg.so.6.18", "target": "native/lib/libecpg.so.6"}]`}

var sample = []entry{
	links,
	{"package.json", "{}"},
	{"LICENSE.md", "a licence"},
	{"native/lib/libpq.so.5.18", "a library"},
	{"native/lib/libecpg.so.6.18", "embedded C"},
	{"native/lib/libpq.a", "to link with"},
	{"native/lib/postgresql/plperl.so", "a language"},
	{"native/lib/postgresql/pgxs/src/Makefile", "to compile with"},
	{"native/lib/postgresql/pg_trgm.so", "an extension"},
	{"native/lib/postgresql/uuid-ossp.so", "an extension with a library of its own"},
	{"native/bin/postgres", "a program"},
	{"native/share/postgresql/postgres.bki", "a catalogue"},
}

// pins gives the options that fit a package's bytes.
func pins(t *testing.T, b []byte) options {
	t.Helper()
	dir := t.TempDir()
	o := options{file: filepath.Join(dir, "p.tgz"), name: "p@1", version: "18.4", out: filepath.Join(dir, "dist")}
	if err := os.WriteFile(o.file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	s256, s512 := sha256.Sum256(b), sha512.Sum512(b)
	o.sha256, o.integrity = hex.EncodeToString(s256[:]), "sha512-"+base64.StdEncoding.EncodeToString(s512[:])
	return o
}

// packed runs pack and gives the tarball and the manifest.
func packed(t *testing.T, o options) ([]byte, postgres.Manifest) {
	t.Helper()
	if err := run(o); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(o.out, "postgres-linux-amd64.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := postgres.ReadManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	tarball, err := os.ReadFile(filepath.Join(o.out, "postgres-linux-amd64.tar.zst"))
	if err != nil {
		t.Fatal(err)
	}
	return tarball, m
}

// What is packed is what the platform unpacks: the parts that a server needs,
// programs that can be run, and links where the package only lists them.
func TestPack(t *testing.T) {
	tarball, m := packed(t, pins(t, npm(t, time.Now(), sample...)))
	folder, err := postgres.Unpack(bytes.NewReader(tarball), m, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(folder, path)
		if d.Type() == os.ModeSymlink {
			to, err := os.Readlink(path)
			got[name] = "→" + to
			return err
		}
		info, err := d.Info()
		got[name] = info.Mode().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range got {
		if strings.HasPrefix(name, "licences/") && name != "licences/README.md" && name != "licences/packaging.md" {
			delete(got, name) // a text for each part, as the README lists them
		}
	}
	want := map[string]string{
		"licences/README.md":            "-rw-r--r--",
		"bin/postgres":                  "-rwxr-xr-x",
		"lib/libpq.so.5":                "→libpq.so.5.18",
		"lib/libpq.so.5.18":             "-rw-r--r--",
		"lib/postgresql/pg_trgm.so":     "-rw-r--r--",
		"licences/packaging.md":         "-rw-r--r--",
		"share/postgresql/postgres.bki": "-rw-r--r--",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The same content gives the same bytes, whenever and in whatever order npm
// packed it.
func TestSameBytes(t *testing.T) {
	first, _ := packed(t, pins(t, npm(t, time.Unix(1, 0), sample...)))
	turned := append(append([]entry{}, sample[5:]...), sample[:5]...)
	second, _ := packed(t, pins(t, npm(t, time.Unix(1e9, 0), turned...)))
	if !bytes.Equal(first, second) {
		t.Error("the tarballs differ")
	}
}

func TestRefused(t *testing.T) {
	good := pins(t, npm(t, time.Now(), sample...))
	for name, c := range map[string]struct {
		o    func() options
		says string
	}{
		"other sha256":    {func() options { o := good; o.sha256 = strings.Repeat("0", 64); return o }, "pinned"},
		"other integrity": {func() options { o := good; o.integrity = "sha512-AAAA"; return o }, "pinned"},
		"no file":         {func() options { o := good; o.file += "x"; return o }, "no such file"},
		"no links":        {func() options { return pins(t, npm(t, time.Now(), sample[1:]...)) }, "pg-symlinks.json"},
		"link leads out": {func() options {
			return pins(t, npm(t, time.Now(), entry{links.name, `[{"source": "native/bin/x", "target": "native/lib/libx.so"}]`}))
		}, "leads out"},
		"broken links": {func() options { return pins(t, npm(t, time.Now(), entry{links.name, "{"})) }, "pg-symlinks.json"},
		"not a tgz":    {func() options { return pins(t, []byte("this is no package at all")) }, "gzip"},
	} {
		o := c.o()
		err := run(o)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.says)
		}
		if left, _ := os.ReadDir(o.out); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

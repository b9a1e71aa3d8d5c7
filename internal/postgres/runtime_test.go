package postgres

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"zoeklicht"
)

// pack makes a compressed tarball and its manifest; a body that begins with
// "→" stands for a symbolic link.
func pack(t *testing.T, files ...[2]string) ([]byte, Manifest) {
	t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, f := range files {
		h := &tar.Header{Name: f[0], Mode: 0o755, Size: int64(len(f[1]))}
		to, link := strings.CutPrefix(f[1], "→")
		if link {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, to, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if !link {
			if _, err := w.Write([]byte(f[1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	sum := sha256.Sum256(plain.Bytes())
	return z.EncodeAll(plain.Bytes(), nil), Manifest{Tar: hex.EncodeToString(sum[:])}
}

func TestUnpack(t *testing.T) {
	tarball, m := pack(t, [2]string{"bin/postgres", "a program"}, [2]string{"lib/libpq.so.5.18", "a library"}, [2]string{"lib/libpq.so.5", "→libpq.so.5.18"})
	runtimes := filepath.Join(t.TempDir(), "runtime")
	for range 2 {
		folder, err := Unpack(bytes.NewReader(tarball), m, runtimes)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(folder, "lib/libpq.so.5")); err != nil || string(b) != "a library" {
			t.Errorf("through the link: %q, %v", b, err)
		}
		if info, err := os.Stat(filepath.Join(folder, "bin/postgres")); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("program: %v, %v", info, err)
		}
		tarball = nil // the second time nothing is read
	}
}

func TestUnpackRefuses(t *testing.T) {
	outside, m1 := pack(t, [2]string{"../../escaped", "x"})
	absolute, m2 := pack(t, [2]string{"/tmp/zoeklicht-escaped", "x"})
	through, m3 := pack(t, [2]string{"lib", "→/tmp"}, [2]string{"lib/zoeklicht-escaped", "x"})
	twice, m4 := pack(t, [2]string{"a", "x"}, [2]string{"a", "y"})
	good, m5 := pack(t, [2]string{"a", strings.Repeat("x", 100_000)})
	other := m5
	other.Tar = strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		tarball []byte
		m       Manifest
	}{
		"outside": {outside, m1}, "absolute": {absolute, m2}, "through a link": {through, m3}, "twice": {twice, m4},
		"other digest": {good, other}, "cut short": {good[:len(good)/2], m5}, "not compressed": {[]byte("hello"), m5}, "empty": {nil, m5},
	} {
		base := t.TempDir()
		runtimes := filepath.Join(base, "data", "runtime")
		if folder, err := Unpack(bytes.NewReader(c.tarball), c.m, runtimes); err == nil {
			t.Errorf("%s: unpacked to %s", name, folder)
		}
		if left, _ := os.ReadDir(runtimes); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
		if entries, _ := os.ReadDir(base); len(entries) != 1 {
			t.Errorf("%s: got out: %v", name, entries)
		}
	}
	if _, err := os.Lstat("/tmp/zoeklicht-escaped"); err == nil {
		t.Error("a file got out into /tmp")
	}
}

func TestReadManifest(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"version": "18.4", "tar": "` + strings.Repeat("ab", 32) + `"}`: true,
		`{"version": "18.4"}`:                         false,
		`{"tar": "../../../../../../somewhere/else"}`: false,
		`{`: false,
	} {
		m, err := ReadManifest([]byte(text))
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if ok && m.Folder() != "abababababababab" {
			t.Errorf("folder is %q", m.Folder())
		}
	}
}

func TestPrune(t *testing.T) {
	runtimes := t.TempDir()
	now, made, old := "00000000000000aa", "00000000000000bb", "00000000000000cc"
	for _, name := range []string{now, made, old, "half-123", "of-the-operator"} {
		if err := os.Mkdir(filepath.Join(runtimes, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := prune(runtimes, now, made); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(runtimes)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff([]string{now, made, "of-the-operator"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestStrays(t *testing.T) {
	folder := t.TempDir()
	lib := filepath.Join(folder, "lib")
	if err := os.Mkdir(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lib, "libz.so.1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	trace := strings.NewReplacer("LIB", lib, "BIN", filepath.Join(folder, "bin")).Replace(`
	linux-vdso.so.1 (0x00007ffc6a5f0000)
	libpq.so.5 => BIN/../lib/libpq.so.5 (0x00007f0000000000)
	libssl.so.1.1 => /usr/lib/x86_64-linux-gnu/libssl.so.1.1 (0x00007f0000000000)
	libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f0000000000)
	libstdc++.so.6 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0000000000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f0000000000)
`)
	want := []string{
		"libssl.so.1.1 from /usr/lib/x86_64-linux-gnu/libssl.so.1.1",
		"libz.so.1 from /lib/x86_64-linux-gnu/libz.so.1",
		"libstdc++.so.6 (not found)",
	}
	if diff := cmp.Diff(want, strays(trace, folder)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The PostgreSQL that make build packed loads its own libraries, and says so
// when a link that npm leaves out is missing.
func TestPackedResolves(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("dist/postgres-linux-amd64.json")
	if err != nil {
		t.Skip("no packed PostgreSQL: run build/fetch-postgres.sh")
	}
	m, err := ReadManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("dist/postgres-linux-amd64.tar.zst")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	folder, err := Unpack(f, m, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := resolves(t.Context(), self(), folder); err != nil {
		t.Error(err)
	}
	bin, err := inspect(t.Context(), self(), filepath.Join(folder, "bin"))
	if err != nil || bin.Version != m.Version {
		t.Errorf("it is %+v, %v; the manifest says %s", bin, err, m.Version)
	}
	for _, link := range []string{"libpq.so.5", "libicuuc.so.60"} {
		path := filepath.Join(folder, "lib", link)
		to, err := os.Readlink(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := resolves(t.Context(), self(), folder); zoeklicht.CodeOf(err) != zoeklicht.Unavailable || !strings.Contains(err.Error(), link) {
			t.Errorf("without %s: got %v, want it named", link, err)
		}
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
	for _, unwanted := range []string{"lib/libpq.a", "lib/postgresql/plperl.so", "lib/postgresql/pgxs"} {
		if _, err := os.Stat(filepath.Join(folder, unwanted)); err == nil {
			t.Errorf("%s was packed", unwanted)
		}
	}
	for _, wanted := range []string{"lib/postgresql/pg_trgm.so", "share/postgresql/extension/pg_trgm.control"} {
		if _, err := os.Stat(filepath.Join(folder, wanted)); err != nil {
			t.Error(err)
		}
	}
}

// A binary that carries PostgreSQL makes a cluster with it in an empty folder,
// keeps that runtime, and finds it again.
func TestCarriedServer(t *testing.T) {
	t.Parallel()
	m, ok := Carried()
	if !ok {
		t.Skip("this test binary carries no PostgreSQL: build it with -tags embedpg")
	}
	cfg := Config{Dir: t.TempDir(), TestMode: true}
	for range 2 {
		s, err := Start(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
		if err != nil {
			t.Fatal(err)
		}
		if s.Version().Text != m.Version {
			t.Errorf("version %s, want %s", s.Version().Text, m.Version)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		st, err := readState(cfg.Dir)
		if err != nil || st.Made.Bin != filepath.Join("runtime", m.Folder(), "bin") || st.Made != st.Runs {
			t.Errorf("state is %+v, %v", st, err)
		}
	}
	// A later binary of the same major version leaves it alone; one of another
	// major version is refused, and named the programs that made the cluster.
	if err := os.WriteFile(filepath.Join(cfg.Dir, "cluster", "PG_VERSION"), []byte("17\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := readState(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	st.Made.Major, st.Made.Version = 17, "17.9"
	if err := st.write(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if zoeklicht.CodeOf(err) != zoeklicht.Conflict || !strings.Contains(err.Error(), "--pg-bin "+filepath.Join(cfg.Dir, st.Made.Bin)) {
		t.Errorf("got %v, want a conflict that names %s", err, st.Made.Bin)
	}
	if names, err := os.ReadDir(filepath.Join(cfg.Dir, "runtime")); err != nil || !slices.ContainsFunc(names, func(e os.DirEntry) bool { return e.Name() == m.Folder() }) {
		t.Errorf("runtimes %v, %v: the one that made the cluster must stay", names, err)
	}
}

// Package warctest reads WARC files in tests with npm's warcio, which shares no code
// with what wrote them.
package warctest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

//go:embed check.mjs
var check []byte

// Record is what warcio makes of one record.
type Record struct {
	Type, URI string
	Item      string // the header Zoeklicht-Item
	Block     bool   // the block digest is right
	Payload   any    // of a response: whether its payload digest is right, "none" without one
	Body      string // of a response: "sha256:" and the digest of its body, codings undone
}

// Read gives every record of a file, both digests checked. It skips the test, saying
// so, where node or npm are absent.
func Read(t testing.TB, file string) []Record {
	t.Helper()
	script := filepath.Join(t.TempDir(), "check.mjs")
	if err := os.WriteFile(script, check, 0o600); err != nil {
		t.Fatal(err)
	}
	var records []Record
	for dec := json.NewDecoder(bytes.NewReader(run(t, script, Folder(t), file))); dec.More(); {
		var r Record
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

// Index gives warcio's CDX index of a file.
func Index(t testing.TB, file string) string {
	t.Helper()
	return string(run(t, filepath.Join(Folder(t), "node_modules", "warcio", "dist", "cli.js"), "cdx-index", "--noSurt", file))
}

func run(t testing.TB, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("node", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return out
}

// Folder gives a folder in which npm's warcio is installed, and installs
// it the first time, under .cache of the module.
func Folder(t testing.TB) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, to read the export with npm's warcio: apt-get install nodejs npm", tool)
		}
	}
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(here), "..", "..", "..", "..", ".cache", "warcio-2.4.11")
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "new-") //nolint:usetesting // it is renamed to where later runs find it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	out, err := exec.Command("npm", "install", "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund", "warcio@2.4.11").CombinedOutput()
	if err != nil {
		t.Skipf("needs npm's warcio, which could not be installed: %v\n%s", err, out)
	}
	// Another test process may have been faster: either installation will do.
	if err := os.Rename(fresh, folder); err != nil && !errors.Is(err, os.ErrExist) {
		if _, serr := os.Stat(folder); serr != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Package wacztest reads WACZ files in tests with programs that share no code with what
// wrote them: gowarc, npm's warcio and js-wacz, and ReplayWeb.page in Chromium.
package wacztest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zoeklicht/internal/export/warc/warctest"

	"github.com/google/go-cmp/cmp"
	gowarc "github.com/internetarchive/gowarc"
)

// Entry gives a file in a zip.
func Entry(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Lines gives the lines of a packed index.
func Lines(t testing.TB, packed []byte) []string {
	t.Helper()
	gz, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(gz)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// Read holds a file against the specification: each digest, the signature, each record
// with gowarc and with warcio, and each line of the index. It gives how many records and
// how many lines there are. Without node or npm it skips the test, saying so.
func Read(t testing.TB, file []byte) (records, lines int) {
	t.Helper()
	digests(t, file)
	archive := Entry(t, file, "archive/data.warc.gz")
	records = byGowarc(t, archive)
	byIndex := index(t, file, archive)
	path := filepath.Join(t.TempDir(), "data.warc.gz")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	read := warctest.Read(t, path)
	for i, r := range read {
		if !r.Block || r.Type == "response" && r.Payload == false {
			t.Errorf("warcio, record %d: %+v", i, r)
		}
	}
	if len(read) != records {
		t.Errorf("warcio reads %d records, gowarc %d", len(read), records)
	}
	return records, byIndex
}

// digests checks what datapackage.json and datapackage-digest.json say.
func digests(t testing.TB, file []byte) {
	t.Helper()
	about := Entry(t, file, "datapackage.json")
	var p struct {
		Version   string `json:"wacz_version"`
		Resources []struct {
			Path, Hash string
			Bytes      int
		}
	}
	var d struct {
		Path, Hash string
		SignedData struct {
			Hash, Created, Software string
			PublicKey, Signature    []byte
		}
	}
	if err := json.Unmarshal(about, &p); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Resources {
		if b := Entry(t, file, r.Path); r.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(b)) || r.Bytes != len(b) {
			t.Errorf("%s is not what datapackage.json says", r.Path)
		}
	}
	if err := json.Unmarshal(Entry(t, file, "datapackage-digest.json"), &d); err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(d.SignedData.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(d.SignedData.Hash))
	sig := d.SignedData.Signature
	if len(sig) != 96 || !ecdsa.Verify(key.(*ecdsa.PublicKey), sum[:], new(big.Int).SetBytes(sig[:48]), new(big.Int).SetBytes(sig[48:])) {
		t.Error("the signature is wrong")
	}
	if d.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(about)) || d.SignedData.Hash != d.Hash || d.Path != "datapackage.json" || p.Version != "1.1.1" {
		t.Errorf("the digest is not that of datapackage.json: %+v, version %s", d, p.Version)
	}
}

func byGowarc(t testing.TB, archive []byte) (n int) {
	t.Helper()
	rd, err := gowarc.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for ; ; n++ {
		r, err := rd.ReadRecord()
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		block, err := io.ReadAll(r.Content)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := gowarc.GetDigest(bytes.NewReader(block), gowarc.SHA256Base16); err != nil || d != r.Header.Get("WARC-Block-Digest") {
			t.Errorf("gowarc, record %d: %s, %v", n, d, err)
		}
		_ = r.Content.Close()
	}
}

// index checks that each line leads to a record of its own with its address.
func index(t testing.TB, file, archive []byte) int {
	t.Helper()
	all := Lines(t, Entry(t, file, "indexes/index.cdx.gz"))
	for _, row := range all {
		var l struct{ URL, Offset, Length, RecordDigest string }
		if err := json.Unmarshal([]byte(row[strings.Index(row, "{"):]), &l); err != nil {
			t.Fatal(err)
		}
		from, err1 := strconv.Atoi(l.Offset)
		n, err2 := strconv.Atoi(l.Length)
		if err1 != nil || err2 != nil || from+n > len(archive) {
			t.Fatalf("%s leads nowhere", row)
		}
		member := archive[from : from+n]
		record := strings.Join(Lines(t, member), "\n")
		if !strings.Contains(record, "\r\nWARC-Target-URI: "+l.URL+"\r\n") || !strings.HasPrefix(record, "WARC/1.1\r\nWARC-Type: response\r\n") {
			t.Errorf("%s leads to %.200q", row, record)
		}
		if l.RecordDigest != fmt.Sprintf("sha256:%x", sha256.Sum256(member)) {
			t.Errorf("%s: its digest is another", row)
		}
	}
	return len(all)
}

// SameIndex has js-wacz make a WACZ file of the archive, and compares the index. It skips
// the test where js-wacz is absent.
func SameIndex(t testing.TB, file []byte) {
	t.Helper()
	dir := t.TempDir()
	archive, theirs := filepath.Join(dir, "data.warc.gz"), filepath.Join(dir, "theirs.wacz")
	if err := os.WriteFile(archive, Entry(t, file, "archive/data.warc.gz"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(Package(t, "js-wacz-0.1.6"), "node_modules/@harvard-lil/js-wacz/bin/cli.js")
	if out, err := exec.Command("node", program, "create", "-f", archive, "-o", theirs).CombinedOutput(); err != nil {
		t.Fatalf("js-wacz: %v\n%s", err, out)
	}
	other, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.Split(strings.TrimSpace(string(Entry(t, other, "indexes/index.cdx"))), "\n")
	plain = slices.DeleteFunc(plain, func(row string) bool { return strings.HasPrefix(row, "urn:uuid:") }) // beside the pages
	if diff := cmp.Diff(agreed(t, plain), agreed(t, Lines(t, Entry(t, file, "indexes/index.cdx.gz")))); diff != "" {
		t.Errorf("index (-js-wacz +ours):\n%s", diff)
	}
}

// agreed gives what of an index's lines all writers agree on.
func agreed(t testing.TB, index []string) (out []string) {
	t.Helper()
	for _, row := range index {
		key, rest, _ := strings.Cut(row, " ")
		stamp, text, _ := strings.Cut(rest, " ")
		var l struct {
			URL, MIME              string
			Status, Offset, Length any
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %v %v %v", key, stamp[:14], l.URL, l.MIME, l.Status, l.Offset, l.Length))
	}
	slices.Sort(out)
	return out
}

// Package gives a folder that build/test filled from npm, or skips the test.
func Package(t testing.TB, name string) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(here), "..", "..", "..", "..", ".cache", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("npm's %s is not there; build/test fetches it", name)
	}
	return dir
}

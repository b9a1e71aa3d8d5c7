package web

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

// TestVendored: what is carried of others is exactly what the list says, and what the
// list does not name is ours.
func TestVendored(t *testing.T) {
	list, err := assetFiles.ReadFile("assets/vendored.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(list)); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 || f[1] == "" || f[2] == "" {
			t.Fatalf("%q: want file, origin, licence and SHA-256, with tabs between", line)
		}
		named[f[0]] = true
		body, err := assetFiles.ReadFile("assets/" + f[0])
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != f[3] {
			t.Errorf("%s has SHA-256 %x, the list says %s", f[0], sum, f[3])
		}
	}
	ours := map[string]bool{"app.css": true, "app.js": true, "beam.svg": true, "vendored.txt": true}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if named[e.Name()] == ours[e.Name()] {
			t.Errorf("%s is neither ours nor in the list of what is vendored, or both", e.Name())
		}
	}
}

var (
	inlineStyle = regexp.MustCompile(`(?i)\sstyle\s*=|<style`)
	inlineCode  = regexp.MustCompile(`(?i)\son[a-z]+\s*=|javascript:|hx-on`)
	elsewhere   = regexp.MustCompile(`(?i)(src|href|action)="(https?:)?//`)
)

// TestTemplatesKeepThePolicy: nothing in a template needs an exception to the content
// security policy, and nothing loads from elsewhere.
func TestTemplatesKeepThePolicy(t *testing.T) {
	entries, err := templateFiles.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		body, err := templateFiles.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []*regexp.Regexp{inlineStyle, inlineCode, elsewhere} {
			if m := bad.Find(body); m != nil {
				t.Errorf("%s has %q", e.Name(), m)
			}
		}
		for _, m := range regexp.MustCompile(`<script[^>]*>[^<]`).FindAll(body, -1) {
			t.Errorf("%s has a script of its own: %q", e.Name(), m)
		}
	}
	css, err := assetFiles.ReadFile("assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`@import|url\([^#)]*\)`).FindAll(css, -1) {
		t.Errorf("app.css loads something: %q", m)
	}
}

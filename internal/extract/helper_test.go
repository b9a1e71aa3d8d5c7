package extract_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

// recipe reads a recipe from YAML.
func recipe(t testing.TB, source string) *zoeklicht.Recipe {
	t.Helper()
	var r zoeklicht.Recipe
	if err := yaml.UnmarshalWithOptions([]byte(source), &r, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return &r
}

func compile(t testing.TB, source string, opt extract.Options) *extract.Reader {
	t.Helper()
	r, err := extract.Compile(recipe(t, source), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// page makes a page of HTML.
func page(url, body string) extract.Page {
	return extract.Page{
		URL: url, Canonical: url, Status: http.StatusOK, Body: []byte(body),
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
	}
}

// shared gives the path of public test data, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	file := filepath.Join(root, "data", filepath.FromSlash(name))
	if _, err := os.Stat(file); err != nil {
		t.Skipf("public test data are absent (%v): set ZOEKLICHT_SHARED to the folder that holds data/", err)
	}
	return file
}

// untar gives the files of a .tar.gz by their base names.
func untar(t testing.TB, file string) map[string][]byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasPrefix(path.Base(h.Name), ".") {
			continue
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		out[path.Base(h.Name)] = b
	}
}

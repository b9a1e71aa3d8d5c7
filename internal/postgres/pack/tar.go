package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// file is one entry of the tarball: a file, or a symbolic link if link is set.
type file struct {
	name string // bin/postgres
	body []byte
	link string
	exec bool
}

// unwanted are parts of the package that a server does not need: what programs
// are compiled against, embedded C, and languages whose interpreters the
// package does not bring along, and extensions that drag in a library each.
var unwanted = []string{
	"plperl", "plpython", "pltcl", "libecpg", "libpgtypes", "/pgxs/", "/pkgconfig/", "/include/",
	"uuid-ossp", "libossp-uuid", "pgxml", "/xml2", "libxslt",
}

// licences says what the packed PostgreSQL is made of, with the licences' texts.
//
//go:embed licences
var licences embed.FS

// wanted gives the name in the tarball of a path in the package, false for what
// is left out.
func wanted(name string) (string, bool) {
	if name == "package/LICENSE.md" {
		return "licences/packaging.md", true
	}
	in, ok := strings.CutPrefix(name, "package/native/")
	if !ok || strings.HasSuffix(in, ".a") || in == "pg-symlinks.json" {
		return "", false
	}
	for _, u := range unwanted {
		if strings.Contains(in, u) {
			return "", false
		}
	}
	return in, true
}

// read gives what is wanted of a package, links included, in order of name.
func read(r io.Reader) ([]file, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var files []file
	var links []byte
	for t := tar.NewReader(gz); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		body, err := io.ReadAll(t)
		if err != nil {
			return nil, err
		}
		name := path.Clean(h.Name)
		if name == "package/native/pg-symlinks.json" {
			links = body
		}
		if to, ok := wanted(name); ok {
			files = append(files, file{name: to, body: body, exec: strings.HasPrefix(to, "bin/")})
		}
	}
	if links == nil {
		return nil, errors.New("it has no native/pg-symlinks.json")
	}
	more, err := readLinks(links)
	if err != nil {
		return nil, err
	}
	files = append(files, more...)
	entries, err := licences.ReadDir("licences")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := path.Join("licences", e.Name())
		body, err := licences.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{name: name, body: body})
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	return files, nil
}

// readLinks reads pg-symlinks.json: npm packages cannot hold symbolic links, so
// this one lists them.
func readLinks(b []byte) ([]file, error) {
	var list []struct{ Source, Target string }
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("pg-symlinks.json: %w", err)
	}
	var files []file
	for _, l := range list {
		name, ok := wanted(path.Join("package", l.Target))
		if !ok {
			continue
		}
		if path.Dir(l.Source) != path.Dir(l.Target) {
			return nil, fmt.Errorf("pg-symlinks.json: %s leads out of its folder to %s", l.Target, l.Source)
		}
		files = append(files, file{name: name, link: path.Base(l.Source)})
	}
	return files, nil
}

// write makes the tarball, and gives the SHA-256 of it before compression.
func write(files []file) (tarball []byte, sum [32]byte, err error) {
	var plain bytes.Buffer
	t := tar.NewWriter(&plain)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.body)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
		if f.exec {
			h.Mode = 0o755
		}
		if f.link != "" {
			h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.link, 0o777
		}
		if err := t.WriteHeader(h); err != nil {
			return nil, sum, err
		}
		if _, err := t.Write(f.body); err != nil {
			return nil, sum, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, sum, err
	}
	// One worker, because several cut the input differently from run to run.
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, sum, err
	}
	return z.EncodeAll(plain.Bytes(), nil), sha256.Sum256(plain.Bytes()), z.Close()
}

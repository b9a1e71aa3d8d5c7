package parcel

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"zoeklicht/internal/export/wacz"
	"zoeklicht/internal/warc"
)

// waczFile is a WACZ file whose digests hold.
type waczFile struct {
	zip    *zip.Reader
	digest wacz.Digest
}

// openWACZ reads a WACZ file and checks its digests.
func openWACZ(r *io.SectionReader) (*waczFile, error) {
	if r == nil {
		return nil, errors.New("it is not there")
	}
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, err
	}
	w := &waczFile{zip: z}
	about, err := w.read("datapackage.json")
	if err != nil {
		return nil, err
	}
	digest, err := w.read("datapackage-digest.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(digest, &w.digest); err != nil {
		return nil, fmt.Errorf("datapackage-digest.json: %w", err)
	}
	if w.digest.Path != "datapackage.json" || w.digest.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(about)) {
		return nil, errors.New("datapackage.json is not the file that datapackage-digest.json names")
	}
	var p struct {
		Resources []struct {
			Path, Hash string
			Bytes      int64
		}
	}
	if err := json.Unmarshal(about, &p); err != nil {
		return nil, fmt.Errorf("datapackage.json: %w", err)
	}
	if len(p.Resources)+2 != len(z.File) {
		return nil, fmt.Errorf("it has %d files and names %d", len(z.File), len(p.Resources)+2)
	}
	stored := map[string]uint64{}
	for _, f := range z.File {
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
			return nil, fmt.Errorf("%.200q is not stored as it is", f.Name)
		}
		if _, twice := stored[f.Name]; twice {
			return nil, fmt.Errorf("%.200q is there twice", f.Name)
		}
		stored[f.Name] = f.UncompressedSize64
	}
	for _, res := range p.Resources {
		if n, ok := stored[res.Path]; !ok || res.Bytes < 0 || uint64(res.Bytes) != n {
			return nil, fmt.Errorf("%.200q is not there with the %d bytes that datapackage.json says, or is named twice", res.Path, res.Bytes)
		}
		delete(stored, res.Path) // a name counts once
		f, err := z.Open(res.Path)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("%.200q: %w", res.Path, err)
		}
		if n != res.Bytes || fmt.Sprintf("sha256:%x", h.Sum(nil)) != res.Hash {
			return nil, fmt.Errorf("%.200q is not the file that datapackage.json names", res.Path)
		}
	}
	return w, nil
}

func (w *waczFile) read(name string) ([]byte, error) {
	f, err := w.zip.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(b) > maxSmall {
		err = fmt.Errorf("%s is too long", name)
	}
	return b, err
}

// same checks that the archive is a warcinfo record and then the records of the captures,
// byte for byte and in their order. It gives how many records there are.
func (v *verifying) same(ctx context.Context, w *waczFile) (records int, err error) {
	f, err := w.zip.Open(wacz.ArchiveFile)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	first := info.Size()
	for i := range v.index.Captures {
		for _, r := range v.index.Captures[i].Records {
			first -= v.at[captureFolder(v.index.Captures[i].ID)+r.File].Size()
		}
	}
	if first <= 0 || first > maxSmall {
		return 0, errors.New("it does not hold as many bytes as the records have")
	}
	head := make([]byte, first)
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, err
	}
	if e, err := warc.NewReader(bytes.NewReader(head)).Next(); err != nil || e.Type() != warc.Info {
		return 0, errors.New("it does not begin with a warcinfo record")
	}
	if n, err := warc.Check(bytes.NewReader(head)); err != nil || n != 1 {
		return 0, errors.New("something else than a warcinfo record stands before the records of the captures")
	}
	there := &streaming{r: f}
	for i := range v.index.Captures {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		dir := captureFolder(v.index.Captures[i].ID)
		for _, r := range v.index.Captures[i].Records {
			if _, err := io.Copy(there, io.NewSectionReader(v.at[dir+r.File], 0, v.at[dir+r.File].Size())); err != nil {
				return 0, fmt.Errorf("%s%s: %w", dir, r.File, err)
			}
			records++
		}
	}
	return records, nil
}

// streaming compares what is written to it with what it reads.
type streaming struct {
	r io.Reader
	b []byte
}

func (s *streaming) Write(p []byte) (int, error) {
	if cap(s.b) < len(p) {
		s.b = make([]byte, len(p))
	}
	s.b = s.b[:len(p)]
	if _, err := io.ReadFull(s.r, s.b); err != nil {
		return 0, err
	}
	if !bytes.Equal(s.b, p) {
		return 0, errors.New("it differs")
	}
	return len(p), nil
}

func fingerprint(key *ecdsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%x", sha256.Sum256(der))
}

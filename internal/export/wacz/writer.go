package wacz

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/warc"
	"zoeklicht/internal/warc/httpwire"
)

// Version is that of the format.
const Version = "1.1.1"

// The files in a WACZ file.
const (
	ArchiveFile = "archive/data.warc.gz"
	pagesFile   = "pages/pages.jsonl"
	indexFile   = "indexes/index.cdx.gz"
	blocksFile  = "indexes/index.idx"
	packageFile = "datapackage.json"
	digestFile  = "datapackage-digest.json"
)

// Info is what a file says of itself.
type Info struct {
	Title       string
	Description string // may be empty
	Software    string // "zoeklicht 1.2.3"
	Created     time.Time
}

// Writer writes a file. The archive streams through it; of each capture only its lines
// of the index and of the list of pages stay in memory, some 300 bytes a response.
type Writer struct {
	info    Info
	key     crypto.Signer
	zip     *zip.Writer
	archive *summed
	lines   []line
	pages   bytes.Buffer
	first   *page
	files   []file // finished ones, in the order in which they were written
}

// file is one of the files in datapackage.json.
type file struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
}

// summed passes bytes on, counts them and hashes them.
type summed struct {
	w   io.Writer
	n   int64
	sum hash.Hash
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

func (s *summed) hash() string { return "sha256:" + hex.EncodeToString(s.sum.Sum(nil)) }

// NewWriter begins a file on w. The key must be an ECDSA key on P-384.
func NewWriter(w io.Writer, info Info, key crypto.Signer) (*Writer, error) {
	if _, err := publicKey(key); err != nil {
		return nil, err
	}
	z := &Writer{info: info, key: key, zip: zip.NewWriter(w)}
	var err error
	if z.archive, err = z.begin(ArchiveFile); err != nil {
		return nil, err
	}
	var block bytes.Buffer
	fmt.Fprintf(&block, "software: %s\r\nformat: WARC File Format 1.1\r\n", oneLine(info.Software))
	fmt.Fprintf(&block, "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n")
	sum := sha256.Sum256(fmt.Appendf(nil, "zoeklicht wacz 1\x00%s\x00%s", info.Created.UTC(), info.Title))
	id := warc.ID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8
	err = warc.NewWriter(z.archive).Write(&warc.Record{
		Type: warc.Info, ID: id, Date: info.Created, Filename: "data.warc.gz", ContentType: warc.FieldsContent, Block: block.Bytes(),
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("begin a WACZ file: %w", err)
	}
	fmt.Fprintf(&z.pages, "%s\n", `{"format":"json-pages-1.0","id":"pages","title":"All Pages"}`)
	return z, nil
}

// begin begins a file of the zip. It is stored as it is: what is large in it is
// compressed already, and readers jump into the archive. Its header has no time, and so no
// extra field, which readers would ask for once more.
func (z *Writer) begin(path string) (*summed, error) {
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Store})
	if err != nil {
		return nil, fmt.Errorf("WACZ file, %s: %w", path, err)
	}
	return &summed{w: w, sum: sha256.New()}, nil
}

// Add adds the items of one capture, in their order; some may be missing. The title is
// that of the page in the list of pages, empty for its address. Bytes that are no WARC
// records, or not a gzip member each, are an error.
func (z *Writer) Add(id zoeklicht.CaptureID, title string, items []zoeklicht.Item) error {
	for _, item := range items {
		lines, p, err := index(item.Bytes, z.archive.n)
		if err != nil {
			return fmt.Errorf("WACZ file, capture %s, item %s: %w", id, item.Name, err)
		}
		if _, err := z.archive.Write(item.Bytes); err != nil {
			return fmt.Errorf("WACZ file: %w", err)
		}
		z.lines = append(z.lines, lines...)
		if p == nil {
			continue
		}
		p.ID, p.Title = id.String(), title
		if p.Title == "" {
			p.Title = p.URL
		}
		if z.first == nil {
			z.first = p
		}
		if err := json.NewEncoder(&z.pages).Encode(p); err != nil {
			return err
		}
	}
	return nil
}

// page is a line of pages.jsonl.
type page struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	TS    string `json:"ts"`
	Title string `json:"title"`
}

// index reads the records of an item that will stand at an offset of the archive, and
// gives a line for each response, and the page if it is among them.
func index(item []byte, offset int64) (lines []line, p *page, err error) {
	if !bytes.HasPrefix(item, []byte{0x1f, 0x8b}) {
		return nil, nil, errors.New("it is not compressed record by record")
	}
	r := warc.NewReader(bytes.NewReader(item))
	open := -1 // the line whose record's end is not known yet
	from := int64(-1)
	for {
		e, err := r.Next()
		if err != nil && err != io.EOF {
			return nil, nil, err
		}
		to := int64(len(item))
		if err == nil {
			to = e.Offset
		}
		if to == from {
			return nil, nil, fmt.Errorf("two records share the gzip member at %d", from)
		}
		if open >= 0 {
			lines[open].record(item[from:to])
			open = -1
		}
		if err == io.EOF {
			return lines, p, nil
		}
		if from = e.Offset; e.Type() != warc.Response {
			continue
		}
		l, at, err := newLine(e)
		if err != nil {
			return nil, nil, err
		}
		l.Offset = strconv.FormatInt(offset+from, 10)
		open, lines = len(lines), append(lines, l)
		if e.Header.Get("Zoeklicht-Item") == "response" {
			p = &page{URL: l.URL, TS: at.Format("2006-01-02T15:04:05Z")}
		}
	}
}

// maxBlock bounds a response that is indexed.
const maxBlock = 256 << 20

// newLine gives the line of a response, without its place.
func newLine(e *warc.Entry) (l line, at time.Time, err error) {
	if at, err = time.Parse(time.RFC3339Nano, e.Header.Get("WARC-Date")); err != nil {
		return l, at, fmt.Errorf("WARC-Date: %w", err)
	}
	at = at.UTC()
	block, err := e.Block(maxBlock)
	if err != nil {
		return l, at, err
	}
	l = line{key: surt(e.URI()), stamp: at.Format("20060102150405"), URL: e.URI(), Filename: "data.warc.gz"}
	if l.Digest = e.Header.Get("WARC-Payload-Digest"); l.Digest == "" {
		l.Digest = e.Header.Get("WARC-Block-Digest")
	}
	// A response without a head is kept and found, and cannot be shown.
	if head, err := httpwire.ParseResponse(block); err == nil {
		l.Status = strconv.Itoa(head.Status)
		if kind, _, err := mime.ParseMediaType(head.Header.Get("Content-Type")); err == nil {
			l.MIME = kind
		}
	}
	return l, at, nil
}

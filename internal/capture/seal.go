package capture

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"zoeklicht"
	"zoeklicht/internal/warc"
)

const (
	saltSize     = 32
	fieldCapture = "Zoeklicht-Capture"
	fieldItem    = "Zoeklicht-Item"
	// keepBuffer is how large a buffer may be to be used again: one huge page
	// must not hold its memory for ever.
	keepBuffer = 4 << 20
)

// Config is what a Sealer needs. The zero value is right for production.
type Config struct {
	// Rand gives identifiers and salts [crypto/rand].
	Rand io.Reader
}

// Sealer makes visits durable. It may be used by several goroutines.
type Sealer struct {
	rand  io.Reader
	works sync.Pool // *work
}

// New makes a Sealer.
func New(c Config) *Sealer {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	s := &Sealer{rand: c.Rand}
	s.works.New = func() any {
		w := &work{hash: sha256.New()}
		w.warc = warc.NewWriter(&w.buf)
		return w
	}
	return s
}

// work is one capture in the making, with what is costly to make anew.
type work struct {
	warc *warc.Writer
	buf  bytes.Buffer // the items one after another
	hash hash.Hash
	json bytes.Buffer

	rand  io.Reader
	id    zoeklicht.CaptureID
	visit *zoeklicht.Visit
	items []span
	lines []line
	page  warc.ID // of the page's response, or else its request, or none
	certs map[string][]byte
}

// span is an item in buf.
type span struct {
	name     string
	from, to int
}

// line is a line of the manifest with its salt.
type line struct {
	name string
	hash [sha256.Size]byte
	salt [saltSize]byte
}

// Seal makes a capture of a visit under a new identifier. The context is the
// same for all captures of a run; its Build must be the SHA-256 of the binary.
func (s *Sealer) Seal(v *zoeklicht.Visit, c *zoeklicht.Context) (*zoeklicht.Sealed, error) {
	if len(v.Chain) == 0 {
		return nil, errors.New("seal a capture: the visit has no exchange")
	}
	w := s.works.Get().(*work)
	defer s.release(w)
	w.rand, w.visit, w.certs = s.rand, v, map[string][]byte{}
	if _, err := io.ReadFull(s.rand, w.id[:]); err != nil {
		return nil, fmt.Errorf("seal a capture: %w", err)
	}
	w.id[6], w.id[8] = w.id[6]&0x0f|0x40, w.id[8]&0x3f|0x80 // version 4, the usual variant
	if err := w.write(c); err != nil {
		return nil, fmt.Errorf("seal the capture of %s: %w", v.Task.URL, err)
	}
	leaf, err := w.sealed(c.Build)
	if err != nil {
		return nil, fmt.Errorf("seal the capture of %s: %w", v.Task.URL, err)
	}
	return leaf, nil
}

func (s *Sealer) release(w *work) {
	if w.buf.Cap() > keepBuffer {
		w.buf = bytes.Buffer{}
	}
	w.buf.Reset()
	clear(w.lines)
	w.items, w.lines = w.items[:0], w.lines[:0]
	w.visit, w.certs, w.page = nil, nil, warc.ID{}
	s.works.Put(w)
}

// write writes all items. The context comes last, because it says what became
// of the others.
func (w *work) write(c *zoeklicht.Context) error {
	v := w.visit
	switch page := v.Page(); {
	case len(page.Response) > 0:
		w.page = recordID(w.id, "response")
	case len(page.Request) > 0:
		w.page = recordID(w.id, "request")
	}
	if err := w.item("page", func() error { return w.chain(v.Chain, "", "request", "response") }); err != nil {
		return err
	}
	for i, x := range v.Chain {
		if x.TLS != nil {
			newTLSFacts(hopName("", "page", i, len(v.Chain)), x.TLS, w.certs)
		}
	}
	facts := w.facts(c)
	for n := range v.Pictures {
		p := &v.Pictures[n]
		if slices.ContainsFunc(p.Chain, exchanged) {
			facts.Pictures[n].Item = "picture:" + strconv.Itoa(n)
			if err := w.item(facts.Pictures[n].Item, func() error { return w.picture(n, p) }); err != nil {
				return err
			}
		}
	}
	return w.item("context", func() error { return w.context(facts) })
}

func exchanged(x *zoeklicht.Exchange) bool { return len(x.Request) > 0 || len(x.Response) > 0 }

// item collects what write writes under a name; an item without records is none.
func (w *work) item(name string, write func() error) error {
	from := w.buf.Len()
	if err := write(); err != nil {
		return err
	}
	if to := w.buf.Len(); to > from {
		w.items = append(w.items, span{name, from, to})
	}
	return nil
}

// chain writes the exchanges of a redirect chain; request and response are the
// names of the last one's records.
func (w *work) chain(chain []*zoeklicht.Exchange, prefix, request, response string) error {
	for i, x := range chain {
		req, resp := request, response
		if i < len(chain)-1 {
			hop := prefix + "redirect:" + strconv.Itoa(i)
			req, resp = hop+":request", hop+":response"
		}
		if err := w.exchange(x, req, resp); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) exchange(x *zoeklicht.Exchange, request, response string) error {
	r := warc.Record{Date: x.Started, URI: x.URL, IP: x.Peer.Addr()}
	if len(x.Request) > 0 {
		q := r
		q.Type, q.ContentType, q.Block = warc.Request, warc.RequestContent, x.Request
		if len(x.Response) > 0 {
			q.Concurrent = []warc.ID{recordID(w.id, response)}
		}
		if err := w.record(request, &q); err != nil {
			return err
		}
	}
	if len(x.Response) == 0 {
		return nil
	}
	r.Type, r.ContentType, r.Block = warc.Response, warc.ResponseContent, x.Response
	r.Truncated = truncated(x.Truncated)
	r.Stored = compressed(x.Header)
	if len(x.Request) > 0 {
		r.Concurrent = []warc.ID{recordID(w.id, request)}
	}
	return w.record(response, &r)
}

// truncated gives the word of the standard. A body that was only cut when it was
// decoded is whole on the wire, which is what the record holds.
func truncated(why string) string {
	switch why {
	case "", "decoded":
		return ""
	case "length", "time", "disconnect":
		return why
	}
	return "unspecified"
}

// compressed reports whether a body is not worth compressing again.
func compressed(h http.Header) bool {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return true
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || strings.HasSuffix(kind, "+xml") || kind == "image/bmp" || kind == "image/tiff" {
		return false
	}
	major, _, _ := strings.Cut(kind, "/")
	switch major {
	case "image", "video", "audio", "font":
		return true
	}
	return kind == "application/zip" || kind == "application/gzip" || kind == "application/pdf"
}

// picture writes the item of one picture.
func (w *work) picture(n int, p *zoeklicht.PictureVisit) error {
	name := "image:" + strconv.Itoa(n)
	if err := w.chain(p.Chain, name+":", name+":request", name); err != nil {
		return err
	}
	rec, fresh := imageRecord{Format: formatImage}, map[string][]byte{}
	for i, x := range p.Chain {
		f := exchangeFacts(hopName(name+":", name, i, len(p.Chain)), x)
		dns := x.DNS
		f.DNS = &dns
		if x.TLS != nil {
			t := newTLSFacts(f.Exchange, x.TLS, fresh)
			f.TLS = &t
		}
		rec.Exchanges = append(rec.Exchanges, f)
	}
	for id, der := range fresh {
		if _, known := w.certs[id]; !known {
			if rec.Certificates == nil {
				rec.Certificates = map[string][]byte{}
			}
			rec.Certificates[id] = der
		}
	}
	return w.metadata(name+":context", rec)
}

// facts gives the context record, with the pictures as they were fetched.
func (w *work) facts(c *zoeklicht.Context) *Facts {
	v := w.visit
	f := &Facts{
		Format: formatContext, Capture: w.id.String(), At: v.At.UTC(), Context: *c,
		URL: v.Task.URL, Canonical: v.Task.Canonical, Kind: v.Task.Kind, Depth: v.Task.Depth, Attempt: v.Task.Attempt,
		Redirects: len(v.Chain) - 1,
		Page:      exchangeFacts("page", v.Page()), Unchanged: v.Unchanged,
		NotContent: v.NotContent, Pictures: make([]PictureFacts, len(v.Pictures)),
	}
	for n, p := range v.Pictures {
		f.Pictures[n] = PictureFacts{N: n, URL: p.URL, Failure: p.Failure, Detail: p.Detail}
		if len(p.Chain) > 0 {
			f.Pictures[n].Status = p.Chain[len(p.Chain)-1].Status
		}
	}
	return f
}

// context writes the JSON records of the page.
func (w *work) context(facts *Facts) error {
	chain := w.visit.Chain
	dns, tls, redirects := dnsRecord{Format: formatDNS}, tlsRecord{Format: formatTLS}, redirectsRecord{Format: formatRedirects}
	for i, x := range chain {
		name := hopName("", "page", i, len(chain))
		dns.Exchanges = append(dns.Exchanges, dnsAnswer{name, x.DNS})
		if x.TLS != nil {
			tls.Exchanges = append(tls.Exchanges, newTLSFacts(name, x.TLS, w.certs))
		}
		if i < len(chain)-1 {
			redirects.Hops = append(redirects.Hops, exchangeFacts(name, x))
		}
	}
	tls.Certificates = w.certs
	if err := w.metadata("dns", dns); err != nil {
		return err
	}
	if len(tls.Exchanges) > 0 {
		if err := w.metadata("tls", tls); err != nil {
			return err
		}
	}
	if len(redirects.Hops) > 0 {
		if err := w.metadata("redirects", redirects); err != nil {
			return err
		}
	}
	return w.metadata("context", facts)
}

// metadata writes a JSON record.
func (w *work) metadata(name string, v any) error {
	w.json.Reset()
	enc := json.NewEncoder(&w.json)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("record %s: %w", name, err)
	}
	id := recordID(w.id, name)
	return w.record(name, &warc.Record{
		Type: warc.Metadata, Date: w.visit.At, URI: id.URN(), RefersTo: w.page,
		ContentType: warc.JSONContent, Block: w.json.Bytes(),
	})
}

// record writes a record and its line of the manifest.
func (w *work) record(name string, r *warc.Record) error {
	r.ID = recordID(w.id, name)
	r.Extra = []warc.Field{{Name: fieldCapture, Value: w.id.String()}, {Name: fieldItem, Value: name}}
	l := line{name: name}
	if _, err := io.ReadFull(w.rand, l.salt[:]); err != nil {
		return err
	}
	w.hash.Reset()
	w.hash.Write(l.salt[:])
	if err := w.warc.Write(r, w.hash); err != nil {
		return err
	}
	w.hash.Sum(l.hash[:0])
	w.lines = append(w.lines, l)
	return nil
}

// recordID derives the identifier of a record.
func recordID(capture zoeklicht.CaptureID, name string) (id warc.ID) {
	sum := sha256.Sum256([]byte("zoeklicht record 1\x00" + capture.String() + "\x00" + name + "\x00"))
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, the usual variant
	return id
}

// sealed copies the items out of the buffers and adds manifest, salts and leaf.
func (w *work) sealed(build string) (*zoeklicht.Sealed, error) {
	s := &zoeklicht.Sealed{ID: w.id, Items: make([]zoeklicht.Item, len(w.items))}
	all := bytes.Clone(w.buf.Bytes())
	for i, p := range w.items {
		s.Items[i] = zoeklicht.Item{Name: p.name, Bytes: all[p.from:p.to:p.to]}
	}
	s.Manifest, s.Salts = manifest(w.lines)
	leaf := Leaf{ID: w.id, Manifest: sha256.Sum256(s.Manifest), After: cmp.Or(w.visit.After, "none"), Build: build}
	if err := leaf.check(); err != nil {
		return nil, err
	}
	s.Leaf = leaf.Bytes()
	return s, nil
}

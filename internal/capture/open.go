package capture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/warc"
	"zoeklicht/internal/warc/httpwire"
)

// Limits bound what Open holds. The zero value is right for production.
type Limits struct {
	Item int64 // bytes of all blocks of one item [64 MiB]
	Body int64 // bytes of one decoded body [64 MiB]
}

// Opened is what the items of a capture say. It has what was among the items
// given, and nothing of the others.
type Opened struct {
	ID zoeklicht.CaptureID
	// Facts is the context record, nil without the item "context".
	Facts *Facts
	// Redirects are the facts of the hops before the page, which Facts has not; DNS and TLS
	// are by the name of the exchange: "redirect:0", "page". They are of item "context" too.
	Redirects []ExchangeFacts
	DNS       map[string]*zoeklicht.DNSFacts
	TLS       map[string]*zoeklicht.TLSFacts
	// Page is how the page was reached, empty without the item "page".
	Page Chain
	// Pictures are those of the page by number. A picture that no byte was
	// exchanged for is not there; Facts says why.
	Pictures map[int]Chain
}

// Chain is the exchanges that led to a page or picture.
type Chain struct {
	Redirects []*Exchange // in order
	// End is the page or picture itself, nil if no byte was exchanged for it (its
	// name was not found, say).
	End *Exchange
}

// Exchange is a stored request and its response.
type Exchange struct {
	URL      string
	At       time.Time
	Request  []byte // the bytes on the wire
	Response []byte // the bytes on the wire; empty if none came
	// Cut is why the response is not whole, in the words of WARC-Truncated.
	Cut string
	// Status, Header and Body are the response taken apart, transfer and content
	// coding undone. Status is 0 where there is no response or no head; a
	// redirect's Body is left as it is in Response.
	Status int
	Header http.Header
	Body   []byte
	// Truncated says that Body was cut at Limits.Body.
	Truncated bool
	// Problem says why Body is not all of the body: torn chunks, a damaged or
	// unknown coding. Body is what could be read all the same.
	Problem error
}

// Open takes items of a capture apart, by their names; any number of them may
// be missing. It trusts nothing in them, because the process that made them
// reads hostile bytes, and does not check them against a manifest: see Verify.
func Open(items map[string][]byte, l Limits) (*Opened, error) {
	if l.Item <= 0 {
		l.Item = 64 << 20
	}
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	o := &opening{limits: l, opened: &Opened{Pictures: map[int]Chain{}}, chains: map[string]map[int]*Exchange{}}
	for _, name := range slices.Sorted(maps.Keys(items)) {
		o.left = l.Item
		err := records(name, items[name], func(e *warc.Entry) error { return o.record(name, e) })
		if err != nil {
			return nil, fmt.Errorf("open item %s: %w", name, err)
		}
	}
	for item, hops := range o.chains {
		chain, err := inOrder(hops)
		if err != nil {
			return nil, fmt.Errorf("open item %s: %w", item, err)
		}
		if n, ok := strings.CutPrefix(item, "picture:"); ok {
			i, _ := strconv.Atoi(n) // itemOf has looked at it
			o.opened.Pictures[i] = chain
		} else {
			o.opened.Page = chain
		}
	}
	return o.opened, nil
}

// maxRecords bounds the records of one item: fetch stops at 20 redirects.
const maxRecords = 200

// records calls f for each record of an item.
func records(name string, item []byte, f func(*warc.Entry) error) error {
	r := warc.NewReader(bytes.NewReader(item))
	for n := 0; ; n++ {
		e, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil && n == maxRecords {
			err = fmt.Errorf("it has more than %d records", maxRecords)
		}
		if err == nil && itemOf(e.Header.Get(fieldItem)) != name {
			err = fmt.Errorf("it holds the record %.80q, which belongs elsewhere", e.Header.Get(fieldItem))
		}
		if err == nil {
			err = f(e)
		}
		if err != nil {
			return err
		}
	}
}

type opening struct {
	limits Limits
	opened *Opened
	left   int64                        // bytes that the item's blocks may still have
	chains map[string]map[int]*Exchange // by item and hop; the end is hop maxRecords
}

func (o *opening) record(item string, e *warc.Entry) error {
	id, err := zoeklicht.ParseCaptureID(e.Header.Get(fieldCapture))
	if err != nil {
		return err
	}
	if o.opened.ID == (zoeklicht.CaptureID{}) {
		o.opened.ID = id
	}
	if o.opened.ID != id {
		return fmt.Errorf("it belongs to capture %s and others to %s", id, o.opened.ID)
	}
	name := e.Header.Get(fieldItem)
	block, err := e.Block(o.left)
	if err != nil {
		return err
	}
	o.left -= int64(len(block))
	if item == "context" {
		return o.told(name, block)
	}
	if strings.HasSuffix(name, ":context") {
		return nil // of a picture: for experts; nothing in the platform acts on them
	}
	n := hop(name)
	x := o.exchange(item, n)
	x.URL = e.URI()
	if x.At, err = time.Parse(time.RFC3339Nano, e.Header.Get("WARC-Date")); err != nil {
		return fmt.Errorf("its record %s: %w", name, err)
	}
	if strings.HasSuffix(name, "request") {
		x.Request = block
		return nil
	}
	x.Response, x.Cut = block, e.Header.Get("WARC-Truncated")
	if n < maxRecords {
		h, err := httpwire.ParseResponse(block)
		x.Status, x.Header, x.Problem = h.Status, h.Header, err
		return nil
	}
	r, err := httpwire.Open(block, o.limits.Body)
	x.Problem = err
	if r != nil {
		x.Status, x.Header, x.Body, x.Truncated = r.Status, r.Header, r.Body, r.Truncated
	}
	return nil
}

// told reads a record of the item context.
func (o *opening) told(name string, block []byte) error {
	to := o.opened
	var dns dnsRecord
	var tls tlsRecord
	var redirects redirectsRecord
	record, format := any(nil), ""
	switch name {
	case "context":
		to.Facts = new(Facts)
		record, format = to.Facts, formatContext
	case "dns":
		record, format = &dns, formatDNS
	case "tls":
		record, format = &tls, formatTLS
	case "redirects":
		record, format = &redirects, formatRedirects
	}
	var is struct{ Format string }
	if err := errors.Join(json.Unmarshal(block, &is), json.Unmarshal(block, record)); err != nil {
		return fmt.Errorf("its record %s: %w", name, err)
	}
	if is.Format != format {
		return fmt.Errorf("its record %s has the format %.80q; this version of Zoeklicht knows %q", name, is.Format, format)
	}
	to.Redirects = append(to.Redirects, redirects.Hops...)
	for _, x := range dns.Exchanges {
		if to.DNS == nil {
			to.DNS = map[string]*zoeklicht.DNSFacts{}
		}
		to.DNS[x.Exchange] = &x.DNSFacts
	}
	for _, x := range tls.Exchanges {
		if to.TLS == nil {
			to.TLS = map[string]*zoeklicht.TLSFacts{}
		}
		to.TLS[x.Exchange] = x.facts(tls.Certificates)
	}
	return nil
}

// facts gives what a handshake showed, with the certificates that it names.
func (f *tlsFacts) facts(certificates map[string][]byte) *zoeklicht.TLSFacts {
	t := &zoeklicht.TLSFacts{
		ServerName: f.ServerName, Version: f.Version, Cipher: f.Cipher, ALPN: f.ALPN, Verified: f.Verified, Problem: f.Problem,
	}
	for _, id := range f.Chain {
		t.Chain = append(t.Chain, certificates[id])
	}
	return t
}

// hop gives the number of a record's exchange in its chain.
func hop(name string) int {
	_, rest, ok := strings.Cut(":"+name, ":redirect:")
	n, _, _ := strings.Cut(rest, ":")
	i, err := strconv.Atoi(n)
	if !ok || err != nil {
		return maxRecords
	}
	return i
}

func (o *opening) exchange(item string, hop int) *Exchange {
	if o.chains[item] == nil {
		o.chains[item] = map[int]*Exchange{}
	}
	if o.chains[item][hop] == nil {
		o.chains[item][hop] = new(Exchange)
	}
	return o.chains[item][hop]
}

// inOrder makes a chain of its hops.
func inOrder(hops map[int]*Exchange) (c Chain, err error) {
	for i, n := range slices.Sorted(maps.Keys(hops)) {
		switch n {
		case maxRecords:
			c.End = hops[n]
		case i:
			c.Redirects = append(c.Redirects, hops[n])
		default:
			return Chain{}, errors.New("its redirects are not numbered one after another")
		}
	}
	return c, nil
}

package warc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"zoeklicht/internal/warc/httpwire"
)

// Type is the kind of a record.
type Type string

// The types that are written. Others are read.
const (
	Info     Type = "warcinfo"
	Request  Type = "request"
	Response Type = "response"
	Metadata Type = "metadata"
	Resource Type = "resource"
)

// The content types that belong to the types above.
const (
	FieldsContent   = "application/warc-fields"
	RequestContent  = "application/http; msgtype=request"
	ResponseContent = "application/http; msgtype=response"
	JSONContent     = "application/json"
)

// ID identifies a record. It is a UUID; in a file it reads <urn:uuid:…>.
type ID [16]byte

// URN gives the form urn:uuid:….
func (id ID) URN() string {
	var b [45]byte
	return string(id.append(b[:0]))
}

func (id ID) append(b []byte) []byte {
	b = append(b, "urn:uuid:"...)
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// Field is one named field of a record's head.
type Field struct{ Name, Value string }

// Record is a record to be written. Zero fields are left out.
type Record struct {
	Type        Type
	ID          ID
	Date        time.Time // written in UTC, to the microsecond
	URI         string    // what the record is about; bytes that no URI may have are escaped
	ContentType string
	// Concurrent are records of the same moment, RefersTo is what a metadata
	// record describes.
	Concurrent []ID
	RefersTo   ID
	IP         netip.Addr
	Truncated  string  // "length", "time", "disconnect" or "unspecified"
	Filename   string  // of a warcinfo record
	Extra      []Field // extension fields, in this order
	Block      []byte
	// Stored says that Block is compressed already (a picture): it is not tried
	// again.
	Stored bool
}

var end = []byte("\r\n\r\n")

// appendHead appends the head of a record with its blank line.
func (r *Record) appendHead(b []byte) ([]byte, error) {
	var err error
	field := func(name, value string) {
		if value == "" {
			return
		}
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			err = errors.Join(err, fmt.Errorf("field %s holds a control character: %.80q", name, value))
		}
		b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
	}
	id := func(name string, id ID) {
		if id == (ID{}) {
			return
		}
		b = append(append(b, name...), ": <"...)
		b = append(id.append(b), ">\r\n"...)
	}
	b = append(b, "WARC/1.1\r\n"...)
	field("WARC-Type", string(r.Type))
	id("WARC-Record-ID", r.ID)
	b = r.Date.UTC().AppendFormat(append(b, "WARC-Date: "...), "2006-01-02T15:04:05.000000Z\r\n")
	field("WARC-Target-URI", escape(r.URI))
	field("WARC-Filename", r.Filename)
	if r.IP.IsValid() {
		field("WARC-IP-Address", r.IP.Unmap().WithZone("").String())
	}
	for _, c := range r.Concurrent {
		id("WARC-Concurrent-To", c)
	}
	id("WARC-Refers-To", r.RefersTo)
	field("WARC-Truncated", r.Truncated)
	for _, f := range r.Extra {
		if !token(f.Name) {
			return nil, fmt.Errorf("%.80q cannot be the name of a field", f.Name)
		}
		field(f.Name, f.Value)
	}
	field("WARC-Block-Digest", digest(r.Block))
	if r.Type == Response {
		field("WARC-Payload-Digest", payloadDigest(r.Block))
	}
	field("Content-Type", r.ContentType)
	b = append(strconv.AppendInt(append(b, "Content-Length: "...), int64(len(r.Block)), 10), end...)
	if r.Type == "" || r.ID == (ID{}) {
		err = errors.Join(err, errors.New("a record needs a type and an identifier"))
	}
	return b, err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// payloadDigest gives the digest of a response's body, or "" where readers
// would not agree on one (see the package comment).
func payloadDigest(block []byte) string {
	head, err := httpwire.ParseResponse(block)
	if err != nil || head.Header.Get("Transfer-Encoding") != "" {
		return ""
	}
	raw := block[head.Len:]
	body, err := head.Payload(raw)
	if err != nil || len(body) != len(raw) || head.Status < 200 || head.Status == 204 || head.Status == 304 {
		return ""
	}
	return digest(body)
}

// token reports whether a name may be that of a field.
func token(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return name != ""
}

// escape makes sure that a URI from the outside stays on its line and in one
// piece. A URI that is one already is left as it is.
func escape(uri string) string {
	ok := func(c byte) bool { return c > ' ' && c < 0x7f && c != '<' && c != '>' }
	clean := true
	for i := range len(uri) {
		clean = clean && ok(uri[i])
	}
	if clean {
		return uri
	}
	var b strings.Builder
	for i := range len(uri) {
		if c := uri[i]; ok(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

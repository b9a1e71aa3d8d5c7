package extract

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// media gives the media type of a response, lower case, without parameters.
func media(h http.Header) string {
	m, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		m, _, _ = strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	}
	return strings.TrimSpace(m)
}

// metaCharset finds a charset in the first kilobytes, where browsers still heed
// it though the standard's first look ends at 1024 bytes.
var metaCharset = regexp.MustCompile(`(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})`)

// decode makes text of a body, and says whether it was text at all. A byte order
// mark is heeded before the header, the header before a meta element, and these
// before a guess. Where the bytes contradict a declaration they win: text declared
// as UTF-8 that is not is read as the meta element says, or as Windows-1252; text
// declared as some 8-bit charset that is UTF-8 with letters beyond ASCII is UTF-8.
func decode(body []byte, contentType string) (string, bool) {
	if looksBinary(body) {
		return "", false
	}
	if hasUTF16Mark(body) {
		return convert(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), body), true
	}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return tidy(strings.ToValidUTF8(string(body[3:]), "\ufffd")), true
	}
	enc, name, certain := charset.DetermineEncoding(body, contentType)
	fromMeta := func() encoding.Encoding {
		if m := metaCharset.FindSubmatch(body[:min(len(body), 8192)]); m != nil {
			if e, n := charset.Lookup(string(m[1])); e != nil && n != "utf-8" {
				return e
			}
		}
		return nil
	}
	valid := utf8.Valid(body)
	switch {
	case valid:
		// ASCII means the same in nearly all charsets; letters beyond it that form
		// valid UTF-8 do so by intention.
		if stateful(name) {
			return convert(enc, body), true
		}
		return tidy(string(body)), true
	case name == "utf-8" && strayBytes(body) <= 2+len(body)/2000:
		return tidy(strings.ToValidUTF8(string(body), "\ufffd")), true
	case name == "utf-8" || !certain:
		if e := fromMeta(); e != nil {
			return convert(e, body), true
		}
		return convert(charmap.Windows1252, body), true
	}
	return convert(enc, body), true
}

// stateful tells charsets whose text can be pure ASCII bytes and mean other
// letters.
func stateful(name string) bool {
	switch name {
	case "iso-2022-jp", "utf-16be", "utf-16le", "replacement", "x-user-defined":
		return true
	}
	return false
}

func convert(e encoding.Encoding, body []byte) string {
	out, _, err := transform.Bytes(e.NewDecoder(), body)
	if err != nil {
		// Decoders replace what they do not understand; an error is a bound of theirs.
		return tidy(strings.ToValidUTF8(string(body), "\ufffd"))
	}
	return tidy(strings.ToValidUTF8(string(out), "\ufffd"))
}

// tidy takes out NUL, which a database does not hold.
func tidy(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

func hasUTF16Mark(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}

// looksBinary tells archives, programs, pictures and the like, of which no text
// can be made: a NUL or several other controls early on.
func looksBinary(body []byte) bool {
	if hasUTF16Mark(body) {
		return false
	}
	head := body[:min(len(body), 4096)]
	if bytes.HasPrefix(head, []byte("%PDF-")) {
		return true
	}
	nul, controls := 0, 0
	for _, c := range head {
		switch {
		case c == 0:
			nul++
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b:
			controls++
		}
	}
	return nul > 2+len(head)/200 || controls > 4+len(head)/20
}

// strayBytes counts bytes that are not UTF-8.
func strayBytes(body []byte) (n int) {
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			n++
		}
		body = body[size:]
	}
	return n
}

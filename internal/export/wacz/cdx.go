package wacz

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// line is a line of the index: key, moment, and the rest as JSON.
type line struct {
	key, stamp string

	URL          string `json:"url"`
	MIME         string `json:"mime"`
	Status       string `json:"status,omitempty"`
	Digest       string `json:"digest"`
	RecordDigest string `json:"recordDigest"`
	Length       string `json:"length"`
	Offset       string `json:"offset"`
	Filename     string `json:"filename"`
}

// record notes what the line's gzip member is.
func (l *line) record(member []byte) {
	l.Length = strconv.Itoa(len(member))
	l.RecordDigest = fmt.Sprintf("sha256:%x", sha256.Sum256(member))
}

// blockLines is how many lines a gzip member of the index holds.
const blockLines = 1024

// writeIndex writes the sorted lines to w in gzip members, and gives the text of the
// second index, which says where they begin.
func writeIndex(w io.Writer, lines []line) ([]byte, error) {
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.stamp, b.stamp)) })
	blocks := bytes.NewBufferString(`!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}` + "\n")
	var offset int64
	if len(lines) == 0 { // no page is in it: a member without lines, for who unpacks it
		return blocks.Bytes(), gzip.NewWriter(w).Close()
	}
	for block := range slices.Chunk(lines, blockLines) {
		var b bytes.Buffer
		gz := gzip.NewWriter(&b)
		for i := range block {
			text, err := encode(&block[i])
			if err != nil {
				return nil, err
			}
			if _, err := fmt.Fprintf(gz, "%s %s %s", block[i].key, block[i].stamp, text); err != nil {
				return nil, err
			}
		}
		if err := gz.Close(); err != nil {
			return nil, err
		}
		fmt.Fprintf(blocks, `%s %s {"offset": %d, "length": %d, "digest": "sha256:%x", "filename": "index.cdx.gz"}`+"\n",
			block[0].key, block[0].stamp, offset, b.Len(), sha256.Sum256(b.Bytes()))
		offset += int64(b.Len())
		if _, err := b.WriteTo(w); err != nil {
			return nil, err
		}
	}
	return blocks.Bytes(), nil
}

// encode gives JSON on a line, without the escapes that are for web pages.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// surt gives the key under which readers look an address up: in lower case, its host
// turned round, without "www.", its query sorted. What is no web address is its own key.
func surt(address string) string {
	if !strings.HasPrefix(address, "http:") && !strings.HasPrefix(address, "https:") {
		return address
	}
	u, err := url.Parse(strings.ToLower(address))
	if err != nil {
		return address
	}
	host := u.Hostname()
	if first, rest, ok := strings.Cut(host, "."); ok && strings.Trim(strings.TrimPrefix(first, "www"), "0123456789") == "" && strings.HasPrefix(first, "www") {
		host = rest
	}
	parts := strings.Split(host, ".")
	slices.Reverse(parts)
	key := strings.Join(parts, ",")
	if port := u.Port(); port != "" {
		key += ":" + port
	}
	key += ")" + u.Pathname()
	if query, ok := strings.CutPrefix(u.Search(), "?"); ok {
		fields := strings.Split(query, "&")
		slices.Sort(fields)
		key += "?" + strings.Join(fields, "&")
	}
	return key
}

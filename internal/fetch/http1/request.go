package http1

import (
	"fmt"
	"strings"

	"golang.org/x/net/http/httpguts"

	"zoeklicht/internal/fetch"
)

// What a request says it can read. Pictures are asked for in the formats that
// can be shown; httpwire undoes every coding that is offered.
const (
	acceptPage     = "text/html,application/xhtml+xml,application/json;q=0.9,text/plain;q=0.8,*/*;q=0.5"
	acceptPicture  = "image/webp,image/png,image/jpeg,image/gif;q=0.9,image/*;q=0.5,*/*;q=0.1"
	acceptEncoding = "gzip, br, zstd"
)

// requestText writes a request out, with its headers always in this order. It
// refuses a value that would end its header line, and so begin another.
func requestText(req fetch.Request, to fetch.Address) ([]byte, error) {
	accept := acceptPage
	if req.Picture {
		accept = acceptPicture
	}
	var b strings.Builder
	b.Grow(512)
	b.WriteString("GET " + to.Target + " HTTP/1.1\r\n")
	for _, h := range []struct {
		name, value string
		optional    bool
	}{
		{"Host", to.HostPort(), false},
		{"User-Agent", req.UserAgent, false},
		{"Accept", accept, false},
		{"Accept-Language", req.Language, true},
		{"Accept-Encoding", acceptEncoding, false},
		{"Connection", "keep-alive", false},
		{"Referer", req.Referer, true},
		{"Cookie", req.Cookie, true},
	} {
		if h.optional && h.value == "" {
			continue
		}
		if !httpguts.ValidHeaderFieldValue(h.value) {
			return nil, fmt.Errorf("the %s to send has a character that no header may have", h.name)
		}
		b.WriteString(h.name + ": " + h.value + "\r\n")
	}
	b.WriteString("\r\n")
	return []byte(b.String()), nil
}

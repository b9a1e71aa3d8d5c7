package extract

import (
	"bytes"
	"net/http"
	"strings"

	"zoeklicht"
)

// Page is a response as it was captured, transfer and content coding undone.
type Page struct {
	URL       string // after redirects
	Canonical string // the page's identity; goes into the reading as it is
	Status    int
	Header    http.Header
	Body      []byte
	Truncated string // why the body was cut, as in zoeklicht.Exchange
}

// PageOf gives the page of a visit.
func PageOf(v *zoeklicht.Visit) Page {
	ex := v.Page()
	return Page{
		URL: ex.URL, Canonical: v.Task.Canonical, Status: ex.Status,
		Header: ex.Header, Body: ex.Body, Truncated: ex.Truncated,
	}
}

// IsPicture reports whether a response is a picture, of a kind that we can decode
// or not: by its first bytes, or by its content type where those say nothing.
func IsPicture(contentType string, body []byte) bool {
	if strings.HasPrefix(http.DetectContentType(body), "image/") {
		return true
	}
	if len(body) >= 12 && string(body[4:8]) == "ftyp" {
		switch string(body[8:12]) {
		case "avif", "avis", "heic", "heix", "mif1", "msf1":
			return true
		}
	}
	if bytes.HasPrefix(body, []byte("II*\x00")) || bytes.HasPrefix(body, []byte("MM\x00*")) {
		return true
	}
	mime, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.HasPrefix(strings.TrimSpace(mime), "image/") && len(body) > 0 && !looksLikeText(body)
}

// looksLikeText tells a page or a message from a picture in a format that is not
// known here.
func looksLikeText(body []byte) bool {
	return strings.HasPrefix(http.DetectContentType(body), "text/")
}

package capture

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"zoeklicht/internal/warc"
)

// TestContextRecognisesNothing holds that who is left with the context of a capture, after
// page and pictures were destroyed or withheld, cannot try by it what they were.
func TestContextRecognisesNothing(t *testing.T) {
	t.Parallel()
	v := rich()
	v.Page().Header.Set("Etag", `"of-the-content"`)
	v.Chain[0].Header.Set("Etag", `W/"of-the-content"`)
	items := itemMap(seal(t, v).Items)
	text := string(gunzip(t, items["context"]))
	if !strings.Contains(text, `"Via"`) {
		t.Fatal("the context was not read")
	}
	secrets := map[string][]byte{"page": v.Page().Body, "page on the wire": v.Page().Response}
	for _, p := range v.Pictures {
		for _, x := range p.Chain {
			secrets[x.URL], secrets[x.URL+" on the wire"] = x.Body, x.Response
		}
	}
	for what, b := range secrets {
		s1, s5 := sha1.Sum(b), md5.Sum(b)
		s2 := sha256.Sum256(b)
		for _, sum := range [][]byte{s1[:], s2[:], s5[:]} {
			if strings.Contains(text, fmt.Sprintf("%x", sum)) {
				t.Errorf("the context has the digest %x of %s", sum, what)
			}
		}
	}
	for what, s := range map[string]string{"the page's digest": fmt.Sprintf("%x", v.Digest), "the server's Etag": "of-the-content"} {
		if strings.Contains(text, s) {
			t.Errorf("the context has %s", what)
		}
	}
}

// TestOpenOldContext opens a context record as it was made when it still had the digest.
func TestOpenOldContext(t *testing.T) {
	t.Parallel()
	v := rich()
	s := seal(t, v)
	old, err := json.Marshal(map[string]any{
		"format": formatContext, "capture": s.ID.String(), "at": v.At, "build": build, "url": v.Task.URL, "canonical": v.Task.Canonical,
		"kind": "advert", "page": map[string]any{"exchange": "page", "status": 200, "caching": map[string][]string{"Etag": {`"x"`}}},
		"digest": fmt.Sprintf("%x", v.Digest), "unchanged": true, "pictures": []any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := warc.NewWriter(&b)
	id := recordID(s.ID, "context")
	if err := w.Write(&warc.Record{
		Type: warc.Metadata, ID: id, Date: v.At, URI: id.URN(), ContentType: warc.JSONContent, Block: old,
		Extra: []warc.Field{{Name: fieldCapture, Value: s.ID.String()}, {Name: fieldItem, Value: "context"}},
	}, io.Discard); err != nil {
		t.Fatal(err)
	}
	o, err := Open(map[string][]byte{"context": b.Bytes(), "page": itemMap(s.Items)["page"]}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if f := o.Facts; f.URL != v.Task.URL || f.Page.Status != 200 || !f.Unchanged || len(f.Page.Caching["Etag"]) != 1 {
		t.Errorf("it was read as %+v", f)
	}
}

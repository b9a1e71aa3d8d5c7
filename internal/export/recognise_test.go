package export

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// TestRecognises: a context by which a page could be tried out is known as one, and so is
// what cannot be read.
func TestRecognises(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"url":"https://a.example/1","caching":{"Age":["0"]}}`:          false,
		`{"url":"https://a.example/1","digest":"b5a0b96c"}`:              true,
		`{"caching":{"Etag":["\"b5a0b96c\""]}}`:                          true,
		`{"url":"https://a.example/etag?digest=1","title":"the digest"}`: false,
	} {
		// Two records, a gzip member each, as an item has them.
		var item bytes.Buffer
		for _, record := range []string{"WARC/1.1\r\n\r\n{}", body} {
			z := gzip.NewWriter(&item)
			if _, err := z.Write([]byte(record)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if got := recognises(item.Bytes()); got != want {
			t.Errorf("%s: %v", body, got)
		}
		if !recognises(item.Bytes()[:item.Len()-9]) {
			t.Errorf("%s: cut off, it is taken for harmless", body)
		}
	}
}

package http1_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/http1"
)

// BenchmarkGet fetches a page of 12 KB as the driver does, recording included,
// and as a plain net/http loop does; both reuse one connection.
func BenchmarkGet(b *testing.B) {
	page := []byte("<!doctype html><title>Massage</title>" + strings.Repeat("<p>Relaxing massage by appointment, 06 0001 2345.</p>\n", 220))
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	zw.Write(page)
	zw.Close()
	for _, kind := range []string{"plain", "gzip", "chunked", "picture"} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			switch kind {
			case "gzip":
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(packed.Bytes())
			case "chunked":
				w.Write(page[:6000])
				w.(http.Flusher).Flush()
				w.Write(page[6000:])
			case "picture":
				w.Header().Set("Content-Type", "image/jpeg")
				w.Header().Set("Content-Length", "131072")
				w.Write(make([]byte, 131072))
			default:
				w.Header().Set("Content-Length", strconv.Itoa(len(page)))
				w.Write(page)
			}
		}))
		defer srv.Close()
		host := strings.TrimPrefix(srv.URL, "http://")
		approval, err := fetch.NewApproval(&zoeklicht.Source{
			ID: "bench", State: zoeklicht.Approved, ReviewBy: time.Now().Add(time.Hour),
			Scope: zoeklicht.Scope{Hosts: []string{host}, Private: []string{"127.0.0.1/32"}},
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind+"/zoeklicht", func(b *testing.B) {
			c := http1.New(fetch.Config{}, &fetch.Direct{Clock: time.Now}, time.Now, nil)
			defer c.Close()
			b.ReportAllocs()
			for b.Loop() {
				ex := c.Get(context.Background(), fetch.Request{URL: srv.URL + "/", Approval: approval})
				if ex[0].Failure != "" || len(ex[0].Body) == 0 {
					b.Fatal(ex[0].Failure, ex[0].Detail)
				}
			}
		})
		b.Run(kind+"/net-http", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				resp, err := http.Get(srv.URL + "/")
				if err != nil {
					b.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || len(body) == 0 {
					b.Fatal(fmt.Sprint(err, len(body)))
				}
			}
		})
	}
}

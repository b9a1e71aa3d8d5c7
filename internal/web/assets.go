package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets/*.css assets/*.js assets/*.svg assets/LICENSE.htmx assets/vendored.txt
var assetFiles embed.FS

// assets are the files that pages load. Each is served under a name that holds the
// first 12 hex digits of its SHA-256, so that it may be cached for ever and a new
// build is loaded at once.
type assets struct {
	named  map[string]string // "app.css" → "/assets/app.0123456789ab.css"
	served map[string]asset  // "app.0123456789ab.css" → its bytes
}

type asset struct {
	mime    string
	plain   []byte
	gzipped []byte
}

// mimes are the types that assets have. A file of another type is not served.
var mimes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// newAssets takes the embedded files, and the house style if there is one.
func newAssets(houseStyle []byte) (*assets, error) {
	a := &assets{named: map[string]string{}, served: map[string]asset{}}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, err
		}
		if err := a.add(e.Name(), body); err != nil {
			return nil, err
		}
	}
	if len(houseStyle) > 0 {
		return a, a.add("house.css", houseStyle)
	}
	return a, nil
}

func (a *assets) add(name string, body []byte) error {
	ext := path.Ext(name)
	mime, ok := mimes[ext]
	if !ok {
		return nil // licences and lists are read by people and tests
	}
	var packed bytes.Buffer
	zw, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zw.Write(body); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hashed := fmt.Sprintf("%s.%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:6]), ext)
	a.named[name] = "/assets/" + hashed
	a.served[hashed] = asset{mime: mime, plain: body, gzipped: packed.Bytes()}
	return nil
}

// has reports whether there is an asset of that name.
func (a *assets) has(name string) bool { return a.named[name] != "" }

// url gives the address of an asset. Asking for one that is not there fails the page.
func (a *assets) url(name string) (string, error) {
	u, ok := a.named[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return u, nil
}

// ServeHTTP serves /assets/{name}.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.served[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

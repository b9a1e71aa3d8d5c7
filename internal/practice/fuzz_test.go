package practice

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzSites: whatever is asked for, every site answers with a status of its own
// choosing or drops the connection on purpose; nothing panics.
func FuzzSites(f *testing.F) {
	for _, path := range []string{
		"/", "/advertenties?pagina=2", "/advertentie/100000", "/advertentie/0100000", "/foto/1/0000000000000001.png",
		"/api/v2/adverts?page=-1", "/gids/utrecht/100001", "/gids//", "/toon?sid=0123456789abcdef&nr=100002",
		"/toon/100005;sid=x", "/plaatje/100002/00000000000000ff.png", "/overzicht?p=%zz", "/advertentie/99999999999999999999",
		"/list?after=4j9x3v", "/list?after=zzzzzzzzzzzzz", "/ad/100004", "/img/100004/0000000000000001.png",
		"/anzeigen/seite-2", "/anzeigen/seite-", "/anzeige/w100003.html", "/anzeige/w100003", "/profiel/1", "/profiel/01", "/sms/3",
	} {
		f.Add(path)
	}
	s, err := Serve(f.Context(), Config{Seed: 1, Stall: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Path == "" || u.Path[0] != '/' {
			t.Skip()
		}
		for i, site := range s.World.sites {
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
						panic(p)
					}
				}()
				s.siteHandler(i, site).ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
			}()
			switch w.Code {
			case http.StatusOK, http.StatusMovedPermanently, http.StatusFound, http.StatusNotModified, http.StatusNotFound, http.StatusGone:
			case http.StatusInternalServerError:
				if site.habits().key == "kiosk" {
					continue // a picture whose trouble it is
				}
				fallthrough
			default:
				t.Errorf("%s %s: %d", site.habits().key, target, w.Code)
			}
			if to := w.Header().Get("Location"); to != "" {
				if l, err := url.Parse(to); err != nil || l.Host != "" || to[0] != '/' {
					t.Errorf("%s %s: redirects to %q", site.habits().key, target, to)
				}
			}
		}
	})
}

package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// hungUp is a reader who goes away once the headers are sent.
type hungUp struct {
	*httptest.ResponseRecorder
	writes int
}

func (h *hungUp) Write([]byte) (int, error) {
	h.writes++
	return 0, errors.New("broken pipe")
}

// TestReaderGoesAway: a body that cannot be sent is no fault of ours, and no error page
// follows it.
func TestReaderGoesAway(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	v := s.as(t, "anna")
	v.post("/t/practice/adverts/100005/reveal", url.Values{"purpose": {"zaak 2026-0142"}, "all": {"v:1000055"}})
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
	}{
		{http.MethodGet, "/t/practice/search?q=massage", ""},
		{http.MethodGet, "/t/practice/pictures/1000055/0", ""},
		{http.MethodPost, "/t/practice/numbers/list.csv", "lines=06+0004+0148"},
	} {
		before := s.log.Len()
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, cookie := range v.c.Jar.Cookies(base) {
			r.AddCookie(cookie)
		}
		w := &hungUp{ResponseRecorder: httptest.NewRecorder()}
		s.Config.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.writes != 1 {
			t.Errorf("%s: %d in %d writes", c.path, w.Code, w.writes)
		}
		if log := s.log.String()[before:]; strings.Contains(log, "level=ERROR") {
			t.Errorf("%s: %s", c.path, log)
		}
	}
}

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reader is somebody at the dashboard of a house, with a browser that has no scripts.
type reader struct {
	h *house
	c *http.Client
}

// signIn opens the dashboard as one of the practice people.
func (h *house) signIn(login string) *reader {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r := &reader{h, &http.Client{Jar: jar}}
	if at, _ := r.do("/sign-in", url.Values{"login": {login}, "password": {h.state().Password}}); strings.HasPrefix(at, "/sign-in") {
		h.t.Fatalf("%s cannot sign in", login)
	}
	return r
}

// base gives the dashboard's address, as the parent that runs now has printed it.
func (h *house) base() string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lines {
		if _, at, is := strings.Cut(l, "Zoeklicht (practice): "); is {
			return strings.TrimSuffix(strings.TrimSpace(at), "/")
		}
	}
	h.t.Fatal("it has not printed its address")
	return ""
}

// do asks for a page, by a form where there is one, and gives what came, and from where.
// Whatever is not found is a failure.
func (r *reader) do(path string, form url.Values) (at string, body []byte) {
	t := r.h.t
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.h.base()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := r.c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() // read only
	if body, err = io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v: %s", path, resp.StatusCode, err, body[:min(len(body), 2000)])
	}
	return resp.Request.URL.Path, body
}

// export begins an export of an advert and gives where its job is.
func (r *reader) export(advert, form string) string {
	r.h.t.Helper()
	at, _ := r.do("/t/practice/exports", url.Values{
		"advert": {advert}, "v": {"1"}, "kind": {"version"}, "form": {form}, "lang": {"en"}, "pictures": {"in"}, "ground": {"theme"}, "purpose": {"case 2026-0417"},
	})
	if !strings.HasPrefix(at, "/t/practice/exports/") {
		r.h.t.Fatalf("the export led to %s", at)
	}
	return at
}

// ended waits until a job goes on no more, and gives its page.
func (r *reader) ended(job string) (page []byte) {
	r.h.t.Helper()
	r.h.until(r.h.t.Context(), func() bool {
		_, page = r.do(job, nil)
		return !bytes.Contains(page, []byte(`hx-trigger="every 2s"`)) // the page asks for itself no more
	})
	return page
}

// TestExportsOutliveKill kills the platform with -9 while one export is finished and others
// go on or wait. Their owner, and nobody else, finds the first as it was, and begins those
// that were cut off again by one press.
func TestExportsOutliveKill(t *testing.T) {
	h := newHouse(t, 20, 0, 7)
	ctx := t.Context()
	h.start()
	h.said(ctx, "is today")
	h.recorded()
	r := h.signIn("specialist")
	_, page := r.do("/t/practice/search?lang=en", nil)
	found := regexp.MustCompile(`/t/practice/adverts/(\d+)`).FindSubmatch(page)
	if found == nil {
		t.Fatalf("no advert is found: %s", page[:min(len(page), 2000)])
	}
	advert := string(found[1])
	done := r.export(advert, "findings")
	if !bytes.Contains(r.ended(done), []byte(done+"/file")) {
		t.Fatalf("the first export has no file: %s", r.ended(done))
	}
	_, before := r.do(done+"/file", nil)
	jobs := map[string]bool{}
	for range 4 { // two at once
		jobs[r.export(advert, "package")] = true
	}
	_ = h.cmd.Process.Kill()
	<-h.exited
	_ = h.stdin.Close()
	h.start()
	h.said(ctx, "Sign in as")

	if _, after := r.do(done+"/file", nil); !bytes.Equal(before, after) || len(after) == 0 {
		t.Errorf("after the kill the file has %d bytes, and had %d", len(after), len(before))
	}
	cut := 0
	for job := range jobs {
		page := r.ended(job)
		if bytes.Contains(page, []byte(job+"/file")) {
			continue // it was finished before the kill
		}
		cut++
		if !bytes.Contains(page, []byte(job+"/again")) || !bytes.Contains(page, []byte("case 2026-0417")) {
			t.Errorf("%s was cut off and cannot be begun again: %s", job, page)
			continue
		}
		again, _ := r.do(job+"/again", url.Values{"purpose": {"case 2026-0417"}})
		if page := r.ended(again); again == job || !bytes.Contains(page, []byte(again+"/file")) {
			t.Errorf("begun again at %s it is not finished: %s", again, page)
		}
	}
	_, list := r.do("/t/practice/exports", nil)
	if n := len(regexp.MustCompile(`id="d[A-Z0-9]{26}"`).FindAll(list, -1)); n != 1+len(jobs) {
		t.Errorf("%d files can be downloaded, want %d", n, 1+len(jobs))
	}
	t.Logf("%d of %d exports were cut off", cut, len(jobs))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base()+done+"/file", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := h.signIn("officier").c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() // read only
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("another person gets the file: %d", resp.StatusCode)
	}
	h.stop()
	kept, err := filepath.Glob(filepath.Join(outFolder(h.data, practiceTheme), "*"))
	if err != nil || len(kept) != 2*(1+len(jobs)) {
		t.Errorf("kept are %v, %v", kept, err)
	}
}

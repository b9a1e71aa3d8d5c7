package practice_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
)

// once asks without keeping the connection, following redirects or unzipping.
func once(t testing.TB, method, address, encoding string) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if encoding != "" {
		req.Header.Set("Accept-Encoding", encoding)
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

// gone finds an advert of a site that was online on day 0 and is not on day 5,
// and one of which the address has changed by then, if there is one.
func gone(t testing.TB, s *practice.Server, site string) (vanished, moved practice.TrueVersion) {
	t.Helper()
	for _, a := range truthLines[practice.TrueAdvert](t, s, "/.truth/versions?from=0&to=5") {
		first, last := a.Versions[0], a.Versions[len(a.Versions)-1]
		switch {
		case a.Site != site || a.Days[0] != 0:
		case a.Last < 5:
			vanished = first
		case first.URL != last.URL && len(a.Hidden) == 0:
			moved = first
		}
	}
	if vanished.URL == "" {
		t.Fatalf("no advert vanished from %s", site)
	}
	return vanished, moved
}

func TestWhatVanishedAnswersInTheSitesOwnWay(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 8, Adverts: 1500, NoBarriers: true})
	for site, want := range map[string]int{"admarkt": http.StatusNotFound, "stadsgids": http.StatusGone, "kiosk": http.StatusOK, "wellkompass": http.StatusNotFound, "corso": http.StatusGone} {
		v, moved := gone(t, s, site)
		if err := s.SetDay(0); err != nil {
			t.Fatal(err)
		}
		if a := get(t, v.URL); a.StatusCode != http.StatusOK || bytes.Contains(a.body, []byte("niet meer")) {
			t.Errorf("%s on day 0: %d", v.URL, a.StatusCode)
		}
		if err := s.SetDay(5); err != nil {
			t.Fatal(err)
		}
		a := get(t, v.URL)
		if a.StatusCode != want {
			t.Errorf("%s on day 5: %d, want %d", v.URL, a.StatusCode, want)
		}
		if site == "kiosk" && !bytes.Contains(a.body, []byte("niet meer beschikbaar")) {
			t.Errorf("no soft 404:\n%s", a.body)
		}
		if site == "stadsgids" {
			if moved.URL == "" {
				t.Fatal("no advert moved")
			}
			resp, _, err := once(t, http.MethodGet, moved.URL, "")
			if err != nil || resp.StatusCode != http.StatusMovedPermanently || resp.Header.Get("Location") == "" {
				t.Errorf("the old address of a moved advert: %v %v", resp, err)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	s := serve(t, practice.Config{Seed: 1, Clock: func() time.Time { return at }})
	list := s.Addresses().Sites["admarkt"] + "/advertenties"
	_, plain, err := once(t, http.MethodGet, list, "")
	if err != nil {
		t.Fatal(err)
	}
	for encoding, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "*": "gzip", "": "", "br": "", "gzip;q=0": "",
	} {
		resp, body, err := once(t, http.MethodGet, list, encoding)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Content-Encoding"); got != want {
			t.Errorf("asked %q: encoding %q, want %q", encoding, got, want)
		}
		if want == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, plain) {
			t.Errorf("asked %q: another body", encoding)
		}
		if got := resp.Header.Get("Date"); got != "Tue, 06 May 2031 07:08:09 GMT" {
			t.Errorf("Date %q", got)
		}
	}
	resp, body, err := once(t, http.MethodHead, list, "")
	if err != nil || resp.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("HEAD: %v, %d bytes, %v", resp.Status, len(body), err)
	}
	if resp, _, err = once(t, http.MethodPost, list, ""); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v %v", resp.Status, err)
	}
}

// Without a clock, Date headers lie at noon of the simulated day.
func TestDateFollowsTheDay(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Day: 3})
	address := s.Addresses().Sites["kiosk"] + "/robots.txt"
	if got := get(t, address).Header.Get("Date"); got != "Thu, 08 Jan 2026 12:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
}

var sid = regexp.MustCompile(`sid=([0-9a-f]+)`)

func TestKioskSessions(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 2, Adverts: 500, NoBarriers: true})
	home := s.Addresses().Sites["kiosk"]
	given := map[string]bool{}
	for _, path := range []string{"/", "/overzicht", "/overzicht?p=2", "/overzicht?sid=nonsense", "/overzicht?p=%26x%3d1"} {
		resp, _, err := once(t, http.MethodGet, home+path, "")
		if err != nil || resp.StatusCode != http.StatusFound {
			t.Fatalf("%s: %v %v", path, resp, err)
		}
		m := sid.FindStringSubmatch(resp.Header.Get("Location"))
		if m == nil || given[m[1]] {
			t.Fatalf("%s: to %q, given before %v", path, resp.Header.Get("Location"), given)
		}
		given[m[1]] = true
	}
	a := get(t, home+"/overzicht?p=2")
	mine := sid.FindStringSubmatch(a.Request.URL.String())[1]
	links := regexp.MustCompile(`href="([^"]+)"`).FindAllSubmatch(a.body, -1)
	inPath := 0
	for _, l := range links {
		if m := sid.FindSubmatch(l[1]); m == nil || string(m[1]) != mine {
			t.Errorf("link %s in session %s", l[1], mine)
		}
		if bytes.Contains(l[1], []byte(";sid=")) {
			inPath++
		}
	}
	if len(links) < 20 || inPath < 5 || inPath > len(links)-5 {
		t.Errorf("%d links, %d with the session in the path", len(links), inPath)
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{CrawlDelay: 0.25})
	for site, forbidden := range map[string]string{"admarkt": "/beheer/", "stadsgids": "/intern/", "kiosk": "/zoek", "wellkompass": "/konto/", "corso": "/post/", "snelcontact": "/sms/"} {
		home := s.Addresses().Sites[site]
		a := get(t, home+"/robots.txt")
		if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") || !bytes.Contains(a.body, []byte("Disallow: "+forbidden)) {
			t.Errorf("%s: %d %s", site, a.StatusCode, a.body)
		}
		if (site == "stadsgids" || site == "kiosk") && !bytes.Contains(a.body, []byte("Crawl-delay: 0.25")) {
			t.Errorf("%s: no crawl delay in %s", site, a.body)
		}
		get(t, home+forbidden)
	}
	for _, st := range truthLines[practice.SiteStats](t, s, "/.truth/stats") {
		if st.Robots != 1 || st.Disallowed != 1 || st.Requests != 2 || st.MostAtOnce != 1 {
			t.Errorf("%+v", st)
		}
	}
}

func TestTakenPortIsPassedOver(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := serve(t, practice.Config{Addr: l.Addr().String(), TruthAddr: "127.0.0.1:0"})
	used := map[string]bool{l.Addr().String(): true}
	a := s.Addresses()
	for _, address := range slices.AppendSeq([]string{a.Pictures, a.Truth}, maps.Values(a.Sites)) {
		host := strings.TrimPrefix(address, "http://")
		if used[host] {
			t.Errorf("%s is used twice", host)
		}
		used[host] = true
	}
	if s.Hosts()["beeldbank"] != strings.TrimPrefix(a.Pictures, "http://") || len(s.Hosts()) != 7 {
		t.Errorf("hosts %v", s.Hosts())
	}
}

func TestBadAddresses(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for want, cfgs := range map[zoeklicht.Code][]practice.Config{
		zoeklicht.Invalid:     {{Addr: "nowhere"}, {Addr: "127.0.0.1:http"}, {Addr: "127.0.0.1:70000"}, {Adverts: -1}},
		zoeklicht.Unavailable: {{TruthAddr: l.Addr().String()}, {Addr: "192.0.2.1:0"}},
	} {
		for _, cfg := range cfgs {
			s, err := practice.Serve(t.Context(), cfg, slog.New(slog.DiscardHandler))
			if zoeklicht.CodeOf(err) != want || s != nil {
				t.Errorf("%+v: %v, want code %s", cfg, err, want)
			}
		}
	}
}

func TestServingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := practice.Serve(ctx, practice.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	address := s.Addresses().Sites["kiosk"]
	if err := s.SetFaults([]practice.Fault{{Site: "kiosk", Kind: practice.FaultSlow, DelayMS: 3_600_000}}); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: kiosk\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(conn); err == nil && len(b) > 0 {
		t.Errorf("an answer an hour early: %q", b)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil {
		t.Error("still listening")
	}
}

// Days change under visitors without harm; run with -race.
func TestDaysChangeUnderVisitors(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 1, Adverts: 200, NoBarriers: true})
	var visitors sync.WaitGroup
	for _, home := range s.Addresses().Sites {
		visitors.Go(func() {
			for range 30 {
				if a := get(t, home); a.StatusCode != http.StatusOK {
					t.Errorf("%s: %d", home, a.StatusCode)
				}
			}
		})
	}
	for day := range 30 {
		if err := s.SetDay(day); err != nil {
			t.Error(err)
		}
	}
	visitors.Wait()
}

// BenchmarkServe measures what the practice web can serve over loopback, server
// and a plain client sharing the cores that they are given (-cpu 1 for one).
func BenchmarkServe(b *testing.B) {
	s := serve(b, practice.Config{Seed: 1, Adverts: 3000, NoBarriers: true, Stall: time.Millisecond})
	kinds := map[string][]string{}
	for a := range s.World.Online(0) {
		home := s.Addresses().Sites[a.Site]
		for _, p := range a.Pictures {
			if p.Trouble == practice.Fine && p.Host == "" {
				kinds["picture"] = append(kinds["picture"], home+p.Path)
			}
		}
	}
	for _, o := range truthLines[practice.OnlineAdvert](b, s, "/.truth/online?day=0") {
		kinds[o.Site] = append(kinds[o.Site], o.URL)
	}
	for _, kind := range []string{"admarkt", "stadsgids", "kiosk", "wellkompass", "corso", "picture"} {
		b.Run(kind, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}}
			bytes := int64(0)
			for i := 0; b.Loop(); i++ {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, kinds[kind][i%len(kinds[kind])], nil)
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Accept-Encoding", "gzip")
				resp, err := client.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(resp.Status, err)
				}
				bytes += n
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
			b.ReportMetric(float64(bytes)/float64(b.N), "bytes/answer")
		})
	}
}

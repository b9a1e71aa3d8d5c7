package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/warc"
	"zoeklicht/internal/warc/httpwire"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	at    = time.Date(2026, 11, 5, 9, 8, 7, 123456000, time.UTC)
	build = strings.Repeat("0123456789abcdef", 4)
	ctx   = zoeklicht.Context{
		Theme: "practice", Ground: "exercise", Source: "practice-a", Approval: 7, Run: 3, Cause: "schedule", Exit: "direct",
		Build: build, Config: build, Policy: build, Recipe: "practice-a/1", Robots: "none", UserAgent: "Zoeklicht", Language: "nl", Clock: "simulated",
		ClockKept: "within 0.012s of the network's",
	}
)

// sure gives randomness that is always the same.
func sure() io.Reader { return rand.NewChaCha8([32]byte{1}) }

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// wire makes an exchange as fetch would: the response in the given codings.
func wire(url string, status int, coding, kind string, body []byte) *zoeklicht.Exchange {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nDate: Thu, 05 Nov 2026 09:08:09 GMT\r\nContent-Type: %s\r\n", status, http.StatusText(status), kind)
	sent := body
	if strings.Contains(coding, "gzip") {
		sent = gz(body)
		head += "Content-Encoding: gzip\r\n"
	}
	if strings.Contains(coding, "chunked") {
		var b bytes.Buffer
		for part := range slices.Chunk(sent, 1000) {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
		}
		sent = append(b.Bytes(), "0\r\n\r\n"...)
		head += "Transfer-Encoding: chunked\r\n"
	} else {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(sent))
	}
	head += "\r\n"
	x := &zoeklicht.Exchange{
		URL: url, Method: "GET", Driver: "http/1", Started: at, Duration: 1500 * time.Millisecond,
		Request:  []byte("GET / HTTP/1.1\r\nHost: site.test\r\n\r\n"),
		Response: append([]byte(head), sent...), HeadLen: len(head), Status: status, Body: body,
		DNS:  zoeklicht.DNSFacts{Host: "site.test", Resolver: "127.0.0.53:53", Answers: []netip.Addr{netip.MustParseAddr("192.0.2.7")}, At: at},
		Peer: netip.MustParseAddrPort("192.0.2.7:80"), Local: netip.MustParseAddrPort("192.0.2.1:4000"),
	}
	h, err := httpwire.ParseResponse(x.Response)
	if err != nil {
		panic(err)
	}
	x.Header = h.Header
	return x
}

var leafCert, rootCert = bytes.Repeat([]byte("leaf"), 12), bytes.Repeat([]byte("root"), 12)

func secured(x *zoeklicht.Exchange, chain ...[]byte) *zoeklicht.Exchange {
	x.TLS = &zoeklicht.TLSFacts{ServerName: "site.test", Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", ALPN: "http/1.1", Chain: chain, Verified: true}
	return x
}

// rich is a visit with something of everything.
func rich() *zoeklicht.Visit {
	hop := secured(wire("https://site.test/old?id=1", 302, "", "text/plain", []byte("moved")), leafCert, rootCert)
	hop.Header.Set("Location", "/ad/1")
	page := secured(wire("https://site.test/ad/1", 200, "chunked gzip", "text/html", bytes.Repeat([]byte("<p>Relaxing massage by appointment</p>\n"), 200)), leafCert, rootCert)
	page.Request = []byte("GET /ad/1 HTTP/1.1\r\nHost: site.test\r\nCookie: session=1\r\n\r\n")
	page.Header.Set("Via", "1.1 cache.test")
	cdn := secured(wire("https://cdn.test/1.jpg", 200, "", "image/jpeg", bytes.Repeat([]byte{0xff, 0xd8}, 3000)), []byte("another leaf"), rootCert)
	return &zoeklicht.Visit{
		Task:  zoeklicht.Task{Source: "practice-a", Run: 3, Canonical: "https://site.test/ad/1", URL: "https://site.test/old?id=1", Kind: zoeklicht.KindAdvert, Depth: 2, Attempt: 1},
		Chain: []*zoeklicht.Exchange{hop, page},
		Pictures: []zoeklicht.PictureVisit{
			{URL: "https://site.test/p/0.jpg", Chain: []*zoeklicht.Exchange{
				secured(wire("https://site.test/p/0.jpg", 301, "", "text/plain", nil), leafCert, rootCert), cdn,
			}},
			{URL: "https://site.test/p/1.jpg", Chain: []*zoeklicht.Exchange{wire("http://site.test/p/1.jpg", 404, "", "text/html", []byte("gone"))}, Failure: zoeklicht.FailStatus, Detail: "404"},
			{URL: "https://elsewhere.test/2.jpg", Failure: zoeklicht.FailOutside, Detail: "elsewhere.test is not in the approval"},
			{URL: "https://nowhere.test/3.jpg", Chain: []*zoeklicht.Exchange{{URL: "https://nowhere.test/3.jpg", Started: at, Failure: zoeklicht.FailDNS}}, Failure: zoeklicht.FailDNS},
		},
		Digest: sha256.Sum256([]byte("body")), At: at,
	}
}

func seal(t testing.TB, v *zoeklicht.Visit) *zoeklicht.Sealed {
	t.Helper()
	s, err := New(Config{Rand: sure()}).Seal(v, &ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func itemMap(items []zoeklicht.Item) map[string][]byte {
	m := map[string][]byte{}
	for _, i := range items {
		m[i.Name] = i.Bytes
	}
	return m
}

func gunzip(t testing.TB, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGolden shows a whole capture as text. Pictures are left out.
func TestGolden(t *testing.T) {
	t.Parallel()
	v := rich()
	v.Chain[1] = secured(wire("https://site.test/ad/1", 200, "chunked", "text/html", []byte("<p>Relaxing massage by appointment</p>")), leafCert, rootCert)
	v.After = strings.Repeat("fedcba9876543210", 4)
	s := seal(t, v)
	var got bytes.Buffer
	for _, item := range s.Items {
		fmt.Fprintf(&got, "=== item %s\n%s", item.Name, gunzip(t, item.Bytes))
	}
	fmt.Fprintf(&got, "=== manifest\n%s=== leaf\n%s", s.Manifest, s.Leaf)
	text := strings.ReplaceAll(got.String(), strings.Repeat("\xff\xd8", 3000), "(3,000 times ff d8)")
	golden := filepath.Join("testdata", "capture.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if !slices.EqualFunc(seal(t, v).Items, s.Items, func(a, b zoeklicht.Item) bool { return a.Name == b.Name && bytes.Equal(a.Bytes, b.Bytes) }) {
		t.Error("the same visit with the same randomness gave other bytes")
	}
}

func TestOpenGivesBack(t *testing.T) {
	t.Parallel()
	v := rich()
	s := seal(t, v)
	o, err := Open(itemMap(s.Items), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if o.ID != s.ID || len(o.Page.Redirects) != 1 {
		t.Errorf("capture %s with %d redirects", o.ID, len(o.Page.Redirects))
	}
	same := func(what string, got *Exchange, want *zoeklicht.Exchange) {
		t.Helper()
		if strings.HasPrefix(what, "redirect") {
			w := *want
			w.Body = nil
			want = &w
		}
		if got == nil {
			t.Errorf("%s is not there", what)
			return
		}
		if got.URL != want.URL || !got.At.Equal(want.Started) || got.Status != want.Status || got.Problem != nil || got.Truncated ||
			!bytes.Equal(got.Request, want.Request) || !bytes.Equal(got.Response, want.Response) || !bytes.Equal(got.Body, want.Body) {
			t.Errorf("%s came back as %+v", what, got)
		}
	}
	same("redirect", o.Page.Redirects[0], v.Chain[0])
	same("page", o.Page.End, v.Chain[1])
	same("redirect of picture 0", o.Pictures[0].Redirects[0], v.Pictures[0].Chain[0])
	same("picture 0", o.Pictures[0].End, v.Pictures[0].Chain[1])
	same("picture 1", o.Pictures[1].End, v.Pictures[1].Chain[0])
	if len(o.Pictures) != 2 {
		t.Errorf("%d pictures have bytes", len(o.Pictures))
	}
	f := o.Facts
	offset := 0.377
	want := &Facts{
		Format: formatContext, Capture: s.ID.String(), At: at, Context: ctx, URL: "https://site.test/old?id=1",
		Canonical: "https://site.test/ad/1", Kind: zoeklicht.KindAdvert, Depth: 2, Attempt: 1, Redirects: 1,
		Page: ExchangeFacts{
			Exchange: "page", URL: "https://site.test/ad/1", Method: "GET", Driver: "http/1", Status: 200, Started: at,
			Duration: 15e8, Peer: "192.0.2.7:80", Local: "192.0.2.1:4000", Sent: 58, Received: len(v.Chain[1].Response),
			ServerDate: "Thu, 05 Nov 2026 09:08:09 GMT", ClockOffset: &offset, Caching: map[string][]string{"Via": {"1.1 cache.test"}},
			CookiesSent: []string{"session=1"},
		},
		Pictures: []PictureFacts{
			{N: 0, URL: "https://site.test/p/0.jpg", Item: "picture:0", Status: 200},
			{N: 1, URL: "https://site.test/p/1.jpg", Item: "picture:1", Status: 404, Failure: "status", Detail: "404"},
			{N: 2, URL: "https://elsewhere.test/2.jpg", Failure: "outside-approval", Detail: "elsewhere.test is not in the approval"},
			{N: 3, URL: "https://nowhere.test/3.jpg", Failure: "dns"},
		},
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Errorf("facts (-want +got):\n%s", d)
	}
	some, err := Open(map[string][]byte{"picture:1": itemMap(s.Items)["picture:1"]}, Limits{})
	if err != nil || some.Facts != nil || some.Page.End != nil || some.Pictures[1].End == nil {
		t.Errorf("one item alone: %+v, %v", some, err)
	}
}

// TestOpenFailedVisits opens captures of pages that did not come.
func TestOpenFailedVisits(t *testing.T) {
	t.Parallel()
	refused := wire("http://site.test/", 200, "", "text/html", nil)
	refused.Response, refused.Status, refused.Failure = nil, 0, zoeklicht.FailDisconnect
	torn := wire("http://site.test/", 200, "chunked", "text/html", bytes.Repeat([]byte("abc"), 500))
	torn.Response, torn.Truncated, torn.Failure = torn.Response[:len(torn.Response)-100], "disconnect", zoeklicht.FailDisconnect
	nowhere := &zoeklicht.Exchange{URL: "http://nowhere.test/", Started: at, Failure: zoeklicht.FailDNS, Detail: "no such host"}
	moved := wire("http://site.test/", 302, "", "text/html", nil)
	for name, tc := range map[string]struct {
		chain []*zoeklicht.Exchange
		items string
		lines string
		end   bool
	}{
		"no answer":           {[]*zoeklicht.Exchange{refused}, "page context", "context dns request", true},
		"torn":                {[]*zoeklicht.Exchange{torn}, "page context", "context dns request response", true},
		"no name":             {[]*zoeklicht.Exchange{nowhere}, "context", "context dns", false},
		"redirect to no name": {[]*zoeklicht.Exchange{moved, nowhere}, "page context", "context dns redirect:0:request redirect:0:response redirects", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := seal(t, &zoeklicht.Visit{Chain: tc.chain, At: at})
			var items []string
			for _, i := range s.Items {
				items = append(items, i.Name)
			}
			if got := strings.Join(items, " "); got != tc.items {
				t.Errorf("items %s, want %s", got, tc.items)
			}
			o, err := Open(itemMap(s.Items), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if (o.Page.End != nil) != tc.end || len(o.Page.Redirects) != len(tc.chain)-1 {
				t.Errorf("page %+v", o.Page)
			}
			last := tc.chain[len(tc.chain)-1]
			if o.Facts.Page.Failure != last.Failure || o.Facts.Page.Detail != last.Detail {
				t.Errorf("facts say %q %q", o.Facts.Page.Failure, o.Facts.Page.Detail)
			}
			if name == "torn" && (!errors.Is(o.Page.End.Problem, io.ErrUnexpectedEOF) || o.Page.End.Cut != "disconnect" || len(o.Page.End.Body) < 1000) {
				t.Errorf("torn page: %d bytes, cut %q, problem %v", len(o.Page.End.Body), o.Page.End.Cut, o.Page.End.Problem)
			}
			r, err := Verify(s)
			if err != nil || strings.Join(r.Proved, " ") != tc.lines || len(r.Withheld) > 0 {
				t.Errorf("proved %v, withheld %v, %v", r.Proved, r.Withheld, err)
			}
		})
	}
}

// randomVisit makes any visit.
func randomVisit(rng *rand.Rand) *zoeklicht.Visit {
	body := func() []byte {
		b := make([]byte, rng.IntN(5000))
		for i := range b {
			b[i] = byte('a' + rng.IntN(26))
		}
		return b
	}
	chain := func(url string) (xs []*zoeklicht.Exchange) {
		for i := range 1 + rng.IntN(3)*rng.IntN(2) {
			x := wire(url+strconv.Itoa(i), []int{200, 302, 404, 500}[rng.IntN(4)],
				[]string{"", "gzip", "chunked", "chunked gzip"}[rng.IntN(4)], []string{"text/html", "image/jpeg"}[rng.IntN(2)], body())
			x.Started = at.Add(time.Duration(rng.IntN(1e6)) * time.Microsecond)
			if rng.IntN(2) == 0 {
				secured(x, leafCert, rootCert)
			}
			xs = append(xs, x)
		}
		return xs
	}
	v := &zoeklicht.Visit{Chain: chain("http://site.test/"), At: at, Unchanged: rng.IntN(2) == 0}
	for n := range rng.IntN(13) {
		p := zoeklicht.PictureVisit{URL: fmt.Sprint("http://site.test/p", n)}
		if rng.IntN(4) > 0 {
			p.Chain = chain(p.URL)
		} else {
			p.Failure = zoeklicht.FailTimeout
		}
		v.Pictures = append(v.Pictures, p)
	}
	return v
}

// TestRoundTrip seals random visits, opens them and verifies them, whole and
// with items left out. One Sealer makes all: what it uses again must not show.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	sealer := New(Config{})
	type kept struct {
		v *zoeklicht.Visit
		s *zoeklicht.Sealed
	}
	var all []kept
	for range 50 {
		v := randomVisit(rng)
		s, err := sealer.Seal(v, &ctx)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, kept{v, s})
	}
	type plain struct {
		URL                     string
		Status                  int
		Request, Response, Body string
	}
	was := func(chain []*zoeklicht.Exchange) (out []plain) {
		for i, x := range chain {
			p := plain{x.URL, x.Status, string(x.Request), string(x.Response), string(x.Body)}
			if i < len(chain)-1 {
				p.Body = "" // a redirect's is not decoded
			}
			out = append(out, p)
		}
		return out
	}
	is := func(c Chain) (out []plain) {
		for _, x := range append(slices.Clone(c.Redirects), c.End) {
			if x.Problem != nil || x.Truncated {
				t.Errorf("%s: %v, truncated %v", x.URL, x.Problem, x.Truncated)
			}
			out = append(out, plain{x.URL, x.Status, string(x.Request), string(x.Response), string(x.Body)})
		}
		return out
	}
	ids := map[zoeklicht.CaptureID]bool{}
	for _, k := range all {
		ids[k.s.ID] = true
		o, err := Open(itemMap(k.s.Items), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(was(k.v.Chain), is(o.Page)); d != "" {
			t.Errorf("page (-want +got):\n%s", d)
		}
		for n, p := range k.v.Pictures {
			if c, ok := o.Pictures[n]; ok != (len(p.Chain) > 0) {
				t.Errorf("picture %d is there: %v", n, ok)
			} else if ok {
				if d := cmp.Diff(was(p.Chain), is(c)); d != "" {
					t.Errorf("picture %d (-want +got):\n%s", n, d)
				}
			}
		}
		if o.Facts.Unchanged != k.v.Unchanged {
			t.Error("unchanged was lost")
		}
		lines := bytes.Count(k.s.Manifest, []byte("\n"))
		if r, err := Verify(k.s); err != nil || len(r.Proved) != lines || len(r.Withheld) > 0 {
			t.Errorf("proved %v, withheld %v, %v", r.Proved, r.Withheld, err)
		}
		// Withhold any items and their salts: the others still verify.
		part := *k.s
		part.Items = slices.DeleteFunc(slices.Clone(part.Items), func(zoeklicht.Item) bool { return rng.IntN(2) == 0 })
		r, err := Verify(&part)
		if err != nil || len(r.Proved)+len(r.Withheld) != lines {
			t.Fatalf("a part: %v", err)
		}
		part.Salts = bytes.Clone(part.Salts)
		for i, row := range strings.Split(strings.TrimSpace(string(part.Manifest)), "\n") {
			if name, _, _ := strings.Cut(row, " "); slices.Contains(r.Withheld, name) {
				clear(part.Salts[i*saltSize : (i+1)*saltSize])
			}
		}
		again, err := Verify(&part)
		if d := cmp.Diff(r, again); err != nil || d != "" {
			t.Errorf("without the salts of what is withheld: %v\n%s", err, d)
		}
	}
	if len(ids) != len(all) {
		t.Errorf("%d identifiers for %d captures", len(ids), len(all))
	}
}

// TestByHand recomputes a manifest as a stranger would: gunzip, cut records at
// their lengths, sha256 over salt and record. It uses nothing of ours.
func TestByHand(t *testing.T) {
	t.Parallel()
	s := seal(t, rich())
	hashes := map[string]string{}
	salts := map[string][]byte{}
	for i, row := range strings.Split(strings.TrimSuffix(string(s.Manifest), "\n"), "\n") {
		name, hash, _ := strings.Cut(row, " ")
		hashes[name], salts[name] = hash, s.Salts[i*32:(i+1)*32]
	}
	checked := 0
	for _, item := range s.Items {
		for rest := gunzip(t, item.Bytes); len(rest) > 0; checked++ {
			head, _, _ := strings.Cut(string(rest), "\r\n\r\n")
			length, name := 0, ""
			for line := range strings.SplitSeq(head, "\r\n") {
				if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
					length, _ = strconv.Atoi(v)
				}
				if v, ok := strings.CutPrefix(line, "Zoeklicht-Item: "); ok {
					name = v
				}
			}
			n := len(head) + 4 + length + 4
			if got := fmt.Sprintf("%x", sha256.Sum256(append(slices.Clone(salts[name]), rest[:n]...))); got != hashes[name] {
				t.Errorf("%s: %s, the manifest says %s", name, got, hashes[name])
			}
			rest = rest[n:]
		}
	}
	if checked != len(hashes) {
		t.Errorf("%d records for %d lines", checked, len(hashes))
	}
	want := fmt.Sprintf("zoeklicht/capture/v1\nid %s\nmanifest %x\nafter none\nbuild %s\n", s.ID, sha256.Sum256(s.Manifest), build)
	if string(s.Leaf) != want {
		t.Errorf("leaf %q, want %q", s.Leaf, want)
	}
	rows := strings.Split(strings.TrimSuffix(string(s.Manifest), "\n"), "\n")
	if !slices.IsSorted(rows) {
		t.Error("the manifest's lines are not sorted as bytes")
	}
	for _, secret := range []string{"site.test", "massage"} {
		if bytes.Contains(s.Manifest, []byte(secret)) || bytes.Contains(s.Leaf, []byte(secret)) {
			t.Errorf("%q stands in the manifest or the leaf", secret)
		}
	}
}

// TestEveryFlip flips bits everywhere in what was disclosed. Each is found but
// for those of a gzip member's own header, of which nothing is claimed.
func TestEveryFlip(t *testing.T) {
	t.Parallel()
	v := rich()
	v.Chain[1] = wire("https://site.test/ad/1", 200, "chunked", "text/html", bytes.Repeat([]byte("Relaxing massage. "), 20))
	v.Pictures[0].Chain = v.Pictures[0].Chain[:1]
	s := seal(t, v)
	found := func(s *zoeklicht.Sealed, b []byte, at int) bool {
		b[at] ^= 1 << (at % 8)
		_, err := Verify(s)
		b[at] ^= 1 << (at % 8)
		return err != nil
	}
	for what, b := range map[string][]byte{"leaf": s.Leaf, "manifest": s.Manifest, "salts": s.Salts} {
		for at := range b {
			if !found(s, b, at) {
				t.Errorf("%s: flipped bit in byte %d is not found", what, at)
			}
		}
	}
	for _, item := range s.Items {
		part := *s
		part.Items = []zoeklicht.Item{item}
		missed := 0
		for at := range item.Bytes {
			if !found(&part, item.Bytes, at) {
				missed++
			}
		}
		// Of the ten bytes of a member's header, seven say nothing that changes
		// what the member holds (time, level, system, the flag for text), and so do
		// the bits that fill up a byte.
		if n := bytes.Count(gunzip(t, item.Bytes), []byte("WARC/1.1\r\n")); missed > 9*n {
			t.Errorf("item %s: %d flips of %d bytes in %d members are not found", item.Name, missed, len(item.Bytes), n)
		}
	}
	if _, err := Verify(s); err != nil {
		t.Errorf("after all flips were undone: %v", err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	other := seal(t, randomVisit(rand.New(rand.NewPCG(9, 9))))
	other.ID[0] ^= 1
	clone := func() *zoeklicht.Sealed {
		s := *seal(t, rich())
		return &s
	}
	for name, tc := range map[string]struct {
		change func(*zoeklicht.Sealed)
		want   string
	}{
		"another id":          {func(s *zoeklicht.Sealed) { s.ID[0] ^= 1 }, "the leaf is that of capture"},
		"no leaf":             {func(s *zoeklicht.Sealed) { s.Leaf = nil }, "not the leaf"},
		"more leaf":           {func(s *zoeklicht.Sealed) { s.Leaf = append(s.Leaf, '\n') }, "not the leaf"},
		"another manifest":    {func(s *zoeklicht.Sealed) { s.Manifest = other.Manifest }, "not the one that the leaf names"},
		"item twice":          {func(s *zoeklicht.Sealed) { s.Items = append(s.Items, s.Items[0]) }, "twice"},
		"item renamed":        {func(s *zoeklicht.Sealed) { s.Items[1].Name = "picture:5" }, "belongs elsewhere"},
		"record doubled":      {func(s *zoeklicht.Sealed) { b := s.Items[0].Bytes; s.Items[0].Bytes = append(slices.Clone(b), b...) }, "twice"},
		"item torn":           {func(s *zoeklicht.Sealed) { s.Items[0].Bytes = s.Items[0].Bytes[:len(s.Items[0].Bytes)-1] }, "item page: WARC record at offset"},
		"salts cut":           {func(s *zoeklicht.Sealed) { s.Salts = s.Salts[:32] }, "salts"},
		"of another capture":  {func(s *zoeklicht.Sealed) { s.Items = seal2(t).Items }, "belongs to capture"},
		"a record that's new": {func(s *zoeklicht.Sealed) { s.Items[1].Bytes = extra(t, s) }, "not in the manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := clone()
			tc.change(s)
			if _, err := Verify(s); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func seal2(t *testing.T) *zoeklicht.Sealed {
	s, err := New(Config{}).Seal(rich(), &ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// extra gives picture 0 with one record more than was captured.
func extra(t *testing.T, s *zoeklicht.Sealed) []byte {
	var out bytes.Buffer
	out.Write(s.Items[1].Bytes)
	err := warc.NewWriter(&out).Write(&warc.Record{
		Type: warc.Metadata, ID: warc.ID{1}, Date: at, Block: []byte("{}"),
		Extra: []warc.Field{{Name: fieldCapture, Value: s.ID.String()}, {Name: fieldItem, Value: "image:0:redirect:7:request"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestManifestErrors(t *testing.T) {
	t.Parallel()
	h := strings.Repeat("0", 64)
	for _, text := range []string{
		"", "\n", "request " + h, "request " + h + "\nrequest " + h + "\n", "response " + h + "\nrequest " + h + "\n",
		"request  " + h + "\n", "REQUEST " + h + "\n", "image:01 " + h + "\n", "image: " + h + "\n", "image:1:response " + h + "\n",
		"redirect:1 " + h + "\n", "image:1:redirect:x:request " + h + "\n", "request " + strings.Repeat("A", 64) + "\n", "request " + h[1:] + "\n",
	} {
		if lines, err := parseManifest([]byte(text), make([]byte, strings.Count(text, "\n")*saltSize)); err == nil {
			t.Errorf("%q gave %v", text, lines)
		}
	}
	for name, want := range map[string]string{
		"request": "page", "redirect:3:response": "page", "image:0": "picture:0", "image:12:request": "picture:12", "image:12:context": "picture:12",
		"image:2:redirect:0:request": "picture:2", "tls": "context", "page": "", "image:0:dns": "", "image:0:redirect:0": "", "redirect:0:request:x": "",
	} {
		if got := itemOf(name); got != want {
			t.Errorf("%s is stored in %q, want %q", name, got, want)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	bad := ctx
	bad.Build = "not a hash"
	if _, err := New(Config{}).Seal(rich(), &bad); err == nil || !strings.Contains(err.Error(), "build") {
		t.Errorf("no build: %v", err)
	}
	if _, err := New(Config{}).Seal(&zoeklicht.Visit{}, &ctx); err == nil {
		t.Error("sealed a visit without an exchange")
	}
	if _, err := New(Config{Rand: strings.NewReader("short")}).Seal(rich(), &ctx); err == nil {
		t.Error("sealed without randomness")
	}
}

// TestLimits opens a page that grows beyond what is allowed.
func TestLimits(t *testing.T) {
	t.Parallel()
	page := wire("http://site.test/", 200, "gzip", "text/html", make([]byte, 1<<20))
	s := seal(t, &zoeklicht.Visit{Chain: []*zoeklicht.Exchange{page}, At: at})
	o, err := Open(itemMap(s.Items), Limits{Body: 1000})
	if err != nil || !o.Page.End.Truncated || len(o.Page.End.Body) != 1000 {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := Open(itemMap(s.Items), Limits{Item: 100}); err == nil {
		t.Error("opened an item beyond the limit")
	}
}

// TestRealServer seals what a real server sent over a real connection.
func TestRealServer(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("Relaxing massage by appointment. ", 5000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for part := range slices.Chunk([]byte(text), 30_000) {
			_, _ = z.Write(part)
			_ = z.Flush()
			_ = http.NewResponseController(w).Flush() // a chunk of its own
		}
		_ = z.Close()
	}))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	x := &zoeklicht.Exchange{URL: srv.URL + "/", Started: at, Request: []byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n")}
	if _, err := c.Write(x.Request); err != nil {
		t.Fatal(err)
	}
	if x.Response, err = io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(x.Response)), nil)
	if err != nil {
		t.Fatal(err)
	}
	x.Status, x.Header = resp.StatusCode, resp.Header
	o, err := Open(itemMap(seal(t, &zoeklicht.Visit{Chain: []*zoeklicht.Exchange{x}, At: at}).Items), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Page.End; got.Problem != nil || string(got.Body) != text {
		t.Errorf("%d bytes, %v", len(got.Body), got.Problem)
	}
	if d := cmp.Diff(resp.Header, o.Page.End.Header, cmpopts.IgnoreMapEntries(func(k string, _ []string) bool { return k == "Transfer-Encoding" || k == "Connection" })); d != "" {
		t.Errorf("header (-net/http +ours):\n%s", d)
	}
}

func FuzzOpen(f *testing.F) {
	for _, item := range seal(f, rich()).Items {
		f.Add(item.Name, gunzip(f, item.Bytes))
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		items := map[string][]byte{name: b}
		o, err := Open(items, Limits{Item: 1 << 20, Body: 1 << 20})
		if err == nil && o == nil {
			t.Error("neither an error nor a capture")
		}
		s := &zoeklicht.Sealed{Items: []zoeklicht.Item{{Name: name, Bytes: b}}}
		leaf := Leaf{Manifest: sha256.Sum256([]byte("request " + build + "\n")), After: "none", Build: build}
		s.Manifest, s.Salts, s.Leaf = []byte("request "+build+"\n"), make([]byte, 32), leaf.Bytes()
		if r, err := Verify(s); err == nil && len(r.Proved) > 0 {
			t.Error("proved a record that nobody captured")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, tc := range []struct {
		name string
		v    *zoeklicht.Visit
	}{
		{"page 20 KiB", bench(0, false)}, {"page 20 KiB, TLS", bench(0, true)}, {"page and 4 pictures of 60 KiB, TLS", bench(4, true)},
	} {
		b.Run(tc.name, func(b *testing.B) {
			s := New(Config{})
			size, stored := 0, 0
			for _, x := range tc.v.Chain {
				size += len(x.Response)
			}
			for _, p := range tc.v.Pictures {
				size += len(p.Chain[0].Response)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				sealed, err := s.Seal(tc.v, &ctx)
				if err != nil {
					b.Fatal(err)
				}
				stored = 0
				for _, i := range sealed.Items {
					stored += len(i.Bytes)
				}
			}
			b.ReportMetric(float64(stored), "stored-B")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}

// bench is a visit like those of a crawl: a page as text, pictures as noise.
func bench(pictures int, tls bool) *zoeklicht.Visit {
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("relaxing massage by appointment in the evening near station clean private please call div class span href")
	var page []byte
	for len(page) < 20<<10 {
		page = fmt.Appendf(page, "<p class=%q>%s %s %d</p>\n", words[rng.IntN(len(words))], words[rng.IntN(len(words))], words[rng.IntN(len(words))], rng.IntN(10000))
	}
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	leaf, root := noise(1500), noise(1200)
	over := func(x *zoeklicht.Exchange) *zoeklicht.Exchange {
		if tls {
			return secured(x, leaf, root)
		}
		return x
	}
	v := &zoeklicht.Visit{Chain: []*zoeklicht.Exchange{over(wire("http://site.test/ad/1", 200, "", "text/html", page))}, At: at}
	for n := range pictures {
		url := fmt.Sprint("http://site.test/p/", n)
		v.Pictures = append(v.Pictures, zoeklicht.PictureVisit{URL: url, Chain: []*zoeklicht.Exchange{over(wire(url, 200, "", "image/jpeg", noise(60<<10)))}})
	}
	return v
}

func BenchmarkOpen(b *testing.B) {
	s, err := New(Config{}).Seal(bench(0, true), &ctx)
	if err != nil {
		b.Fatal(err)
	}
	items := itemMap(s.Items)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(items, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Package fetchtest is the conformance test of fetch drivers: what every way to
// fetch does alike, on real servers on loopback, the malformed ones included.
package fetchtest

import (
	"io"
	"net/http"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// Open makes a driver with a configuration and a clock.
type Open func(t testing.TB, cfg fetch.Config, clock zoeklicht.Clock) fetch.Driver

// Kit says which driver is tested, and what it promises beyond the common.
type Kit struct {
	Open Open
	// Wire says that Request and Response are the bytes on the wire, and not a
	// reconstruction.
	Wire bool
}

// Run runs every test of the kit.
func (k Kit) Run(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Kit)
	}{
		{"answers", answers},
		{"status is an answer", statuses},
		{"wire bytes", wireBytes},
		{"keeps nothing between requests", keepsNothing},
		{"gzip", gzipped},
		{"follows redirects inside", redirects},
		{"redirect outside", redirectOutside},
		{"redirect to an odd address", redirectOdd},
		{"endless redirects", endless},
		{"hop is asked", hops},
		{"unapproved host", unapproved},
		{"lapsed approval", lapsed},
		{"unnamed private range", privateRange},
		{"unnamed port", unnamedPort},
		{"pictures", pictures},
		{"too large", tooLarge},
		{"decompression bomb", bomb},
		{"torn body", torn},
		{"torn chunks", tornChunks},
		{"silence", silence},
		{"slow", slow},
		{"cancelled", cancelled},
		{"no server", noServer},
		{"not HTTP", notHTTP},
		{"many at once", manyAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, k)
		})
	}
}

// get fetches with a driver of its own and checks what holds for every chain.
func (k Kit) get(t *testing.T, cfg fetch.Config, req fetch.Request) []*zoeklicht.Exchange {
	t.Helper()
	d := k.Open(t, cfg, time.Now)
	defer d.Close()
	return check(t, d.Get(t.Context(), req))
}

func check(t *testing.T, chain []*zoeklicht.Exchange) []*zoeklicht.Exchange {
	t.Helper()
	if len(chain) == 0 {
		t.Fatal("a chain without an exchange")
	}
	for i, ex := range chain {
		switch {
		case ex.URL == "" || ex.Method == "" || ex.Driver == "" || ex.Started.IsZero():
			t.Errorf("exchange %d does not say what was asked, by what and when: %+v", i, ex)
		case ex.Status == 0 && ex.Failure == "":
			t.Errorf("exchange %d has neither a status nor a failure", i)
		case ex.Failure != "" && ex.Detail == "":
			t.Errorf("exchange %d failed (%s) without a word", i, ex.Failure)
		case ex.Truncated != "" && ex.Failure == "":
			t.Errorf("exchange %d is cut (%s) and calls itself whole", i, ex.Truncated)
		case ex.HeadLen > len(ex.Response):
			t.Errorf("exchange %d has a head of %d in %d bytes", i, ex.HeadLen, len(ex.Response))
		case i < len(chain)-1 && (ex.Status < 300 || ex.Status > 399):
			t.Errorf("exchange %d is a hop with status %d", i, ex.Status)
		}
	}
	return chain
}

// want checks how a chain ended.
func want(t *testing.T, chain []*zoeklicht.Exchange, status int, failure zoeklicht.Fail, truncated string) *zoeklicht.Exchange {
	t.Helper()
	ex := chain[len(chain)-1]
	if ex.Status != status || ex.Failure != failure || ex.Truncated != truncated {
		t.Fatalf("got status %d, failure %q, truncated %q (%s); want %d, %q, %q",
			ex.Status, ex.Failure, ex.Truncated, ex.Detail, status, failure, truncated)
	}
	return ex
}

func untouched(t *testing.T, s *Site) {
	t.Helper()
	if n := s.Connects(t); n != 0 {
		t.Errorf("%d connections to a server that may not be connected to", n)
	}
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) })
}

package fetch

import (
	"context"
	"fmt"
	"unicode/utf8"

	"zoeklicht"
)

// Driver is one way to fetch. Every driver passes fetchtest.
type Driver interface {
	// Get asks for a URL and follows redirects within the approval. It gives one
	// exchange per hop, in order, and never none: the last one is the answer, or
	// the failure that ended the chain. It may be called many times at once.
	Get(ctx context.Context, req Request) []*zoeklicht.Exchange
	// Close ends idle connections; a Get under way is left to finish.
	Close() error
}

// One makes a single exchange with an address that the approval covers. Drivers
// give theirs to Follow.
type One func(ctx context.Context, req Request, to Address) *zoeklicht.Exchange

// Follow is a driver's Get: it asks for the request's URL by one, and then for
// where each redirect leads. Before each hop it holds the address against the
// approval, so a hop outside ends the chain with FailOutside before anything is
// resolved or connected to. A chain that returns to an address it has been at
// ends at once with FailRedirects: without cookies the same answer would follow.
// req has its defaults already; clock decides whether the approval is in force.
func Follow(ctx context.Context, req Request, clock zoeklicht.Clock, maxRedirects int, driver string, one One) []*zoeklicht.Exchange {
	refuse := func(url string, err error, unknown zoeklicht.Fail) *zoeklicht.Exchange {
		ex := &zoeklicht.Exchange{URL: url, Method: "GET", Driver: driver, Started: clock()}
		ex.Failure, ex.Detail = Fail(err, unknown)
		return ex
	}
	to, err := ParseAddress(req.URL)
	if err != nil {
		return []*zoeklicht.Exchange{refuse(req.URL, err, zoeklicht.FailOutside)}
	}
	var chain []*zoeklicht.Exchange
	for {
		if err := req.Approval.InForce(clock()); err != nil {
			return append(chain, refuse(to.String(), err, zoeklicht.FailOutside))
		}
		if err := req.Approval.covers(to, req.Picture); err != nil {
			return append(chain, refuse(to.String(), err, zoeklicht.FailOutside))
		}
		if len(chain) > 0 && req.Hop != nil {
			if err := req.Hop(ctx, to.String()); err != nil {
				return append(chain, refuse(to.String(), err, zoeklicht.FailCancelled))
			}
		}
		ex := one(ctx, req, to)
		chain = append(chain, ex)
		location, ok := redirect(ex)
		if !ok {
			return chain
		}
		next, err := to.Resolve(location)
		if err != nil {
			return append(chain, refuse(Plain(location), err, zoeklicht.FailOutside))
		}
		if len(chain) > maxRedirects {
			return append(chain, refuse(next.String(), fmt.Errorf("more than %d redirects", maxRedirects), zoeklicht.FailRedirects))
		}
		for _, been := range chain {
			if been.URL == next.String() {
				return append(chain, refuse(next.String(), fmt.Errorf("the redirects lead back to %s", Plain(been.URL)), zoeklicht.FailRedirects))
			}
		}
		to = next
	}
}

// redirect gives where an exchange leads, if it is a whole redirect response.
func redirect(ex *zoeklicht.Exchange) (location string, ok bool) {
	switch ex.Status {
	case 301, 302, 303, 307, 308:
		location = ex.Header.Get("Location")
		return wireText(location), location != "" && ex.Failure == ""
	}
	return "", false
}

// wireText makes a header value text that the URL parser reads as browsers do:
// as UTF-8 where it is, and otherwise with its high bytes as percent-escapes.
func wireText(v string) string {
	if utf8.ValidString(v) {
		return v
	}
	out := make([]byte, 0, len(v)+8)
	for i := range len(v) {
		if v[i] < utf8.RuneSelf {
			out = append(out, v[i])
		} else {
			out = fmt.Appendf(out, "%%%02X", v[i])
		}
	}
	return string(out)
}

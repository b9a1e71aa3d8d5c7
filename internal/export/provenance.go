package export

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/export/report"
)

// items reads items of a capture by their names; those that were destroyed are left out.
func (o *Office) items(ctx context.Context, c *zoeklicht.Capture, names []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range names {
		place, ok := c.Items[name]
		if !ok {
			continue
		}
		body, err := o.Vault.Read(ctx, place, c.ID, name)
		if errors.Is(err, blob.ErrErased) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("capture %s, item %s: %w", c.ID, name, err)
		}
		out[name] = body
	}
	return out, nil
}

// provenance reads how a page was captured; nil where that was destroyed.
func (m *making) provenance(ctx context.Context, c *zoeklicht.Capture) (*report.Provenance, error) {
	items, err := m.items(ctx, c, []string{"context"})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	told, err := capture.Open(items, capture.Limits{})
	if err != nil {
		return nil, fmt.Errorf("capture %s: %w", c.ID, err)
	}
	if told.Facts == nil {
		return nil, nil
	}
	p := &report.Provenance{Capture: *c, Context: told.Facts.Context}
	for i := range told.Redirects {
		p.Hops = append(p.Hops, hop(&told.Redirects[i], told))
	}
	p.Hops = append(p.Hops, hop(&told.Facts.Page, told))
	for i := range p.Hops { // older captures have it, and servers make it of what they send
		h := &p.Hops[i]
		h.Caching = slices.DeleteFunc(h.Caching, func(line string) bool { return m.order.Dossier && strings.HasPrefix(line, "Etag: ") })
	}
	return p, nil
}

// hop words an exchange for the report, with what was kept apart of its name and its
// handshake.
func hop(x *capture.ExchangeFacts, told *capture.Opened) report.Hop {
	h := report.Hop{
		URL: x.URL, Method: x.Method, Status: x.Status, Location: x.Location, Driver: x.Driver, Started: x.Started,
		Duration: time.Duration(x.Duration), Peer: x.Peer, Local: x.Local, Reused: x.Reused, Sent: int64(x.Sent), Received: int64(x.Received),
		CookiesSent: x.CookiesSent, ServerDate: x.ServerDate, DNS: told.DNS[x.Exchange], TLS: told.TLS[x.Exchange],
		Truncated: x.Truncated, Failure: x.Failure, Detail: x.Detail,
	}
	if x.ClockOffset != nil {
		h.ClockOffset, h.OffsetKnown = time.Duration(*x.ClockOffset*float64(time.Second)), true
	}
	for _, name := range slices.Sorted(maps.Keys(x.Caching)) {
		for _, v := range x.Caching[name] {
			h.Caching = append(h.Caching, http.CanonicalHeaderKey(name)+": "+v)
		}
	}
	return h
}

// name gives the identifier of what is made.
func (m *making) name() string { return nameOf(&m.order, m.made) }

// nameOf gives the identifier of what is made at a moment: that of a result, or of the
// version, with the moment.
func nameOf(o *zoeklicht.ExportOrder, made time.Time) string {
	at := made.UTC().Format("20060102-150405")
	switch {
	case o.Kind == zoeklicht.ExportResult:
		return string(o.Result) + "-" + at
	case len(o.Versions) == 1:
		return "v-" + strconv.FormatInt(int64(o.Versions[0]), 10) + "-" + at
	}
	return "x-" + at
}

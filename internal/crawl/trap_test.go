package crawl_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/practice"
)

// trapRecipe reads a site whose listings have a next page for ever.
const trapRecipe = `
source: trap
version: 1
template: trap
listing:
  match: ^/page/[0-9]+$
  start: [/page/1]
  links: a.ad
  next: a.next
  expect: 1
advert:
  match: ^/ad/[0-9]+$
  id: ^/ad/([0-9]+)$
  fields:
    title: {select: h1, do: [trim]}
    body: {select: p, do: [text]}
  require: [title, body]
not_content:
  - {kind: empty-template, select: "div.empty"}
`

// TestCalendar visits a site whose listings have a next page for ever: the run ends by
// itself, is not called complete, and says why.
func TestCalendar(t *testing.T) {
	var asked atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/page/"))
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case err == nil:
			asked.Add(1)
			fmt.Fprintf(w, `<html><body><a class="ad" href="/ad/1">Massage</a><a class="next" href="/page/%d">next</a></body></html>`, n+1)
		default:
			fmt.Fprint(w, `<html><body><h1>Relaxing massage</h1><p>By appointment.</p></body></html>`)
		}
	}))
	t.Cleanup(site.Close)
	host := strings.TrimPrefix(site.URL, "http://")
	b := crawltest.New(t, practice.Config{Seed: 1, Adverts: 6})
	b.Day(0)
	const most = 20
	b.Approve(&zoeklicht.Source{
		ID: "trap", Title: "A calendar", Home: site.URL + "/page/1", Priority: 1, Expected: "one advert",
		Scope:          zoeklicht.Scope{Hosts: []string{host}, Private: []string{"127.0.0.1/32"}},
		Schedule:       zoeklicht.Schedule{Delay: -1, MaxURLs: most},
		Considerations: b.Theme.Sources[0].Considerations,
	}, trapRecipe)
	run, err := b.Collector.Once(t.Context(), "trap", "test", func(zoeklicht.Run) {})
	if err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n < most/2 || n > most+1 {
		t.Errorf("%d listings were asked for, at most %d addresses were allowed", n, most)
	}
	if run.Complete || !strings.Contains(run.Drift, "more than 20 addresses") {
		t.Errorf("complete %v, drift %q", run.Complete, run.Drift)
	}
}

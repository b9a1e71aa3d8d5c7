package wording

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFailDetail(t *testing.T) {
	for detail, want := range map[string]FailDetail{
		"the source gave 404":             {Said: "de bron gaf 404"},
		"status 503":                      {Said: "de bron gaf 503"},
		"Not Found":                       {Said: "de bron gaf 404: niet gevonden"},
		"the picture was cut off: length": {Said: "de afbeelding brak af: te groot"},
		"the source gave something else than a picture":                   {Said: "de bron gaf iets anders dan een afbeelding"},
		"https://x.example/robots.txt could not be read: tls: bad record": {Said: "https://x.example/robots.txt was niet te lezen", Rest: "tls: bad record"},
		"https://x.example/robots.txt could not be read":                  {Said: "https://x.example/robots.txt was niet te lezen"},
		"dial tcp: connection refused":                                    {Rest: "dial tcp: connection refused"},
		"":                                                                {},
	} {
		if got := In("nl", nil).FailDetail(detail); got != want {
			t.Errorf("%q: %+v, want %+v", detail, got, want)
		}
		if got := In("en", nil).FailDetail(detail); got != (FailDetail{Said: detail}) {
			t.Errorf("%q in English: %+v", detail, got)
		}
	}
}

// TestFailDetailsAreWritten: what is worded is what visits write.
func TestFailDetailsAreWritten(t *testing.T) {
	files, err := filepath.Glob("../crawl/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, d := range details {
		for part := range strings.SplitSeq(d.en, "…") {
			if part != "Not Found" && part != "Gone" && !strings.Contains(all.String(), part) { // those two are net/http's
				t.Errorf("no visit writes %q", part)
			}
		}
	}
}

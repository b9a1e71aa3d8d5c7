package zoeklicht

import (
	"encoding/json"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// floors is the picture of the house. A package imports lower floors only,
// never a neighbour on its own floor, and every package stands in the picture.
// A folder inside a room (a driver, a test kit) belongs to its room: it may
// import the room and what the room may import.
var floors = [][]string{
	{"."},
	{"internal/postgres", "internal/keys", "internal/warc", "internal/text", "internal/wording", "internal/practice"},
	{"internal/blob", "internal/ledger", "internal/place", "internal/theme"},
	{"internal/access"},
	{"internal/store"},
	{"internal/frontier", "internal/fetch", "internal/capture", "internal/extract", "internal/picture", "internal/assess", "internal/search", "internal/job"},
	{"internal/crawl", "internal/export", "internal/retain", "internal/backup"},
	{"internal/web", "internal/cli"},
	{"cmd/zoeklicht", "internal/bench"},
}

// data holds no rooms: theme packs, embedded.
var data = map[string]bool{"themes": true}

func room(pkg string) string {
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, "zoeklicht"), "/")
	if rel == "" {
		return "."
	}
	parts := strings.Split(rel, "/")
	if len(parts) > 2 {
		parts = parts[:2]
	}
	return path.Join(parts...)
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	floor := map[string]int{}
	for i, rooms := range floors {
		for _, r := range rooms {
			floor[r] = i
		}
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := map[string]bool{}
	for dec.More() {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		r := room(p.ImportPath)
		if data[r] || data[path.Dir(r)] || r == "internal/housetest" {
			continue
		}
		mine, ok := floor[r]
		if !ok {
			t.Errorf("%s is not in the picture of the house", p.ImportPath)
			continue
		}
		seen[r] = true
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, "zoeklicht") {
				if r == "." && strings.Contains(strings.Split(imp, "/")[0], ".") {
					t.Errorf("the nouns import %s: standard library only", imp)
				}
				continue
			}
			to := room(imp)
			if to == r || data[to] {
				continue
			}
			if to == "internal/housetest" {
				t.Errorf("%s imports the test kit outside its tests", p.ImportPath)
				continue
			}
			if theirs, ok := floor[to]; ok && theirs >= mine {
				t.Errorf("%s (floor %d) imports %s (floor %d): lower floors only", p.ImportPath, mine, imp, theirs)
			}
		}
	}
	for r := range floor {
		if !seen[r] {
			t.Errorf("%s stands in the picture and has no code: a room exists when its first line does", r)
		}
	}
}

package frontier_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"zoeklicht/internal/frontier"
)

// shared gives the folder of public test data, and skips where it is absent.
func shared(t testing.TB) string {
	t.Helper()
	root := os.Getenv("ZOEKLICHT_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the public test data is absent (%v)", err)
	}
	return dir
}

// outcome is how a case ended.
type outcome int

const (
	right outcome = iota
	wrong
	panicked
)

// attempt runs a case and notes a panic.
func attempt(f func() bool) (o outcome) {
	defer func() {
		if recover() != nil {
			o = panicked
		}
	}()
	if f() {
		return right
	}
	return wrong
}

// parts gives a URL the way the cases describe it.
func parts(u *whatwg.Url) map[string]string {
	return map[string]string{
		"href": u.Href(false), "protocol": u.Protocol(), "username": u.Username(), "password": u.Password(), "host": u.Host(),
		"hostname": u.Hostname(), "port": u.Port(), "pathname": u.Pathname(), "search": u.Search(), "hash": u.Hash(),
	}
}

func same(u *whatwg.Url, want map[string]any) bool {
	for name, got := range parts(u) {
		if w, ok := want[name].(string); ok && w != got {
			return false
		}
	}
	return true
}

// set does what an assignment to a property of a URL does in a browser.
func set(u *whatwg.Url, property, value string) bool {
	switch property {
	case "protocol":
		u.SetProtocol(value)
	case "username":
		u.SetUsername(value)
	case "password":
		u.SetPassword(value)
	case "host":
		u.SetHost(value)
	case "hostname":
		u.SetHostname(value)
	case "port":
		u.SetPort(value)
	case "pathname":
		u.SetPathname(value)
	case "search":
		u.SetSearch(value)
	case "hash":
		u.SetHash(value)
	default:
		return false
	}
	return true
}

// judge runs one case of a list: how a URL parses, or what a host becomes.
func judge(c map[string]any) (ran bool, o outcome) {
	input, ok := c["input"].(string)
	if !ok {
		return false, right
	}
	output, host := c["output"]
	if encodings, ok := output.(map[string]any); ok {
		want, _ := encodings["utf-8"].(string)
		return true, attempt(func() bool {
			u, err := whatwg.Parse("http://ads.example/?" + input + "A")
			return err == nil && u.Query() == want+"A"
		})
	}
	if host {
		want, valid := output.(string)
		return true, attempt(func() bool {
			u, err := whatwg.Parse("https://" + input + "/x")
			if !valid || want == "" {
				return err != nil
			}
			return err == nil && u.Hostname() == want
		})
	}
	base, _ := c["base"].(string)
	return true, attempt(func() bool {
		u, err := whatwg.ParseRef(base, input)
		if c["failure"] == true {
			return err != nil
		}
		return err == nil && same(u, c)
	})
}

// The cases of the URL standard and of the ada parser, as far as they are about
// parsing. Where the parser differs it nearly always refuses a host that the
// standard's newest edition lets pass (ASCII labels that are no valid punycode);
// what is refused is never asked for.
func TestWHATWGCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(shared(t), "url", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	least := map[string]float64{"urltestdata.json": 0.97, "toascii.json": 0.75, "setters_tests.json": 0.95}
	all, allRight := 0, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var count [3]int
		for _, c := range cases(t, raw) {
			if ran, o := judge(c); ran {
				count[o]++
			}
		}
		for _, c := range setters(raw) {
			count[attempt(func() bool {
				u, err := whatwg.Parse(c.href)
				return err == nil && set(u, c.property, c.value) && same(u, c.want)
			})]++
		}
		n, name := count[right]+count[wrong]+count[panicked], filepath.Base(file)
		all, allRight = all+n, allRight+count[right]
		if n > 0 {
			t.Logf("%-32s %4d of %4d right (%.1f %%), panics of the parser: %d", name, count[right], n, 100*float64(count[right])/float64(n), count[panicked])
		}
		if float64(count[right]) < least[name]*float64(n) {
			t.Errorf("%s: %d of %d right, want %.0f %%", name, count[right], n, 100*least[name])
		}
	}
	t.Logf("%d of %d right (%.1f %%)", allRight, all, 100*float64(allRight)/float64(all))

	// Every text in every file, the patterns' too: no panic, and idempotent.
	texts := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var data any
		if err := json.Unmarshal(raw, &data); err != nil {
			t.Fatal(err)
		}
		walk(data, func(s string) {
			for _, raw := range []string{s, "http://" + s, "http://ads.example/" + s, "http://ads.example/?" + s} {
				texts++
				c, err := frontier.Canonical(raw, recipe)
				if err != nil {
					continue
				}
				if again, err := frontier.Canonical(c, recipe); err != nil || again != c {
					t.Errorf("%q gives %q, and that gives %q, %v", raw, c, again, err)
				}
			}
		})
	}
	t.Logf("%d texts through Canonical", texts)
}

func cases(t *testing.T, raw []byte) (out []map[string]any) {
	t.Helper()
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return nil // not a list: setters
	}
	for _, c := range list {
		m, ok := c.(map[string]any)
		if !ok {
			continue // a comment
		}
		if _, pattern := m["pattern"]; !pattern {
			out = append(out, m)
		}
	}
	return out
}

type setter struct {
	href, property, value string
	want                  map[string]any
}

func setters(raw []byte) (out []setter) {
	var byProperty map[string][]map[string]any
	var file map[string]any
	if json.Unmarshal(raw, &file) != nil {
		return nil
	}
	delete(file, "comment")
	delete(file, "href") // assigning a whole URL is parsing, which the others test
	plain, err := json.Marshal(file)
	if err != nil || json.Unmarshal(plain, &byProperty) != nil {
		return nil
	}
	for property, list := range byProperty {
		for _, c := range list {
			want, _ := c["expected"].(map[string]any)
			out = append(out, setter{fmt.Sprint(c["href"]), property, fmt.Sprint(c["new_value"]), want})
		}
	}
	slices.SortFunc(out, func(a, b setter) int { return strings.Compare(a.property, b.property) })
	return out
}

func walk(data any, visit func(string)) {
	switch v := data.(type) {
	case string:
		visit(v)
	case []any:
		for _, x := range v {
			walk(x, visit)
		}
	case map[string]any:
		for _, x := range v {
			walk(x, visit)
		}
	}
}

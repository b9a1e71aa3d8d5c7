package assess

import (
	"strings"
	"testing"

	"zoeklicht/internal/wording"
)

// TestTracesAreWorded: whatever a condition may look at has a name in both languages.
func TestTracesAreWorded(t *testing.T) {
	t.Parallel()
	names := []string{"words.no_limits"}
	for _, v := range variables() {
		names = append(names, v.name)
	}
	for _, name := range names {
		c := comparison{name, ">=", 3}
		trace := (&rule{comparisons: []comparison{c}}).trace([]sight{{name, int64(4)}, {name, []float64{1, 2.5}}, {name, true}})
		for _, lang := range wording.Langs {
			got := wording.In(lang, nil).Saw(trace)
			if len(got) != 3 || strings.ContainsAny(strings.Join(got, ""), "=[]_") || !strings.Contains(got[0], "4 (") {
				t.Errorf("%q is worded %q", trace, got)
			}
		}
	}
}

package cli

import (
	"strings"
	"testing"
)

// TestWitnessShow holds the lines that go into a platform's configuration.
func TestWitnessShow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		w     Witness
		wants []string
	}{
		{"one log", Witness{"w.example/one", "w.example/one+00112233+BAAA", "https://w.example/", []string{"a.invalid/practice/2026"}}, []string{
			"It watches a.invalid/practice/2026\n", "\nwitness w.example w.example/one+00112233+BAAA https://w.example/\nquorum w.example\n",
		}},
		{"none", Witness{"w", "w+00112233+BAAA", "http://127.0.0.1:1/", nil}, []string{"watches no log yet", "\nquorum w\n"}},
		{"a name that policies keep", Witness{"none", "none+00112233+BAAA", "http://127.0.0.1:1/", nil}, []string{"\nwitness witness none+", "\nquorum witness\n"}},
	} {
		var b strings.Builder
		if err := tc.w.Show(&Out{To: &b}); err != nil {
			t.Fatal(err)
		}
		for _, want := range tc.wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", tc.name, want, b.String())
			}
		}
	}
	var b strings.Builder
	if err := (&Witness{Name: "w", VKey: "k", URL: "u"}).Show(&Out{To: &b, JSON: true}); err != nil || b.String() != `{"name":"w","vkey":"k","url":"u","logs":[],"policy":["witness w k u","quorum w"]}`+"\n" {
		t.Errorf("%s, %v", b.String(), err)
	}
}

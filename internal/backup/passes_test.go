package backup

import "testing"

// TestPasses: a file may be gone when it is its turn in a log, and nowhere else.
func TestPasses(t *testing.T) {
	t.Parallel()
	for rel, want := range map[string]bool{
		"themes/practice/ledger/2026/tile/0/000.p/7": true, "themes/practice/ledger/2026/.state/x": true,
		"themes/practice/vault/00000001.seg": false, "keys/practice.key": false, "ledger/x": false, "themes/ledger/vault/1.seg": false,
	} {
		if got := passes(rel); got != want {
			t.Errorf("%s: %v, want %v", rel, got, want)
		}
	}
	for rel, want := range map[string]bool{"themes/practice/out": true, "postgres": true, "themes/practice/vault": false, "out": false} {
		if got := left(rel); got != want {
			t.Errorf("left out %s: %v, want %v", rel, got, want)
		}
	}
}

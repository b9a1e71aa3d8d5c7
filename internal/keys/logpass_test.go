package keys

import (
	"testing"
	"time"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
)

// TestSigningIsHandedOver hands over the keys that sign, and no other.
func TestSigningIsHandedOver(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const a, b = "test.invalid/practice/2026", "test.invalid/practice/2027"
	for _, origin := range []string{a, b} {
		if _, _, err := EnsureLogKey(dir, "practice", origin, now); err != nil {
			t.Fatal(err)
		}
	}
	all, err := RotateLogKey(dir, "practice", a, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Time
		a, b int
	}{{now, 2, 1}, {now.Add(time.Hour), 1, 1}} {
		text, err := all.Signing(c.at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseLogKeys("practice", text)
		if err != nil {
			t.Fatal(err)
		}
		for origin, want := range map[string]int{a: c.a, b: c.b} {
			signers, err := got.Signers(origin, c.at)
			if err != nil || len(signers) != want {
				t.Errorf("at %s: %d signers of %s, not %d (%v)", c.at, len(signers), origin, want, err)
			}
		}
		if diff := cmp.Diff(c.a+c.b, len(got.Keys(""))); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := ParseLogKeys("another", []byte("-----BEGIN")); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("what is no key: %v", err)
	}
}

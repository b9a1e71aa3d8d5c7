package parcel

import (
	"bytes"
	"testing"

	"zoeklicht"
)

// verified gives the checks of a package, and the error.
func verified(t testing.TB, pack, policy []byte) ([]Check, error) {
	t.Helper()
	var out []Check
	err := Verify(t.Context(), bytes.NewReader(pack), int64(len(pack)), policy, func(c Check) { out = append(out, c) })
	return out, err
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2, 3000)
	pack := w.packed(w.contents())
	for name, policy := range map[string][]byte{"inside": nil, "deposited": w.policy} {
		checks, err := verified(t, pack, policy)
		for _, c := range checks {
			t.Log(name, c)
			if c.State == Fails {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if err != nil {
			t.Errorf("%s: %v (%s)", name, err, zoeklicht.CodeOf(err))
		}
	}
}

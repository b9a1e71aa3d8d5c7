package stamp_test

import (
	"crypto/sha256"
	"net/http/httptest"
	"testing"
	"time"

	"zoeklicht/internal/ledger/stamp"
)

var now = time.Date(2026, 11, 5, 10, 20, 30, 0, time.UTC)

func authority(t testing.TB) *stamp.Authority {
	t.Helper()
	a, err := stamp.NewAuthority("Practice authority", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	a := authority(t)
	s := httptest.NewServer(a)
	defer s.Close()
	digest := sha256.Sum256([]byte("a checkpoint"))
	token, err := stamp.Fetch(t.Context(), s.Client(), s.URL, digest)
	if err != nil {
		t.Fatal(err)
	}
	got, err := stamp.Verify(token, digest, a.Roots())
	if err != nil {
		t.Fatal(err)
	}
	if !got.At.Equal(now) || !got.Signer.Equal(a.Signer) || len(got.Chain) != 2 || got.Accuracy != time.Second {
		t.Errorf("%+v", got)
	}
}

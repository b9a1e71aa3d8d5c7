package crawl

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/store/storetest"
)

// TestAnchor looks for a first token once a second and for a newer one once a minute, and keeps the one it has while the
// database is away.
func TestAnchor(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	fill, err := th.Service(zoeklicht.Recording).Elect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	date := func(token string) string {
		t.Helper()
		id, err := fill.KeepCheckpoint(ctx, 2026, &ledger.Checkpoint{Size: int64(len(token)), Note: []byte("log\n")})
		if err == nil {
			err = fill.KeepToken(ctx, id, zoeklicht.Token{Authority: "first", At: th.Clock.T, DER: []byte(token)})
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(token))
		return hex.EncodeToString(sum[:])
	}
	var a anchor
	now, warned := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), 0
	technical := th.Service(zoeklicht.Technical)
	newest := func() string {
		return a.newest(ctx, technical, func() time.Time { return now }, func(error) { warned++ })
	}
	if got := newest(); got != "" {
		t.Errorf("before the first token: %q", got)
	}
	first := date("1")
	now = now.Add(noAnchorFor / 2)
	if got := newest(); got != "" {
		t.Errorf("it looked again after %s", noAnchorFor/2)
	}
	now = now.Add(noAnchorFor / 2)
	if got := newest(); got != first {
		t.Errorf("after a second: %q, not %q", got, first)
	}
	second := date("22")
	if got := newest(); got != first {
		t.Errorf("it looked again at once: %q", got)
	}
	now = now.Add(anchorFor - time.Second)
	if got := newest(); got != first {
		t.Errorf("it looked again after %s: %q", anchorFor-time.Second, got)
	}
	now = now.Add(time.Second)
	if got := newest(); got != second {
		t.Errorf("the newest is %q, not %q", got, second)
	}
	fill.Close()
	th.Compartments.Close()
	now = now.Add(anchorFor)
	if got := newest(); got != second || warned != 1 {
		t.Errorf("with the database away: %q, warned %d times", got, warned)
	}
}

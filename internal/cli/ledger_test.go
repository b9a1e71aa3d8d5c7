package cli_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/ledger"

	"golang.org/x/mod/sumdb/note"
)

func TestCheckLedger(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	part := func(name string, state zoeklicht.LedgerState, detail string) []zoeklicht.LedgerPart {
		return []zoeklicht.LedgerPart{{Name: name, State: state, Detail: detail, Well: now}}
	}
	expect(t, cli.CheckLedger(&zoeklicht.LedgerHealth{Now: now})[0], cli.OK, "every leaf")
	expect(t, cli.CheckLedger(&zoeklicht.LedgerHealth{Now: now, Waiting: 3})[0], cli.Warn, "3 leaves waiting for a log", "has never run")
	expect(t, cli.CheckLedger(&zoeklicht.LedgerHealth{Now: now, Unwitnessed: 1, Told: now.Add(-time.Hour)})[0], cli.Warn, "1 leaf waiting to be published", "nothing since 2026-05-01T11:00")
	expect(t, cli.CheckLedger(&zoeklicht.LedgerHealth{Now: now, Waiting: 3, Told: now})[0], cli.OK, "3 leaves")
	for _, c := range []struct {
		parts []zoeklicht.LedgerPart
		grade cli.Grade
		is    string
	}{
		{part("log", zoeklicht.LedgerWell, ""), cli.OK, "last well on 2026-05-01T12:00"},
		{part("log", zoeklicht.LedgerDown, "no room"), cli.Fail, "no room"},
		{part("witnesses", zoeklicht.LedgerNone, ""), cli.Warn, "nobody else has seen the log"},
		{part("witnesses", zoeklicht.LedgerDown, "court: refused"), cli.Warn, "court: refused"},
		{part("witnesses", zoeklicht.LedgerRefused, "court: it knows a larger log"), cli.Fail, "court: it knows a larger log"},
		{part("authority", zoeklicht.LedgerNone, ""), cli.Warn, "since when"},
		{part("authority first", zoeklicht.LedgerNone, ""), cli.OK, "not configured any more"},
		{part("authority first", zoeklicht.LedgerDown, "it answered 503"), cli.Warn, "it answered 503"},
	} {
		expect(t, cli.CheckLedger(&zoeklicht.LedgerHealth{Now: now, Told: now, Parts: c.parts})[1], c.grade, c.is)
	}
}

// TestCheckLog holds a log against the database: as it should be, with what a crash leaves,
// and with what a hand changed, in the one or in the other.
func TestCheckLog(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), filepath.Join(t.TempDir(), "2026")
	skey, _, err := note.GenerateKey(rand.Reader, "test.invalid/practice/2026")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(ctx, ledger.Config{Dir: dir, Origin: signer.Name(), Interval: 100 * time.Millisecond}, []note.Signer{signer}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]byte
	for i := range 300 {
		rows = append(rows, fmt.Appendf(nil, "leaf %d", i))
	}
	rows[290] = rows[7] // stands twice
	if _, err := l.Append(ctx, rows); err != nil {
		t.Fatal(err)
	}
	reader := ledger.NewReader(dir)
	c, err := l.Published(ctx)
	for tick := time.NewTicker(10 * time.Millisecond); err == nil && (c == nil || c.Size < 300); c, err = l.Published(ctx) {
		<-tick.C
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(context.WithoutCancel(ctx)); err != nil {
		t.Fatal(err)
	}
	check := func(kept *ledger.Checkpoint, change func(rows map[int64][]byte)) cli.Finding {
		known := map[int64][]byte{}
		for i, leaf := range rows {
			known[int64(i)] = leaf
		}
		delete(known, 290)
		if change != nil {
			change(known)
		}
		return (&cli.LogCheck{Year: 2026, Reader: reader, Kept: kept, Placed: func(fn func(int64, []byte) error) error {
			for at := range int64(400) {
				if leaf, ok := known[at]; ok {
					if err := fn(at, leaf); err != nil {
						return err
					}
				}
			}
			return nil
		}}).Check(ctx)
	}
	expect(t, check(c, nil), cli.OK, "300 leaves of test.invalid/practice/2026, whole", "1 stands twice")
	expect(t, check(nil, func(k map[int64][]byte) { k[300], k[301] = []byte("x"), []byte("y") }), cli.OK, "2 more are not published yet")
	expect(t, check(c, func(k map[int64][]byte) { delete(k, 12) }), cli.Warn, "does not know 1 of them")
	expect(t, check(c, func(k map[int64][]byte) { k[12] = []byte("another") }), cli.Fail, "leaf 12 is not the one")
	expect(t, check(c, func(k map[int64][]byte) { k[12], k[13] = k[13], k[12] }), cli.Fail, "leaf 12 is not the one")
	further := *c
	further.Size++
	expect(t, check(&further, nil), cli.Fail, "older than the database")
	forked := *c
	forked.Root[0] ^= 1
	expect(t, check(&forked, nil), cli.Fail, "does not continue")
	bundle := filepath.Join(dir, "tile", "entries", "000")
	b, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bundle, []byte(strings.Replace(string(b), "leaf 5", "leaf S", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, check(c, nil), cli.Fail, "damaged")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	expect(t, check(c, nil), cli.Fail, "it is gone; 300 leaves were published")
	expect(t, check(nil, nil), cli.OK, "nothing is published yet")
}

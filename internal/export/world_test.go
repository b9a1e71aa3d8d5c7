package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/crawl/crawltest"
	"zoeklicht/internal/export"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/stamp"
	"zoeklicht/internal/ledger/witness"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"

	"golang.org/x/mod/sumdb/note"
)

func TestMain(m *testing.M) { crawltest.Main(m) }

// world is a practice world whose captures stand in a log, with a witness and an authority
// on loopback.
type world struct {
	*crawltest.Bench
	t       *testing.T
	logs    string
	office  *export.Office
	witness *httptest.Server
	record  *crawl.Recorder

	signers []note.Signer   // newest first
	vkeys   []ledger.LogKey // oldest first
	deposit func() []byte   // the policy with the keys so far
	next    logKey
}

// logKey is a key of this year's log.
type logKey struct {
	signer note.Signer
	vkey   string
}

func (w *world) newKey() logKey {
	w.t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, origin+strconv.Itoa(time.Now().UTC().Year()))
	w.must(err)
	signer, err := note.NewSigner(skey)
	w.must(err)
	return logKey{signer, vkey}
}

// rotate gives the log a new key, beside those it has; the first included.
func (w *world) rotate() {
	w.t.Helper()
	k := w.next
	if k.signer == nil {
		k = w.newKey()
	}
	w.signers, w.vkeys = append([]note.Signer{k.signer}, w.signers...), append(w.vkeys, ledger.LogKey{VKey: k.vkey, From: time.Unix(0, 0)})
}

const origin = "test.invalid/practice/"

func newWorld(t *testing.T, cfg practice.Config, days int) *world {
	t.Helper()
	w := &world{Bench: crawltest.New(t, cfg), t: t, logs: t.TempDir()}
	w.rotate()
	next := w.newKey() // of which the witness knows in advance
	wit, err := witness.Open(witness.Config{Dir: t.TempDir(), Name: "test.invalid/witness", Logs: []string{w.vkeys[0].VKey, next.vkey}}, time.Now, slog.New(slog.DiscardHandler))
	w.must(err)
	w.witness = httptest.NewServer(wit)
	t.Cleanup(func() { w.witness.Close(); wit.Close() }) // the test is over
	authority, err := stamp.NewAuthority("first", time.Now)
	w.must(err)
	stamps := httptest.NewServer(authority)
	t.Cleanup(stamps.Close)
	witnesses := fmt.Appendf(nil, "witness one %s %s/\nquorum one\n", wit.VKey(), w.witness.URL)
	signing, err := keys.LoadSigning(t.TempDir(), "Test Organisation", time.Now())
	w.must(err)
	chain := append([]*x509.Certificate{signing.Certificate}, signing.Chain...)
	w.next = next
	w.deposit = func() []byte {
		policy, err := ledger.Deposit(w.vkeys, witnesses)
		w.must(err)
		trust, err := parcel.Deposit(policy, []parcel.Authority{{Name: "first", Certificates: []*x509.Certificate{authority.Root()}}}, chain)
		w.must(err)
		return trust
	}
	wacz, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	w.must(err)
	vault, err := blob.In(w.Dir, "practice", blob.Vault).Reader(w.Ring)
	w.must(err)
	working, err := blob.In(w.Dir, "practice", blob.Working).Reader(w.Ring)
	w.must(err)
	folder := func(year int) string { return filepath.Join(w.logs, strconv.Itoa(year)) }
	stampIt := func(ctx context.Context, digest [32]byte) ([]byte, error) {
		return stamp.Fetch(ctx, stamps.Client(), stamps.URL, digest)
	}
	w.office = &export.Office{
		Theme: w.Theme, Organisation: "Test Organisation", Vault: vault, Working: working,
		Log:    func(year int) *ledger.Reader { return ledger.NewReader(folder(year)) },
		Policy: func() ([]byte, error) { return w.deposit(), nil }, Key: signing.Key, Chain: chain, Authorities: []export.Authority{{Name: "first", Stamp: stampIt}},
		Person: func(_ context.Context, id zoeklicht.PersonID) (string, error) {
			return fmt.Sprintf("Person %d", id), nil
		}, Logger: slog.New(slog.DiscardHandler),
		WACZ: wacz, Build: strings.Repeat("0", 64), Software: "zoeklicht test", Temp: t.TempDir(), Now: time.Now,
	}
	w.record = &crawl.Recorder{
		Config: crawl.LedgerConfig{Poll: 5 * time.Millisecond, Every: time.Millisecond, Publish: 100 * time.Millisecond, Patience: 5 * time.Second},
		Store:  w.Store.Service(zoeklicht.Recording), Witnesses: true, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Open: func(ctx context.Context, year int) (crawl.Log, error) {
			cfg := ledger.Config{Dir: folder(year), Origin: origin + strconv.Itoa(year), Policy: witnesses, Interval: 100 * time.Millisecond}
			l, err := ledger.Open(ctx, cfg, w.signers, w.witness.Client(), slog.New(slog.DiscardHandler))
			if err != nil {
				return nil, err
			}
			return struct {
				*ledger.Log
				*ledger.Reader
			}{l, ledger.NewReader(folder(year))}, nil
		},
		Authorities: []crawl.Authority{{Name: "first", Stamp: func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error) {
			der, err := stampIt(ctx, digest)
			if err != nil {
				return zoeklicht.Token{}, err
			}
			is, err := stamp.Verify(der, digest, authority.Roots())
			if err != nil {
				return zoeklicht.Token{}, err
			}
			return zoeklicht.Token{Authority: "first", At: is.At, DER: der}, nil
		}}},
	}
	for day := range days {
		w.Day(day)
		w.Visit(t.Context())
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// recorded runs the recorder until every leaf is under a checkpoint that was witnessed and
// dated.
func (w *world) recorded() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.record.Serve(ctx) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for all := false; !all; {
		w.must(w.Store.Owner.QueryRow(ctx, `
			SELECT coalesce((SELECT bool_and(o.idx IS NOT NULL AND EXISTS (
				SELECT 1 FROM checkpoint c JOIN token t ON t.checkpoint = c.id WHERE c.year = o.year AND c.size > o.idx)) FROM outbox o), false)`).Scan(&all))
		select {
		case <-tick.C:
		case err := <-done:
			w.t.Fatalf("the recorder ended: %v", err)
		}
	}
	cancel()
	w.must(<-done)
}

// versions gives versions that a question finds.
func (w *world) versions(sql string, args ...any) (ids []zoeklicht.VersionID) {
	w.t.Helper()
	rows, err := w.Store.Owner.Query(w.t.Context(), sql, args...)
	w.must(err)
	for rows.Next() {
		var id zoeklicht.VersionID
		w.must(rows.Scan(&id))
		ids = append(ids, id)
	}
	w.must(rows.Err())
	return ids
}

// order fills one as a specialist would.
func (w *world) order(o zoeklicht.ExportOrder) ([]byte, *zoeklicht.Exported, error) {
	w.t.Helper()
	return w.orderBy(w.Store.Person("case 2026-17", zoeklicht.Specialist), o)
}

// part gives a file of a package.
func part(t *testing.T, b []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// files gives the names of what is in a package.
func files(t *testing.T, b []byte) (names []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	return names
}

// orderBy fills an order as somebody would.
func (w *world) orderBy(st *store.Store, o zoeklicht.ExportOrder) ([]byte, *zoeklicht.Exported, error) {
	w.t.Helper()
	if o.Ground == "" {
		o.Ground = zoeklicht.GroundTheme
	}
	if o.Lang == "" {
		o.Lang = "nl"
	}
	if o.Pictures == "" {
		o.Pictures = zoeklicht.PicturesOut
	}
	var b bytes.Buffer
	made, err := w.office.Make(w.t.Context(), st, o, &b, func(zoeklicht.JobStep, int, int) {})
	if err != nil {
		return nil, nil, err
	}
	err = made.Record(w.t.Context())
	e := &made.Exported
	if err == nil && (e.SHA256 != sha256.Sum256(b.Bytes()) || e.Bytes != int64(b.Len())) {
		w.t.Errorf("the register has another hash or length: %+v of %d bytes", e, b.Len())
	}
	return b.Bytes(), e, err
}

// verify gives the checks of a package that fail.
func (w *world) verify(b []byte) []string { w.t.Helper(); return w.verifyBy(b, w.deposit()) }

// verifyBy gives the checks that fail by a policy.
func (w *world) verifyBy(b, policy []byte) (failed []string) {
	w.t.Helper()
	made := 0
	err := parcel.Verify(w.t.Context(), bytes.NewReader(b), int64(len(b)), policy, func(c parcel.Check) {
		if made++; c.State == parcel.Fails {
			failed = append(failed, fmt.Sprintf("%s %s: %s", c.Name, c.Of, c.Text))
		}
	})
	if (err == nil) != (len(failed) == 0) || made < 10 {
		w.t.Errorf("%d checks, %d failed: %v", made, len(failed), err)
	}
	return failed
}

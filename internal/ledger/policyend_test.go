package ledger_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"golang.org/x/mod/sumdb/note"
)

// stampedWitness gives a witness's key: its signer for a moment of its choice, and the key
// for a policy.
func stampedWitness(t *testing.T, name string) (at func(time.Time) note.Signer, vkey string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	typed := append([]byte{4}, public...)
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	hash := binary.BigEndian.Uint32(sum[:])
	vkey = fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(typed))
	return func(at time.Time) note.Signer { return stampedSigner{name, hash, private, at} }, vkey
}

// stampedSigner cosigns (C2SP tlog-cosignature, version 1) at a moment that it says.
type stampedSigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
	at   time.Time
}

func (s stampedSigner) Name() string    { return s.name }
func (s stampedSigner) KeyHash() uint32 { return s.hash }

func (s stampedSigner) Sign(text []byte) ([]byte, error) {
	body := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", s.at.Unix(), text)
	return append(binary.BigEndian.AppendUint64(nil, uint64(s.at.Unix())), ed25519.Sign(s.key, body)...), nil
}

// TestEnds: a stolen key signs what its owner never did. After its end that is believed
// only if somebody else had seen it before.
func TestEnds(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	before, after := end.Add(-time.Hour), end.Add(time.Hour)
	old, oldKey := key(t, origin)
	fresh, freshKey := key(t, origin)
	court, courtKey := stampedWitness(t, "court.invalid")
	other, otherKey := stampedWitness(t, "other.invalid")
	ended := "# signs from 2026-01-01T00:00:00Z until 2026-07-01T12:00:00Z\n"
	logs := ended + "log " + oldKey + "\n# signs from 2026-07-01T12:00:00Z until further notice\nlog " + freshKey + "\n"
	both := "witness court " + courtKey + "\nwitness other " + otherKey + "\n"
	quorum := both + "group g any court other\nquorum g\n"
	stolenWitness := ended + both + "group g any court other\nquorum g\n"
	for _, tc := range []struct {
		name, policy string
		signers      []note.Signer
		dated        time.Time
		cosigned     int
		wrong        string
	}{
		{"the new key", logs + "quorum none\n", []note.Signer{fresh}, time.Time{}, 0, ""},
		{"both keys, during the overlap", logs + "quorum none\n", []note.Signer{old, fresh}, after, 0, ""},
		{"the old key, dated before its end", logs + "quorum none\n", []note.Signer{old}, before, 0, ""},
		{"stolen, undated", logs + "quorum none\n", []note.Signer{old}, time.Time{}, 0, "ended at 2026-07-01T12:00:00Z"},
		{"stolen, dated after", logs + "quorum none\n", []note.Signer{old}, after, 0, "ended at"},
		{"stolen, dated at the end", logs + "quorum none\n", []note.Signer{old}, end, 0, "ended at"},
		{"the old key, cosigned before its end", logs + quorum, []note.Signer{old, court(before)}, after, 1, ""},
		{"stolen, cosigned after", logs + quorum, []note.Signer{old, court(after)}, after, 1, "ended at"},
		{"stolen, cosigned after, dated by nobody", logs + quorum, []note.Signer{old, court(after)}, time.Time{}, 1, "ended at"},
		{
			"stolen, one of two cosigned before", logs + both + "group g all court other\nquorum g\n",
			[]note.Signer{old, court(before), other(after)},
			after, 2, "ended at",
		},
		{"a stolen witness says it was before", "log " + freshKey + "\n" + stolenWitness, []note.Signer{fresh, court(before)}, after, 0, "1 of keys that ended"},
		{"a stolen witness, undated", "log " + freshKey + "\n" + stolenWitness, []note.Signer{fresh, court(before)}, time.Time{}, 0, "1 of keys that ended"},
		{"a witness that ended, dated before", "log " + freshKey + "\n" + stolenWitness, []note.Signer{fresh, court(before)}, before, 1, ""},
		{"a witness that ended, and another", "log " + freshKey + "\n" + stolenWitness, []note.Signer{fresh, court(before), other(after)}, after, 1, ""},
		{"both stolen", logs + stolenWitness, []note.Signer{old, court(before)}, after, 0, "1 of keys that ended"},
	} {
		p, err := ledger.ParsePolicy([]byte(tc.policy))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		msg, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n1\n%s\n", origin, strings.Repeat("A", 43)+"=")}, tc.signers...)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Verify(msg); err != nil {
			t.Errorf("%s: its signatures: %v", tc.name, err)
		}
		_, cosigned, err := p.VerifyDated(msg, tc.dated)
		if tc.wrong == "" && (err != nil || len(cosigned) != tc.cosigned) {
			t.Errorf("%s: %v, %v", tc.name, cosigned, err)
		}
		if tc.wrong != "" && (zoeklicht.CodeOf(err) != zoeklicht.Invalid || !strings.Contains(err.Error(), tc.wrong)) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestParseEnd: an end that is written in another way is refused, not passed over.
func TestParseEnd(t *testing.T) {
	t.Parallel()
	logs, _ := vkeys(t, 1)
	for _, tc := range []struct{ text, wrong string }{
		{"# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z\nlog L\n", ""},
		{"# signs from 2026-01-01T00:00:00Z until further notice\nlog L\n", ""},
		{"# signs the log\n\nlog L\n", ""},
		{"# signs from 2026-01-01 until 2026-07-08T00:00:00Z\nlog L\n", "line 1"},
		{"# signs from 2026-01-01T00:00:00Z until 2026-07-08T02:00:00+02:00\nlog L\n", "line 1"},
		{"# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z, stolen\nlog L\n", "line 1"},
		{"# signs from 2026-01-01T00:00:00Z until\nlog L\n", "line 1"},
		{"# signs from \nlog L\n", "line 1"},
		{"# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z\n\nlog L\n", "line 2"},
		{"# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z\n# stolen\nlog L\n", "line 2"},
		{"log L\n# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z\n", "line 3"},
	} {
		_, err := ledger.ParsePolicy([]byte(strings.ReplaceAll(tc.text, "log L", "log "+logs[0]) + "quorum none\n"))
		if tc.wrong == "" && err != nil || tc.wrong != "" && (err == nil || !strings.Contains(err.Error(), tc.wrong)) {
			t.Errorf("%q: %v", tc.text, err)
		}
	}
	if _, err := ledger.ParsePolicy([]byte("quorum none\n# signs from 2026-01-01T00:00:00Z until further notice")); err == nil || !strings.Contains(err.Error(), "no key follows its last line") {
		t.Errorf("nothing follows: %v", err)
	}
}

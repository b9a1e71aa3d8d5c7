package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Evidence is what the register holds to prove one capture with. What its items hold lies
// in the vault, and the way from the leaf to the checkpoint in the log.
type Evidence struct {
	// Capture has its manifest, the places of its items, its leaf and where that stands. One
	// with sealed content has none of these, and nothing else is filled.
	Capture zoeklicht.Capture
	Salts   []byte // one of 32 bytes for each line of the manifest; only for an export
	// Checkpoint is the published checkpoint that the leaf is best proved with: the first
	// that was dated, or else the first. Nil while there is none: not yet witnessed.
	Checkpoint *Checkpoint
	// After is the timestamp token that the leaf names as "after", and Before the checkpoint
	// that it dates; nil when it names none.
	After  *zoeklicht.Token
	Before []byte
}

// Evidence gives what proves captures, in the order asked for: for an export, with the
// salts, when act is ActExport, and else for looking at the proof (ActSearch). Captures that
// are not there are an error; those that may hold sealed content come without all but
// their facts.
func (s *Store) Evidence(ctx context.Context, act zoeklicht.Act, ids []zoeklicht.CaptureID) ([]Evidence, error) {
	if act != zoeklicht.ActExport && act != zoeklicht.ActSearch {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "evidence is for an export or for looking at, not to %s", act)
	}
	var out []Evidence
	row := &zoeklicht.Audit{Act: "evidence", Detail: detail(map[string]any{"for": act})}
	if len(ids) == 1 {
		row.Object = ids[0].String()
	}
	err := s.serve(ctx, act, row, func(tx pgx.Tx) (err error) {
		out, err = evidence(ctx, tx, ids, act == zoeklicht.ActExport)
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func evidence(ctx context.Context, tx pgx.Tx, ids []zoeklicht.CaptureID, salts bool) ([]Evidence, error) {
	rows, err := tx.Query(ctx, captureSelect+` WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return nil, err
	}
	cs, err := pgx.CollectRows(rows, scanCapture)
	if err != nil {
		return nil, err
	}
	sealed, err := sealedAmong(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	if err := withItems(ctx, tx, cs); err != nil {
		return nil, err
	}
	if err := withErased(ctx, tx, cs); err != nil {
		return nil, err
	}
	at := map[zoeklicht.CaptureID]int{}
	for i := range cs {
		at[cs[i].ID] = i
	}
	out := make([]Evidence, len(ids))
	open := make([]*Evidence, 0, len(ids))
	for i, id := range ids {
		n, ok := at[id]
		if !ok {
			return nil, zoeklicht.Errorf(zoeklicht.NotFound, "capture %s is not in this theme", id)
		}
		out[i].Capture = cs[n]
		if sealed[id] {
			hideSealed(&out[i].Capture)
			continue
		}
		open = append(open, &out[i])
	}
	return out, prove(ctx, tx, open, salts)
}

// prove adds what proves the captures, all of a kind at once: a thousand may leave together.
func prove(ctx context.Context, tx pgx.Tx, all []*Evidence, salts bool) error {
	at := map[zoeklicht.CaptureID][]*Evidence{} // asked for more than once, it is given as often
	ids, refs := make([]zoeklicht.CaptureID, 0, len(all)), make([]string, 0, len(all))
	for _, e := range all {
		id := e.Capture.ID
		if at[id] = append(at[id], e); len(at[id]) == 1 {
			ids, refs = append(ids, id), append(refs, id.String())
		}
	}
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT ON (ref) ref::uuid, leaf, coalesce(idx, -1), coalesce(year, 0) FROM outbox WHERE ref = ANY($1) ORDER BY ref, id`, refs)
	if err != nil {
		return err
	}
	var id zoeklicht.CaptureID
	var leaf []byte
	var index int64
	var year int
	if _, err := pgx.ForEachRow(rows, []any{&id, &leaf, &index, &year}, func() error {
		for _, e := range at[id] {
			e.Capture.Leaf, e.Capture.LeafIndex, e.Capture.LeafYear = leaf, index, year
		}
		delete(at, id)
		leaf = nil
		return nil
	}); err != nil {
		return err
	}
	for id := range at {
		return fmt.Errorf("capture %s has no leaf", id)
	}
	if salts {
		if err := salted(ctx, tx, all, ids); err != nil {
			return err
		}
	}
	if err := covered(ctx, tx, all); err != nil {
		return err
	}
	return dated(ctx, tx, all)
}

// salted adds the salts of captures.
func salted(ctx context.Context, tx pgx.Tx, all []*Evidence, ids []zoeklicht.CaptureID) error {
	rows, err := tx.Query(ctx, `SELECT id, salts FROM capture WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return err
	}
	of := map[zoeklicht.CaptureID][]byte{}
	var id zoeklicht.CaptureID
	var salts []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &salts}, func() error { of[id], salts = salts, nil; return nil }); err != nil {
		return err
	}
	for _, e := range all {
		e.Salts = of[e.Capture.ID]
	}
	return nil
}

// covered adds the checkpoints that captures are proved with. In the order of their leaves
// one is looked up for each checkpoint: it is the best for all leaves up to its size, for
// there was no better one for the first of them.
func covered(ctx context.Context, tx pgx.Tx, all []*Evidence) (err error) {
	placed := slices.DeleteFunc(slices.Clone(all), func(e *Evidence) bool { return e.Capture.LeafIndex < 0 })
	slices.SortFunc(placed, func(a, b *Evidence) int {
		return cmp.Or(cmp.Compare(a.Capture.LeafYear, b.Capture.LeafYear), cmp.Compare(a.Capture.LeafIndex, b.Capture.LeafIndex))
	})
	var last *Checkpoint
	for i, e := range placed {
		c := &e.Capture
		if i == 0 || c.LeafYear != placed[i-1].Capture.LeafYear || last != nil && c.LeafIndex >= last.Size {
			if last, err = covering(ctx, tx, c.LeafYear, c.LeafIndex); err != nil {
				return err
			}
		}
		e.Checkpoint = last
	}
	return nil
}

// dated adds the timestamps that leaves name as "after".
func dated(ctx context.Context, tx pgx.Tx, all []*Evidence) error {
	of := map[[32]byte][]*Evidence{}
	var sums [][]byte
	for _, e := range all {
		sum, ok := after(e.Capture.Leaf)
		if !ok {
			continue
		}
		k := [32]byte(sum)
		if of[k] = append(of[k], e); len(of[k]) == 1 {
			sums = append(sums, sum)
		}
	}
	if len(sums) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT t.sha256, t.authority, t.at, t.der, c.note FROM token t JOIN checkpoint c ON c.id = t.checkpoint WHERE t.sha256 = ANY($1)`, sums)
	if err != nil {
		return err
	}
	var sum, der, note []byte
	var t zoeklicht.Token
	_, err = pgx.ForEachRow(rows, []any{&sum, &t.Authority, &t.At, &der, &note}, func() error {
		for _, e := range of[[32]byte(sum)] {
			one := t
			one.DER = der
			e.After, e.Before = &one, note
		}
		sum, der, note = nil, nil, nil
		return nil
	})
	return err
}

// after reads the hash of the token that a capture's leaf names.
func after(leaf []byte) (sum []byte, ok bool) {
	for line := range bytes.Lines(leaf) {
		if text, is := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte("after ")); is {
			sum, err := hex.DecodeString(string(text))
			return sum, err == nil && len(sum) == 32
		}
	}
	return nil, false
}

// RecordEvidence is a record with what proves it.
type RecordEvidence struct {
	ID         RecordID
	Seq        zoeklicht.Seq
	Kind       zoeklicht.LeafKind
	Ref        string
	Content    []byte // JSON
	Salt       []byte // 32 bytes
	Leaf       []byte
	LeafIndex  int64 // -1 while it waits
	LeafYear   int
	Checkpoint *Checkpoint // as in Evidence
}

// Records gives the records of a kind about something, oldest first, for an export.
func (s *Store) Records(ctx context.Context, kind zoeklicht.LeafKind, ref string) ([]RecordEvidence, error) {
	var out []RecordEvidence
	row := &zoeklicht.Audit{Act: "evidence-record", Object: ref, Detail: detail(map[string]any{"kind": kind})}
	err := s.serve(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, recordSelect+` WHERE r.kind = $1 AND r.ref = $2 ORDER BY r.seq, r.id`, kind, ref)
		if err != nil {
			return err
		}
		if out, err = pgx.CollectRows(rows, scanRecordEvidence); err == nil {
			err = provedRecords(ctx, tx, out)
		}
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

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
		if err := out[i].fill(ctx, tx, salts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fill adds what proves the capture.
func (e *Evidence) fill(ctx context.Context, tx pgx.Tx, salts bool) error {
	c := &e.Capture
	err := tx.QueryRow(ctx, `SELECT leaf, coalesce(idx, -1), coalesce(year, 0) FROM outbox WHERE ref = $1 ORDER BY id LIMIT 1`, c.ID.String()).
		Scan(&c.Leaf, &c.LeafIndex, &c.LeafYear)
	if err != nil {
		return err
	}
	if salts {
		if err := tx.QueryRow(ctx, `SELECT salts FROM capture WHERE id = $1`, c.ID).Scan(&e.Salts); err != nil {
			return err
		}
	}
	if c.LeafIndex >= 0 {
		if e.Checkpoint, err = covering(ctx, tx, c.LeafYear, c.LeafIndex); err != nil {
			return err
		}
	}
	sum, ok := after(c.Leaf)
	if !ok {
		return nil
	}
	var t zoeklicht.Token
	err = tx.QueryRow(ctx, `SELECT t.authority, t.at, t.der, c.note FROM token t JOIN checkpoint c ON c.id = t.checkpoint WHERE t.sha256 = $1`, sum).
		Scan(&t.Authority, &t.At, &t.DER, &e.Before)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	e.After = &t
	return nil
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

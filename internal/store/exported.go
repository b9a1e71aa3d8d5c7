package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

func objectExport(id int64) string { return "export " + strconv.FormatInt(id, 10) }

// exportLeaf is what the ledger's record holds of an export.
type exportLeaf struct {
	Export     int64                `json:"export"`
	Case       string               `json:"case"`
	Ground     string               `json:"ground"`
	Form       zoeklicht.ExportForm `json:"form"`
	Kind       zoeklicht.ExportKind `json:"kind"`
	What       string               `json:"what"`
	File       string               `json:"file"`
	Bytes      int64                `json:"bytes"`
	SHA256     string               `json:"sha256"`
	Versions   int                  `json:"versions"`
	Pictures   int                  `json:"pictures"`
	Recipients []string             `json:"recipients,omitempty"`
	Captures   []string             `json:"captures"`
	Person     zoeklicht.PersonID   `json:"person"`
	Name       string               `json:"name"`
	At         time.Time            `json:"at"`
}

// NoteExport enters what leaves into the register, before it is handed over: no line, no
// file. Ground, Form, Kind, What, File, Bytes, SHA256, Versions and Pictures of e are kept;
// the case is the purpose of the pass; the rest is filled in. The captures that are in it
// are held for the case from now on. recipients are those that the file was encrypted to:
// with any it is logged as a disclosure, else as an export.
//
// Conflict where a capture is not there, or was destroyed since it was read.
func (s *Store) NoteExport(ctx context.Context, e *zoeklicht.Exported, captures []zoeklicht.CaptureID, recipients []string) error {
	if e.Ground == "" || e.SHA256 == [32]byte{} {
		return zoeklicht.Errorf(zoeklicht.Invalid, "what leaves needs its ground and the hash of its bytes").With("nothing left", "")
	}
	row := &zoeklicht.Audit{Act: "export", Count: e.Versions}
	return s.act(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx, m Moment) error {
		if err := exportable(ctx, tx, captures); err != nil {
			return err
		}
		e.At, e.Person, e.Name, e.Case = m.At, s.pass.Person(), s.pass.Name(), s.pass.Purpose()
		e.Encrypted, e.LeafIndex, e.Erased = len(recipients) > 0, -1, 0
		// The row's number goes into the record, and the record's into the row.
		err := tx.QueryRow(ctx, `SELECT nextval(pg_get_serial_sequence('exported', 'id'))`).Scan(&e.ID)
		if err != nil {
			return err
		}
		row.Object = objectExport(e.ID)
		row.Detail = detail(map[string]any{"form": e.Form, "kind": e.Kind, "captures": len(captures), "encrypted": e.Encrypted})
		record, err := s.exportRecord(ctx, tx, m, e, captures, recipients)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO exported (id, seq, at, person, name, case_number, ground, form, kind, what, file, bytes, sha256, versions, pictures, recipients, record)
			OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			e.ID, m.Seq, m.At, e.Person, e.Name, e.Case, e.Ground, e.Form, e.Kind, e.What, e.File, e.Bytes, e.SHA256[:], e.Versions, e.Pictures,
			append([]string{}, recipients...), record); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO exported_capture (exported, capture) SELECT DISTINCT $1::bigint, unnest($2::uuid[])`, e.ID, captures); err != nil {
			return err
		}
		return s.hold(ctx, tx, m, e.Case, captures, &e.ID)
	})
}

func (s *Store) exportRecord(ctx context.Context, tx pgx.Tx, m Moment, e *zoeklicht.Exported, captures []zoeklicht.CaptureID, recipients []string) (RecordID, error) {
	leaf := exportLeaf{
		Export: e.ID, Case: e.Case, Ground: e.Ground, Form: e.Form, Kind: e.Kind, What: e.What, File: e.File, Bytes: e.Bytes,
		SHA256: hex.EncodeToString(e.SHA256[:]), Versions: e.Versions, Pictures: e.Pictures, Recipients: recipients, Captures: []string{},
		Person: e.Person, Name: e.Name, At: m.At.UTC(),
	}
	for _, c := range captures {
		leaf.Captures = append(leaf.Captures, c.String())
	}
	content, err := json.Marshal(leaf)
	if err != nil {
		return RecordID{}, err
	}
	kind := zoeklicht.LeafExport
	if e.Encrypted {
		kind = zoeklicht.LeafDisclosure
	}
	return s.AddRecord(ctx, tx, m, kind, objectExport(e.ID), content)
}

// exportable refuses captures that are not there, that were sealed, or of which all was
// destroyed since they were read.
func exportable(ctx context.Context, tx pgx.Tx, captures []zoeklicht.CaptureID) error {
	var there int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM unnest($1::uuid[]) AS u(id) JOIN capture c ON c.id = u.id
		WHERE NOT EXISTS (SELECT 1 FROM erased e WHERE e.capture = c.id AND e.whole)`, captures).Scan(&there)
	if err != nil {
		return err
	}
	sealed, err := sealedAmong(ctx, tx, captures)
	if err == nil && (there != len(captures) || len(sealed) > 0) {
		err = zoeklicht.Errorf(zoeklicht.Conflict, "something in it was destroyed or sealed since it was read").With("nothing left", "export it again")
	}
	return err
}

// Exports gives the register of what left, newest first, 1000 lines at most: of one case,
// or "" for all.
func (s *Store) Exports(ctx context.Context, number string) ([]zoeklicht.Exported, error) {
	act := zoeklicht.ActExport
	if s.pass.Phase() == zoeklicht.Auditing {
		act = zoeklicht.ActAudit
	}
	var out []zoeklicht.Exported
	row := &zoeklicht.Audit{Act: "exports", Object: number}
	err := s.serve(ctx, act, row, func(tx pgx.Tx) (err error) {
		out, err = exports(ctx, tx, `WHERE $1 = '' OR of_case(x.case_number, $1) ORDER BY x.id DESC LIMIT 1000`, number)
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// exports reads lines of the register; tail is a condition on x with its argument as $1.
func exports(ctx context.Context, q querier, tail string, args ...any) ([]zoeklicht.Exported, error) {
	rows, err := q.Query(ctx, `
		SELECT x.id, x.at, x.person, x.name, x.case_number, x.ground, x.form, x.kind, x.what, x.file, x.bytes, x.sha256, x.versions, x.pictures,
		       cardinality(x.recipients) > 0, coalesce((SELECT o.idx FROM outbox o WHERE o.ref = x.record::text), -1),
		       (SELECT count(*) FROM exported_capture c JOIN erased e ON e.capture = c.capture WHERE c.exported = x.id)
		FROM exported x `+tail, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (x zoeklicht.Exported, err error) {
		var sum []byte
		err = r.Scan(&x.ID, &x.At, &x.Person, &x.Name, &x.Case, &x.Ground, &x.Form, &x.Kind, &x.What, &x.File, &x.Bytes, &sum,
			&x.Versions, &x.Pictures, &x.Encrypted, &x.LeafIndex, &x.Erased)
		copy(x.SHA256[:], sum)
		return x, err
	})
}

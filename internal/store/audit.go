package store

import (
	"context"
	"encoding/json"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// note writes an audit row in a transaction. Who, role and purpose come from the
// pass; the caller fills Act, Object, Detail and Count.
func (s *Store) note(ctx context.Context, tx pgx.Tx, row *zoeklicht.Audit) error {
	if row.Detail == "" {
		row.Detail = "{}"
	}
	if row.Role == "" {
		row.Role = s.pass.Role()
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO audit (at, person, name, role, act, object, purpose, detail, count)
		VALUES (theme_now($1), $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.clock(), s.pass.Person(), s.pass.Name(), row.Role, row.Act, row.Object,
		s.pass.Purpose(), row.Detail, row.Count)
	return err
}

// detail packs facts about an act as the JSON of an audit row.
func detail(facts map[string]any) string {
	b, err := json.Marshal(facts)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// AuditQuery narrows the audit trail. Zero values do not narrow.
type AuditQuery struct {
	Person zoeklicht.PersonID
	Act    string
	Object string
	From   time.Time
	To     time.Time
	Before int64 // rows with a smaller number, for paging
	Limit  int   // 0 means 100
}

// Audit gives rows of the audit trail, newest first. Reading the trail is audited.
func (s *Store) Audit(ctx context.Context, q AuditQuery) ([]zoeklicht.Audit, error) {
	if q.Limit <= 0 || q.Limit > 10000 {
		q.Limit = 100
	}
	var rows []zoeklicht.Audit
	row := &zoeklicht.Audit{Act: "audit-read", Detail: detail(map[string]any{
		"person": q.Person, "act": q.Act, "object": q.Object, "from": q.From, "to": q.To,
	})}
	err := s.serve(ctx, zoeklicht.ActAudit, row, func(tx pgx.Tx) error {
		r, err := tx.Query(ctx, `
			SELECT id, at, person, name, role, act, object, purpose, detail::text, count FROM audit
			WHERE ($1 = 0 OR person = $1) AND ($2 = '' OR act = $2) AND ($3 = '' OR object = $3)
			  AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
			  AND ($6 = 0 OR id < $6)
			ORDER BY id DESC LIMIT $7`,
			q.Person, q.Act, q.Object, orNull(q.From), orNull(q.To), q.Before, q.Limit)
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(r, func(r pgx.CollectableRow) (a zoeklicht.Audit, err error) {
			err = r.Scan(&a.ID, &a.At, &a.Person, &a.Name, &a.Role, &a.Act, &a.Object, &a.Purpose, &a.Detail, &a.Count)
			return a, err
		})
		row.Count = len(rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// orNull gives nil for the zero time, which SQL takes as "not said".
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

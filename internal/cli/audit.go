package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// Trail is a theme's audit trail; *store.Store is one.
type Trail interface {
	Audit(ctx context.Context, q store.AuditQuery) ([]zoeklicht.Audit, error)
}

// auditRow is a row of the trail as JSON has it.
type auditRow struct {
	ID      int64              `json:"id"`
	At      *time.Time         `json:"at"`
	Person  zoeklicht.PersonID `json:"person"` // negative: one of the platform's own processes
	Name    string             `json:"name"`
	Role    zoeklicht.Role     `json:"role"`
	Act     string             `json:"act"`
	Object  string             `json:"object"`
	Purpose string             `json:"purpose"`
	Count   int                `json:"count"`
	Detail  json.RawMessage    `json:"detail"`
}

// Audit prints rows of the trail, newest first.
func Audit(ctx context.Context, trail Trail, q store.AuditQuery, out *Out) error {
	found, err := trail.Audit(ctx, q)
	if err != nil {
		return err
	}
	rows := make([]auditRow, len(found))
	table := make([][]string, len(found))
	for i := range found {
		a := &found[i]
		detail := json.RawMessage(a.Detail)
		if !json.Valid(detail) {
			detail = json.RawMessage("{}")
		}
		rows[i] = auditRow{a.ID, moment(a.At), a.Person, a.Name, a.Role, a.Act, a.Object, a.Purpose, a.Count, detail}
		table[i] = []string{fmt.Sprint(a.ID), out.at(a.At), a.Name, string(a.Role), a.Act, a.Object, fmt.Sprint(a.Count), cut(a.Purpose, 40)}
	}
	if out.JSON {
		return lines(out, rows)
	}
	if err := out.table([]string{"ROW", "WHEN", "WHO", "ROLE", "ACT", "ABOUT", "ROWS", "PURPOSE"}, table); err != nil {
		return err
	}
	if n := len(found); n > 0 && n == q.Limit {
		out.Notice("Older rows: --before %d", found[n-1].ID)
	}
	return nil
}

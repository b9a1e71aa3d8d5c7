package store

import (
	"context"
	"errors"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// EraseAgain orders an erasure once more in a copy of the database that is older than it,
// in the names of who decided it then, and gives the numbers under which it is to be
// carried out: none where nothing of it is there. What a case held in the copy is held no
// more: it was not when the erasure was carried out. The connection is the owner's.
func EraseAgain(ctx context.Context, owner *pgx.Conn, d *Destroying) (ids []zoeklicht.ErasureID, err error) {
	var captures []zoeklicht.CaptureID
	var items []string
	for _, i := range d.Items {
		id, err := zoeklicht.ParseCaptureID(i.Capture)
		if err != nil {
			return nil, err
		}
		captures, items = append(captures, id), append(items, i.Item)
	}
	for _, c := range d.Captures {
		id, err := zoeklicht.ParseCaptureID(c)
		if err != nil {
			return nil, err
		}
		captures, items = append(captures, id), append(items, "")
	}
	err = pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		a := &again{tx: tx, d: d}
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT i.capture FROM unnest($1::uuid[], $2::text[]) AS u(capture, name)
			JOIN item i ON i.capture = u.capture AND i.name = u.name
			UNION SELECT s.capture FROM unnest($1::uuid[], $2::text[]) AS u(capture, name)
			JOIN sighting s ON s.capture = u.capture JOIN advert a ON a.id = s.advert
			WHERE u.name = '' AND a.id = $3 AND a.canonical <> '' ORDER BY 1`, captures, items, d.Advert)
		if err != nil {
			return err
		}
		if a.there, err = pgx.CollectRows(rows, pgx.RowTo[zoeklicht.CaptureID]); err != nil || len(a.there) == 0 {
			return err
		}
		if err := a.begin(ctx); err != nil {
			return err
		}
		whole, err := a.sameAdvert(ctx, captures)
		if err != nil {
			return err
		}
		if whole {
			err := a.order(ctx, zoeklicht.EraseAdvert, nil, "", d.Advert)
			ids = a.ids
			return err
		}
		if len(d.Items) == 0 {
			return nil // it is another advert here
		}
		for i := range a.there {
			scope, item := zoeklicht.EraseCapture, ""
			if d.Scope == zoeklicht.EraseItem {
				scope, item = zoeklicht.EraseItem, items[0]
			}
			if err := a.order(ctx, scope, &a.there[i], item, 0); err != nil {
				return err
			}
		}
		ids = a.ids
		return nil
	})
	return ids, problem(err)
}

// again is the order for an erasure that is done again.
type again struct {
	tx    pgx.Tx
	d     *Destroying
	m     Moment
	there []zoeklicht.CaptureID
	ids   []zoeklicht.ErasureID
}

// begin takes the next moment, and ends what is held.
func (a *again) begin(ctx context.Context) error {
	if _, err := a.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
		return err
	}
	err := a.tx.QueryRow(ctx, `
		INSERT INTO moment (seq, at) SELECT coalesce(max(seq), 0) + 1, greatest($1, max(at)) FROM moment RETURNING seq, at`, a.d.At).Scan(&a.m.Seq, &a.m.At)
	if err != nil {
		return err
	}
	_, err = a.tx.Exec(ctx, `
		INSERT INTO hold_end (case_number, seq, reason, person, name, at)
		SELECT DISTINCT case_number, $2::bigint, 'ended before an erasure that is done again after restoring', $3::bigint, $4, $5::timestamptz
		FROM held WHERE capture = ANY($1)`, a.there, a.m.Seq, a.d.Asked.Person, a.d.Asked.Name, a.m.At)
	return err
}

// sameAdvert reports whether the advert of the erasure is the same one here: each capture
// of it is among those that were destroyed. Numbers are given anew after restoring.
func (a *again) sameAdvert(ctx context.Context, captures []zoeklicht.CaptureID) (same bool, err error) {
	if a.d.Scope != zoeklicht.EraseAdvert {
		return false, nil
	}
	err = a.tx.QueryRow(ctx, `
		SELECT count(*) > 0 AND bool_and(capture = ANY($2)) FROM (
			SELECT capture FROM sighting WHERE advert = $1 UNION SELECT capture FROM version WHERE advert = $1) c`, a.d.Advert, captures).Scan(&same)
	return same, err
}

// order adds an erasure with its approval, or takes up the one that was asked for when the
// copy was made.
func (a *again) order(ctx context.Context, scope zoeklicht.EraseScope, capture *zoeklicht.CaptureID, item string, advert zoeklicht.AdvertID) error {
	var id zoeklicht.ErasureID
	var approved bool
	err := a.tx.QueryRow(ctx, `
		SELECT e.id, EXISTS (SELECT 1 FROM erasure_step s WHERE s.erasure = e.id AND s.kind = 'approve') FROM erasure e
		WHERE e.scope = $1 AND e.capture IS NOT DISTINCT FROM $2 AND e.item = $3 AND e.advert IS NOT DISTINCT FROM $4
		  AND NOT EXISTS (SELECT 1 FROM erasure_step s WHERE s.erasure = e.id AND s.kind IN ('withdraw', 'destroy')) ORDER BY e.id LIMIT 1`,
		scope, capture, item, orNoAdvert(advert)).Scan(&id, &approved)
	if errors.Is(err, pgx.ErrNoRows) {
		err = a.tx.QueryRow(ctx, `
			INSERT INTO erasure (seq, scope, capture, item, advert, ground, purpose, person, name, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
			a.m.Seq, scope, capture, item, orNoAdvert(advert), a.d.Ground, a.d.Purpose, a.d.Asked.Person, a.d.Asked.Name, a.d.Asked.At).Scan(&id)
	}
	if err != nil {
		return err
	}
	a.ids = append(a.ids, id)
	if approved {
		return nil
	}
	_, err = a.tx.Exec(ctx, `INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES ($1, 'approve', $2, $3, $4, $5)`,
		id, a.m.Seq, a.d.Approved.Person, a.d.Approved.Name, a.d.Approved.At)
	return err
}

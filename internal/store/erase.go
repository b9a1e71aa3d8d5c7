package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

func objectErasure(id zoeklicht.ErasureID) string {
	return "erasure " + strconv.FormatInt(int64(id), 10)
}

// erasureSelect reads erasures; each step's columns follow one another.
const erasureSelect = `
	SELECT e.id, e.seq, e.scope, e.capture, e.item, coalesce(e.advert, 0), e.ground, e.purpose, e.person, e.name, e.at,
	       a.person, a.name, a.at, w.person, w.name, w.at, d.person, d.name, d.at, p.person, p.name, p.at, s.person, s.name, s.at,
	       coalesce(d.count, '{}')
	FROM erasure e
	LEFT JOIN erasure_step a ON a.erasure = e.id AND a.kind = 'approve'
	LEFT JOIN erasure_step w ON w.erasure = e.id AND w.kind = 'withdraw'
	LEFT JOIN erasure_step d ON d.erasure = e.id AND d.kind = 'destroy'
	LEFT JOIN erasure_step p ON p.erasure = e.id AND p.kind = 'punch'
	LEFT JOIN erasure_step s ON s.erasure = e.id AND s.kind = 'scrub'`

func scanErasure(r pgx.CollectableRow) (e zoeklicht.Erasure, err error) {
	var capture *zoeklicht.CaptureID
	into := []any{&e.ID, &e.Seq, &e.Scope, &capture, &e.Item, &e.Advert, &e.Ground, &e.Purpose, &e.Asked.Person, &e.Asked.Name, &e.Asked.At}
	type row struct {
		person *zoeklicht.PersonID
		name   *string
		at     *time.Time
	}
	steps := []*zoeklicht.EraseStep{&e.Approved, &e.Withdrawn, &e.Destroyed, &e.Punched, &e.Scrubbed}
	rows := make([]row, len(steps))
	for i := range rows {
		into = append(into, &rows[i].person, &rows[i].name, &rows[i].at)
	}
	if err := r.Scan(append(into, &e.Count)...); err != nil {
		return e, err
	}
	if capture != nil {
		e.Capture = *capture
	}
	for i, s := range steps {
		if rows[i].at != nil {
			*s = zoeklicht.EraseStep{Person: *rows[i].person, Name: *rows[i].name, At: *rows[i].at}
		}
	}
	return e, nil
}

func erasure(ctx context.Context, q querier, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	rows, err := q.Query(ctx, erasureSelect+` WHERE e.id = $1`, id)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanErasure)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no erasure %d in this theme", id).With("nothing was changed", "`zoeklicht retain list` shows them")
	}
	return &e, err
}

// Erasures gives the erasures of the theme, newest first, 1000 at most. They hold no
// content. Whoever may erase or read the audit trail sees them.
func (s *Store) Erasures(ctx context.Context) ([]zoeklicht.Erasure, error) {
	act := zoeklicht.ActErase
	if s.pass.Phase() == zoeklicht.Auditing {
		act = zoeklicht.ActAudit
	}
	var out []zoeklicht.Erasure
	row := &zoeklicht.Audit{Act: "erasures"}
	err := s.serve(ctx, act, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, erasureSelect+` ORDER BY e.id DESC LIMIT 1000`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, scanErasure)
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// AskErase asks for a destruction, which somebody else has to approve. Scope, Capture,
// Item, Advert and Ground are looked at; who asks, and what for, is in the pass. It gives
// the erasure, and what has left already with what it is about.
//
// Conflict where a case holds it (the case is named), where it is sealed, and where it
// was destroyed.
func (s *Store) AskErase(ctx context.Context, e zoeklicht.Erasure) (*zoeklicht.Erasure, []zoeklicht.Left, error) {
	e.Ground = strings.TrimSpace(e.Ground)
	if err := s.eraseOrder(&e); err != nil {
		return nil, nil, err
	}
	var left []zoeklicht.Left
	row := &zoeklicht.Audit{Act: "erase-ask", Count: 1}
	err := s.act(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx, m Moment) error {
		e.Seq, e.Purpose = m.Seq, s.pass.Purpose()
		e.Asked = zoeklicht.EraseStep{Person: s.pass.Person(), Name: s.pass.Name(), At: m.At}
		captures, err := erasable(ctx, tx, &e)
		if err != nil {
			return err
		}
		if left, err = leftWith(ctx, tx, captures); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO erasure (seq, scope, capture, item, advert, ground, purpose, person, name, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
			m.Seq, e.Scope, orNone(e.Capture), e.Item, orNoAdvert(e.Advert), e.Ground, e.Purpose, e.Asked.Person, e.Asked.Name, m.At).Scan(&e.ID)
		row.Object = objectErasure(e.ID)
		row.Detail = detail(map[string]any{"scope": e.Scope, "capture": e.Capture.String(), "item": e.Item, "advert": e.Advert, "captures": len(captures)})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return &e, left, nil
}

// eraseOrder refuses what is no order to destroy something.
func (s *Store) eraseOrder(e *zoeklicht.Erasure) error {
	invalid := func(what string) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%s", what).With("nothing was destroyed", "")
	}
	none := zoeklicht.CaptureID{}
	switch {
	case e.Ground == "":
		return invalid("an erasure needs its ground: the article, order or request")
	case s.pass.Purpose() == "":
		return invalid("to erase needs a purpose: the task or case number")
	case e.Scope == zoeklicht.EraseItem && e.Capture != none && e.Item != "" && e.Advert == 0:
	case e.Scope == zoeklicht.EraseCapture && e.Capture != none && e.Item == "" && e.Advert == 0:
	case e.Scope == zoeklicht.EraseAdvert && e.Capture == none && e.Item == "" && e.Advert > 0:
	default:
		return invalid("an erasure is of an item of a capture, of a capture, or of an advert")
	}
	return bounded("the ground", e.Ground, maxReason)
}

func orNone(id zoeklicht.CaptureID) *zoeklicht.CaptureID {
	if id == (zoeklicht.CaptureID{}) {
		return nil
	}
	return &id
}

func orNoAdvert(id zoeklicht.AdvertID) *zoeklicht.AdvertID {
	if id == 0 {
		return nil
	}
	return &id
}

// ApproveErase approves what another person asked for. Nothing is destroyed by that: the
// platform's own process does it.
func (s *Store) ApproveErase(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	return s.eraseDecision(ctx, id, "approve", func(e *zoeklicht.Erasure) error {
		switch {
		case e.Asked.Person == s.pass.Person():
			return zoeklicht.Errorf(zoeklicht.Conflict, "erasure %d was asked for by %s: another person approves", id, e.Asked.Name).With("nothing was destroyed", "")
		case e.State() != zoeklicht.EraseAsked:
			return zoeklicht.Errorf(zoeklicht.Conflict, "erasure %d is %s already", id, e.State()).With("nothing was changed", "")
		}
		return nil
	})
}

// WithdrawErase takes an erasure back, whoever asked for it, as long as nothing was
// destroyed.
func (s *Store) WithdrawErase(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error) {
	return s.eraseDecision(ctx, id, "withdraw", func(e *zoeklicht.Erasure) error {
		if e.Destroyed.Taken() || e.Withdrawn.Taken() {
			return zoeklicht.Errorf(zoeklicht.Conflict, "erasure %d is %s already", id, e.State()).With("nothing was changed", "")
		}
		return nil
	})
}

func (s *Store) eraseDecision(ctx context.Context, id zoeklicht.ErasureID, kind string, check func(*zoeklicht.Erasure) error) (*zoeklicht.Erasure, error) {
	var e *zoeklicht.Erasure
	row := &zoeklicht.Audit{Act: "erase-" + kind, Object: objectErasure(id), Count: 1}
	err := s.act(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx, m Moment) (err error) {
		if e, err = erasure(ctx, tx, id); err != nil {
			return err
		}
		if err := check(e); err != nil {
			return err
		}
		if kind == "approve" {
			if _, err := erasable(ctx, tx, e); err != nil {
				return err
			}
		}
		if err := s.eraseStep(ctx, tx, m, id, kind); err != nil {
			return err
		}
		e, err = erasure(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (s *Store) eraseStep(ctx context.Context, tx pgx.Tx, m Moment, id zoeklicht.ErasureID, kind string) error {
	_, err := tx.Exec(ctx, `INSERT INTO erasure_step (erasure, kind, seq, person, name, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, kind, m.Seq, s.pass.Person(), s.pass.Name(), m.At)
	return err
}

// erasable gives the captures that an erasure is about, ordered, and refuses where nothing
// of them may be or is left to be destroyed.
func erasable(ctx context.Context, q querier, e *zoeklicht.Erasure) ([]zoeklicht.CaptureID, error) {
	rows, err := q.Query(ctx, `
		SELECT c.id FROM capture c WHERE c.id IN (
			SELECT $1::uuid
			UNION SELECT capture FROM sighting WHERE advert = $2
			UNION SELECT capture FROM version WHERE advert = $2
			UNION SELECT c.id FROM advert_page p JOIN capture c ON c.source = p.source AND c.page = p.page WHERE p.advert = $2)
		ORDER BY c.id`, orNone(e.Capture), e.Advert)
	if err != nil {
		return nil, err
	}
	captures, err := pgx.CollectRows(rows, pgx.RowTo[zoeklicht.CaptureID])
	if err != nil {
		return nil, err
	}
	refuse := func(code zoeklicht.Code, format string, args ...any) ([]zoeklicht.CaptureID, error) {
		return nil, zoeklicht.Errorf(code, format, args...).With("nothing was destroyed", "")
	}
	if len(captures) == 0 {
		return refuse(zoeklicht.NotFound, "there is nothing like that in this theme to destroy")
	}
	cases, err := heldFor(ctx, q, captures)
	if err != nil {
		return nil, err
	}
	if len(cases) > 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "it is held for case %s", strings.Join(cases, ", case ")).
			With("nothing was destroyed", "the hold ends with `zoeklicht retain lift`, when the case does")
	}
	sealed, err := sealedAmong(ctx, q, captures)
	if err != nil {
		return nil, err
	}
	if len(sealed) > 0 {
		return refuse(zoeklicht.Conflict, "it was sealed, and is not destroyed outside its custody")
	}
	var there bool
	// Of an advert its address and its number at the source are left when all of its captures
	// were destroyed one by one.
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM item WHERE capture = ANY($1) AND ($2 = '' OR name = $2))
		    OR EXISTS (SELECT 1 FROM advert WHERE id = $3 AND canonical <> '')`, captures, e.Item, e.Advert).Scan(&there)
	if err == nil && !there {
		return refuse(zoeklicht.NotFound, "there is no such item any more, or there never was")
	}
	return captures, err
}

// ErasuresOf gives the orders by which something of a capture was destroyed, oldest first.
// They hold no content: whoever may see that there is a capture may see that.
func (s *Store) ErasuresOf(ctx context.Context, id zoeklicht.CaptureID) ([]zoeklicht.ProvenErasure, error) {
	var out []zoeklicht.ProvenErasure
	row := &zoeklicht.Audit{Act: "erasures", Object: "capture " + id.String()}
	err := s.serve(ctx, zoeklicht.ActSearch, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT array_agg(d.item ORDER BY d.item), e.ground, min(s.at), coalesce((
				SELECT o.idx FROM record r JOIN outbox o ON o.ref = r.id::text
				WHERE r.kind = 'erase' AND r.ref = 'erasure ' || e.id), -1)
			FROM erased d JOIN erasure e ON e.id = d.erasure JOIN erasure_step s ON s.erasure = e.id AND s.kind = 'destroy'
			WHERE d.capture = $1 GROUP BY e.id ORDER BY e.id`, id)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.ProvenErasure])
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LeftWith gives what has left already with what an erasure is about: no computer calls
// that back.
func (s *Store) LeftWith(ctx context.Context, id zoeklicht.ErasureID) ([]zoeklicht.Left, error) {
	var out []zoeklicht.Left
	row := &zoeklicht.Audit{Act: "erase-left", Object: objectErasure(id)}
	err := s.serve(ctx, zoeklicht.ActErase, row, func(tx pgx.Tx) error {
		e, err := erasure(ctx, tx, id)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT DISTINCT capture FROM erased WHERE erasure = $1`, id)
		if err != nil {
			return err
		}
		captures, err := pgx.CollectRows(rows, pgx.RowTo[zoeklicht.CaptureID])
		if err == nil && !e.Destroyed.Taken() {
			captures, err = erasable(ctx, tx, e)
		}
		if err != nil {
			return err
		}
		out, err = leftWith(ctx, tx, captures)
		row.Count = len(out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func leftWith(ctx context.Context, q querier, captures []zoeklicht.CaptureID) ([]zoeklicht.Left, error) {
	rows, err := q.Query(ctx, `
		SELECT x.id, x.case_number, x.at, x.name, x.what, count(*) FROM exported x JOIN exported_capture c ON c.exported = x.id
		WHERE c.capture = ANY($1) GROUP BY x.id ORDER BY x.id`, captures)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[zoeklicht.Left])
}

// packErased gives what was destroyed as JSON.
func packErased(n zoeklicht.Erased) []byte {
	b, err := json.Marshal(n)
	if err != nil {
		return []byte("{}")
	}
	return b
}

// heldFor gives the cases that hold any of the captures, in order.
func heldFor(ctx context.Context, q querier, captures []zoeklicht.CaptureID) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT case_number FROM held WHERE capture = ANY($1)`, captures)
	if err != nil {
		return nil, err
	}
	cases, err := pgx.CollectRows(rows, pgx.RowTo[string])
	slices.Sort(cases)
	return cases, err
}

// withErased adds which of the captures' items were destroyed on order.
func withErased(ctx context.Context, q querier, cs []zoeklicht.Capture) error {
	ids := make([]zoeklicht.CaptureID, len(cs))
	at := make(map[zoeklicht.CaptureID]*zoeklicht.Capture, len(cs))
	for i := range cs {
		ids[i], at[cs[i].ID] = cs[i].ID, &cs[i]
	}
	rows, err := q.Query(ctx, `SELECT capture, item FROM erased WHERE capture = ANY($1::uuid[]) ORDER BY capture, item`, ids)
	if err != nil {
		return err
	}
	var id zoeklicht.CaptureID
	var item string
	_, err = pgx.ForEachRow(rows, []any{&id, &item}, func() error {
		at[id].Erased = append(at[id].Erased, item)
		return nil
	})
	return err
}

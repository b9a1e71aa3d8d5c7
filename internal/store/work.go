package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Worklist conditions on a lead l, which carries the newest step in the work on its subject;
// $1 is the person and $2 the time.
const (
	free = `(l.kind IN ('', 'release') OR l.kind = 'finish' AND l.seq > l.known OR l.kind = 'park' AND l.until <= $2)`
	mine = `(l.kind IN ('claim', 'hand-over') AND l.person = $1)`

	inParked   = `(l.kind = 'park' AND l.until > $2 AND l.person = $1)`
	inOthers   = `((l.kind IN ('claim', 'hand-over') OR l.kind = 'park' AND l.until > $2) AND l.person <> $1)`
	inFinished = `(l.kind = 'finish' AND l.seq <= l.known AND $1::bigint IS NOT NULL)` // whoever asks

	// worthALook is what the list has by itself: something is online, and at least one rule
	// that weighs something fired.
	worthALook = `(l.online AND l.score > 0)`

	taken  = `l.kind <> ''` // as the index on steps has it
	inUnit = `($3 = '' OR l.unit = $3)`
	inNew  = `(NOT $5 OR l.seq > $4)`
	// What a colleague handed over with a word about it comes before what the rules found.
	toMe        = `(l.kind = 'hand-over' AND l.person = $1)`
	leadsByRank = ` ORDER BY l.score DESC, l.seen_at DESC, l.subject `
	leadsInList = ` ORDER BY ` + toMe + ` DESC, l.score DESC, l.seen_at DESC, l.subject `
)

// Leads gives a page of the worklist of a unit as of now; pages count from 1 and hold n
// rows. It notes that the person is here: what became known since they were here before
// is new. What nobody has in hand is on the list only while it is online and its score is
// more than 0.
func (s *Store) Leads(ctx context.Context, q zoeklicht.LeadQuery, page, n int) (*zoeklicht.LeadList, error) {
	out := &zoeklicht.LeadList{Query: q}
	row := &zoeklicht.Audit{Act: "worklist", Object: q.Unit}
	err := s.serve(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx) error {
		m, err := asOf(ctx, tx, time.Time{})
		if err != nil {
			return err
		}
		after, since, err := s.visit(ctx, tx, m)
		if err != nil {
			return err
		}
		g := &listing{tx: tx, q: q, person: s.pass.Person(), after: after}
		if err := tx.QueryRow(ctx, `SELECT theme_now($1)`, s.clock()).Scan(&g.now); err != nil {
			return err
		}
		out.AsOf, out.Since = g.now, since
		if err := g.count(ctx, out); err != nil {
			return err
		}
		if out.Leads, err = g.page(ctx, max(0, page-1)*n, n); err != nil {
			return err
		}
		row.Count, row.Detail = len(out.Leads), detail(map[string]any{"show": q.Show, "new": q.New, "page": page, "seq": m.Seq})
		return g.fill(ctx, m.Seq, out.Leads)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// NextLead gives the row of the person's own worklist that comes after the one of a
// version, at most so many rows on from place at (from 0), and its place; where that one
// has left the list, the row that took its place. Nil at the end of the list. It tells
// which version stands there and no more.
func (s *Store) NextLead(ctx context.Context, after zoeklicht.VersionID, at, within int) (l *zoeklicht.Lead, place int, err error) {
	row := &zoeklicht.Audit{Act: "worklist-next", Object: objectVersion(after)}
	err = s.serve(ctx, zoeklicht.ActJudge, row, func(tx pgx.Tx) error {
		g := &listing{tx: tx, person: s.pass.Person()}
		if err := tx.QueryRow(ctx, `SELECT theme_now($1), `+ownUnit("$2"), s.clock(), g.person).Scan(&g.now, &g.q.Unit); err != nil {
			return err
		}
		leads, err := g.page(ctx, at, within)
		if err != nil {
			return err
		}
		i := 1 + slices.IndexFunc(leads, func(l zoeklicht.Lead) bool { return l.Version == after })
		if i < len(leads) {
			l, place, row.Count = &zoeklicht.Lead{Version: leads[i].Version, Advert: leads[i].Advert}, at+i, 1
		}
		return nil
	})
	return l, place, err
}

// ownUnit is the unit whose list a person reads.
func ownUnit(person string) string {
	return `coalesce((SELECT unit FROM preference WHERE person = ` + person + `), '')`
}

// listing makes a page of the worklist.
type listing struct {
	tx     pgx.Tx
	q      zoeklicht.LeadQuery
	person zoeklicht.PersonID
	now    time.Time
	after  zoeklicht.Seq
}

// shows gives the condition of a list that is bound to steps taken, "" for the usual one.
func (g *listing) shows() (string, error) {
	switch g.q.Show {
	case "":
		return "", nil
	case "mine":
		return mine, nil
	case "handed":
		return toMe, nil
	case "parked":
		return inParked, nil
	case "others":
		return inOthers, nil
	case "finished":
		return inFinished, nil
	}
	return "", zoeklicht.Errorf(zoeklicht.Invalid, "there is no list %q", g.q.Show).With("nothing was shown", "")
}

// count fills the list's counts: what is worth a look is counted in its index, and what
// somebody has by the few steps that there are.
func (g *listing) count(ctx context.Context, out *zoeklicht.LeadList) error {
	shows, err := g.shows()
	if err != nil {
		return err
	}
	if shows == "" {
		shows = "false"
	}
	err = g.tx.QueryRow(ctx, `
		SELECT f.n + s.mine, f.new + s.mine_new, s.mine, s.shown, h.n FROM
		(SELECT count(*) AS n, count(*) FILTER (WHERE l.seq > $4) AS new FROM lead l WHERE `+worthALook+` AND `+inUnit+` AND `+free+`) f,
		(SELECT count(*) FILTER (WHERE `+mine+`) AS mine, count(*) FILTER (WHERE `+mine+` AND l.seq > $4) AS mine_new,
			count(*) FILTER (WHERE `+shows+` AND `+inNew+`) AS shown
		 FROM lead l WHERE `+taken+` AND (`+mine+` OR `+shows+`) AND `+inUnit+`) s,
		(SELECT count(*) AS n FROM lead l WHERE `+taken+` AND `+toMe+`) h`,
		pgx.QueryExecModeCacheDescribe, g.person, g.now, g.q.Unit, g.after, g.q.New).Scan(&out.All, &out.New, &out.Mine, &out.Shown, &out.Handed)
	if g.q.Show == "" {
		if out.Shown = out.All; g.q.New {
			out.Shown = out.New
		}
	}
	return err
}

// page reads n rows from one on, with who has them. The rows are chosen in the indexes
// alone; what they say is read of those few.
func (g *listing) page(ctx context.Context, from, n int) ([]zoeklicht.Lead, error) {
	shows, err := g.shows()
	if err != nil {
		return nil, err
	}
	const rank = `l.subject, l.score, l.seen_at, l.kind, l.person`
	chosen := `
		(SELECT ` + rank + ` FROM lead l WHERE ` + worthALook + ` AND ` + inUnit + ` AND ` + inNew + ` AND ` + free + leadsByRank + ` LIMIT $6::bigint + $7::bigint)
		UNION ALL
		(SELECT ` + rank + ` FROM lead l WHERE ` + taken + ` AND ` + inUnit + ` AND ` + inNew + ` AND ` + mine + `)`
	if shows != "" {
		chosen = `SELECT ` + rank + ` FROM lead l WHERE ` + taken + ` AND ` + inUnit + ` AND ` + inNew + ` AND ` + shows
	}
	sql := `
		SELECT l.subject, l.version, l.advert, l.unit, l.score, l.seen_at, l.seq,
		       coalesce(c.kind, ''), coalesce(c.person, 0), coalesce(c.name, ''), coalesce(c.by_name, ''), coalesce(c.by, 0), c.at, c.until, coalesce(c.note, ''), ` + free + `
		FROM (SELECT l.subject FROM (` + chosen + `) l ` + leadsInList + `OFFSET $6 LIMIT $7) k JOIN lead l ON l.subject = k.subject
		LEFT JOIN LATERAL (SELECT * FROM claim c WHERE c.subject = l.subject ORDER BY id DESC LIMIT 1) c ON true` + leadsInList
	// Planned for these values: a unit is a part of the whole or all of it.
	rows, err := g.tx.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, g.person, g.now, g.q.Unit, g.after, g.q.New, from, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (l zoeklicht.Lead, err error) {
		var seq zoeklicht.Seq
		var c zoeklicht.Claim
		var at, until *time.Time
		var free bool
		var seen time.Time
		err = r.Scan(&l.Subject, &l.Version, &l.Advert, &l.Unit, &l.Score, &seen, &seq, &c.Kind, &c.Person, &c.Name, &c.By, &c.Giver, &at, &until, &c.Note, &free)
		l.New = seq > g.after
		if c.Kind != "" && !free {
			c.Subject = l.Subject.Hidden()
			c.At, c.Until = orZero(at), orZero(until)
			l.Claim = &c
		}
		return l, err
	})
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// fill adds to leads what their versions say, what is known of their subjects, and who
// looked. Numbers are masked from here on.
func (g *listing) fill(ctx context.Context, seq zoeklicht.Seq, leads []zoeklicht.Lead) error {
	ids, subjects, numbers := make([]zoeklicht.VersionID, len(leads)), make([]string, len(leads)), []string{}
	at := make(map[zoeklicht.Subject]*zoeklicht.Lead, len(leads))
	for i := range leads {
		l := &leads[i]
		ids[i], subjects[i], at[l.Subject] = l.Version, string(l.Subject), l
		if p := l.Subject.Phone(); p != "" {
			numbers = append(numbers, p)
		}
	}
	if err := g.known(ctx, at, subjects, numbers); err != nil {
		return err
	}
	vs, as, err := assessed(ctx, g.tx, `v.id = ANY($1)`, seq, ids)
	if err != nil {
		return err
	}
	byID := map[zoeklicht.VersionID]*zoeklicht.Version{}
	for i := range vs {
		byID[vs[i].ID] = &vs[i]
	}
	for i := range leads {
		l := &leads[i]
		if v := byID[l.Version]; v != nil {
			l.Title, l.Place = v.Title, v.Municipality
		}
		l.Hits = as[l.Version].Hits
		if p := l.Subject.Phone(); p != "" {
			l.Masked = zoeklicht.Mask(p)
		}
		l.Subject = l.Subject.Hidden()
	}
	return nil
}

// known adds counts, first and last times, and looks.
func (g *listing) known(ctx context.Context, at map[zoeklicht.Subject]*zoeklicht.Lead, subjects, numbers []string) error {
	rows, err := g.tx.Query(ctx, `
		SELECT 'phone:' || p.value, count(DISTINCT v.id), count(DISTINCT v.advert) FILTER (WHERE c.version = v.id AND c.gone_at IS NULL), min(v.seen_at),
		       max(coalesce(l.at, v.seen_at))
		FROM phone_as_of($3) p JOIN version v ON v.id = p.version JOIN current_advert c ON c.advert = v.advert
		LEFT JOIN LATERAL (SELECT at FROM sighting s WHERE s.version = v.id ORDER BY run DESC LIMIT 1) l ON true
		WHERE p.value = ANY($1) AND `+visible+` GROUP BY p.value
		UNION ALL
		SELECT c.subject, count(*), count(DISTINCT c.advert) FILTER (WHERE c.gone_at IS NULL), min(c.first_seen), max(c.last_seen)
		FROM current_advert c JOIN version v ON v.advert = c.advert WHERE c.subject = ANY($2) AND c.subject LIKE 'advert:%' AND `+visible+` GROUP BY c.subject`,
		numbers, subjects, everything)
	if err != nil {
		return err
	}
	var subject zoeklicht.Subject
	var versions, adverts int
	var first, last time.Time
	if _, err := pgx.ForEachRow(rows, []any{&subject, &versions, &adverts, &first, &last}, func() error {
		l := at[subject]
		l.Versions, l.Adverts, l.First, l.Last = versions, adverts, first, last
		return nil
	}); err != nil {
		return err
	}
	return looks(ctx, g.tx, g.person, subjects, func(s zoeklicht.Subject, k zoeklicht.Look) { at[s].Looked = append(at[s].Looked, k) })
}

// looks tells the newest look of each colleague at subjects, newest first.
func looks(ctx context.Context, q querier, person zoeklicht.PersonID, subjects []string, tell func(zoeklicht.Subject, zoeklicht.Look)) error {
	rows, err := q.Query(ctx, `
		SELECT subject, person, name, at FROM look WHERE subject = ANY($1) AND person <> $2 ORDER BY at DESC, person`, subjects, person)
	if err != nil {
		return err
	}
	var subject zoeklicht.Subject
	var k zoeklicht.Look
	_, err = pgx.ForEachRow(rows, []any{&subject, &k.Person, &k.Name, &k.At}, func() error { tell(subject, k); return nil })
	return err
}

// claimOn gives the newest step on a subject while it stands, nil where there is none: a
// parked one returns when its time is up.
func claimOn(ctx context.Context, q querier, subject zoeklicht.Subject, now time.Time) (c *zoeklicht.Claim, by zoeklicht.PersonID, err error) {
	c = &zoeklicht.Claim{}
	var until *time.Time
	err = q.QueryRow(ctx, `SELECT kind, person, name, by, by_name, at, until, note FROM claim WHERE subject = $1 ORDER BY id DESC LIMIT 1`, subject).
		Scan(&c.Kind, &c.Person, &c.Name, &by, &c.By, &c.At, &until, &c.Note)
	c.Subject, c.Until = subject.Hidden(), orZero(until)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (c.Kind == zoeklicht.Released || c.Kind == zoeklicht.Parked && !c.Until.After(now)) {
		return nil, 0, nil
	}
	return c, by, err
}

// Step claims, parks, hands over, releases or finishes the subject of a version. Who
// holds a subject, or parked it, takes the next step; who handed it over may take it
// back, and a newest step of one's own is taken back by Undone. Conflict when somebody
// else holds it, saying who, or took a step since. c.Person and c.Name say to whom
// it is handed over, and are not looked at otherwise; c.Until is needed to park.
func (s *Store) Step(ctx context.Context, id zoeklicht.VersionID, c zoeklicht.Claim) error {
	if err := s.pass.Allow(zoeklicht.ActJudge); err != nil {
		return err
	}
	if err := bounded("the note", c.Note, maxReason); err != nil {
		return err
	}
	row := &zoeklicht.Audit{Act: "work-" + string(c.Kind), Object: objectVersion(id), Count: 1, Role: s.pass.RoleFor(zoeklicht.ActJudge)}
	return s.change(ctx, row, func(tx pgx.Tx) error {
		v, err := shownVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		// Two people who reach for one subject take turns, and with who brings leads up to
		// what became known.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, seqLock); err != nil {
			return err
		}
		var now time.Time
		if err := tx.QueryRow(ctx, `SELECT theme_now($1)`, s.clock()).Scan(&now); err != nil {
			return err
		}
		if c.Kind == zoeklicht.Undone {
			return s.unstep(ctx, tx, v.subject)
		}
		have, by, err := claimOn(ctx, tx, v.subject, now)
		if err != nil {
			return err
		}
		if have != nil && have.Kind != zoeklicht.Finished && have.Person != s.pass.Person() && !(have.Kind == zoeklicht.Handed && by == s.pass.Person()) {
			return zoeklicht.Errorf(zoeklicht.Conflict, "%s works on this", have.Name).With("nothing was changed", "speak to them, or take another")
		}
		return s.step(ctx, tx, v.subject, c, now)
	})
}

func (s *Store) step(ctx context.Context, tx pgx.Tx, subject zoeklicht.Subject, c zoeklicht.Claim, now time.Time) error {
	invalid := func(why string) error {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%s", why).With("nothing was changed", "")
	}
	switch c.Kind {
	case zoeklicht.Handed:
		if c.Person <= 0 || c.Name == "" {
			return invalid("it is not said to whom this is handed over")
		}
	case zoeklicht.Claimed, zoeklicht.Parked, zoeklicht.Released, zoeklicht.Finished:
		if c.Kind == zoeklicht.Parked && !c.Until.After(now) {
			return invalid("what is parked returns at a time to come")
		}
		c.Person, c.Name = s.pass.Person(), s.pass.Name()
	default:
		return invalid("there is no step " + string(c.Kind))
	}
	var until *time.Time
	if c.Kind == zoeklicht.Parked {
		until = &c.Until
	}
	_, err := tx.Exec(ctx, `
		WITH step AS (
			INSERT INTO claim (subject, kind, person, name, by, by_name, at, until, note, known)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce(max(seq), 0) FROM moment RETURNING *)
		UPDATE lead l SET kind = s.kind, person = s.person, until = s.until, known = s.known FROM step s WHERE l.subject = s.subject`,
		subject, c.Kind, c.Person, c.Name, s.pass.Person(), s.pass.Name(), now, until, c.Note)
	return err
}

// unstep takes the newest step on a subject back, which must be one's own: the one before
// it is added again as it was, or that the subject is free. Steps are never taken away.
func (s *Store) unstep(ctx context.Context, tx pgx.Tx, subject zoeklicht.Subject) error {
	tag, err := tx.Exec(ctx, `
		WITH steps AS (
			SELECT *, row_number() OVER (ORDER BY id DESC) AS back FROM (SELECT * FROM claim WHERE subject = $1 ORDER BY id DESC LIMIT 2) c
		), before AS (
			SELECT kind, person, name, by, by_name, at, until, note, known FROM steps WHERE back = 2
			UNION ALL
			SELECT 'release', person, name, by, by_name, at, NULL, '', known FROM steps WHERE back = 1 AND NOT EXISTS (SELECT 1 FROM steps WHERE back = 2)
		), step AS (
			INSERT INTO claim (subject, kind, person, name, by, by_name, at, until, note, known)
			SELECT $1, b.* FROM before b WHERE EXISTS (SELECT 1 FROM steps WHERE back = 1 AND by = $2) RETURNING *
		), told AS (
			UPDATE lead l SET kind = s.kind, person = s.person, until = s.until, known = s.known FROM step s WHERE l.subject = s.subject
		)
		SELECT 1 FROM step`, subject, s.pass.Person())
	if err == nil && tag.RowsAffected() == 0 {
		err = zoeklicht.Errorf(zoeklicht.Conflict, "the newest step here is not yours").With("nothing was changed", "")
	}
	return err
}

// Unit gives the unit whose list the person reads, "" for all.
func (s *Store) Unit(ctx context.Context) (unit string, err error) {
	if err := s.pass.Allow(zoeklicht.ActJudge); err != nil {
		return "", err
	}
	err = s.pool.QueryRow(ctx, `SELECT `+ownUnit("$1"), s.pass.Person()).Scan(&unit)
	return unit, problem(err)
}

// SetUnit keeps the unit whose list the person reads.
func (s *Store) SetUnit(ctx context.Context, unit string) error {
	if err := s.pass.Allow(zoeklicht.ActJudge); err != nil {
		return err
	}
	if err := bounded("the unit", unit, maxName); err != nil {
		return err
	}
	return s.change(ctx, &zoeklicht.Audit{Act: "unit", Object: unit, Count: 1}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO preference (person, unit) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET unit = excluded.unit`, s.pass.Person(), unit)
		return err
	})
}

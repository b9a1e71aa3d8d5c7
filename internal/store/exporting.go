package store

import (
	"context"
	"time"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// Leaving is a version on its way out, with what is known beside it.
type Leaving struct {
	Version zoeklicht.Version
	Advert  zoeklicht.Advert // without versions
	// Assessment is that in force as of the moment, pointing at the text as it is given
	// here; nil before it was assessed.
	Assessment *zoeklicht.Assessment
	Sightings  int
	Names      []zoeklicht.VersionName // the one that stands
	Feedback   []zoeklicht.Feedback    // that stand, oldest first
	Pictures   map[int]LeavingPicture  // by their number in the version; those that were decoded
}

// LeavingPicture is a decoded picture and the media type of its re-encoded form.
type LeavingPicture struct {
	zoeklicht.Picture
	MIME string
}

// Leave gives versions for an export as of a moment (zero: now), in the order asked for:
// in the clear, or masked for a file that suspects read, and as the page has them, whatever
// was corrected since. Destroyed and sealed ones come
// without content. NotFound when one of them was not known then.
func (s *Store) Leave(ctx context.Context, ids []zoeklicht.VersionID, asOfTime time.Time, masked bool) ([]Leaving, Moment, error) {
	var out []Leaving
	var m Moment
	row := &zoeklicht.Audit{Act: "export-versions", Count: len(ids)}
	if len(ids) == 1 {
		row.Object = objectVersion(ids[0])
	}
	err := s.serve(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx) (err error) {
		if m, err = asOf(ctx, tx, asOfTime); err != nil {
			return err
		}
		row.Detail = detail(map[string]any{"seq": m.Seq, "masked": masked, "versions": ids})
		out, err = leave(ctx, tx, ids, m.Seq, masked)
		return err
	})
	if err != nil {
		return nil, Moment{}, err
	}
	return out, m, nil
}

func leave(ctx context.Context, tx pgx.Tx, ids []zoeklicht.VersionID, seq zoeklicht.Seq, masked bool) ([]Leaving, error) {
	vs, err := unmasked(ctx, tx, `v.id = ANY($1)`, seq, ids)
	if err != nil {
		return nil, err
	}
	as, err := assessments(ctx, tx, ids, seq)
	if err != nil {
		return nil, err
	}
	at := map[zoeklicht.VersionID]*Leaving{}
	adverts := make([]zoeklicht.AdvertID, 0, len(vs))
	for _, v := range vs {
		l := &Leaving{Version: v, Pictures: map[int]LeavingPicture{}}
		a, assessed := as[v.ID]
		if masked {
			hidden := mask(&l.Version)
			a = hidden.assessed(a)
		}
		if assessed && !v.Destroyed && !v.Sealed {
			l.Assessment = &a
		}
		at[v.ID], adverts = l, append(adverts, v.Advert)
	}
	of, err := advertsAsOf(ctx, tx, adverts, seq)
	if err != nil {
		return nil, err
	}
	if err := remarked(ctx, tx, ids, seq, at); err != nil {
		return nil, err
	}
	out := make([]Leaving, len(ids))
	for i, id := range ids {
		l := at[id]
		if l == nil {
			return nil, zoeklicht.Errorf(zoeklicht.NotFound, "version %d is not in this theme as of this moment", id).With("nothing left", "")
		}
		l.Advert = of[l.Version.Advert]
		out[i] = *l
	}
	return out, nil
}

// remarked adds what was seen and said of versions, and their decoded pictures.
func remarked(ctx context.Context, tx pgx.Tx, ids []zoeklicht.VersionID, seq zoeklicht.Seq, at map[zoeklicht.VersionID]*Leaving) error {
	var id zoeklicht.VersionID
	var n int
	var name zoeklicht.VersionName
	var f zoeklicht.Feedback
	var p LeavingPicture
	var sum []byte
	for _, q := range []struct {
		sql  string
		into []any
		add  func(*Leaving)
	}{
		{
			`SELECT version, count(*) FROM sighting WHERE version = ANY($1) AND seq <= $2 GROUP BY version`,
			[]any{&id, &n},
			func(l *Leaving) { l.Sightings = n },
		},
		{
			`SELECT DISTINCT ON (version) version, name, by_name, at FROM version_name WHERE version = ANY($1) AND seq <= $2 ORDER BY version, id DESC`,
			[]any{&id, &name.Name, &name.Person, &name.At},
			func(l *Leaving) {
				if name.Version = id; name.Name != "" {
					l.Names = append(l.Names, name)
				}
			},
		},
		{
			`SELECT f.version, f.id, f.advert, f.answer, f.reason, f.person, f.name, f.at FROM feedback_as_of($2) f WHERE f.version = ANY($1) ORDER BY f.id`,
			[]any{&id, &f.ID, &f.Advert, &f.Answer, &f.Reason, &f.Person, &f.Name, &f.At},
			func(l *Leaving) {
				f.Version = id
				l.Feedback = append(l.Feedback, f)
			},
		},
		{
			`SELECT v.version, v.n, p.id, p.sha256, p.format, p.width, p.height, p.problem, p.mime, p.segment, p.off, p.len, p.wrapped
			FROM version_picture v JOIN picture p ON p.id = v.picture
			WHERE v.version = ANY($1) AND p.seq <= $2 AND NOT EXISTS (SELECT 1 FROM seal_picture s WHERE s.picture = v.picture)`,
			[]any{&id, &n, &p.ID, &sum, &p.Format, &p.Width, &p.Height, &p.Problem, &p.MIME, &p.Shown.Segment, &p.Shown.Offset, &p.Shown.Length, &p.Shown.Key},
			func(l *Leaving) {
				copy(p.SHA256[:], sum)
				l.Pictures[n] = p
			},
		},
	} {
		rows, err := tx.Query(ctx, q.sql, ids, seq)
		if err != nil {
			return err
		}
		if _, err := pgx.ForEachRow(rows, q.into, func() error {
			if l := at[id]; l != nil && !l.Version.Destroyed && !l.Version.Sealed {
				q.add(l)
			}
			p.Shown.Key, sum = nil, nil // the next row has its own
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"context"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// NewPicture is a decoded picture to be added, under an id from AllocatePictures.
type NewPicture struct {
	zoeklicht.Picture
	MIME string // of the re-encoded form
}

// KnownPictures gives the pictures that the theme has already, by the SHA-256 of
// their captured bytes.
func (s *Store) KnownPictures(ctx context.Context, sums [][32]byte) (map[[32]byte]zoeklicht.PictureID, error) {
	keys := make([][]byte, len(sums))
	for i := range sums {
		keys[i] = sums[i][:]
	}
	rows, err := s.pool.Query(ctx, `SELECT id, sha256 FROM picture WHERE sha256 = ANY($1)`, keys)
	if err != nil {
		return nil, problem(err)
	}
	out := make(map[[32]byte]zoeklicht.PictureID, len(sums))
	var id zoeklicht.PictureID
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &sum}, func() error { out[[32]byte(sum)] = id; return nil })
	return out, problem(err)
}

// AllocatePictures gives n unused picture ids.
func (s *Store) AllocatePictures(ctx context.Context, n int) ([]zoeklicht.PictureID, error) {
	ids, err := s.allocate(ctx, "picture_id_seq", n)
	out := make([]zoeklicht.PictureID, len(ids))
	for i, id := range ids {
		out[i] = zoeklicht.PictureID(id)
	}
	return out, err
}

func insertPictures(ctx context.Context, tx pgx.Tx, m Moment, pictures []NewPicture) error {
	if len(pictures) == 0 {
		return nil
	}
	rows := make([][]any, 0, len(pictures))
	for _, p := range pictures {
		wrapped := p.Shown.Key
		if wrapped == nil {
			wrapped = []byte{}
		}
		rows = append(rows, []any{
			int64(p.ID), int64(m.Seq), p.SHA256[:], p.Format, p.Width, p.Height, p.Problem, p.MIME,
			p.Shown.Segment, p.Shown.Offset, p.Shown.Length, wrapped,
		})
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"picture"}, []string{
		"id", "seq", "sha256", "format", "width", "height", "problem", "mime",
		"segment", "off", "len", "wrapped",
	}, pgx.CopyFromRows(rows))
	return err
}

// ShownPicture gives where the re-encoded form of a version's n-th picture lies,
// for someone who asked to see it. The look is audited. One that was sealed, with this
// version or another, is not found.
func (s *Store) ShownPicture(ctx context.Context, version zoeklicht.VersionID, n int) (zoeklicht.Picture, string, error) {
	var p zoeklicht.Picture
	var mime string
	row := &zoeklicht.Audit{Act: "reveal-picture", Object: objectVersion(version), Count: 1, Detail: detail(map[string]any{"n": n})}
	err := s.serve(ctx, zoeklicht.ActReveal, row, func(tx pgx.Tx) error {
		var sum []byte
		err := tx.QueryRow(ctx, `
			SELECT p.id, p.sha256, p.format, p.width, p.height, p.problem, p.mime, p.segment, p.off, p.len, p.wrapped
			FROM version_picture v JOIN picture p ON p.id = v.picture
			WHERE v.version = $1 AND v.n = $2 AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.version)
			  AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.version)
			  AND NOT EXISTS (SELECT 1 FROM seal_picture s WHERE s.picture = v.picture)`, version, n).
			Scan(&p.ID, &sum, &p.Format, &p.Width, &p.Height, &p.Problem, &mime, &p.Shown.Segment, &p.Shown.Offset, &p.Shown.Length, &p.Shown.Key)
		copy(p.SHA256[:], sum)
		return err
	})
	if err != nil {
		return zoeklicht.Picture{}, "", err
	}
	return p, mime, nil
}

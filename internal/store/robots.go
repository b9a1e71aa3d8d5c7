package store

import (
	"bytes"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// errKept says that there is nothing to write.
var errKept = errors.New("kept already")

// KeepRobots stores a host's robots.txt when it differs from the last one kept. Sources
// that share a host may give the same one at the same moment: it is kept once.
func (s *Store) KeepRobots(ctx context.Context, host, state string, sha256 [32]byte, body []byte) error {
	kept := func(q querier) error {
		var last []byte
		var lastState string
		err := q.QueryRow(ctx, `SELECT sha256, state FROM robots WHERE host = $1 ORDER BY id DESC LIMIT 1`, host).Scan(&last, &lastState)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err == nil && bytes.Equal(last, sha256[:]) && lastState == state:
			return errKept
		}
		return err
	}
	if body == nil {
		body = []byte{}
	}
	err := kept(s.pool)
	if err == nil {
		_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
			if err := kept(tx); err != nil { // another may have been faster
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO robots (seq, host, sha256, state, body, at) VALUES ($1, $2, $3, $4, $5, $6)`,
				m.Seq, host, sha256[:], state, body, m.At)
			return err
		})
	}
	if errors.Is(err, errKept) {
		return nil
	}
	return problem(err)
}

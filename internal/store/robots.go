package store

import (
	"bytes"
	"context"
	"errors"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// KeepRobots stores a host's robots.txt when it differs from the last one kept.
func (s *Store) KeepRobots(ctx context.Context, host, state string, sha256 [32]byte, body []byte) error {
	var last []byte
	var lastState string
	err := s.pool.QueryRow(ctx, `SELECT sha256, state FROM robots WHERE host = $1 ORDER BY id DESC LIMIT 1`, host).Scan(&last, &lastState)
	if err == nil && bytes.Equal(last, sha256[:]) && lastState == state {
		return nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return problem(err)
	}
	if body == nil {
		body = []byte{}
	}
	_, err = s.write(ctx, func(tx pgx.Tx, m Moment) error {
		_, err := tx.Exec(ctx, `INSERT INTO robots (seq, host, sha256, state, body, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			m.Seq, host, sha256[:], state, body, m.At)
		return err
	})
	return err
}

// RobotsVersions gives how many versions of a host's robots.txt were kept, and the
// seq of the newest.
func (s *Store) RobotsVersions(ctx context.Context, host string) (n int, newest zoeklicht.Seq, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*), coalesce(max(seq), 0) FROM robots WHERE host = $1`, host).Scan(&n, &newest)
	return n, newest, problem(err)
}

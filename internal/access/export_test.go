package access

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"zoeklicht"
)

// InsertPerson adds a person without a credential, for tests that need many
// people and no passwords.
func (d *Door) InsertPerson(ctx context.Context, n NewPerson, practice bool) (p *zoeklicht.Person, err error) {
	err = pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		p, err = insertPerson(ctx, tx, n, practice, d.now())
		return err
	})
	return p, err
}

// Pool gives the door's own connections, to try what the database refuses.
func (d *Door) Pool() *pgxpool.Pool { return d.pool }

// What the tests of sessions look at.
var TokenHash = tokenHash

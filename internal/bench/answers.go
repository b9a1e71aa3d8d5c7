package main

import (
	"context"

	"zoeklicht"
	"zoeklicht/internal/access"

	"github.com/jackc/pgx/v5"
)

// answered is how many answers each of the clients' people gave, on versions that others
// answered as well.
const answered = 30_000

// answers has the people who ask answer about versions, where nobody did yet. What they
// say is known with the versions, so that there are answers as of the past.
func (b *searchBench) answers(ctx context.Context) error {
	people := map[zoeklicht.PersonID]bool{}
	for _, desk := range b.desks {
		people[desk.Pass().Person()] = true
	}
	ids := make([]int64, 0, len(people))
	for id := range people {
		ids = append(ids, int64(id))
	}
	return b.in.owner(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
			INSERT INTO feedback (seq, version, advert, answer, reason, person, name, at)
			SELECT v.seq, v.id, v.advert, ($3::text[])[1 + (hashint8(v.id + p)::bigint & 1023) % 3], '', p, 'somebody', v.seen_at
			FROM unnest($1::bigint[]) p CROSS JOIN LATERAL (
				SELECT * FROM version v WHERE v.id % greatest(1, (SELECT max(id) FROM version) / $2) = p % 2 LIMIT $2) v
			WHERE NOT EXISTS (SELECT 1 FROM feedback)
			ORDER BY v.seq, v.id`, ids, answered, zoeklicht.Answers)
		if err == nil {
			_, err = conn.Exec(ctx, `ANALYZE feedback`)
		}
		return err
	})
}

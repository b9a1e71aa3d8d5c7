package store

import (
	"context"
	"time"
)

// PriceDays is how far back the usual price looks, and PriceLeast how many versions must
// tell one.
const (
	PriceDays  = 30
	PriceLeast = 20
)

// UsualPrices gives the median price an hour, in euros, of the versions first seen in the
// PriceDays before a day, by municipality, and of all of them under "". What fewer than
// PriceLeast versions tell is left out. A version counts with the lowest of its prices.
func (s *Store) UsualPrices(ctx context.Context, day time.Time) (map[string]float64, error) {
	if err := s.assessing(); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `
		WITH told AS (
			SELECT v.municipality, min(m[1]::numeric * 60 / m[2]::numeric)::float8 AS price
			FROM version v JOIN entity e ON e.version = v.id AND e.type = 'price' AND e.valid,
			     regexp_match(e.value, '^EUR ([0-9]+(?:\.[0-9]+)?)/([1-9][0-9]*)min$') m
			WHERE v.seen_at >= $1 AND v.seen_at < $2 AND m IS NOT NULL
			GROUP BY v.id, v.municipality
		)
		SELECT municipality, percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM told
		WHERE municipality <> '' GROUP BY municipality HAVING count(*) >= $3
		UNION ALL
		SELECT '', percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM told HAVING count(*) >= $3`,
		day.AddDate(0, 0, -PriceDays), day, PriceLeast)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	out := map[string]float64{}
	for rows.Next() {
		var of string
		var price float64
		if err := rows.Scan(&of, &price); err != nil {
			return nil, problem(err)
		}
		out[of] = price
	}
	return out, problem(rows.Err())
}

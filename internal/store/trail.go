package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"regexp"
	"strings"
	"sync"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Numbers in the audit trail. The trail says of each look-up that there was one, and of
// which number only by a name: "number " and 80 bits of HMAC-SHA-256 under a random key of
// the theme's. There are so few telephone numbers that a hash without a key would be undone
// by trying them all. The key lies in the theme's database, in a table that the audit role
// cannot read: who reads the trail, or gets an extract of it, reads no numbers. Whoever has
// the database itself has the adverts as well.
//
// Rows of programs before this one have 50 bits of a plain SHA-256 there: ten letters
// instead of sixteen. They stay as they are.

// trailKeys has the keys of themes' trails, as they are read.
type trailKeys struct {
	mu   sync.Mutex
	keys map[zoeklicht.ThemeName][]byte
}

// of gives a theme's key; the first who needs it makes it.
func (k *trailKeys) of(ctx context.Context, pool *pgxpool.Pool, theme zoeklicht.ThemeName) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.keys[theme]; key != nil {
		return key, nil
	}
	var key []byte
	err := pool.QueryRow(ctx, `SELECT key FROM trail_key`).Scan(&key)
	if errors.Is(err, pgx.ErrNoRows) {
		fresh := make([]byte, 32)
		if _, err := rand.Read(fresh); err != nil {
			return nil, err
		}
		if _, err := pool.Exec(ctx, `INSERT INTO trail_key (key) VALUES ($1) ON CONFLICT DO NOTHING`, fresh); err != nil {
			return nil, err
		}
		err = pool.QueryRow(ctx, `SELECT key FROM trail_key`).Scan(&key)
	}
	if err != nil {
		return nil, err
	}
	if k.keys == nil {
		k.keys = map[zoeklicht.ThemeName][]byte{}
	}
	k.keys[theme] = key
	return key, nil
}

// trail names what leads to a person in rows of the audit trail.
type trail struct{ key []byte }

// trail gives what names numbers in this theme's trail.
func (s *Store) trail(ctx context.Context) (trail, error) {
	key, err := s.keys.of(ctx, s.pool, s.pass.Theme())
	return trail{key}, problem(err)
}

// number names a number, in whatever spelling it is always given here.
func (t trail) number(e164 string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte("number " + e164))
	return "number " + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil))[:16])
}

// figures are what may be a number in words that somebody searched for.
var figures = regexp.MustCompile(`\+?[0-9][0-9 ./()-]{4,}[0-9]`)

// question gives a question as the trail has it: the number it is about by its name, and
// what may be one among its words hidden. The result keeps it as it was asked.
func (t trail) question(a *Asked) zoeklicht.Question {
	q := a.Question
	switch {
	case len(a.Phones) > 0:
		q.Phone = t.number(a.Phones[0])
	case q.Phone != "":
		q.Phone = t.number(q.Phone)
	}
	q.Text = figures.ReplaceAllStringFunc(q.Text, zoeklicht.Mask)
	return q
}

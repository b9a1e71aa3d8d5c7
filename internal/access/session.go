package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// SessionConfig says how browsers stay signed in.
type SessionConfig struct {
	// Idle ends a session that was not used for so long [30 minutes]. Use within a
	// minute of the last one is not noted, so it may be a minute less.
	Idle time.Duration
	// Lifetime ends every session [12 hours].
	Lifetime time.Duration
	// Secure makes a cookie that goes over TLS only, and that a browser does not keep
	// for plain HTTP [false, which is for a loopback address]. The front door refuses
	// to serve any other address without it.
	Secure bool
}

// Sessions keeps browsers signed in. Its LoadAndSave goes around the handlers;
// within them Begin, Current, End, SetPurpose and Purpose work on the request's
// context. ErrorFunc answers when the common database is down, with a bare 503
// unless it is set to something better.
type Sessions struct {
	*scs.SessionManager
	door  *Door
	store *sessionStore
}

// The values that a session holds.
const valuePerson = "person"

// Sessions gives a manager whose sessions are in the common database.
func (d *Door) Sessions(c SessionConfig) *Sessions {
	if c.Idle == 0 {
		c.Idle = 30 * time.Minute
	}
	if c.Lifetime == 0 {
		c.Lifetime = 12 * time.Hour
	}
	store := &sessionStore{door: d, idle: c.Idle, lifetime: c.Lifetime}
	m := scs.New()
	m.Store = store
	m.IdleTimeout = c.Idle
	m.Lifetime = c.Lifetime
	m.Cookie.Name = "zoeklicht"
	if c.Secure {
		m.Cookie.Name = "__Host-zoeklicht" // browsers then insist on TLS, path / and no domain
	}
	m.Cookie.Secure = c.Secure
	m.Cookie.SameSite = http.SameSiteStrictMode
	m.Cookie.Persist = false
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		d.log.ErrorContext(r.Context(), "session", "err", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	}
	return &Sessions{SessionManager: m, door: d, store: store}
}

// Begin signs a person in on the request's browser, under a new token.
func (s *Sessions) Begin(ctx context.Context, p *zoeklicht.Person) error {
	if err := s.Clear(ctx); err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, valuePerson, int64(p.ID))
	return nil
}

// Current gives who is signed in on the request's browser: Denied when nobody
// is, also when that person has been disabled since.
func (s *Sessions) Current(ctx context.Context) (*zoeklicht.Person, error) {
	id := zoeklicht.PersonID(s.GetInt64(ctx, valuePerson))
	if id <= 0 {
		return nil, errNotSignedIn()
	}
	p, err := s.door.Person(ctx, id)
	if zoeklicht.CodeOf(err) == zoeklicht.NotFound || err == nil && p.Disabled {
		return nil, errNotSignedIn()
	}
	return p, err
}

func errNotSignedIn() error {
	return zoeklicht.Errorf(zoeklicht.Denied, "nobody is signed in here").With("nothing was shown", "sign in")
}

// End signs out the request's browser.
func (s *Sessions) End(ctx context.Context) error { return s.Destroy(ctx) }

// SetPurpose states what the person does in a theme from now on, in this
// session: a task or case number, at most 200 bytes. Every purpose ever stated
// is kept.
func (s *Sessions) SetPurpose(ctx context.Context, theme zoeklicht.ThemeName, purpose string) error {
	purpose, err := cleanPurpose(purpose)
	if err != nil {
		return err
	}
	p, err := s.Current(ctx)
	if err != nil {
		return err
	}
	tag, err := s.door.pool.Exec(ctx, `
		INSERT INTO purpose (session, person, theme, purpose, at) SELECT $1, $2, name, $4, $5 FROM theme WHERE name = $3`,
		tokenHash(s.Token(ctx)), p.ID, theme, purpose, s.door.now())
	if err == nil && tag.RowsAffected() == 0 {
		return errNoTheme(theme)
	}
	return told(err)
}

// Purpose gives what was stated last in this session for a theme, or "".
func (s *Sessions) Purpose(ctx context.Context, theme zoeklicht.ThemeName) (purpose string, err error) {
	err = s.door.pool.QueryRow(ctx, "SELECT purpose FROM purpose WHERE session = $1 AND theme = $2 ORDER BY id DESC LIMIT 1",
		tokenHash(s.Token(ctx)), theme).Scan(&purpose)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return purpose, told(err)
}

func cleanPurpose(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "a purpose is one line of at most 200 bytes").
			With("the purpose stated before still holds", "state the task or case number")
	}
	return s, nil
}

// EndSessions signs a person out everywhere, by themselves or an administrator.
func (d *Door) EndSessions(ctx context.Context, by, id zoeklicht.PersonID) error {
	return d.transact(ctx, func(tx pgx.Tx) error {
		if by != id {
			if err := mayAdminister(ctx, tx, by); err != nil {
				return err
			}
		}
		p, err := onePerson(ctx, tx, "WHERE p.id = $1", id)
		if err != nil {
			return err
		}
		now := d.now()
		if err := endSessions(ctx, tx, id, now); err != nil {
			return err
		}
		return record(ctx, tx, Act{At: now, Person: by, Kind: SessionsEnded, Object: p.Login})
	})
}

func endSessions(ctx context.Context, tx pgx.Tx, id zoeklicht.PersonID, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE session SET ended = $2, data = '' WHERE person = $1 AND ended IS NULL", id, now)
	return err
}

// SweepSessions removes the rows of sessions that have expired and gives how
// many there were. It is to be called now and then.
func (d *Door) SweepSessions(ctx context.Context) (int64, error) {
	// An ended session could still be committed by a request under way, and is
	// kept for as long as the longest of sessions could last.
	tag, err := d.pool.Exec(ctx, "DELETE FROM session WHERE expires < $1 AND begun < $2", d.now(), d.now().Add(-24*time.Hour))
	return tag.RowsAffected(), told(err)
}

// sessionStore is the scs.CtxStore in the common database. It goes by the
// Door's clock and its own bounds, not by the expiry that scs computes.
type sessionStore struct {
	door           *Door
	idle, lifetime time.Duration
}

var _ scs.CtxStore = (*sessionStore)(nil)

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx gives the data of a session that is neither ended nor expired.
func (s *sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	now := s.door.now()
	err = s.door.pool.QueryRow(ctx, `
		SELECT data FROM session WHERE token = $1 AND ended IS NULL AND expires > $2 AND begun > $3`,
		tokenHash(token), now, now.Add(-s.lifetime)).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, told(err)
}

// CommitCtx stores a session. One that was ended meanwhile stays ended, and one
// that is as it was is only written when its expiry moves by a minute.
func (s *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return err
	}
	var person *int64
	if id, ok := values[valuePerson].(int64); ok {
		person = &id
	}
	now := s.door.now()
	_, err = s.door.pool.Exec(ctx, `
		INSERT INTO session AS s (token, person, data, begun, expires) VALUES ($1, $2, $3, $4, least($5::timestamptz, $4::timestamptz + $6::interval))
		ON CONFLICT (token) DO UPDATE
		SET person = excluded.person, data = excluded.data, expires = least($5::timestamptz, s.begun + $6::interval)
		WHERE s.ended IS NULL AND (s.data <> excluded.data OR s.person IS DISTINCT FROM excluded.person
			OR s.expires + interval '1 minute' < least($5::timestamptz, s.begun + $6::interval))`,
		tokenHash(token), person, data, now, now.Add(s.idle), s.lifetime)
	return told(err)
}

// DeleteCtx ends a session.
func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.door.pool.Exec(ctx, "UPDATE session SET ended = $2, data = '' WHERE token = $1 AND ended IS NULL", tokenHash(token), s.door.now())
	return told(err)
}

// Find, Commit and Delete are what scs asks of every store; it calls those with
// a context where they are there.

// Find is FindCtx without a context.
func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

package access

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"zoeklicht"
)

// Attempts that fail slow down the next ones. Three counts each begin to delay
// after some failures, double with each further one, and never delay by more
// than maxDelay, so that nobody can be kept out for good:
//
//   - of one login from one network, since its last success there;
//   - of one login from everywhere;
//   - of one network for every login.
//
// The last two leave alone who signed in from that very network in the past
// familiarFor: somebody who hammers at a colleague's login from elsewhere cannot
// keep that colleague out. An attempt that comes too early is refused unread and
// does not count, so at most 60 guesses an hour are read for one login from
// strangers.
const (
	countFor    = time.Hour // failures older than this are forgotten
	maxDelay    = time.Minute
	familiarFor = 90 * 24 * time.Hour

	freePair    = 3
	freeLogin   = 10
	freeNetwork = 20
)

// failures is one of the three counts.
type failures struct {
	n    int
	last time.Time
}

// wait gives how long after now the next attempt is read.
func (f failures) wait(free int, now time.Time) time.Duration {
	if f.n < free {
		return 0
	}
	delay := maxDelay
	if over := f.n - free; over < 6 {
		delay = min(maxDelay, time.Second<<over)
	}
	return max(0, f.last.Add(delay).Sub(now))
}

// SignIn checks a sign-in name and password that came from an address (the zero
// Addr where there is none) and records the attempt. The person's LastSeen is
// that of the sign-in before this one.
//
// It fails with Limit when the attempt came too early and otherwise with one and
// the same Denied, whether the name, the password or the person is no good; it
// takes as long in each case.
func (d *Door) SignIn(ctx context.Context, login, password string, from netip.Addr) (*zoeklicht.Person, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	var p *zoeklicht.Person
	var refused error
	err := d.attempting(ctx, func(tx pgx.Tx) (err error) {
		if p, refused, err = d.attempt(ctx, tx, login, password, from); err != nil || refused != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE person SET last_seen = $2 WHERE id = $1", p.ID, d.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return p, nil
}

// Confirm checks that it is a person who decides something, by the password that they sign
// in with, where nobody is signed in: on the console. It is an attempt as any other, slowed
// and recorded as those are, and fails as SignIn does; it begins no session, and a person who
// has to choose another password first confirms nothing.
func (d *Door) Confirm(ctx context.Context, id zoeklicht.PersonID, password string) error {
	person, err := d.Person(ctx, id)
	if err != nil {
		return err
	}
	if person.MustChange {
		return zoeklicht.Errorf(zoeklicht.Denied, "%s has a password that somebody else chose", person.Login).
			With("nothing was decided", "sign in on the dashboard first, and choose one")
	}
	var refused error
	err = d.attempting(ctx, func(tx pgx.Tx) (err error) {
		_, refused, err = d.attempt(ctx, tx, person.Login, password, netip.Addr{})
		return err
	})
	return errors.Join(err, refused)
}

// attempting runs a transaction in which a password is checked, few at a time:
// each takes 19 MiB, a good part of a core's second, and a connection that
// others need to be let in.
func (d *Door) attempting(ctx context.Context, do func(tx pgx.Tx) error) error {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.transact(ctx, do)
}

// attempt does one attempt in a transaction that commits whether or not it is
// refused, because the row of the attempt must stay. Attempts for one login and
// from one network take place one after another: a hundred at once would
// otherwise all be read before the first of them counts.
func (d *Door) attempt(ctx context.Context, tx pgx.Tx, login, password string, from netip.Addr) (p *zoeklicht.Person, refused, err error) {
	network := networkOf(from)
	b := bucket(login)
	if _, err = tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2), pg_advisory_xact_lock($3, $4)",
		lockLogin, b, lockNetwork, bucket(network)); err != nil {
		return nil, nil, err
	}
	now := d.now()
	wait, err := d.delay(ctx, tx, b, network, now)
	if err != nil {
		return nil, nil, err
	}
	hash := d.dummy
	if loginForm.MatchString(login) { // anything else could not even be asked for
		p, err = onePerson(ctx, tx, "WHERE p.login = $1", login)
	}
	if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
		p, err = nil, nil
	}
	if err == nil && p != nil {
		err = tx.QueryRow(ctx, "SELECT hash FROM credential WHERE person = $1 AND kind = 'password'", p.ID).Scan(&hash)
		if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
	}
	if err != nil {
		return nil, nil, err
	}

	outcome, stale := Delayed, false
	if wait == 0 {
		var ok bool
		ok, stale = checkPassword(hash, password)
		outcome = outcomeOf(p, ok)
	}
	if err := recordAttempt(ctx, tx, now, login, p, from, outcome); err != nil {
		return nil, nil, err
	}
	d.log.LogAttrs(ctx, slog.LevelInfo, "sign-in", slog.String("outcome", string(outcome)), slog.String("from", from.String()))
	switch outcome {
	case SignedIn:
		if stale {
			_, err = tx.Exec(ctx, "UPDATE credential SET hash = $2 WHERE person = $1 AND kind = 'password'", p.ID, hashPassword(password))
		}
		return p, nil, err
	case Delayed:
		seconds := int((wait + time.Second - 1) / time.Second)
		return nil, zoeklicht.Errorf(zoeklicht.Limit, "too many attempts: the next one is read in %d s", seconds).
			With("nobody was signed in", "wait, and try again"), nil
	}
	return nil, zoeklicht.Errorf(zoeklicht.Denied, "the sign-in name or the password is wrong").
		With("nobody was signed in", "try again, or ask an administrator for a new password"), nil
}

func outcomeOf(p *zoeklicht.Person, ok bool) Outcome {
	switch {
	case p == nil:
		return UnknownLogin
	case p.Disabled:
		return DisabledPerson
	case !ok:
		return WrongPassword
	}
	return SignedIn
}

// delay gives how long the next attempt has to wait, by the three counts.
func (d *Door) delay(ctx context.Context, tx pgx.Tx, b int32, network string, now time.Time) (time.Duration, error) {
	var success int64 // the newest of this login here, 0 if there is none
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(max(id), 0) FROM sign_in WHERE bucket = $1 AND network = $2 AND outcome = 'ok' AND at > $3`,
		b, network, now.Add(-familiarFor)).Scan(&success); err != nil {
		return 0, err
	}
	since := now.Add(-countFor)
	count := func(where string, args ...any) (f failures, err error) {
		var last *time.Time
		err = tx.QueryRow(ctx, `SELECT count(*), max(at) FROM sign_in WHERE outcome IN ('wrong', 'unknown', 'disabled') AND `+where, args...).
			Scan(&f.n, &last)
		if last != nil {
			f.last = *last
		}
		return f, err
	}
	pair, err := count("bucket = $1 AND network = $2 AND at > $3 AND id > $4", b, network, since, success)
	if err != nil || success != 0 {
		return pair.wait(freePair, now), err
	}
	everywhere, err := count("bucket = $1 AND at > $2", b, since)
	if err != nil {
		return 0, err
	}
	anyone, err := count("network = $1 AND at > $2", network, since)
	return max(pair.wait(freePair, now), everywhere.wait(freeLogin, now), anyone.wait(freeNetwork, now)), err
}

func recordAttempt(ctx context.Context, tx pgx.Tx, now time.Time, login string, p *zoeklicht.Person, from netip.Addr, outcome Outcome) error {
	var known *string
	var id *zoeklicht.PersonID
	if p != nil {
		known, id = &login, &p.ID
	}
	address := ""
	if from.IsValid() {
		address = from.Unmap().String()
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO sign_in (at, bucket, login, person, address, network, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		now, bucket(login), known, id, address, networkOf(from), outcome)
	return err
}

// networkOf gives what counts as one place to sign in from: an IPv4 address, or
// the /64 of an IPv6 address, because one subscriber has all of that.
func networkOf(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	switch {
	case !a.IsValid():
		return ""
	case a.Is4():
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}

// ChangePassword puts a person's own new password in force after checking the
// old one as SignIn does, and ends all their sessions; the caller begins a new
// one for the browser at hand.
func (d *Door) ChangePassword(ctx context.Context, id zoeklicht.PersonID, old, fresh string, from netip.Addr) error {
	p, err := d.Person(ctx, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(p.Login, fresh); err != nil {
		return err
	}
	if old == fresh {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the new password is the old one").With("the old one still holds", "choose another one")
	}
	var refused error
	err = d.attempting(ctx, func(tx pgx.Tx) (err error) {
		if _, refused, err = d.attempt(ctx, tx, p.Login, old, from); err != nil || refused != nil {
			return err
		}
		now := d.now()
		if err := setPassword(ctx, tx, id, fresh, false, now); err != nil {
			return err
		}
		return record(ctx, tx, Act{At: now, Person: id, Kind: PasswordChanged, Object: p.Login})
	})
	if err != nil {
		return err
	}
	return refused
}

// ResetPassword gives a person a new first password, which must be changed
// before any theme is entered, and ends their sessions. The password is given
// back once, to be told to that person and nobody else.
func (d *Door) ResetPassword(ctx context.Context, by, id zoeklicht.PersonID) (string, error) {
	fresh := randomPhrase()
	err := d.administer(ctx, by, func(tx pgx.Tx, now time.Time) (Act, error) {
		p, err := onePerson(ctx, tx, "WHERE p.id = $1", id)
		if err != nil {
			return Act{}, err
		}
		return Act{Kind: PasswordReset, Object: p.Login}, setPassword(ctx, tx, id, fresh, true, now)
	})
	if err != nil {
		return "", err
	}
	return fresh, nil
}

func setPassword(ctx context.Context, tx pgx.Tx, id zoeklicht.PersonID, password string, mustChange bool, now time.Time) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO credential (person, kind, hash, changed, must_change) VALUES ($1, 'password', $2, $3, $4)
		ON CONFLICT (person, kind) DO UPDATE SET hash = excluded.hash, changed = excluded.changed, must_change = excluded.must_change`,
		id, hashPassword(password), now, mustChange); err != nil {
		return err
	}
	return endSessions(ctx, tx, id, now)
}

package export

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export/report/pades"
)

// patience is that of Office by default.
const patience = 10 * time.Second

// stamp has a digest dated by the first authority that can, each within its patience; nil
// where none could. After that none is asked again for this export: what is signed in it
// has one kind of date. An error is that of ctx alone.
func (m *making) stamp(ctx context.Context, digest [32]byte) ([]byte, error) {
	for i := range m.Authorities {
		if m.undated {
			break
		}
		a := &m.Authorities[i]
		token, err := ask(ctx, a, cmp.Or(m.Patience, patience), digest)
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m.Logger.Warn("an authority did not date an export", "theme", m.Theme.Name, "authority", a.Name, "err", err)
	}
	m.undated = true
	return nil, nil
}

// ask asks one authority. One that does not heed ctx is left behind.
func ask(ctx context.Context, a *Authority, patience time.Duration, digest [32]byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		token []byte
		err   error
	}
	got := make(chan answer, 1)
	go func() {
		token, err := a.Stamp(ctx, digest)
		if err == nil && len(token) == 0 {
			err = zoeklicht.Errorf(zoeklicht.Unavailable, "it gave no token")
		}
		got <- answer{token, err}
	}()
	select {
	case is := <-got:
		return is.token, is.err
	case <-ctx.Done():
		return nil, fmt.Errorf("no answer within %s: %w", patience, ctx.Err())
	}
}

// signer signs in the name of the organisation.
func (m *making) signer() *pades.Signer {
	s := &pades.Signer{Key: m.Key, Chain: m.Chain}
	if len(m.Authorities) > 0 && !m.undated {
		s.Stamp = m.stamp
	}
	return s
}

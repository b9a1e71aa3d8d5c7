package crawl

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
)

// anchorFor is how long a token counts as the newest without looking again: a page
// should not cost a question. One that is a minute old bounds a capture as truly.
const anchorFor = time.Minute

// noAnchorFor is the same while there is none yet: a first one says much more than none.
const noAnchorFor = time.Second

// anchor is the newest timestamp token that is known to be held: what is captured from
// now on is not older than it.
type anchor struct {
	mu     sync.Mutex
	sum    string // SHA-256 of the token, hex; empty for none
	looked time.Time
}

// newest gives the SHA-256 of the newest token, hex, empty where there is none. With the
// database away it is the newest that was seen: it was held then, and so it is now.
func (a *anchor) newest(ctx context.Context, st *store.Store, clock zoeklicht.Clock, warn func(error)) string {
	now := clock()
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := anchorFor
	if a.sum == "" {
		wait = noAnchorFor
	}
	if !a.looked.IsZero() && now.Sub(a.looked) < wait {
		return a.sum
	}
	a.looked = now
	sum, ok, err := st.NewestToken(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		warn(err)
	case ok:
		a.sum = hex.EncodeToString(sum[:])
	}
	return a.sum
}

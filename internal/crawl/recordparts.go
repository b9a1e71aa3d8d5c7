package crawl

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger/stamp"
	"zoeklicht/internal/store"
)

// AuthorityConfig is a timestamping authority (RFC 3161).
type AuthorityConfig struct {
	Name string `yaml:"name" json:"name"` // as tokens and screens call it
	URL  string `yaml:"url" json:"url"`   // where it is asked
	// Roots is a file of the certificates, PEM, that its own must lead to.
	Roots string `yaml:"roots" json:"roots"`
}

// AuthorityList is the authorities of a configuration. As a flag or variable it is
// "name url roots", one after another with a semicolon between them.
type AuthorityList []AuthorityConfig

// Set reads the form of a flag.
func (l *AuthorityList) Set(text string) error {
	*l = nil
	for part := range strings.SplitSeq(text, ";") {
		f := strings.Fields(part)
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 {
			return zoeklicht.Errorf(zoeklicht.Invalid, "%q is no authority: name, address and file of root certificates", part)
		}
		*l = append(*l, AuthorityConfig{f[0], f[1], f[2]})
	}
	return nil
}

// Authority dates checkpoints.
type Authority struct {
	Name string
	// Stamp has a digest dated; the answer was verified.
	Stamp func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error)
}

// NewAuthority makes what asks an authority and verifies its answers.
func NewAuthority(c AuthorityConfig, client *http.Client) (Authority, error) {
	pem, err := os.ReadFile(c.Roots)
	if err != nil {
		return Authority{}, zoeklicht.Errorf(zoeklicht.Invalid, "the root certificates of authority %s: %w", c.Name, err).With("nothing was started", "correct ledger.authorities")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return Authority{}, zoeklicht.Errorf(zoeklicht.Invalid, "%s holds no certificate of authority %s", c.Roots, c.Name).With("nothing was started", "correct ledger.authorities")
	}
	return Authority{c.Name, func(ctx context.Context, digest [32]byte) (zoeklicht.Token, error) {
		der, err := stamp.Fetch(ctx, client, c.URL, digest)
		if err != nil {
			return zoeklicht.Token{}, err
		}
		s, err := stamp.Verify(der, digest, roots)
		if err != nil {
			return zoeklicht.Token{}, err
		}
		return zoeklicht.Token{Authority: c.Name, At: s.At, DER: der}, nil
	}}, nil
}

// dater is an authority at work.
type dater struct {
	Authority
	fresh bool      // there may be a checkpoint that it has not dated
	busy  bool      // it is being asked
	due   time.Time // not before
	well  time.Time // when it last answered well
	why   string    // why it did not, the last time
	said  zoeklicht.LedgerWhy
}

// stamped is what came of asking an authority.
type stamped struct {
	by         *dater
	checkpoint int64
	more       bool // other checkpoints wait for it
	token      zoeklicht.Token
	err        error
}

// again is after how long an authority that failed is asked again.
const again = 30 * time.Second

// date asks the authorities whose turn it is, each beside the work: one that does not
// answer holds nothing up.
func (t *term) date(ctx context.Context) error {
	select {
	case s := <-t.stamped:
		if err := t.keep(ctx, s); err != nil {
			return err
		}
	default:
	}
	for _, d := range t.daters {
		if d.busy || !d.fresh || t.r.Clock().Before(d.due) {
			continue
		}
		undated, err := t.a.Undated(ctx, d.Name)
		if err != nil {
			return err
		}
		if len(undated) == 0 {
			d.fresh = false
			continue
		}
		d.busy = true
		go t.ask(ctx, d, undated)
	}
	return nil
}

// ask has the first of the checkpoints dated, and gives the answer to who waits for it.
func (t *term) ask(ctx context.Context, d *dater, undated []store.Checkpoint) {
	ask, cancel := context.WithTimeout(ctx, t.r.Config.Patience)
	defer cancel()
	s := stamped{by: d, checkpoint: undated[0].ID, more: len(undated) > 1}
	s.token, s.err = d.Stamp(ask, sha256.Sum256(undated[0].Note))
	t.stamped <- s // term.end takes it when nobody else does
}

// keep keeps what an authority gave.
func (t *term) keep(ctx context.Context, s stamped) error {
	d, now := s.by, t.r.Clock()
	d.busy = false
	if s.err != nil {
		if ctx.Err() == nil && d.why == "" {
			t.r.Log.Warn("an authority did not date the newest checkpoint; it is asked again", "authority", d.Name, "err", s.err)
		}
		d.why, d.said, d.due = s.err.Error(), whyUndated(d.Name, s.err), now.Add(min(again, t.r.Config.Every))
		return nil
	}
	if err := t.a.KeepToken(ctx, s.checkpoint, s.token); err != nil {
		return err
	}
	if d.why != "" {
		t.r.Log.Info("an authority dates again", "authority", d.Name)
	}
	d.why, d.well = "", now
	if !s.more {
		d.due = now.Add(t.r.Config.Every)
	}
	return nil
}

// whyUndated tells an authority that cannot be reached from one that answers wrongly.
func whyUndated(who string, err error) zoeklicht.LedgerWhy {
	w := zoeklicht.LedgerWhy{Who: who, Reason: zoeklicht.ReasonOdd, Arg: err.Error()}
	var failed net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &failed) && failed.Timeout():
		w.Reason, w.Arg = zoeklicht.ReasonTimeout, ""
	case failed != nil:
		w.Reason, w.Arg = zoeklicht.ReasonAway, ""
	}
	return w
}

// tellEvery is how often it is told how recording goes where nothing changes.
const tellEvery = zoeklicht.SilentAfter / 12

// tell writes down how every part goes, when that changed or it is time.
func (t *term) tell(ctx context.Context) error {
	parts, err := t.parts(ctx)
	if err != nil {
		return err
	}
	now := t.r.Clock()
	plain := make([]zoeklicht.LedgerPart, len(parts))
	for i, p := range parts {
		plain[i] = zoeklicht.LedgerPart{Name: p.Name, State: p.State, Detail: p.Detail, Whys: p.Whys}
	}
	b, err := json.Marshal(plain)
	if err != nil {
		return err
	}
	if string(b) == t.last && now.Sub(t.lastTold) < tellEvery {
		return nil
	}
	if err := t.a.Tell(ctx, parts); err != nil {
		return err
	}
	t.last, t.lastTold = string(b), now
	return nil
}

// parts says how every part goes.
func (t *term) parts(ctx context.Context) ([]zoeklicht.LedgerPart, error) {
	log := zoeklicht.LedgerPart{Name: zoeklicht.PartLog, State: zoeklicht.LedgerWell, Well: t.r.Clock()}
	if t.trouble != "" {
		log = zoeklicht.LedgerPart{Name: zoeklicht.PartLog, State: zoeklicht.LedgerDown, Detail: t.trouble}
	}
	witnesses, err := t.witnesses(ctx)
	if err != nil {
		return nil, err
	}
	parts := []zoeklicht.LedgerPart{log, witnesses}
	if len(t.daters) == 0 {
		parts = append(parts, zoeklicht.LedgerPart{Name: zoeklicht.PartAuthority, State: zoeklicht.LedgerNone})
	}
	for _, d := range t.daters {
		p := zoeklicht.LedgerPart{Name: zoeklicht.PartAuthority + " " + d.Name, State: zoeklicht.LedgerWell, Well: d.well}
		if d.why != "" {
			p.State, p.Detail, p.Whys = zoeklicht.LedgerDown, d.why, []zoeklicht.LedgerWhy{d.said}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// witnesses says how the witnesses go: they are down when a checkpoint that they must
// cosign is late, and refused as soon as one of them answers and does not cosign, also
// where enough others do.
func (t *term) witnesses(ctx context.Context) (zoeklicht.LedgerPart, error) {
	now := t.r.Clock()
	p := zoeklicht.LedgerPart{Name: zoeklicht.PartWitnesses, State: zoeklicht.LedgerWell, Well: now}
	if !t.r.Witnesses {
		p.State, p.Well = zoeklicht.LedgerNone, time.Time{}
		return p, nil
	}
	refused := false
	var why []string
	for _, l := range t.logs {
		late := !l.since.IsZero() && now.Sub(l.since) >= t.r.Config.lateAfter()
		if late {
			p.State, p.Well = zoeklicht.LedgerDown, time.Time{}
		}
		state, err := l.State(ctx)
		if err != nil {
			return p, err
		}
		for _, w := range state.Witnesses {
			if refuses := w.Reason.Refusal(); refuses || late && w.Trouble != "" {
				refused = refused || refuses
				why = append(why, w.Name+": "+w.Trouble)
				p.Whys = append(p.Whys, zoeklicht.LedgerWhy{Who: w.Name, Reason: w.Reason, Arg: w.Arg})
			}
		}
	}
	if refused {
		p.State, p.Well = zoeklicht.LedgerRefused, time.Time{}
	}
	p.Detail = strings.Join(why, "; ")
	return p, nil
}

package picture

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"

	"zoeklicht"
)

// Shown is what became of a captured picture. Where it cannot be shown,
// Picture.Problem says why, and Bytes and MIME are empty. Width and Height are
// those that the picture declares, before it was made smaller or turned.
type Shown struct {
	Picture zoeklicht.Picture
	Bytes   []byte
	MIME    string // "image/jpeg" or "image/png"
}

// Decoder decodes pictures in children. It may be used by several goroutines.
type Decoder struct {
	cfg   Config
	log   *slog.Logger
	slots chan *child // a nil in it stands for a child to be started

	mu    sync.Mutex
	stats Stats
}

// Stats is what a decoder has done.
type Stats struct {
	Decoded  int // pictures that can be shown
	Problems int // pictures that cannot
	Started  int // children
	Lost     int // children that died or were killed over a picture
	// Peak is how many bytes of a child were resident at most, by what it told after
	// a picture. What a lost child used last is not known; the kernel's bound held.
	Peak int64
}

// NewDecoder gives a decoder; children are started when needed. Close ends them.
func NewDecoder(cfg Config, log *slog.Logger) *Decoder {
	d := &Decoder{cfg: cfg.WithDefaults(), log: log}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.slots = make(chan *child, d.cfg.Children)
	for range d.cfg.Children {
		d.slots <- nil
	}
	return d
}

// Stats gives what was done so far.
func (d *Decoder) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats
}

// Close ends the children. Decode must not be called again.
func (d *Decoder) Close() error {
	var errs []error
	for range d.cfg.Children {
		if c := <-d.slots; c != nil {
			errs = append(errs, c.end())
		}
	}
	return errors.Join(errs...)
}

// Decode makes the shown form of a captured picture. An error means that no child
// can be started (code Unavailable) or that ctx ended; what is wrong with the
// picture is no error but its Problem.
func (d *Decoder) Decode(ctx context.Context, body []byte) (Shown, error) {
	out := Shown{Picture: zoeklicht.Picture{SHA256: sha256.Sum256(body)}}
	if int64(len(body)) > d.cfg.Bytes {
		out.Picture.Problem = TooLarge
		d.note(func(s *Stats) { s.Problems++ })
		return out, nil
	}
	var c *child
	select {
	case <-ctx.Done():
		return out, ctx.Err()
	case c = <-d.slots:
	}
	defer func() { d.slots <- c }()
	var (
		a     answer
		shown []byte
		err   error
	)
	for {
		fresh := c == nil
		if fresh {
			if c, err = start(d.cfg); err != nil {
				return out, zoeklicht.Errorf(zoeklicht.Unavailable, "start the decoding of pictures: %w", err).
					With("the captured pictures are kept", "see whether the program's file is still there and memory is free")
			}
			d.note(func(s *Stats) { s.Started++ })
		}
		if a, shown, err = c.ask(ctx, body, d.cfg.Timeout); err == nil {
			break
		}
		problem, said := c.loss(err)
		d.note(func(s *Stats) { s.Lost++ })
		c = nil
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		d.log.Debug("a child was lost over a picture", "problem", problem, "err", err, "stderr", said)
		if fresh || problem == TimedOut {
			a, shown = answer{Problem: problem}, nil
			if f := formatOf(body); f != nil {
				a.Format = f.name
			}
			break
		}
		// Earlier pictures may have left it short of memory: once more in a new one,
		// so that the outcome depends on this picture alone.
	}
	d.note(func(s *Stats) {
		s.Peak = max(s.Peak, a.Peak)
		if a.Problem == "" {
			s.Decoded++
		} else {
			s.Problems++
		}
	})
	if c != nil && c.done >= d.cfg.Reuse {
		if err := c.end(); err != nil {
			d.log.Debug("a child ended badly", "err", err)
		}
		c = nil
	}
	p := &out.Picture
	p.Format, p.Width, p.Height, p.Problem = a.Format, a.Width, a.Height, a.Problem
	out.Bytes, out.MIME = shown, a.MIME
	return out, nil
}

func (d *Decoder) note(f func(*Stats)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.stats)
}

package fetch

import (
	"context"
	"time"

	"zoeklicht"
)

// Config bounds every fetch of an installation; a source's schedule narrows it
// further. Zero values take the defaults in brackets.
type Config struct {
	// UserAgent is sent where a source's schedule names none. ["Zoeklicht/1"]
	UserAgent string `yaml:"user_agent"`
	// Connect bounds the look-up, the connection and the TLS handshake together. [15s]
	Connect time.Duration `yaml:"connect"`
	// Idle is how long a server may send nothing in the middle of an exchange. [20s]
	Idle time.Duration `yaml:"idle"`
	// MinRate is the least mean rate of a response, bytes per second, once it
	// has taken RateGrace: below it the server drips to hold us. [256]
	MinRate int64 `yaml:"min_rate"`
	// RateGrace is how long a response may be slower than MinRate. [20s]
	RateGrace time.Duration `yaml:"rate_grace"`
	// MaxHeader bounds a response's head, interim responses included, in bytes. [64 KiB]
	MaxHeader int `yaml:"max_header"`
	// MaxHeaders bounds its number of header lines. [256]
	MaxHeaders int `yaml:"max_headers"`
	// MaxDecoded bounds a body once its content coding is undone, in bytes. [32 MiB]
	MaxDecoded int64 `yaml:"max_decoded"`
	// MaxRatio bounds how many decoded bytes one byte on the wire may become;
	// it applies beyond the first 4 MiB. [200]
	MaxRatio int64 `yaml:"max_ratio"`
	// MaxRedirects is how many redirects are followed from one URL. [10]
	MaxRedirects int `yaml:"max_redirects"`
	// AcceptUnverified fetches from servers whose certificate does not verify.
	// The exchange records that it did not. [false: such a visit fails]
	AcceptUnverified bool `yaml:"accept_unverified"`
	// KeepIdle is how many idle connections to one host are kept. [1]
	KeepIdle int `yaml:"keep_idle"`
	// IdleFor is how long an idle connection is kept. [30s]
	IdleFor time.Duration `yaml:"idle_for"`
}

// ratioFree is how much a body may decode to whatever its ratio: a small page
// that compresses very well is no bomb.
const ratioFree = 4 << 20

// WithDefaults fills the zero values.
func (c Config) WithDefaults() Config {
	if c.UserAgent == "" {
		c.UserAgent = "Zoeklicht/1"
	}
	fill(&c.Connect, 15*time.Second)
	fill(&c.Idle, 20*time.Second)
	fill(&c.MinRate, 256)
	fill(&c.RateGrace, 20*time.Second)
	fill(&c.MaxHeader, 64<<10)
	fill(&c.MaxHeaders, 256)
	fill(&c.MaxDecoded, 32<<20)
	fill(&c.MaxRatio, 200)
	fill(&c.MaxRedirects, 10)
	fill(&c.KeepIdle, 1)
	fill(&c.IdleFor, 30*time.Second)
	return c
}

func fill[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// DecodedBound gives the most bytes that a body of so many bytes on the wire may
// decode to.
func (c Config) DecodedBound(wire int64) int64 {
	return min(c.MaxDecoded, max(ratioFree, wire*c.MaxRatio))
}

// Request is one URL to ask for, under one approval. Zero values take the
// defaults in brackets.
type Request struct {
	URL      string
	Approval *Approval
	// Picture says that a picture of an advert is asked for, which the
	// approval's picture hosts may serve as well.
	Picture   bool
	UserAgent string // [Config.UserAgent]
	Language  string // Accept-Language; not sent when empty
	Referer   string // not sent when empty
	Cookie    string // not sent when empty
	// MaxBytes bounds each response on the wire, head included. [16 MiB]
	MaxBytes int64
	// MaxTime bounds each exchange from the look-up to the last byte. [60s]
	MaxTime time.Duration
	// Hop is asked before each redirect hop that the approval covers, so that
	// robots.txt and politeness hold there too; it may wait. An error ends the
	// chain with that error's Failure, FailCancelled where it has none. [nil]
	Hop func(ctx context.Context, url string) error
}

// RequestFor makes the request for a URL as a source's schedule wants it.
func RequestFor(url string, a *Approval, s zoeklicht.Schedule) Request {
	s = s.WithDefaults()
	return Request{
		URL: url, Approval: a, UserAgent: s.UserAgent, Language: s.AcceptLang,
		MaxBytes: s.MaxBytes, MaxTime: s.MaxTime,
	}
}

// WithDefaults fills the zero values from a configuration that has its own.
func (r Request) WithDefaults(c Config) Request {
	if r.UserAgent == "" {
		r.UserAgent = c.UserAgent
	}
	fill(&r.MaxBytes, 16<<20)
	fill(&r.MaxTime, time.Minute)
	return r
}

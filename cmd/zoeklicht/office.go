package main

import (
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/export"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
)

// office is what exports of a theme are made with: the organisation's keys, and the policy
// that says whom to believe.
func (p *platform) office(t *zoeklicht.Theme) (*export.Office, error) {
	ring, err := p.ring(t.Name)
	if err != nil {
		return nil, err
	}
	vault, err := blob.In(p.cfg.Data, t.Name, blob.Vault).Reader(ring)
	if err != nil {
		return nil, err
	}
	working, err := blob.In(p.cfg.Data, t.Name, blob.Working).Reader(ring)
	if err != nil {
		return nil, err
	}
	signing, err := p.organisation()
	if err != nil {
		return nil, err
	}
	wacz, err := keys.LoadWACZ(p.keyDir())
	if err != nil {
		return nil, err
	}
	build, err := buildHash()
	if err != nil {
		return nil, err
	}
	o := &export.Office{
		Theme: t, Organisation: p.cfg.Organisation, Vault: vault, Working: working,
		Log: func(year int) *ledger.Reader { return ledger.NewReader(logFolder(p.cfg.Data, t.Name, year)) },
		Policy: func() ([]byte, error) {
			ring, err := p.logKeys(t.Name, time.Now())
			if err != nil {
				return nil, err
			}
			return p.deposit(ring)
		},
		Key: signing.Key, Chain: append([]*x509.Certificate{signing.Certificate}, signing.Chain...),
		WACZ: wacz, Build: build, Software: "zoeklicht", Temp: filepath.Join(p.cfg.Data, "tmp"), Now: time.Now,
		Patience: p.cfg.Ledger.WithDefaults().Patience, Person: p.nameOf, Logger: p.log,
	}
	if o.Authorities, err = p.authorities(); err != nil {
		return nil, err
	}
	return o, os.MkdirAll(o.Temp, 0o700)
}

// authorities gives those that date what leaves, in the order in which they are asked. Each
// is reached by a client that connects to it alone.
func (p *platform) authorities() (out []export.Authority, err error) {
	for _, c := range p.cfg.Ledger.Authorities {
		host, err := endpoint(c.URL)
		if err != nil {
			return nil, err
		}
		a, err := crawl.NewAuthority(c, onlyTo([]string{host}))
		if err != nil {
			return nil, err
		}
		out = append(out, export.Authority{Name: a.Name, Stamp: func(ctx context.Context, digest [32]byte) ([]byte, error) {
			token, err := a.Stamp(ctx, digest)
			return token.DER, err
		}})
	}
	return out, nil
}

// nameOf gives the name of a person.
func (p *platform) nameOf(ctx context.Context, id zoeklicht.PersonID) (string, error) {
	person, err := p.door.Person(ctx, id)
	if err != nil {
		return "", err
	}
	return person.Name, nil
}

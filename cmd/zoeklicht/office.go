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
	}
	if all := p.cfg.Ledger.Authorities; len(all) > 0 {
		host, err := endpoint(all[0].URL)
		if err != nil {
			return nil, err
		}
		first, err := crawl.NewAuthority(all[0], onlyTo([]string{host}))
		if err != nil {
			return nil, err
		}
		o.Stamp = func(ctx context.Context, digest [32]byte) ([]byte, error) {
			token, err := first.Stamp(ctx, digest)
			return token.DER, err
		}
	}
	return o, os.MkdirAll(o.Temp, 0o700)
}

package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/keys"
)

// organ is what the organisation signs with, once it was needed. All themes share it: a
// token takes one request at a time, and counts wrong PINs whoever gives them.
type organ struct {
	sync.Mutex
	signing *keys.Signing
}

// organisation gives what the organisation signs with, and makes a key where none is
// configured and none is there.
func (p *platform) organisation() (*keys.Signing, error) {
	p.organ.Lock()
	defer p.organ.Unlock()
	if p.organ.signing != nil {
		return p.organ.signing, nil
	}
	s, err := keys.OpenSigning(&p.cfg.Signing, p.keyDir(), p.cfg.Organisation, time.Now(), os.LookupEnv)
	if err == nil {
		p.organ.signing = s
	}
	return s, err
}

// signs gives what the organisation signs with, and nil where there is nothing yet: the
// first export makes it.
func (p *platform) signs() (*keys.Signing, error) {
	_, err := os.Stat(keys.SigningPath(p.keyDir()))
	if errors.Is(err, fs.ErrNotExist) && p.cfg.Signing.Zero() {
		return nil, nil // nothing yet is no error
	}
	return keys.OpenSigning(&p.cfg.Signing, p.keyDir(), p.cfg.Organisation, time.Now(), os.LookupEnv)
}

func runKeysSigning(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	if err := c.begin(0, 0); err != nil {
		return err
	}
	data, err := filepath.Abs(c.cfg.Data)
	if err != nil {
		return err
	}
	c.cfg.Data = data
	s, err := (&platform{cfg: c.cfg, log: c.log}).signs()
	switch {
	case err != nil:
		return err
	case s == nil:
		return zoeklicht.Errorf(zoeklicht.NotFound, "the installation in %s has no signing key yet", data).
			With("nothing was made", "give one in signing.command and signing.certificates, or let the first export make one")
	}
	return cli.Signing(s, c.out(*asJSON, nil))
}

func runKeysRequest(_ context.Context, c *call) error {
	path := c.flags.String("public-key", "", "the public half of the key")
	own := c.flags.Bool("self-signed", false, "make a certificate instead, which nobody else vouches for")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if err := needed("--public-key", *path); err != nil {
		return err
	}
	b, err := os.ReadFile(*path)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.NotFound, "the public key: %w", err).With("nothing was signed", "")
	}
	public, err := keys.ParsePublicKey(b)
	if err != nil {
		return fmt.Errorf("%s: %w", *path, err)
	}
	key, err := keys.NewOutside(&c.cfg.Signing, public, os.LookupEnv)
	if err != nil {
		return err
	}
	var made *pem.Block
	if *own {
		made, err = keys.SelfSigned(key, c.cfg.Organisation, time.Now())
	} else {
		made, err = keys.Request(key, c.cfg.Organisation)
	}
	if err != nil {
		return err
	}
	return pem.Encode(c.stdout, made)
}

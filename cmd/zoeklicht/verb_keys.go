package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/export/parcel"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
)

const keysUsage = `list --theme T [--json]
       zoeklicht keys policy --theme T
       zoeklicht keys rotate --theme T [--year Y] [--overlap 168h | --compromised] [--json]
       zoeklicht keys signing [--json]
       zoeklicht keys request --public-key FILE [--self-signed]

The keys that sign a theme's logs. list shows them, those that signed before and the one of next year's log among them,
so that witnesses can be told. policy prints the file to deposit with a court or a notary: which logs, witnesses,
timestamping authorities and signatures to believe. rotate makes a new key for a log, which the old one signs beside
for the overlap; with --compromised the old one stops at once. A platform that runs takes the new keys up by itself.

And the organisation's key, which signs reports and packages. signing shows its certificate and where it lies, and has it
make a trial signature. request has the command signing.command sign a request for a certificate of the key whose public
half is in FILE, to send to an authority; with --self-signed it makes a certificate to try things out with.
Exit 1 if the key does not answer.
`

// runKeys is the verb keys.
func runKeys(ctx context.Context, c *call) error {
	return parts(ctx, c, []part{
		{"list", runKeysList},
		{"policy", runKeysPolicy},
		{"rotate", runKeysRotate},
		{"signing", runKeysSigning},
		{"request", runKeysRequest},
	})
}

// keyed reads what all parts of the verb need.
func (c *call) keyed(name string) (*platform, *keys.LogRing, error) {
	if err := needed("--theme", name); err != nil {
		return nil, nil, err
	}
	data, err := filepath.Abs(c.cfg.Data)
	if err != nil {
		return nil, nil, err
	}
	c.cfg.Data = data
	p := &platform{cfg: c.cfg, log: c.log}
	t := zoeklicht.ThemeName(name)
	if _, err := os.Stat(keys.Path(p.keyDir(), t)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no theme %q in the installation in %s", name, data).
			With("nothing was made", "`zoeklicht theme list` shows which there are")
	}
	ring, err := p.logKeys(t, time.Now())
	return p, ring, err
}

func runKeysList(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	name := c.flags.String("theme", "", "the theme")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	_, ring, err := c.keyed(*name)
	if err != nil {
		return err
	}
	return cli.LogKeys(ring, time.Now(), c.out(*asJSON, nil))
}

func runKeysPolicy(_ context.Context, c *call) error {
	name := c.flags.String("theme", "", "the theme")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	p, ring, err := c.keyed(*name)
	if err != nil {
		return err
	}
	text, err := p.deposit(ring)
	if err != nil {
		return err
	}
	_, err = c.stdout.Write(text)
	return err
}

func runKeysRotate(_ context.Context, c *call) error {
	asJSON := c.asJSON()
	name := c.flags.String("theme", "", "the theme")
	year := c.flags.Int("year", time.Now().UTC().Year(), "the log of which year")
	overlap := c.flags.Duration("overlap", 7*24*time.Hour, "how long the old key signs beside the new one")
	stolen := c.flags.Bool("compromised", false, "the old key may be in other hands: it stops at once")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	if *overlap < 0 || *stolen && c.flags.Changed("overlap") {
		return usage(errors.New("--overlap is a time such as 168h, and not for a key that was compromised"))
	}
	if *stolen {
		*overlap = 0
	}
	p, _, err := c.keyed(*name)
	if err != nil {
		return err
	}
	instance, err := p.instance()
	if err != nil {
		return err
	}
	origin, now := logOrigin(instance, zoeklicht.ThemeName(*name), *year), time.Now()
	ring, err := keys.RotateLogKey(p.keyDir(), zoeklicht.ThemeName(*name), origin, now, *overlap)
	if err != nil {
		return err
	}
	return cli.Rotated(ring, origin, now, c.out(*asJSON, nil))
}

// deposit makes the policy file of a theme: its logs' keys, the witnesses and authorities
// that are configured, and the certificate that signs reports, if there is one yet.
func (p *platform) deposit(ring *keys.LogRing) ([]byte, error) {
	witnesses, err := logPolicy(p.cfg)
	if err != nil {
		return nil, err
	}
	var logs []ledger.LogKey
	for _, k := range ring.Keys("") {
		logs = append(logs, ledger.LogKey{VKey: k.VKey, From: k.Created, Until: k.Until})
	}
	text, err := ledger.Deposit(logs, witnesses)
	if err != nil {
		return nil, err
	}
	var authorities []parcel.Authority
	for _, a := range p.cfg.Ledger.Authorities {
		certificates, err := readCertificates(a.Roots)
		if err != nil {
			return nil, fmt.Errorf("authority %s: %w", a.Name, err)
		}
		authorities = append(authorities, parcel.Authority{Name: a.Name, Certificates: certificates})
	}
	var organisation []*x509.Certificate
	s, err := p.signs()
	if err != nil {
		return nil, err
	}
	if s != nil {
		organisation = append([]*x509.Certificate{s.Certificate}, s.Chain...)
	}
	return parcel.Deposit(text, authorities, organisation)
}

// readCertificates reads the certificates in a file of PEM blocks.
func readCertificates(path string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for len(bytes.TrimSpace(b)) > 0 {
		var blk *pem.Block
		if blk, b = pem.Decode(b); blk == nil {
			break
		}
		c, err := x509.ParseCertificate(blk.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "there is no certificate in %s", path)
	}
	return out, nil
}

package parcel

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/ledger"
)

// Trust is what a policy file says to believe. The file is deposited with a court or a
// notary before it is needed; a copy is in each package. It is a C2SP tlog-policy with PEM
// certificates in it, each group under a line that says whose they are:
//
//	log …
//	witness …
//	quorum …
//	# authority tsa-one
//	-----BEGIN CERTIFICATE-----
//	# organisation
//	-----BEGIN CERTIFICATE-----
//	# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z
//	-----BEGIN CERTIFICATE-----
//
// An authority is believed on times only and the organisation on its signatures only: the
// organisation could otherwise date its own checkpoints. A key of the organisation whose
// end stands above its certificate is believed on what an authority dated before that end.
type Trust struct {
	Policy      *ledger.Policy
	Authorities []Authority
	// Organisation is the certificate that signs reports and packages, and those above it.
	// More than one may sign: keys are renewed. One that issued another of them signs
	// nothing here.
	Organisation []*x509.Certificate

	ends map[*x509.Certificate]time.Time // of the organisation's keys that ended
}

// Authority is a timestamping authority.
type Authority struct {
	Name string // lower-case letters, digits and hyphens
	// Certificates are those that its tokens lead to; they are all believed.
	Certificates []*x509.Certificate
}

const (
	authorityLine    = "# authority "
	organisationLine = "# organisation"
	scriptLine       = "# verify.py "
	beginPEM         = "-----BEGIN CERTIFICATE-----"
	endPEM           = "-----END CERTIFICATE-----"
	maxTrust         = 1 << 20
)

// Pool gives the certificates that are believed on times, of one authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range a.Certificates {
		pool.AddCert(c)
	}
	return pool
}

// Deposit makes a policy file of a policy (see ledger.Deposit) and certificates. It names
// the SHA-256 of verify.py as well, so that a copy of it can be told from another program
// of that name.
func Deposit(policy []byte, authorities []Authority, organisation []*x509.Certificate) ([]byte, error) {
	var b bytes.Buffer
	b.Write(bytes.TrimRight(policy, "\n"))
	fmt.Fprintf(&b, "\n\n%s%s\n", scriptLine, ScriptSum())
	for _, a := range authorities {
		fmt.Fprintf(&b, "\n%s%s\n", authorityLine, a.Name)
		for _, c := range a.Certificates {
			b.Write(encodePEM(c.Raw))
		}
	}
	if len(organisation) > 0 {
		fmt.Fprintf(&b, "\n%s\n", organisationLine)
		for _, c := range organisation {
			b.Write(encodePEM(c.Raw))
		}
	}
	if _, err := ParseTrust(b.Bytes()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ParseTrust reads a policy file. What is wrong with it is an error of code Invalid that
// names the line.
func ParseTrust(text []byte) (*Trust, error) {
	if len(text) > maxTrust {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: it is longer than %d bytes", maxTrust)
	}
	r := trustReader{t: &Trust{ends: map[*x509.Certificate]time.Time{}}}
	for i, line := range strings.Split(string(text), "\n") {
		if err := r.line(line); err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy line %d: %w", i+1, err)
		}
	}
	if r.inside || r.told {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: its last certificate does not end")
	}
	var err error
	r.t.Policy, err = ledger.ParsePolicy([]byte(r.policy.String()))
	return r.t, err
}

// trustReader is a policy file of which some lines have been read.
type trustReader struct {
	t      *Trust
	policy strings.Builder // without certificates, its lines still numbered as they are
	block  strings.Builder // the certificate that is being read
	inside bool            // a certificate
	owner  *[]*x509.Certificate
	until  time.Time // the end of the key of the next certificate
	told   bool      // the line before gave it
}

func (r *trustReader) line(line string) error {
	if r.inside || line == beginPEM {
		r.policy.WriteByte('\n')
		return r.certificate(line)
	}
	if r.told {
		return errors.New("the line above says until when a key signs, and no certificate begins here")
	}
	if name, ok := strings.CutPrefix(line, authorityLine); ok {
		if name != plainName(name) {
			return fmt.Errorf("%.60q cannot be the name of an authority", name)
		}
		if slices.ContainsFunc(r.t.Authorities, func(a Authority) bool { return a.Name == name }) {
			return fmt.Errorf("the authority %s is there twice", name)
		}
		r.t.Authorities = append(r.t.Authorities, Authority{Name: name})
		r.owner = &r.t.Authorities[len(r.t.Authorities)-1].Certificates
	} else if line == organisationLine {
		r.owner = &r.t.Organisation
	} else if r.owner == &r.t.Organisation {
		var err error
		if r.until, r.told, err = ledger.ParseEnd(line); r.told || err != nil {
			r.policy.WriteByte('\n')
			return err
		}
	}
	r.policy.WriteString(line + "\n")
	return nil
}

// certificate reads a line of a certificate.
func (r *trustReader) certificate(line string) error {
	if r.inside = true; r.owner == nil {
		return errors.New("nothing says whose certificate this is")
	}
	r.block.WriteString(line + "\n")
	if line != endPEM {
		return nil
	}
	p, _ := pem.Decode([]byte(r.block.String()))
	if p == nil || p.Type != "CERTIFICATE" || len(p.Headers) > 0 {
		return errors.New("the certificate that ends here is damaged")
	}
	c, err := x509.ParseCertificate(p.Bytes)
	if err != nil {
		return fmt.Errorf("the certificate that ends here: %w", err)
	}
	if *r.owner = append(*r.owner, c); !r.until.IsZero() {
		r.t.ends[c] = r.until
	}
	r.inside, r.until, r.told = false, time.Time{}, false
	r.block.Reset()
	return nil
}

// times gives the certificates that are believed on times.
func (t *Trust) times() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, a := range t.Authorities {
		for _, c := range a.Certificates {
			pool.AddCert(c)
		}
	}
	return pool
}

// signers gives the certificates whose keys may sign in the organisation's name: those
// that issued none of the others, and are for signatures.
func (t *Trust) signers() (out []*x509.Certificate) {
	for _, c := range t.Organisation {
		issued := slices.ContainsFunc(t.Organisation, func(o *x509.Certificate) bool {
			return bytes.Equal(o.RawIssuer, c.RawSubject) && !bytes.Equal(o.RawIssuer, o.RawSubject)
		})
		if !issued && (c.KeyUsage == 0 || c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0) {
			out = append(out, c)
		}
	}
	return out
}

// could tells whether the key of a certificate could sign at a moment: within the time of
// the certificate, and before the end that the policy gives to the key. A zero moment is
// that of a signature that nobody dated. It was made after the newest checkpoint beside it,
// which is all that is known; a key that ended is then not believed.
func (t *Trust) could(c *x509.Certificate, at, newest time.Time) error {
	end := t.ends[c]
	switch {
	case at.IsZero() && !end.IsZero():
		return fmt.Errorf("the policy says that the key of %s ended at %s, and no authority dated the signature", c.Subject, stampText(end))
	case at.IsZero() && newest.After(c.NotAfter):
		return fmt.Errorf("the certificate of %s had expired at %s, before the newest checkpoint was there", c.Subject, stampText(c.NotAfter))
	case at.IsZero():
		return nil
	case at.Before(c.NotBefore) || at.After(c.NotAfter):
		return fmt.Errorf("the certificate of %s is for %s to %s, and the signature is of %s", c.Subject, stampText(c.NotBefore), stampText(c.NotAfter), stampText(at))
	case !end.IsZero() && !at.Before(end):
		return fmt.Errorf("the policy says that the key of %s ended at %s, and the signature is of %s", c.Subject, stampText(end), stampText(at))
	}
	return nil
}

// certificates gives the files of a package's folder "certificates".
func (t *Trust) certificates() (out []File) {
	file := func(name string, certs []*x509.Certificate) {
		f := File{Name: name}
		for _, c := range certs {
			f.Bytes = append(f.Bytes, encodePEM(c.Raw)...)
		}
		if len(certs) > 0 {
			out = append(out, f)
		}
	}
	for _, a := range t.Authorities {
		file("authority-"+a.Name+".pem", a.Certificates)
	}
	file(organName, t.Organisation)
	return out
}

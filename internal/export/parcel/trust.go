package parcel

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

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
//
// An authority is believed on times only and the organisation on its signatures only: the
// organisation could otherwise date its own checkpoints.
type Trust struct {
	Policy      *ledger.Policy
	Authorities []Authority
	// Organisation is the certificate that signs reports and packages, and those above it.
	// More than one may sign: keys are renewed.
	Organisation []*x509.Certificate
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
	beginPEM         = "-----BEGIN CERTIFICATE-----"
	endPEM           = "-----END CERTIFICATE-----"
	maxTrust         = 1 << 20
)

// Deposit makes a policy file of a policy (see ledger.Deposit) and certificates.
func Deposit(policy []byte, authorities []Authority, organisation []*x509.Certificate) ([]byte, error) {
	var b bytes.Buffer
	b.Write(bytes.TrimRight(policy, "\n"))
	b.WriteByte('\n')
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
	t := &Trust{}
	var policy, block strings.Builder // the policy keeps the numbers of its lines
	var owner *[]*x509.Certificate
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		bad := func(what string) error {
			return zoeklicht.Errorf(zoeklicht.Invalid, "policy line %d: %s", i+1, what)
		}
		if inside || line == beginPEM {
			if inside = true; owner == nil {
				return nil, bad("nothing says whose certificate this is")
			}
			block.WriteString(line + "\n")
			policy.WriteByte('\n')
			if line != endPEM {
				continue
			}
			p, _ := pem.Decode([]byte(block.String()))
			if p == nil || p.Type != "CERTIFICATE" || len(p.Headers) > 0 {
				return nil, bad("the certificate that ends here is damaged")
			}
			c, err := x509.ParseCertificate(p.Bytes)
			if err != nil {
				return nil, bad("the certificate that ends here: " + err.Error())
			}
			*owner = append(*owner, c)
			inside = false
			block.Reset()
			continue
		}
		if name, ok := strings.CutPrefix(line, authorityLine); ok {
			if name != plainName(name) {
				return nil, bad(fmt.Sprintf("%.60q cannot be the name of an authority", name))
			}
			for _, a := range t.Authorities {
				if a.Name == name {
					return nil, bad(fmt.Sprintf("the authority %s is there twice", name))
				}
			}
			t.Authorities = append(t.Authorities, Authority{Name: name})
			owner = &t.Authorities[len(t.Authorities)-1].Certificates
		} else if line == organisationLine {
			owner = &t.Organisation
		}
		policy.WriteString(line + "\n")
	}
	if inside {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: its last certificate does not end")
	}
	var err error
	t.Policy, err = ledger.ParsePolicy([]byte(policy.String()))
	return t, err
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

// signers gives the certificates that are believed on signatures.
func (t *Trust) signers() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range t.Organisation {
		pool.AddCert(c)
	}
	return pool
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

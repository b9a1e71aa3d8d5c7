package http1

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/fetch"
)

// handshake speaks TLS on a connection and gives what it showed, on failure as
// well: a certificate that does not verify is evidence, and the handshake is
// broken off before a request is sent unless unverified ones are accepted.
//
// Certificates are checked against the machine's own time, not the theme's
// clock: a simulated day has no certificates of its own.
func handshake(ctx context.Context, nc net.Conn, host string, roots *x509.CertPool, accept bool) (*tls.Conn, *zoeklicht.TLSFacts, error) {
	name := strings.Trim(host, "[]")
	facts := &zoeklicht.TLSFacts{ServerName: name}
	var refused error
	tc := tls.Client(nc, &tls.Config{
		ServerName: name,
		NextProtos: []string{"http/1.1"},
		MinVersion: tls.VersionTLS12,
		// Go's own check would hide the chain that failed it; VerifyConnection
		// makes the same check and keeps what it saw.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			facts.Version = tls.VersionName(cs.Version)
			facts.Cipher = tls.CipherSuiteName(cs.CipherSuite)
			facts.ALPN = cs.NegotiatedProtocol
			for _, cert := range cs.PeerCertificates {
				facts.Chain = append(facts.Chain, cert.Raw)
			}
			err := verify(cs.PeerCertificates, name, roots)
			facts.Verified = err == nil
			if err != nil {
				facts.Problem = fetch.Plain(err.Error())
				if !accept {
					refused = err
				}
			}
			return refused
		},
	})
	err := tc.HandshakeContext(ctx)
	if refused != nil {
		err = &fetch.Failure{Fail: zoeklicht.FailTLS, Err: refused}
	}
	return tc, facts, err
}

func verify(chain []*x509.Certificate, name string, roots *x509.CertPool) error {
	if len(chain) == 0 {
		return errors.New("the server showed no certificate")
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between})
	return err
}

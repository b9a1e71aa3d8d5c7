package http1_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/fetchtest"
	"zoeklicht/internal/fetch/http1"
)

// certificate makes a certificate that is its own authority.
func certificate(t *testing.T, until time.Time, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}

// secure serves over TLS and counts the requests that got through.
func secure(t *testing.T, cfg *tls.Config) (host string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		io.WriteString(w, "secret")
	}))
	srv.TLS = cfg
	srv.Config.ErrorLog = quietLog()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "https://"), requests
}

func approveHost(t *testing.T, host string) *fetch.Approval {
	t.Helper()
	return fetchtest.Approve(t, func(src *zoeklicht.Source) { src.Scope.Hosts = []string{host} })
}

func TestTLS(t *testing.T) {
	t.Parallel()
	good, roots := certificate(t, time.Now().Add(24*time.Hour), "127.0.0.1", "ads.example")
	old, oldRoots := certificate(t, time.Now().Add(-time.Hour), "127.0.0.1")
	wrong, wrongRoots := certificate(t, time.Now().Add(time.Hour), "other.example")
	for _, test := range []struct {
		name    string
		cfg     *tls.Config
		roots   *x509.CertPool
		accept  bool
		failure zoeklicht.Fail
		problem string
	}{
		{"verifies", &tls.Config{Certificates: []tls.Certificate{good}}, roots, false, "", ""},
		{"verifies, TLS 1.2", &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, roots, false, "", ""},
		{"unknown authority", &tls.Config{Certificates: []tls.Certificate{good}}, x509.NewCertPool(), false, zoeklicht.FailTLS, "unknown authority"},
		{"expired", &tls.Config{Certificates: []tls.Certificate{old}}, oldRoots, false, zoeklicht.FailTLS, "expired"},
		{"other name", &tls.Config{Certificates: []tls.Certificate{wrong}}, wrongRoots, false, zoeklicht.FailTLS, "127.0.0.1"},
		{"expired, accepted", &tls.Config{Certificates: []tls.Certificate{old}}, oldRoots, true, "", "expired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host, requests := secure(t, test.cfg)
			c := http1.New(fetch.Config{AcceptUnverified: test.accept}, &fetch.Direct{Clock: time.Now}, time.Now, test.roots)
			defer c.Close()
			a := approveHost(t, host)
			ex := c.Get(t.Context(), fetch.Request{URL: "https://" + host + "/", Approval: a})[0]
			if ex.Failure != test.failure {
				t.Fatalf("%q (%s), want %q", ex.Failure, ex.Detail, test.failure)
			}
			f := ex.TLS
			if f == nil || f.ServerName != "127.0.0.1" || f.Version == "" || f.Cipher == "" || len(f.Chain) != 1 {
				t.Fatalf("the handshake was not recorded: %+v", f)
			}
			if string(f.Chain[0]) != string(test.cfg.Certificates[0].Certificate[0]) {
				t.Error("another certificate was recorded than was shown")
			}
			if f.Verified != (test.problem == "") || !strings.Contains(f.Problem, test.problem) {
				t.Errorf("verified %v, problem %q", f.Verified, f.Problem)
			}
			if test.failure != "" {
				if n := requests.Load(); n != 0 || len(ex.Request) != 0 {
					t.Errorf("%d requests went to a server that is not who it says", n)
				}
				return
			}
			if string(ex.Body) != "secret" || f.ALPN != "http/1.1" || !strings.HasPrefix(string(ex.Response), "HTTP/1.1 200") {
				t.Errorf("body %q, ALPN %q", ex.Body, f.ALPN)
			}
			again := c.Get(t.Context(), fetch.Request{URL: "https://" + host + "/", Approval: a})[0]
			if !again.Reused || again.TLS == nil || again.TLS.Verified != f.Verified {
				t.Errorf("second exchange: reused %v, TLS %+v", again.Reused, again.TLS)
			}
		})
	}
}

func TestTLSRefusals(t *testing.T) {
	t.Parallel()
	good, roots := certificate(t, time.Now().Add(24*time.Hour), "127.0.0.1")
	plain := fetchtest.Serve(t, text("no TLS here"))
	imap := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{good}, NextProtos: []string{"imap"}})
	ancient := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	hangsUp := rawListener(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	silent := rawListener(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	for _, test := range []struct {
		name, host string
		want       zoeklicht.Fail
	}{
		{"no TLS", plain.Host, zoeklicht.FailTLS},
		{"other protocol", imap, zoeklicht.FailTLS},
		{"TLS 1.1", ancient, zoeklicht.FailTLS},
		{"hangs up", hangsUp, zoeklicht.FailTLS},
		{"silent", silent, zoeklicht.FailTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := fetch.Config{}
			if test.want == zoeklicht.FailTimeout {
				cfg.Connect = 50 * time.Millisecond
			}
			c := http1.New(cfg, &fetch.Direct{Clock: time.Now}, time.Now, roots)
			defer c.Close()
			ex := c.Get(t.Context(), fetch.Request{URL: "https://" + test.host + "/", Approval: approveHost(t, test.host)})[0]
			if ex.Failure != test.want || ex.Status != 0 || ex.TLS == nil || !ex.Peer.IsValid() {
				t.Errorf("status %d, %q (%s), TLS %+v; want %q", ex.Status, ex.Failure, ex.Detail, ex.TLS, test.want)
			}
		})
	}
}

package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/keys/durable"
	"zoeklicht/internal/ledger"
)

// logFolder is where the log of a theme and year lies.
func logFolder(data string, name zoeklicht.ThemeName, year int) string {
	return filepath.Join(ledgerFolder(data, name), strconv.Itoa(year))
}

// ledgerFolder is where all logs of a theme lie.
func ledgerFolder(data string, name zoeklicht.ThemeName) string {
	return filepath.Join(data, "themes", string(name), "ledger")
}

// logOrigin names the log of a theme and year.
func logOrigin(instance string, name zoeklicht.ThemeName, year int) string {
	return instance + "/" + string(name) + "/" + strconv.Itoa(year)
}

// instance gives what the names of this installation's logs begin with: as configured, or
// else something random that is made once and kept in <data>/keys/instance.
func (p *platform) instance() (string, error) {
	if p.cfg.Ledger.Instance != "" {
		return p.cfg.Ledger.Instance, nil
	}
	path := filepath.Join(p.keyDir(), "instance")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var id [6]byte
		_, _ = rand.Read(id[:]) // never fails: see crypto/rand
		if err = durable.Once(path, []byte("zoeklicht.invalid/"+hex.EncodeToString(id[:])+"\n")); err == nil || errors.Is(err, fs.ErrExist) {
			b, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return "", fmt.Errorf("the name of this installation: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// logKeys gives a theme's log keys, with one for the log of this year and one for that of
// the next, so that witnesses can learn it before it signs anything.
func (p *platform) logKeys(name zoeklicht.ThemeName, now time.Time) (ring *keys.LogRing, err error) {
	instance, err := p.instance()
	if err != nil {
		return nil, err
	}
	for _, year := range []int{now.UTC().Year(), now.UTC().Year() + 1} {
		if ring, _, err = keys.EnsureLogKey(p.keyDir(), name, logOrigin(instance, name, year), now); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

// logPolicy reads the file that names the witnesses; nil where none is configured.
func logPolicy(cfg Config) ([]byte, error) {
	if cfg.Ledger.Policy == "" {
		return nil, nil
	}
	b, err := os.ReadFile(cfg.Ledger.Policy)
	if err == nil {
		_, err = ledger.ParsePolicy(b)
	}
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the policy of the logs: %w", err).With("nothing was started", "correct ledger.policy, or the file it names")
	}
	return b, nil
}

// keyRecord is what the ledger's record says of the keys of a theme's logs.
type keyRecord struct {
	Keys   []keys.LogKey `json:"keys"`
	Policy string        `json:"policy"` // SHA-256 of the file that names the witnesses, hex; empty for none
}

// noteKeys has the keys of a theme's logs, and who witnesses them, logged once for as long
// as they stay.
func (p *platform) noteKeys(ctx context.Context, name zoeklicht.ThemeName, ring *keys.LogRing) error {
	policy, err := logPolicy(p.cfg)
	if err != nil {
		return err
	}
	r := keyRecord{Keys: ring.Keys("")}
	if policy != nil {
		sum := sha256.Sum256(policy)
		r.Policy = hex.EncodeToString(sum[:])
	}
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	st, err := p.service(ctx, name, zoeklicht.Analysis, "keys")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	_, err = st.KeepRecord(ctx, zoeklicht.LeafKey, hex.EncodeToString(sum[:]), content)
	return err
}

// witnessHosts gives the host:port of each witness that a policy gives an address of.
func witnessHosts(policy []byte) ([]string, error) {
	var out []string
	for line := range strings.Lines(string(policy)) {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] != "witness" {
			continue
		}
		host, err := endpoint(f[3])
		if err != nil {
			return nil, err
		}
		out = append(out, host)
	}
	return out, nil
}

// endpoint gives what is connected to for an address.
func endpoint(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "%q is no address of a witness or an authority", address)
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])), nil
}

// onlyTo gives a client that connects to these and nowhere else, whatever it is told by
// whom it asks.
func onlyTo(hosts []string) *http.Client {
	allowed := map[string]bool{}
	for _, h := range hosts {
		allowed[h] = true
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if !allowed[addr] {
					return nil, zoeklicht.Errorf(zoeklicht.Denied, "%s is no witness and no authority of this configuration", addr)
				}
				return dialer.DialContext(ctx, network, addr)
			},
			TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
	}
}

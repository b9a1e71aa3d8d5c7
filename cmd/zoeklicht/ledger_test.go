package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// TestOnlyTo connects to who is named, and to nobody that one of these sends it to.
func TestOnlyTo(t *testing.T) {
	t.Parallel()
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	named := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer named.Close()
	host, err := endpoint(named.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := onlyTo([]string{host})
	resp, err := client.Get(named.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed: %s", resp.Status)
	}
	if resp, err := client.Get(other.URL); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("another host: %v", err)
		_ = resp.Body.Close()
	}
	if asked != 0 {
		t.Errorf("the other one was asked %d times", asked)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	hosts, err := witnessHosts([]byte("# who\nwitness a a+0a0a0a0a+BAAA https://one.invalid/w\nwitness b b+0a0a0a0a+BAAA\nwitness c c+0a0a0a0a+BAAA http://127.0.0.1:81/\nquorum a\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one.invalid:443", "127.0.0.1:81"}, hosts); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "ftp://one.invalid/", "one.invalid", "http://"} {
		if got, err := endpoint(bad); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%q is %q, %v", bad, got, err)
		}
	}
}

// TestLedgerSettings reads the authorities from a flag, and from a variable.
func TestLedgerSettings(t *testing.T) {
	t.Parallel()
	const text = "first http://127.0.0.1:1/ a.pem; second https://two.invalid/tsa b.pem"
	none := func(string) (string, bool) { return "", false }
	env := func(key string) (string, bool) {
		if key == "ZOEKLICHT_LEDGER_AUTHORITIES" {
			return text, true
		}
		return "", false
	}
	for name, load := range map[string]func() (Config, error){
		"flag": func() (Config, error) {
			return load(pflag.NewFlagSet("x", pflag.ContinueOnError), []string{"--ledger.authorities", text}, none)
		},
		"variable": func() (Config, error) { return load(pflag.NewFlagSet("x", pflag.ContinueOnError), nil, env) },
	} {
		cfg, err := load()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, a := range cfg.Ledger.Authorities {
			got = append(got, strings.Join([]string{a.Name, a.URL, a.Roots}, " "))
		}
		if want := []string{"first http://127.0.0.1:1/ a.pem", "second https://two.invalid/tsa b.pem"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := load(pflag.NewFlagSet("x", pflag.ContinueOnError), []string{"--ledger.authorities", "first http://127.0.0.1:1/"}, none); err == nil {
		t.Error("an authority without roots was taken")
	}
}

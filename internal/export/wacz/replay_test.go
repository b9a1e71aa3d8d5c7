package wacz

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"zoeklicht/internal/export/wacz/wacztest"
)

// TestReplay shows a file in ReplayWeb.page and asks it about the signature, and once
// more with another signature, to see that it looks.
func TestReplay(t *testing.T) {
	t.Parallel()
	file := made(t, sealed(t, 3))
	page := site + "/Ad/0?b=2&a=%C3%A9%20x"
	s := wacztest.Replay(t, file, page)
	if !strings.Contains(s.Text, "Relaxing massage by appointment 0") || s.Pictures != 1 || s.Signature != "true" {
		t.Errorf("%+v", s)
	}
	var d Digest
	if err := json.Unmarshal(wacztest.Entry(t, file, digestFile), &d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Observer Public Key: " + base64.StdEncoding.EncodeToString(d.SignedData.PublicKey), "Package Hash: " + d.Hash,
		"Created With: zoeklicht test", "Original URL: " + site + "/Ad/0",
	} {
		if !strings.Contains(s.Says, want) {
			t.Errorf("ReplayWeb.page does not say %q: %s", want, s.Says)
		}
	}
	at := bytes.LastIndex(file, []byte(`"signature": "`)) + len(`"signature": "`)
	bad := bytes.Clone(file)
	bad[at] = map[bool]byte{true: 'B', false: 'A'}[bad[at] == 'A']
	if s := wacztest.Replay(t, bad, page); s.Signature != "false" {
		t.Errorf("ReplayWeb.page accepts a damaged signature: %+v", s)
	}
}

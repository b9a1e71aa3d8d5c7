package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
)

// TestVerify checks the package that package parcel keeps, and what is none.
func TestVerify(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "export", "parcel", "testdata", "1")
	pack, err := os.ReadFile(filepath.Join(dir, "package.zip"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ReadFile(filepath.Join(dir, "deposited-policy"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(pack)
	damaged[len(damaged)/2] ^= 4
	for name, tc := range map[string]struct {
		file, policy []byte
		wantErr      string
		wantLine     string
		end          Verdict
	}{
		"deposited": {pack, policy, "", "by the policy that was deposited", Verdict{Policy: "deposited", Checks: 25, Holds: true}},
		"inside":    {pack, nil, "", "it agrees with itself", Verdict{Policy: "inside", Checks: 25, Holds: true}},
		"damaged":   {damaged, policy, "1 of 1 checks fail", "FAILS  zip ", Verdict{Policy: "deposited", Checks: 1, Failed: 1}},
		"no policy": {pack, []byte("quorum nobody\n"), "1 of 5 checks fail", "FAILS  policy ", Verdict{Policy: "deposited", Checks: 5, Failed: 1}},
		"believing nobody": {
			pack, []byte("quorum none\n"), "6 of 23 checks fail", "FAILS  log-signature ", Verdict{Policy: "deposited", Checks: 23, Failed: 6},
		},
		"encrypted": {[]byte("age-encryption.org/v1\n-> X25519 "), policy, "age --decrypt", "", Verdict{}},
		"empty":     {nil, policy, "1 of 1 checks fail", "FAILS  zip ", Verdict{Policy: "deposited", Checks: 1, Failed: 1}},
	} {
		file := filepath.Join(t.TempDir(), "package.zip")
		if err := os.WriteFile(file, tc.file, 0o600); err != nil {
			t.Fatal(err)
		}
		v := &Verify{Package: file, Policy: tc.policy}
		var text, lines bytes.Buffer
		err := v.Run(t.Context(), &Out{To: &text})
		if (err == nil) != (tc.wantErr == "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) || !strings.Contains(text.String(), tc.wantLine) {
			t.Errorf("%s: %v, want %q, and %q in\n%s", name, err, tc.wantErr, tc.wantLine, &text)
		}
		if err := v.Run(t.Context(), &Out{To: &lines, JSON: true}); (err == nil) != tc.end.Holds {
			t.Errorf("%s, JSON: %v", name, err)
		}
		if tc.end.Checks == 0 {
			continue
		}
		rows := strings.Split(strings.TrimSpace(lines.String()), "\n")
		var last Verdict
		if err := json.Unmarshal([]byte(rows[len(rows)-1]), &last); err != nil {
			t.Fatal(err)
		}
		if tc.end.Package = file; last != tc.end || len(rows) != tc.end.Checks+1 {
			t.Errorf("%s: %d lines, %+v", name, len(rows), last)
		}
		var first parcel.Check
		if err := json.Unmarshal([]byte(rows[0]), &first); err != nil || first.Name != "zip" {
			t.Errorf("%s: %s, %v", name, rows[0], err)
		}
	}
	for _, name := range []string{t.TempDir(), filepath.Join(t.TempDir(), "nothing")} {
		if err := (&Verify{Package: name}).Run(t.Context(), &Out{To: &bytes.Buffer{}}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Verify{Package: filepath.Join(dir, "package.zip")}).Run(ctx, &Out{To: &bytes.Buffer{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

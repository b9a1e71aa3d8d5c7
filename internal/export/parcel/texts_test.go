package parcel

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTexts: the texts of a format that packages are out in never change, or Verify would
// refuse those packages.
func TestTexts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"1/readme.txt.tmpl": "4225a3a65db335c918fc17cca8fffa89c94c257b46712672ce43c9918a9f07b6",
		"1/verify.py":       "4b295cfd3474435d93443702b90fc2b9ba612b68a83303613c10ea7b38c806e0",
		"1/verify.txt.tmpl": "c1532ccc61f28ab70780cef94d6d68f3a39ada167b65aa9733ea9709862c1354",
		"2/readme.txt.tmpl": "e0ad9f7f1c7ff6869449a182860f99665cfee01a81eff82e849d3712b41e8a46",
		"2/verify.py":       "5bd764656b02463d78baea62e77ec74956e8b554e56eec0ac6f7420abdad4b98",
		"2/verify.txt.tmpl": "f1170a7d45ca3c312b2b11aba321557b6545ade31d6a680022e608cb456f993a",
	} {
		b, err := texts.ReadFile("texts/" + name)
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); err != nil || got != want {
			t.Errorf("texts/%s is another one, %s: %v", name, got, err)
		}
	}
}

// TestScriptSum: the SHA-256 of verify.py stands where a court's expert finds it, outside of
// packages: in the documents and in the policy that is deposited.
func TestScriptSum(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"evidence/README.md", "en/evidence.md", "nl/evidence.md"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), ScriptSum()) {
			t.Errorf("docs/%s does not give the SHA-256 of verify.py, %s", file, ScriptSum())
		}
	}
	if w := bareWorld(t); !strings.Contains(string(w.policy), "\n# verify.py "+ScriptSum()+"\n") {
		t.Errorf("the policy does not name it:\n%s", w.policy)
	}
}

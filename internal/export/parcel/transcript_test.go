package parcel_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zoeklicht/internal/cli"
	"zoeklicht/internal/export/wacz/wacztest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/evidence/transcript.md anew from testdata")

// The package of the transcript stays as it is: what verifies it today must do so in
// years. Its policy is what was deposited.
const (
	packageFile = "testdata/2/package.zip"
	policyFile  = "testdata/2/deposited-policy"
	forgedFile  = "testdata/2/forged.zip"
)

const transcriptHead = `# Transcript

Written by a test (` + "`go test ./internal/export/parcel -run Transcript -update`" + `) from
[a package](../../internal/export/parcel/testdata/2/package.zip) and
[the policy](../../internal/export/parcel/testdata/2/deposited-policy) that was deposited for it. The same test fails when
anything of it comes out otherwise.

Geschreven door een test van een pakket en de policy die daarvoor was gedeponeerd. Dezelfde test slaagt niet als er iets
anders uitkomt.
`

// TestTranscript checks the package of testdata in all three ways, whole and with one bit
// flipped, and compares what is said with the document for the court's expert.
func TestTranscript(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"unzip", "sha256sum", "openssl", "python3", "gunzip", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, to check a package without our program", tool)
		}
	}
	dir := t.TempDir()
	for from, to := range map[string]string{packageFile: "package.zip", policyFile: "deposited-policy", forgedFile: "forged.zip"} {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var doc strings.Builder
	doc.WriteString(transcriptHead)
	section := func(title string) { fmt.Fprintf(&doc, "\n## %s\n", title) }
	shell := func(in, command string) { record(t, &doc, in, command) }
	section("Unpack · uitpakken")
	shell(dir, "sha256sum package.zip deposited-policy")
	shell(dir, "unzip -q package.zip -d package")
	inside := filepath.Join(dir, "package")
	shell(inside, "find . -type f | LC_ALL=C sort")
	shell(inside, "cat README.txt")
	section("With our program · met ons programma")
	ours(t, &doc, dir, "package.zip", "deposited-policy")
	ours(t, &doc, dir, "package.zip", "")
	section("With verify.py · met verify.py")
	shell(inside, "python3 -I verify.py ../deposited-policy")
	section("By typed commands · met getypte commando's")
	shell(inside, "sed 's,^POLICY=policy,POLICY=../deposited-policy,' VERIFY.txt > ../typed; sh ../typed")
	section("One bit flipped · één bit omgevallen")
	file := filepath.Join(dir, "package.zip")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("manifestcontext ")) + len("manifestcontext ")
	b[at] ^= 1
	if err := os.WriteFile(filepath.Join(dir, "damaged.zip"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	ours(t, &doc, dir, "damaged.zip", "deposited-policy")
	shell(dir, "unzip -q damaged.zip -d damaged 2>&1 | sed 's/ .*bad/ bad/'")
	shell(filepath.Join(dir, "damaged"), "python3 -I verify.py ../deposited-policy")
	section("Forged by whoever holds the organisation's key · vervalst door wie de sleutel van de organisatie heeft")
	ours(t, &doc, dir, "forged.zip", "deposited-policy")
	shell(dir, "unzip -q forged.zip -d forged")
	shell(filepath.Join(dir, "forged"), "python3 -I verify.py ../deposited-policy | grep -v ^holds")
	shell(filepath.Join(dir, "forged"), "sh ../typed | grep -e ^FAILS -e FAIL$")

	golden := filepath.Join("..", "..", "..", "docs", "evidence", "transcript.md")
	if *update {
		if err := os.WriteFile(golden, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), doc.String()); diff != "" {
		t.Errorf("docs/evidence/transcript.md says something else (-document +now):\n%s", diff)
	}
}

// record runs a command and writes it down with what it says and its exit code.
func record(t *testing.T, doc *strings.Builder, dir, command string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	write(doc, command, string(out), err == nil)
}

func write(doc *strings.Builder, command, out string, ok bool) {
	code := map[bool]string{true: "0", false: "1"}[ok]
	fmt.Fprintf(doc, "\n```text\n$ %s\n%s[exit %s]\n```\n", command, out, code)
}

// ours runs our own program's verb.
func ours(t *testing.T, doc *strings.Builder, dir, pack, policy string) {
	t.Helper()
	v := &cli.Verify{Package: filepath.Join(dir, pack)}
	command := "zoeklicht verify " + pack
	if policy != "" {
		command += " --policy " + policy
		var err error
		if v.Policy, err = cli.ReadFile(filepath.Join(dir, policy)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := v.Run(t.Context(), &cli.Out{To: &out, Err: &out})
	if err != nil {
		fmt.Fprintf(&out, "zoeklicht verify: %v\n", err)
	}
	write(doc, command, out.String(), err == nil)
}

// TestKeptWACZ reads the WACZ file of the kept package with other programs.
func TestKeptWACZ(t *testing.T) {
	t.Parallel()
	pack, err := os.ReadFile(packageFile)
	if err != nil {
		t.Fatal(err)
	}
	file := wacztest.Entry(t, pack, "capture.wacz")
	if records, lines := wacztest.Read(t, file); records != 12 || lines != 3 {
		t.Errorf("%d records, %d lines", records, lines)
	}
	wacztest.SameIndex(t, file)
}

package parcel

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/capture"
)

// unpacked writes a package to a file and unpacks it with unzip, as a stranger does.
func unpacked(t testing.TB, pack []byte) (dir string) {
	t.Helper()
	needs(t, "unzip", "sha256sum", "openssl", "python3", "gunzip")
	dir = filepath.Join(t.TempDir(), "package")
	file := dir + ".zip"
	if err := os.WriteFile(file, pack, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("unzip", "-q", file, "-d", dir).CombinedOutput(); err != nil {
		t.Fatalf("unzip: %v\n%s", err, out)
	}
	return dir
}

func needs(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, to check a package without our program", tool)
		}
	}
}

// run runs a command in a folder, with nothing of ours on its path, and gives what it
// says and whether it exits with 0.
func run(t testing.TB, dir string, command ...string) (string, bool) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=America/New_York", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// TestScript checks packages with verify.py: whole, with parts left out, and damaged.
func TestScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2, 3000)
	w.captures[1].LeftOut = map[string]string{"picture:0": "a person is in it", "request": ""}
	w.captures[2].After = nil
	dir := unpacked(t, w.packed(w.contents()))
	out, ok := run(t, dir, "python3", "-I", "verify.py")
	if !ok || strings.Contains(out, "FAILS") || !strings.HasSuffix(out, "all checks hold\n") {
		t.Fatalf("verify.py:\n%s", out)
	}
	if out, ok := run(t, dir, "python3", "verify.py"); ok || !strings.Contains(out, "python3 -I verify.py") {
		t.Errorf("verify.py takes what is beside it for a part of Python:\n%s", out)
	}
	policy := filepath.Join(t.TempDir(), "deposited")
	if err := os.WriteFile(policy, w.policy, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, ok := run(t, dir, "python3", "-I", "verify.py", policy); !ok || !strings.Contains(out, policy) {
		t.Errorf("verify.py with the deposited policy:\n%s", out)
	}
	if err := os.WriteFile(policy, bareWorld(t).policy, 0o600); err != nil {
		t.Fatal(err)
	}
	out, ok = run(t, dir, "python3", "-I", "verify.py", policy)
	for _, name := range []string{"signature", "log-signature", "witnesses", "timestamp"} {
		if ok || !strings.Contains(out, "FAILS  "+name) {
			t.Errorf("verify.py with the policy of another installation does not say that %s fails:\n%s", name, out)
		}
	}
	id := w.captures[0].Sealed.ID.String()
	for file, want := range map[string]string{
		"captures/" + id + "/leaf":             "FAILS  leaf captures/" + id,
		"captures/" + id + "/manifest":         "FAILS  leaf captures/" + id,
		"captures/" + id + "/salts":            "FAILS  manifest captures/" + id,
		"captures/" + id + "/proof.tlog-proof": "FAILS  inclusion captures/" + id,
		"checkpoints/1/checkpoint":             "FAILS  log-signature checkpoints/1/ ",
		"checkpoints/1/tsa-two.tst":            "FAILS  timestamp checkpoints/1/tsa-two.tst",
		"findings.txt":                         "FAILS  sums  findings.txt\n",
		"SHA256SUMS":                           "FAILS  signature",
	} {
		whole, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		bad, at := bytes.Clone(whole), min(40, len(whole)/2)
		if strings.HasSuffix(file, tokenEnd) {
			at = len(whole) - 1 // in the signature
		}
		bad[at] ^= 1
		if err := os.WriteFile(filepath.Join(dir, file), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, ok := run(t, dir, "python3", "-I", "verify.py"); ok || !strings.Contains(out, want) {
			t.Errorf("%s damaged at %d: want %q in\n%s", file, at, want, out)
		}
		if err := os.WriteFile(filepath.Join(dir, file), whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTyped runs the commands of VERIFY.txt, and takes verify.py out of it as it says.
func TestTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1, 3000)
	w.captures[0].LeftOut = map[string]string{"picture:0": "a person is in it"}
	dir := unpacked(t, w.packed(w.contents()))
	out, ok := run(t, dir, "sh", "-u", "VERIFY.txt")
	for want, times := range map[string]int{
		"holds  sums\n": 1, "holds  no other file\n": 1, "holds  signature of the organisation\n": 1, "holds    response\n": 2, "left out  image:0\n": 1,
		"index 1 of 4 in checkpoints/1/checkpoint\n": 1, "index 2 of 4 in checkpoints/1/checkpoint\n": 1, "holds  log and witnesses checkpoints/": 2,
		"cosigned: court university\n": 2, "holds  timestamp ": 4, "holds  content records/": 1, "holds  after captures/": 2, "Relaxing massage by appointment ": 1,
	} {
		if strings.Count(out, want) != times {
			t.Errorf("%q is there %d times, not %d", want, strings.Count(out, want), times)
		}
	}
	if !ok || strings.Contains(out, "FAILS") || t.Failed() {
		t.Errorf("VERIFY.txt:\n%s", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "VERIFY.txt"))
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(t.TempDir(), "deposited")
	for what, b := range map[string][]byte{"deposited": w.policy, "of another installation": bareWorld(t).policy} {
		if err := os.WriteFile(policy, b, 0o600); err != nil {
			t.Fatal(err)
		}
		typed := filepath.Join(t.TempDir(), "typed")
		if err := os.WriteFile(typed, bytes.Replace(text, []byte("POLICY=policy\n"), []byte("POLICY="+policy+"\n"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		out, ok := run(t, dir, "sh", "-u", typed)
		for _, good := range []string{"holds  signature of the organisation\n", "holds  log and witnesses ", "holds  timestamp "} {
			if strings.Contains(out, good) != (what == "deposited") || ok != (what == "deposited") {
				t.Errorf("VERIFY.txt with the policy %s: %q\n%s", what, good, out)
			}
		}
	}
	command := `sed -n 's/^#:[ ]\{0,1\}//p' VERIFY.txt`
	if !bytes.Contains(text, []byte(command)) {
		t.Errorf("VERIFY.txt does not say %s", command)
	}
	if out, _ := run(t, dir, "bash", "-c", command+" | cmp - verify.py && echo same"); out != "same\n" {
		t.Errorf("verify.py in VERIFY.txt is another one: %s", out)
	}
	t.Log(out)
}

// TestCharset: VERIFY.txt shows a page in the character set that it has.
func TestCharset(t *testing.T) {
	t.Parallel()
	for what, page := range map[string]struct{ kind, body string }{
		"in the header":    {"text/html; charset=windows-1252", "<p>caf\xe9, \x80 50</p>"},
		"as latin-1":       {"text/html; charset=\"ISO-8859-1\"", "<p>caf\xe9, \x80 50</p>"},
		"in the page":      {"text/html", "<meta charset=windows-1252><p>caf\xe9, \x80 50</p>"},
		"nowhere":          {"text/html", "<p>café, € 50</p>"},
		"one nobody knows": {"text/html; charset=x-own", "<p>café, € 50</p>"},
	} {
		w := newWorld(t, 1, 0, 0)
		v := w.visit(0, 0, 0)
		v.Chain = []*zoeklicht.Exchange{exchange(v.Task.URL, page.kind, []byte(page.body), v.At)}
		s, err := capture.New(capture.Config{}).Seal(v, &zoeklicht.Context{Theme: "practice", Build: strings.Repeat("0", 64), Clock: "simulated"})
		if err != nil {
			t.Fatal(err)
		}
		w.append(s.Leaf)
		checkpoint, tokens := w.publish()
		w.captures = []*Capture{{Sealed: s, At: v.At, Proof: w.prove(len(w.leaves)-1, checkpoint, tokens)}}
		out, ok := run(t, unpacked(t, w.packed(w.contents())), "sh", "-u", verifyName)
		if !ok || !strings.Contains(out, "<p>café, € 50</p>") {
			t.Errorf("%s:\n%s", what, out)
		}
	}
}

// TestNewPackage writes the package of the transcript, when asked to: once for a format,
// because what verifies an old package is the point of keeping one.
func TestNewPackage(t *testing.T) {
	if os.Getenv("ZOEKLICHT_NEW_PACKAGE") == "" {
		t.Skip("set ZOEKLICHT_NEW_PACKAGE to replace the package of the newest format in testdata")
	}
	w := newWorld(t, 2, 1, 300)
	w.captures[1].LeftOut = map[string]string{"picture:0": "there is a person in it"}
	dir := filepath.Join("testdata", strconv.Itoa(newest))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pack := w.packed(w.contents())
	forged := w.rebuilt(forgedCapture(t, captureFolder(w.captures[0].Sealed.ID.String()))(files(t, pack)), w.organKey)
	for name, body := range map[string][]byte{"package.zip": pack, "forged.zip": forged, "deposited-policy": w.policy} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKept: packages that were written by earlier versions verify, by our program, by the
// verify.py of today and by their own VERIFY.txt.
func TestKept(t *testing.T) {
	t.Parallel()
	for format := oldest; format <= newest; format++ {
		dir := filepath.Join("testdata", strconv.Itoa(format))
		pack, err := os.ReadFile(filepath.Join(dir, "package.zip"))
		if err != nil {
			t.Fatal(err)
		}
		policy, err := os.ReadFile(filepath.Join(dir, "deposited-policy"))
		if err != nil {
			t.Fatal(err)
		}
		if checks, err := verified(t, pack, policy); err != nil {
			t.Errorf("format %d: %v\n%v", format, err, checks)
		}
		inside := unpacked(t, pack)
		today := filepath.Join(t.TempDir(), scriptName)
		deposited := filepath.Join(t.TempDir(), "deposited")
		for path, body := range map[string][]byte{today: script(newest), deposited: policy} {
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, ok := run(t, inside, "python3", "-I", today, deposited, inside); !ok {
			t.Errorf("format %d, verify.py:\n%s", format, out)
		}
		if out, ok := run(t, inside, "bash", "-u", verifyName); !ok || strings.Contains(out, "FAILS") {
			t.Errorf("format %d, VERIFY.txt:\n%s", format, out)
		}
	}
}

package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht/internal/export/report/papertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file under testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	waiting := sample(t, "en", 1)
	waiting.Versions[0].Proof = Proof{}
	waiting.Practice, waiting.Absent, waiting.Appendices, waiting.Masked, waiting.Role = false, nil, nil, true, ""
	asked := answered(t, "en", 9)
	asked.Asker = "C. Colleague"
	for name, d := range map[string]*Document{
		"compare-nl.txt": compared(t, "nl"), "result-nl.txt": answered(t, "nl", 9), "result-en.txt": asked, "waiting-en.txt": waiting,
	} {
		out, err := Findings(d)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, out)
		if strings.Contains(string(out), "⟦") {
			t.Errorf("%s: a text is missing", name)
		}
	}
}

// TestDOCX has LibreOffice read the document: it says what the plain text says, but for
// the case of headings and the dashes of lists.
func TestDOCX(t *testing.T) {
	t.Parallel()
	papertest.Need(t, "soffice", "libreoffice-writer-nogui")
	langs := []string{"nl", "en"}
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + t.TempDir(), "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", dir}
	for _, lang := range langs {
		doc, err := DOCX(answered(t, lang, 9))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := DOCX(answered(t, lang, 9)); err != nil || !bytes.Equal(doc, again) {
			t.Errorf("the same document gives other bytes (%v)", err)
		}
		args = append(args, papertest.Write(t, lang+".docx", doc))
	}
	papertest.Run(t, "soffice", args...)
	for _, lang := range langs {
		got, err := os.ReadFile(filepath.Join(dir, lang+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := Findings(answered(t, lang, 9))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(said(string(text)), said(string(got))); diff != "" {
			t.Errorf("%s: LibreOffice reads (-want +got):\n%s", lang, diff)
		}
	}
}

// said gives the words of a text, however its lines begin.
func said(s string) (out []string) {
	for line := range strings.Lines(strings.ToUpper(strings.TrimPrefix(s, "\ufeff"))) {
		out = append(out, strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "- "))...)
	}
	return out
}

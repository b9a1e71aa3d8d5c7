package parcel

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// The texts of a format never change once packages of it are out, because Verify writes
// them again: other texts are another format.
//
//go:embed texts
var texts embed.FS

// text gives a text of a format.
func text(format int, name string) string {
	b, err := texts.ReadFile(fmt.Sprintf("texts/%d/%s", format, name))
	if err != nil {
		panic("package: " + err.Error()) // it was built without its texts
	}
	return string(b)
}

// script gives verify.py, the same in every package of a format.
func script(format int) []byte { return []byte(text(format, scriptName)) }

// ScriptSum gives the SHA-256 of the verify.py of packages that are written now, in hex. It
// stands in the policy that is deposited and in docs/evidence.
func ScriptSum() string { return fmt.Sprintf("%x", sha256.Sum256(script(newest))) }

// instructions gives VERIFY.txt: a shell script whose comments explain it, in Dutch and in
// English, with verify.py in full.
func instructions(x *index) []byte {
	about := struct {
		Title, ID                 string
		Checkpoints, Tokens, Page bool
		PDFs, Script              []string
	}{Title: oneLine(x.Title), Checkpoints: len(x.Checkpoints) > 0}
	about.Script = strings.Split(strings.TrimSuffix(text(x.version(), scriptName), "\n"), "\n")
	for _, c := range x.Checkpoints {
		about.Tokens = about.Tokens || len(c.Tokens) > 0
	}
	for _, d := range x.Documents {
		if strings.HasSuffix(d, ".pdf") {
			about.PDFs = append(about.PDFs, d)
		}
	}
	for i := range x.Captures {
		if c := &x.Captures[i]; about.ID == "" && c.Checkpoint > 0 {
			about.ID = c.ID
			for _, r := range c.Records {
				about.Page = about.Page || r.Name == "response"
			}
		}
	}
	return fill(text(x.version(), "verify.txt.tmpl"), "", about)
}

// maxLeft is how many lines README.txt has on what was left out; parcel.json has all.
const maxLeft = 200

// readme gives README.txt, in the package's own language first.
func readme(x *index) []byte {
	about := struct {
		*index
		Unwitnessed int
		Left        []string
	}{index: x}
	for i := range x.Captures {
		c := &x.Captures[i]
		if c.Checkpoint == 0 {
			about.Unwitnessed++
		}
		for _, l := range c.LeftOut {
			about.Left = append(about.Left, fmt.Sprintf("%s  %s: %s", c.ID, l.Name, oneLine(l.Reason)))
		}
	}
	if more := len(about.Left) - maxLeft; more > 0 {
		about.Left = append(about.Left[:maxLeft], fmt.Sprintf("+ %d: parcel.json", more))
	}
	first, second := "nl", "en"
	if x.Lang == second {
		first, second = second, first
	}
	return append(append(fill(text(x.version(), "readme.txt.tmpl"), first, about), '\n', '\n'), fill(text(x.version(), "readme.txt.tmpl"), second, about)...)
}

// fill fills a template of ours; one that fails would fail for every package, and a test
// finds it.
func fill(body, name string, data any) []byte {
	t := template.Must(template.New("").Funcs(template.FuncMap{
		"time": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	}).Parse(body))
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		panic("package: its texts: " + err.Error())
	}
	return b.Bytes()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

package parcel

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"
)

//go:embed verify.py
var verifyPy string

//go:embed verify.txt.tmpl
var verifyText string

//go:embed readme.txt.tmpl
var readmeText string

// script gives verify.py, the same in every package.
func script() []byte { return []byte(verifyPy) }

// instructions gives VERIFY.txt: a shell script whose comments explain it, in Dutch and in
// English, with the identifiers of this package, and verify.py in full.
func instructions(x *index) []byte {
	about := struct {
		Title, ID                 string
		Checkpoints, Tokens, Page bool
		PDFs, Script              []string
	}{Title: oneLine(x.Title), Checkpoints: len(x.Checkpoints) > 0, Script: strings.Split(strings.TrimSuffix(verifyPy, "\n"), "\n")}
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
	return fill(verifyText, "", about)
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
	return append(append(fill(readmeText, first, about), '\n', '\n'), fill(readmeText, second, about)...)
}

// fill fills a template of ours; one that fails would fail for every package, and a test
// finds it.
func fill(text, name string, data any) []byte {
	t := template.Must(template.New("").Funcs(template.FuncMap{
		"time": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	}).Parse(text))
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		panic("package: its texts: " + err.Error())
	}
	return b.Bytes()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

//go:build ignore

// Notice prints NOTICE: what bin/zoeklicht carries along, under which licence, with
// the licences' texts. A module whose licence it does not recognise is an error, so
// that a person reads it before it is shipped. build/notice calls it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is one Go module that is compiled in.
type module struct {
	Path, Version, Dir string
	part               bool     // a folder of a module that has a licence of its own
	licence            string   // SPDX expression
	text               string   // as the module has it
	copyright          []string // lines of text that claim it
	notice             string   // of the module's NOTICE file, which Apache-2.0 has us repeat
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "notice:", err)
		os.Exit(1)
	}
}

func run(to io.Writer) error {
	modules, err := linked()
	if err != nil {
		return err
	}
	for _, m := range modules {
		if err := m.read(); err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
	}
	goText, err := goLicence()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	fmt.Fprint(out, intro)
	if err := postgres(out); err != nil {
		return err
	}
	if err := vendored(out, "Files for the browser", assets); err != nil {
		return err
	}
	if err := vendored(out, "Fonts of reports", fonts); err != nil {
		return err
	}
	fmt.Fprint(out, "\n## Go modules compiled in\n\n| module | version | licence |\n|---|---|---|\n")
	for _, m := range modules {
		if !m.part {
			fmt.Fprintf(out, "| %s | %s | %s |\n", m.Path, m.Version, m.licence)
		}
	}
	fmt.Fprint(out, "\nThe runtime and the standard library of Go are compiled in as well (BSD-3-Clause), and with them the\n"+
		"time zone database of IANA (public domain).\n")
	std := &module{Path: "Go's runtime and standard library", licence: "BSD-3-Clause", text: goText, copyright: claims(goText)}
	texts(out, append([]*module{std}, modules...))
	for _, f := range []string{"PostgreSQL", "Snowball", "OpenSSL", "Unicode-DFS-2016", "libxml2", "Zlib"} {
		if err := whole(out, "Part of the packed PostgreSQL: "+f, filepath.Join(packed, f+".txt")); err != nil {
			return err
		}
	}
	if err := whole(out, "htmx", filepath.Join(assets, "LICENSE.htmx")); err != nil {
		return err
	}
	if err := whole(out, "DejaVu", filepath.Join(fonts, "LICENSE.DejaVu")); err != nil {
		return err
	}
	return out.Flush()
}

const (
	packed = "internal/postgres/pack/licences"
	assets = "internal/web/assets"
	fonts  = "internal/export/report/font"
)

const intro = `# NOTICE

Zoeklicht is licensed under the European Union Public Licence, version 1.2 (LICENSE.md). The program
bin/zoeklicht carries along what is listed here, under licences of its own; their texts follow below.
This file is made by build/notice; do not edit it by hand.
`

// linked gives the modules that the program is made of, in order of path.
func linked() ([]*module, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", "./cmd/zoeklicht")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var out []*module
	seen := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(b)); dec.More(); {
		var p struct {
			Dir    string
			Module *struct {
				module
				Main bool
			}
		}
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		if p.Module == nil || p.Module.Main {
			continue
		}
		m := p.Module.module
		if !seen[m.Dir] {
			seen[m.Dir] = true
			out = append(out, &m)
		}
		// A folder may hold code of others, with a licence beside it.
		for dir := p.Dir; dir != m.Dir && !seen[dir]; dir = filepath.Dir(dir) {
			seen[dir] = true
			if part := (&module{Path: m.Path + strings.TrimPrefix(dir, m.Dir), Version: m.Version, Dir: dir, part: true}); part.licensed() {
				out = append(out, part)
			}
		}
	}
	slices.SortFunc(out, func(a, b *module) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying)(\.(txt|md))?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice(\.(txt|md))?$`)
)

// licensed reports whether there is a licence in the module's very folder.
func (m *module) licensed() bool {
	entries, err := os.ReadDir(m.Dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return licenceFile.MatchString(e.Name()) })
}

func (m *module) read() error {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		switch {
		case err != nil: // a folder
		case licenceFile.MatchString(e.Name()):
			m.text += string(b)
		case noticeFile.MatchString(e.Name()):
			m.notice += string(b)
		}
	}
	if m.text == "" {
		return errors.New("it has no licence file")
	}
	if m.Path == "kernel.org/pub/linux/libs/security/libcap/psx" {
		// BSD or GPL, as one likes: it is used under the first of the two.
		i := strings.Index(m.text, "GPL v2.0:")
		if i < 0 {
			return errors.New("its licence is not the choice that it was")
		}
		m.text = strings.TrimRight(m.text[:i], "-\n ")
	}
	m.copyright = claims(m.text)
	m.licence, err = recognise(m.text)
	return err
}

// known are the licences that modules have, with words that only their texts have.
var known = []struct{ id, words string }{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"BSD-3-Clause", "endorse or promote products derived from this software"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce"},
	{"MIT", "permission is hereby granted, free of charge"},
	{"ISC", "permission to use, copy, modify, and/or distribute"},
	{"MPL-2.0", "mozilla public license version 2.0"},
}

// recognise gives the SPDX expression of a licence's text.
func recognise(text string) (string, error) {
	folded := fold(text)
	var found []string
	for _, k := range known {
		if strings.Contains(folded, k.words) && (k.id != "BSD-2-Clause" || !slices.Contains(found, "BSD-3-Clause")) {
			found = append(found, k.id)
		}
	}
	if len(found) == 0 {
		return "", errors.New("its licence is none of those known here: read it, and add it to build/notice.go if it may be carried")
	}
	return strings.Join(found, " AND "), nil
}

// fold gives a text in small letters with single spaces.
func fold(s string) string {
	return strings.NewReplacer(
		"license version 2.0 january", "license version 2.0, january", "mozilla public license, version", "mozilla public license version",
	).Replace(strings.ToLower(strings.Join(strings.Fields(s), " ")))
}

var claim = regexp.MustCompile(`(?i)^\W*(portions )?copyright (\(c\) |© |\d{4})`)

// claims gives the lines of a licence that say who has the copyright.
func claims(text string) (out []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if claim.MatchString(line) && !strings.Contains(line, "[yyyy]") && !strings.Contains(line, "{yyyy}") && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

var heading = regexp.MustCompile(`(?i)^\W*((the )?(mit|bsd|new bsd|simplified bsd|apache)( 2-clause| 3-clause)? license( \(mit\))?|all rights reserved\.?)\W*$`)

// body gives what is left of a licence's text when what differs from project to
// project is taken away: two modules with the same body share one printed text.
func body(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); claim.MatchString(line) || heading.MatchString(line) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.NewReplacer(`"`, "", "'", "", "“", "", "”", "", "*", "-", "http:", "https:").Replace(fold(strings.Join(kept, " ")))
}

// texts prints each licence's text once, with the modules that have it.
func texts(w io.Writer, modules []*module) {
	var order []string
	with := map[string][]*module{}
	for _, m := range modules {
		b := body(m.text)
		if with[b] == nil {
			order = append(order, b)
		}
		with[b] = append(with[b], m)
	}
	fmt.Fprint(w, "\n## Texts of the licences\n")
	for _, b := range order {
		first := with[b][0]
		fmt.Fprintf(w, "\n### %s\n\nFor:\n\n", first.licence)
		for _, m := range with[b] {
			fmt.Fprintf(w, "- %s\n", m.Path)
			for _, c := range m.copyright {
				fmt.Fprintf(w, "  %s\n", c)
			}
		}
		verbatim(w, first.text)
		for _, m := range with[b] {
			if m.notice != "" {
				fmt.Fprintf(w, "\nNOTICE of %s:\n", m.Path)
				verbatim(w, m.notice)
			}
		}
	}
}

func verbatim(w io.Writer, text string) {
	fmt.Fprintf(w, "\n```\n%s\n```\n", strings.Trim(strings.ReplaceAll(text, "\r\n", "\n"), "\n"))
}

func whole(w io.Writer, title, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n### %s\n", title)
	verbatim(w, string(b))
	return nil
}

// postgres prints what the packed PostgreSQL is made of, as its packer lists it.
func postgres(w io.Writer) error {
	pins, err := os.ReadFile("build/fetch-postgres.sh")
	if err != nil {
		return err
	}
	m := regexp.MustCompile(`(?m)^package=(\S+)$`).FindSubmatch(pins)
	if m == nil {
		return errors.New("build/fetch-postgres.sh names no package")
	}
	b, err := os.ReadFile(filepath.Join(packed, "README.md"))
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(b), "\n")
	fmt.Fprintf(w, "\n## PostgreSQL\n\nPacked from the npm package %s, unless built with `make build EMBED=0`.\n%s", m[1], rest)
	return nil
}

// vendored prints the files of others that a folder has.
func vendored(w io.Writer, title, folder string) error {
	b, err := os.ReadFile(filepath.Join(folder, "vendored.txt"))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n## %s\n\n| file | from | licence |\n|---|---|---|\n", title)
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 3 {
			continue
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", f[0], f[1], f[2])
	}
	return nil
}

func goLicence() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "LICENSE"))
	return string(b), err
}

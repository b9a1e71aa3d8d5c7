package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// The bounds of a pasted list.
const (
	maxLines    = 1000
	maxListLine = 300 // bytes of one line that are looked at
)

// listPage is the look-up of a list of numbers. What was pasted travels by POST alone:
// it stands in no address, and the answer is kept nowhere.
type listPage struct {
	page
	Pasted  string
	Errors  formErrors
	Ask     bool // a purpose is still to be stated
	Answer  []knownView
	At      time.Time
	AsOf    string // the answer's moment, for the same rows as CSV
	Lines   int
	Hits    int
	NoHits  int
	Rubbish int
	Twice   int
}

// knownView is a line of the answer.
type knownView struct {
	zoeklicht.Known
	To   string // the number's card
	Hit  bool
	Same int // the earlier line with the same number, 0 for none
}

func (s *site) listForm(q *request) error {
	d := listPage{page: q.page("list.title", "numbers")}
	if !d.MayList() {
		return notThere()
	}
	d.Ask = q.pass.Purpose() == ""
	return q.show(http.StatusOK, "list", d)
}

// list answers a pasted list: a row for each line that is not empty.
func (s *site) list(q *request) error {
	d := listPage{page: q.page("list.title", "numbers")}
	if !d.MayList() {
		return notThere()
	}
	if err := s.readList(q, &d); err != nil {
		return err
	}
	d.page = q.page("list.title", "numbers") // with the purpose as it is now
	d.Ask = q.pass.Purpose() == ""
	if len(d.Errors) > 0 {
		return q.show(http.StatusUnprocessableEntity, "list", d)
	}
	return q.show(http.StatusOK, "list", d)
}

// readList reads the form and looks its lines up; what is wrong with it is in d.Errors.
func (s *site) readList(q *request, d *listPage) error {
	d.Pasted = oneText(q.FormValue("lines"))
	problem, err := s.takePurpose(q)
	if err != nil {
		return err
	}
	var lines []string
	var at []int // the line as pasted, for each that is looked up
	for i, l := range strings.Split(d.Pasted, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines, at = append(lines, cut(l, maxListLine)), append(at, i+1)
		}
	}
	switch {
	case len(lines) == 0:
		d.Errors = append(d.Errors, formError{Field: "lines", What: "list.nothing"})
	case len(lines) > maxLines:
		d.Errors = append(d.Errors, formError{Field: "lines", What: "list.many", Args: []any{len(lines), maxLines}})
	}
	switch {
	case problem != "":
		d.Errors = append(d.Errors, formError{Field: "purpose-list", What: problem})
	case zoeklicht.CodeOf(q.pass.Allow(zoeklicht.ActReveal)) == zoeklicht.Invalid:
		d.Errors = append(d.Errors, formError{Field: "purpose-list", What: "frame.purpose-first"})
	}
	if len(d.Errors) > 0 {
		return nil
	}
	d.At = q.now
	if q.asOf.past() {
		d.At = q.asOf.At
	}
	if t, err := time.Parse(asOfExact, q.FormValue("at")); err == nil && !t.After(q.now) {
		d.At = t
	}
	d.AsOf = exactly(d.At)
	answer, err := s.Numbers.List(q.Context(), q.pass, lines, d.At)
	if err != nil {
		return err
	}
	first := map[string]int{}
	for _, k := range answer {
		if k.Line >= 1 && k.Line <= len(at) {
			k.Line = at[k.Line-1]
		}
		v := knownView{Known: k, Hit: k.Adverts > 0, Same: first[k.Value]}
		switch {
		case k.Value == "":
			d.Rubbish, v.Same = d.Rubbish+1, 0
		case v.Hit:
			d.Hits++
		default:
			d.NoHits++
		}
		if k.Value != "" && v.Same == 0 {
			first[k.Value] = k.Line
		}
		if v.Same > 0 {
			d.Twice++
		}
		if v.Hit {
			v.To = q.to("numbers", "q", k.Value)
		}
		d.Answer = append(d.Answer, v)
	}
	d.Lines = len(d.Answer)
	return nil
}

// listCSV gives the rows of a list's answer as a file, as of the same moment.
func (s *site) listCSV(q *request) error {
	d := listPage{page: q.page("list.title", "numbers")}
	if !d.MayList() {
		return notThere()
	}
	if err := s.readList(q, &d); err != nil {
		return err
	}
	if len(d.Errors) > 0 {
		d.Ask = q.pass.Purpose() == ""
		return q.show(http.StatusUnprocessableEntity, "list", d)
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="numbers-`+d.At.UTC().Format("20060102-150405")+`.csv"`)
	w := csv.NewWriter(q.w)
	w.Comma = ';' // what spreadsheets of this country take for a table
	t := q.words.T
	if err := w.Write([]string{t("list.col-line"), t("list.col-pasted"), t("list.col-number"), t("list.col-answer"), t("list.col-adverts"), t("list.col-online"), t("list.col-first"), t("list.col-last"), t("list.col-asof")}); err != nil {
		return nil //nolint:nilerr // the reader went away
	}
	for _, k := range d.Answer {
		row := []string{strconv.Itoa(k.Line), cell(k.Raw), cell(k.Value), t(k.Verdict()), "", "", "", "", q.words.UTC(d.At)}
		if k.Value != "" {
			row[4], row[5] = strconv.Itoa(k.Adverts), strconv.Itoa(k.Online)
		}
		if k.Hit {
			row[6], row[7] = q.words.Day(k.First), q.words.Day(k.Last)
		}
		if err := w.Write(row); err != nil {
			return nil //nolint:nilerr // the reader went away
		}
	}
	w.Flush()
	return nil
}

// cell keeps a spreadsheet from taking a text for a formula: numbers begin with a plus.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Verdict says in a word what a line came to.
func (v knownView) Verdict() wording.Key {
	switch {
	case v.Value == "":
		return "list.no-number"
	case v.Hit:
		return "list.hit"
	}
	return "list.no-hit"
}

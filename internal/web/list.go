package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/wording"
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
	Rubbish int // lines without a number
	Unfit   int // lines with what cannot be a number
	Twice   int
}

// knownView is a line of the answer.
type knownView struct {
	zoeklicht.Known
	Hit  bool
	Same int    // the earlier line with the same number, 0 for none
	Said string // what the line came to
	More string // the other numbers of the line, which were not answered for; empty for none
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

// pasted is a line of a pasted list that is looked up, and which one it was.
type pasted struct {
	N    int // from 1, empty lines counted
	Text string
}

// readList reads the form and looks its lines up; what is wrong with it is in d.Errors.
func (s *site) readList(q *request, d *listPage) error {
	d.Pasted = oneText(q.FormValue("lines"))
	problem, err := s.takePurpose(q)
	if err != nil {
		return err
	}
	lines := d.lines()
	switch {
	case problem != "":
		d.Errors = append(d.Errors, formError{Field: "purpose-list", What: problem})
	case zoeklicht.CodeOf(q.pass.Allow(zoeklicht.ActReveal)) == zoeklicht.Invalid:
		d.Errors = append(d.Errors, formError{Field: "purpose-list", What: "frame.purpose-first"})
	}
	if len(d.Errors) > 0 {
		return nil
	}
	d.At = q.listMoment()
	d.AsOf = exactly(d.At)
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	answer, err := s.Numbers.List(q.Context(), q.pass, texts, d.At)
	if err != nil {
		return err
	}
	d.answer(q.words, lines, answer)
	return nil
}

// lines cuts what was pasted into lines, without the empty ones. They are looked up as
// they are: what is too long for a number is said to be.
func (d *listPage) lines() (out []pasted) {
	n := 0
	for l := range strings.SplitSeq(d.Pasted, "\n") {
		n++
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, pasted{n, l})
		}
	}
	switch {
	case len(out) == 0:
		d.Errors = append(d.Errors, formError{Field: "lines", What: "list.nothing"})
	case len(out) > store.MaxLines:
		d.Errors = append(d.Errors, formError{Field: "lines", What: "list.many", Args: []any{len(out), store.MaxLines}})
	}
	return out
}

// listMoment is the moment that a list is answered as of: that of the answer on the
// screen, for its file, or else the page's.
func (q *request) listMoment() time.Time {
	if t, err := time.Parse(asOfExact, q.FormValue("at")); err == nil && !t.After(q.now) {
		return t
	}
	if q.asOf.past() {
		return q.asOf.At
	}
	return q.now
}

// answer words what each line came to, and counts.
func (d *listPage) answer(w wording.W, lines []pasted, answer []zoeklicht.Known) {
	first := map[string]int{}
	for _, k := range answer {
		if k.Line >= 1 && k.Line <= len(lines) {
			k.Line = lines[k.Line-1].N
		}
		v := knownView{Known: k, Hit: k.Adverts > 0}
		switch {
		case k.Value == "" && (k.Why == "" || k.Why == zoeklicht.NoDigits):
			d.Rubbish, v.Said = d.Rubbish+1, w.T("list.no-number")
		case k.Value == "":
			d.Unfit, v.Said = d.Unfit+1, w.T("list.cannot", w.T(shortUnfits[k.Why]))
		case v.Hit:
			d.Hits, v.Said = d.Hits+1, w.T("list.hit")
		default:
			d.NoHits, v.Said = d.NoHits+1, w.T("list.no-hit")
		}
		if k.Value != "" {
			if v.Same = first[k.Value]; v.Same == 0 {
				first[k.Value] = k.Line
			} else {
				d.Twice++
			}
		}
		if len(k.Also) > 0 {
			v.More = strings.Join(k.Also, ", ")
		}
		d.Answer = append(d.Answer, v)
	}
	d.Lines = len(d.Answer)
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
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	w.Comma = ';' // what spreadsheets of this country take for a table
	t := q.words.T
	if err := w.Write([]string{t("list.col-line"), t("list.col-pasted"), t("list.col-number"), t("list.col-answer"), t("list.col-adverts"), t("list.col-online"), t("list.col-first"), t("list.col-last"), t("list.col-asof"), t("list.col-also")}); err != nil {
		return err
	}
	for _, k := range d.Answer {
		row := []string{strconv.Itoa(k.Line), cell(k.Raw), cell(k.Value), k.Said, "", "", "", "", q.words.UTC(d.At), cell(k.More)}
		if k.Value != "" {
			row[4], row[5] = strconv.Itoa(k.Adverts), strconv.Itoa(k.Online)
		}
		if k.Hit {
			row[6], row[7] = q.words.Day(k.First), q.words.Day(k.Last)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	return q.send(file.Bytes())
}

// cell keeps a spreadsheet from taking a text for a formula: numbers begin with a plus.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

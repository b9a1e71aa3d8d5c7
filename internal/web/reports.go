package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// reportsPage is "something is wrong here": the form, and the reports: everybody's for
// who may answer them, and else one's own.
type reportsPage struct {
	page
	Screen string // what the report is about: a path, without its query
	Typed  string
	Errors formErrors
	All    bool // the reader may answer
	Open   []troubleView
	Closed []troubleView
}

// troubleView is one report.
type troubleView struct {
	zoeklicht.Trouble
	StateKey wording.Key
	To       string // where it is answered; empty for who may not
	Answers  []answerChoice
}

// answerChoice is a state that a report can be given.
type answerChoice struct {
	State  zoeklicht.TroubleState
	Key    wording.Key
	Chosen bool
}

// troubleState is a state of a report, and its words.
type troubleState struct {
	state zoeklicht.TroubleState
	key   wording.Key
}

// troubleStates are the states of a report, in the order of its life.
var troubleStates = []troubleState{
	{zoeklicht.TroubleNew, "report.new"},
	{zoeklicht.TroubleSeen, "report.seen"},
	{zoeklicht.TroubleMended, "report.mended"},
	{zoeklicht.TroubleDeclined, "report.declined"},
}

// maxReport is how long a report may be, in characters.
const maxReport = 2000

func (s *site) reports(q *request) error {
	d := reportsPage{page: q.page("report.title", "").fixed(), Screen: screenPath(q.FormValue("screen"))}
	return s.showReports(q, http.StatusOK, d)
}

// showReports reads the reports for the page.
func (s *site) showReports(q *request, status int, d reportsPage) error {
	list, err := s.Mender.Reports(q.Context(), q.pass)
	if err != nil {
		return err
	}
	d.All = d.RoleMay(zoeklicht.ActTrouble)
	for _, t := range list {
		v := troubleView{Trouble: t, StateKey: "report.new"}
		if d.All {
			v.To = q.to("reports/" + strconv.FormatInt(t.ID, 10))
		}
		for _, st := range troubleStates {
			if st.state == t.State {
				v.StateKey = st.key
			}
			if st.state != zoeklicht.TroubleNew {
				v.Answers = append(v.Answers, answerChoice{st.state, st.key, st.state == t.State})
			}
		}
		if t.State == zoeklicht.TroubleMended || t.State == zoeklicht.TroubleDeclined {
			d.Closed = append(d.Closed, v)
		} else {
			d.Open = append(d.Open, v)
		}
	}
	return q.show(status, "reports", d)
}

// report takes a report.
func (s *site) report(q *request) error {
	d := reportsPage{page: q.page("report.title", "").fixed(), Screen: screenPath(q.FormValue("screen")), Typed: oneText(q.FormValue("text"))}
	switch n := utf8.RuneCountInString(d.Typed); {
	case n < 10:
		d.Errors = formErrors{{Field: "text", What: "report.short"}}
	case n > maxReport:
		d.Errors = formErrors{{Field: "text", What: "report.long", Args: []any{maxReport}}}
	}
	if len(d.Errors) > 0 {
		return s.showReports(q, http.StatusUnprocessableEntity, d)
	}
	if err := s.Mender.Report(q.Context(), q.pass, d.Screen, d.Typed); err != nil {
		return err
	}
	q.note("report.sent")
	return q.redirect(q.to("reports"))
}

// answerReport gives a report a state, and an answer to who reported it.
func (s *site) answerReport(q *request) error {
	if !(page{q: q}).RoleMay(zoeklicht.ActTrouble) {
		return notThere()
	}
	id, err := strconv.ParseInt(q.PathValue("id"), 10, 64)
	state := zoeklicht.TroubleState(q.FormValue("state"))
	if err != nil || !slices.ContainsFunc(troubleStates[1:], func(t troubleState) bool { return t.state == state }) {
		return notThere()
	}
	answer := oneText(q.FormValue("answer"))
	if state != zoeklicht.TroubleSeen && utf8.RuneCountInString(answer) < 3 {
		q.note("report.answer-first")
		return q.redirect(q.to("reports"))
	}
	if err := s.Mender.AnswerReport(q.Context(), q.pass, id, state, cut(answer, maxReport)); err != nil {
		return hide(err)
	}
	q.note("report.answered")
	return q.redirect(q.to("reports"))
}

// screenPath takes the path of one of our screens: what was asked there stays out of it.
func screenPath(s string) string {
	s, _, _ = strings.Cut(s, "?")
	if len(s) > 200 || !strings.HasPrefix(s, "/") || strings.ContainsFunc(s, func(c rune) bool { return c < 0x21 || c == 0x7f || hidden(c) }) {
		return ""
	}
	return s
}

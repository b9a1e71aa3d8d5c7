package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

// maxMany is how many sites can be proposed at once.
const maxMany = 200

// manyPage is a pasted list of sites: the form, what it would propose, and what came of
// proposing it.
type manyPage struct {
	page
	Pasted   string
	Reason   string
	Priority string
	Errors   formErrors
	Lines    []siteLine
	Fresh    int // that would be proposed
	Left     int // that would not
	Done     bool
	Proposed int
	// Broken is the number under which the log has why the work ended halfway, "" where it
	// did not.
	Broken string
}

// siteLine is one pasted line and what is to be said of it.
type siteLine struct {
	N      int // from 1, as pasted
	Raw    string
	Host   string
	Home   string
	ID     zoeklicht.SourceID
	Known  string // title of the source of the register that has its host
	To     string
	Same   int // the earlier line with the same host
	Wrong  wording.Key
	Failed wording.Key // when proposing it failed
	Detail string
	Done   bool
}

// Fresh reports whether the line names a site that can be proposed.
func (l *siteLine) Fresh() bool { return l.Wrong == "" && l.Known == "" && l.Same == 0 }

func (s *site) manyForm(q *request) error {
	d := manyPage{page: q.page("many.title", "sources").fixed(), Priority: "3"}
	if !d.MayPropose() {
		return notThere()
	}
	return q.show(http.StatusOK, "many", d)
}

// many shows what a pasted list would propose, or proposes it. Nothing is connected to by
// either. Each line stands for itself: one that is refused does not hold up the others.
func (s *site) many(q *request) error {
	d := manyPage{page: q.page("many.title", "sources").fixed()}
	if !d.MayPropose() {
		return notThere()
	}
	d.Pasted, d.Reason, d.Priority = oneText(q.FormValue("sites")), oneText(q.FormValue("reason")), q.FormValue("priority")
	pasted := countLines(d.Pasted)
	if pasted <= maxMany {
		known, err := s.Register.Sources(q.Context(), q.pass)
		if err != nil {
			return err
		}
		d.Lines = readSites(d.Pasted, known)
	}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Fresh() {
			d.Fresh++
		} else {
			d.Left++
			if l.To != "" {
				l.To = q.to("sources/" + l.To)
			}
		}
	}
	priority, err := strconv.Atoi(d.Priority)
	if err != nil || priority < 1 || priority > 5 {
		d.Errors = append(d.Errors, formError{Field: "priority", What: "source.badpriority"})
	}
	switch {
	case pasted == 0:
		d.Errors = append(d.Errors, formError{Field: "sites", What: "many.nothing"})
	case pasted > maxMany:
		d.Errors = append(d.Errors, formError{Field: "sites", What: "many.limit", Args: []any{pasted, maxMany}})
	}
	if utf8.RuneCountInString(d.Reason) < 10 {
		d.Errors = append(d.Errors, formError{Field: "reason", What: "source.reason-short"})
	}
	switch {
	case len(d.Errors) > 0:
		d.Lines = nil
		return q.show(http.StatusUnprocessableEntity, "many", d)
	case q.FormValue("do") != "propose":
		return q.show(http.StatusOK, "many", d)
	}
	d.Done = true
	return q.show(s.proposeAll(q, &d, priority), "many", d)
}

// proposeAll proposes the sites of a list, and gives the status of the answer. Where the
// work cannot go on, what was proposed stays, and the page says which sites were not.
func (s *site) proposeAll(q *request, d *manyPage, priority int) int {
	status := http.StatusOK
	for i := range d.Lines {
		l := &d.Lines[i]
		switch {
		case !l.Fresh():
			continue
		case d.Broken != "":
			l.Failed = "many.not-tried"
			continue
		}
		if err := s.proposeLine(q, l, d.Reason, priority); err != nil {
			code := zoeklicht.CodeOf(err)
			s.logProblem(q.Request, code, err)
			status, d.Broken, l.Failed = statuses[code], refOf(q.Context()), "many.broke"
			continue
		}
		if l.Done {
			d.Proposed++
		}
	}
	return status
}

// countLines counts the lines that are not empty, before anything is done with them.
func countLines(s string) (n int) {
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(l) != "" {
			n++
		}
	}
	return n
}

// proposeLine proposes one site. What the register refuses is told in its line.
func (s *site) proposeLine(q *request, l *siteLine, reason string, priority int) error {
	src := &zoeklicht.Source{
		ID: l.ID, Title: l.Host, Home: l.Home, State: zoeklicht.Proposed, Priority: priority,
		Scope: zoeklicht.Scope{Hosts: []string{l.Host}}, Schedule: zoeklicht.Schedule{Every: 24 * time.Hour},
	}
	err := s.Register.Propose(q.Context(), q.pass, src, zoeklicht.Decision{Source: l.ID, Kind: zoeklicht.Propose, Reason: reason})
	switch zoeklicht.CodeOf(err) {
	case "":
		l.Done, l.To = true, q.to("sources/"+string(l.ID))
	case zoeklicht.Conflict:
		l.Failed = "source.taken"
	case zoeklicht.Invalid:
		l.Failed, l.Detail = "source.refused", err.Error()
	default:
		return err
	}
	return nil
}

// readSites reads a pasted list, a line for each that is not empty. A line's site is its
// host: pages of one host are one site.
func readSites(pasted string, known []zoeklicht.Source) []siteLine {
	hosts, ids := map[string]*zoeklicht.Source{}, names{map[zoeklicht.SourceID]bool{}, map[string]int{}}
	for i := range known {
		ids.taken[known[i].ID] = true
		for _, h := range known[i].Scope.Hosts {
			hosts[sameSite(h)] = &known[i]
		}
	}
	first := map[string]int{}
	var out []siteLine
	for i, raw := range strings.Split(pasted, "\n") {
		raw = strings.TrimSpace(raw)
		if raw == "" {
			continue
		}
		l := siteLine{N: i + 1, Raw: cut(raw, 200)}
		if l.Home, l.Wrong = readSite(raw); l.Wrong == "" {
			l.Host = hostOf(l.Home)
			bare := sameSite(l.Host)
			if src := hosts[bare]; src != nil {
				l.Known, l.To = src.Title, string(src.ID)
			} else if n := first[bare]; n > 0 {
				l.Same = n
			} else {
				first[bare] = l.N
				l.ID = ids.free(idOf(bare))
			}
		}
		out = append(out, l)
	}
	return out
}

// idOf makes a source's identifier of a host.
func idOf(host string) string {
	words := strings.FieldsFunc(text.FoldString(host), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) > 1 && words[0] == "www" {
		words = words[1:]
	}
	id := strings.Trim(cut(strings.Join(words, "-"), 50), "-…")
	if id == "" {
		return "site"
	}
	return id
}

// names gives identifiers that nobody has.
type names struct {
	taken map[zoeklicht.SourceID]bool
	next  map[string]int // the number to try next, by stem: a list may have thousands of one
}

// free gives an identifier, or the first of its followers that nobody has, and keeps it.
func (n *names) free(stem string) zoeklicht.SourceID {
	id := zoeklicht.SourceID(stem)
	for i := max(2, n.next[stem]); n.taken[id]; i++ {
		id, n.next[stem] = zoeklicht.SourceID(stem+"-"+strconv.Itoa(i)), i+1
	}
	n.taken[id] = true
	return id
}

// Priorities are those that a proposal can have.
func (d manyPage) Priorities() []string { return []string{"1", "2", "3", "4", "5"} }

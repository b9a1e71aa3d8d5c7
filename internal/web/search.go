package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// dayParam is how days stand in addresses that we make. People type dd-mm-jjjj, and
// addresses made by forms hold what they typed.
const dayParam = "02-01-2006"

// searchPage is a question and, once it was asked, its answer.
type searchPage struct {
	page
	Form    searchForm
	Facets  *zoeklicht.Facets
	Sources map[zoeklicht.SourceID]string // titles
	Chips   []chip
	Errors  formErrors
	Answer  *answerView // nil before anything was asked
	Empty   *emptyView  // what to say where nothing was found
}

// answerView is a result as the screen shows it.
type answerView struct {
	*zoeklicht.Result
	Rows      []rowView
	Chart     *chart
	Places    []unitBar
	Permanent string // the address that gives this answer for ever
	Page      int
	Pages     int
	Prev      string
	Next      string
	First     int // positions of the first and last row on this page
	Last      int
}

// emptyView says what was searched where nothing was found.
type emptyView struct {
	Sources    int
	Down       []string // titles of sources whose last run was not complete
	Suggestion wording.Key
}

// search shows the form, and asks the question when there is one.
func (s *site) search(q *request) error {
	if !(page{q: q}).MaySearch() {
		return notThere()
	}
	d := searchPage{page: q.page("search.title", "search"), Form: readSearchForm(q.URL.Query())}
	var err error
	if d.Errors, err = s.unknown(q, &d.Form); err != nil {
		return err
	}
	question, errs := d.Form.question()
	d.Errors = append(d.Errors, errs...)
	ask := len(d.Errors) == 0 && (!d.Form.empty() || q.FormValue("go") != "")
	if ask {
		r, err := s.Search.Search(q.Context(), q.pass, question, q.asOf.At, pageOf(q))
		switch zoeklicht.CodeOf(err) {
		case "":
			return s.answer(q, d, r)
		case zoeklicht.Invalid, zoeklicht.Limit:
			// The question cannot be understood. What the room below says of it is in
			// English; the form keeps what was typed.
			d.Errors = append(d.Errors, formError{Field: "q", What: "search.notunderstood", Detail: err.Error()})
		default:
			return err
		}
	}
	if err := s.facets(q, &d, q.asOf.At); err != nil {
		return err
	}
	status := http.StatusOK
	if len(d.Errors) > 0 {
		status = http.StatusUnprocessableEntity
		d.Form.Open = true
	}
	d.Chips = q.chips(d.Form, d.Sources)
	return q.show(status, "search", d)
}

// result shows a kept answer again.
func (s *site) result(q *request) error {
	if !(page{q: q}).MaySearch() {
		return notThere()
	}
	id := zoeklicht.ResultID(q.PathValue("id"))
	r, err := s.Search.Result(q.Context(), q.pass, id, pageOf(q))
	if err != nil {
		return hide(err)
	}
	if last := s.pagesOf(r); pageOf(q) > last {
		return q.redirect(permanent(q, r.ID, last))
	}
	d := searchPage{page: q.page("search.title", "search"), Form: formOf(r.Question)}
	d.bar.At = r.AsOf
	d.bar.Again = q.question(r.Question, "")
	d.bar.Back = d.bar.Again
	// A while after it was asked, an answer is about the past.
	d.bar.Past = q.now.Sub(r.AsOf) > 10*time.Minute
	return s.answer(q, d, r)
}

// answer completes the page around a result.
func (s *site) answer(q *request, d searchPage, r *zoeklicht.Result) error {
	if err := s.facets(q, &d, r.AsOf); err != nil {
		return err
	}
	d.Chips = q.chips(d.Form, d.Sources)
	at := *q
	if d.bar.Past {
		// Rows lead to adverts as they were known then.
		at.asOf = asOf{At: r.AsOf, Param: exactly(r.AsOf)}
	}
	v := &answerView{
		Result: r, Rows: at.rows(r, d.Sources), Permanent: permanent(q, r.ID, 1),
		Page: pageOf(q), Pages: s.pagesOf(r),
	}
	v.Chart = newChart(r.Days, q.words, func(from, to string) string {
		narrowed := r.Question
		narrowed.From, narrowed.To = from, to
		return at.question(narrowed, at.asOf.Param)
	})
	v.Places = unitBars(r.Units, q.words, func(unit string) string {
		narrowed := r.Question
		narrowed.Unit = unit
		return at.question(narrowed, at.asOf.Param)
	})
	if len(v.Rows) > 0 {
		v.First, v.Last = v.Rows[0].Position, v.Rows[len(v.Rows)-1].Position
	}
	turn := func(n int) string {
		if n < 1 || n > v.Pages {
			return ""
		}
		return permanent(q, r.ID, n)
	}
	v.Prev, v.Next = turn(v.Page-1), turn(v.Page+1)
	d.Answer = v
	if r.Adverts == 0 {
		var err error
		if d.Empty, err = s.empty(q, r.Question); err != nil {
			return err
		}
	}
	return q.show(http.StatusOK, "search", d)
}

// pagesOf is how many pages a result has.
func (s *site) pagesOf(r *zoeklicht.Result) int {
	return max(1, (r.Adverts+s.cfg.PageSize-1)/s.cfg.PageSize)
}

// permanent is the address that gives a page of a result for ever.
func permanent(q *request, id zoeklicht.ResultID, page int) string {
	v := url.Values{}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return address("/t/"+string(q.theme.Name)+"/results/"+string(id), v)
}

// facets adds what a question can be narrowed to, and the titles of sources.
func (s *site) facets(q *request, d *searchPage, asOf time.Time) error {
	var err error
	if d.Facets, err = s.Search.Facets(q.Context(), q.pass, asOf); err != nil {
		return err
	}
	all, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return err
	}
	d.Sources = titles(all)
	for _, f := range d.Facets.Sources {
		if id := zoeklicht.SourceID(f.Value); d.Sources[id] == "" {
			d.Sources[id] = f.Value
		}
	}
	return nil
}

// empty says what was searched, which sources were down, and one thing to try.
func (s *site) empty(q *request, asked zoeklicht.Question) (*emptyView, error) {
	v := &emptyView{}
	sources, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	runs, err := s.Runs.Latest(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	incomplete := map[zoeklicht.SourceID]bool{}
	for _, r := range runs {
		v := viewRun(r, q.now)
		incomplete[r.Source] = !v.OK && !v.Running
	}
	for i := range sources {
		src := &sources[i]
		if src.State != zoeklicht.Approved || len(asked.Sources) > 0 && !slices.Contains(asked.Sources, src.ID) {
			continue
		}
		v.Sources++
		if incomplete[src.ID] || !src.Active(q.now) {
			v.Down = append(v.Down, src.Title)
		}
	}
	switch {
	case asked.Phone != "" && len(asked.Phone) > 8:
		v.Suggestion = "search.try-digits"
	case asked.From != "" || asked.To != "":
		v.Suggestion = "search.try-days"
	case strings.Contains(asked.Text, `"`):
		v.Suggestion = "search.try-unquoted"
	case len(strings.Fields(asked.Text)) > 1:
		v.Suggestion = "search.try-fewer"
	case asked.Place != "" || len(asked.Sources) > 0 || asked.Lang != "" || asked.State != "" || asked.Picture != "" ||
		len(asked.Indicators) > 0 || asked.MinScore > 0 || asked.Feedback != "" || asked.Unit != "":
		v.Suggestion = "search.try-filters"
	default:
		v.Suggestion = "search.try-other"
	}
	return v, nil
}

func pageOf(q *request) int {
	n, err := strconv.Atoi(q.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1e6 {
		return 1
	}
	return n
}

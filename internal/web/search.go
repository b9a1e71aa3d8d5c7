package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
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

// searchForm is what stands in the form, as typed.
type searchForm struct {
	Text, From, To, Place, Phone, Lang, State, Picture string
	Sources                                            []string
	Newest                                             bool
	Open                                               bool // filters are in use, or wrong
}

// HasSource reports whether a source is chosen.
func (f searchForm) HasSource(id string) bool { return slices.Contains(f.Sources, id) }

// TitleOf gives the title of a source.
func (f searchForm) TitleOf(titles map[zoeklicht.SourceID]string, id string) string {
	return titles[zoeklicht.SourceID(id)]
}

// formError is something wrong with one field.
type formError struct {
	Field string // its id
	What  wording.Key
	Args  []any
	// Detail is what a room below said, in English.
	Detail string
}

// formErrors are what is wrong with a form.
type formErrors []formError

// On gives what is wrong with a field, nil if nothing is.
func (e formErrors) On(field string) *formError {
	for i := range e {
		if e[i].Field == field {
			return &e[i]
		}
	}
	return nil
}

// chip is a filter in force, with the address without it.
type chip struct {
	Label, Value string
	Without      string
}

// answerView is a result as the screen shows it.
type answerView struct {
	*zoeklicht.Result
	Rows      []rowView
	Chart     *chart
	Permanent string // the address that gives this answer for ever
	Page      int
	Pages     int
	Prev      string
	Next      string
	First     int // positions of the first and last row on this page
	Last      int
}

// rowView is one line of a result.
type rowView struct {
	Position  int
	To        string
	Title     []zoeklicht.Span
	Snippet   []zoeklicht.Span
	Phones    []string // masked
	Place     string
	Price     string
	Source    string
	Lang      string
	FirstSeen time.Time
	LastSeen  time.Time
	Gone      bool
	Version   int
	Matches   int
	Pictures  int
	Missing   int
	Destroyed bool
	Rule      string
}

// LaterDay reports whether the advert was seen on more than one day.
func (r rowView) LaterDay() bool {
	return r.LastSeen.Sub(r.FirstSeen) >= 24*time.Hour || r.LastSeen.YearDay() != r.FirstSeen.YearDay()
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
	question, errs := d.Form.question()
	d.Errors = errs
	ask := len(errs) == 0 && (!d.Form.empty() || q.FormValue("go") != "")
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
	d.Sources = map[zoeklicht.SourceID]string{}
	if d.MaySources() {
		all, err := s.Register.Sources(q.Context(), q.pass)
		if err != nil {
			return err
		}
		d.Sources = titles(all)
	}
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
	sources, err := s.Register.Sources(q.Context(), q.pass)
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
	case asked.Place != "" || len(asked.Sources) > 0 || asked.Lang != "" || asked.State != "" || asked.Picture != "":
		v.Suggestion = "search.try-filters"
	default:
		v.Suggestion = "search.try-other"
	}
	return v, nil
}

func titles(sources []zoeklicht.Source) map[zoeklicht.SourceID]string {
	m := map[zoeklicht.SourceID]string{}
	for i := range sources {
		m[sources[i].ID] = sources[i].Title
	}
	return m
}

// rows makes the lines of a result. Matched words are marked in title and snippet;
// what the store masked stays so.
func (q *request) rows(r *zoeklicht.Result, sources map[zoeklicht.SourceID]string) []rowView {
	words, err := text.ParseQuery(r.Question.Text)
	if err != nil {
		words = text.Query{} // it was understood when it was asked; then it marks nothing
	}
	out := make([]rowView, 0, len(r.Rows))
	for i := range r.Rows {
		row := &r.Rows[i]
		v := &row.Version
		line := rowView{Position: row.Position, Matches: row.Matches, Destroyed: v.Destroyed, Rule: v.Rule}
		if !v.Destroyed {
			line.To = q.to("adverts/"+strconv.FormatInt(int64(v.Advert), 10), "v", strconv.Itoa(v.N))
			line.Title = text.Mark(strings.Join(strings.Fields(v.Title), " "), words)
			line.Snippet = row.Snippet
			line.Place, line.Price, line.Lang, line.Version = v.Place, v.Price, v.Lang, v.N
			if line.Source = sources[v.Source]; line.Source == "" {
				line.Source = string(v.Source)
			}
			line.FirstSeen, line.LastSeen, line.Gone = row.Advert.FirstSeen, row.Advert.LastSeen, row.Advert.Gone()
			for _, e := range v.Entities {
				if e.Type == zoeklicht.Phone && !slices.Contains(line.Phones, e.Value) {
					line.Phones = append(line.Phones, e.Value)
				}
			}
			for _, p := range v.Pictures {
				if line.Pictures++; p.Failure != "" {
					line.Missing++
				}
			}
		}
		out = append(out, line)
	}
	return out
}

func pageOf(q *request) int {
	n, err := strconv.Atoi(q.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1e6 {
		return 1
	}
	return n
}

// readSearchForm reads the form as typed. Sources that are no names of sources are
// left out.
func readSearchForm(v url.Values) searchForm {
	f := searchForm{
		Text: v.Get("q"), From: v.Get("from"), To: v.Get("to"), Place: v.Get("place"), Phone: v.Get("phone"),
		Lang: v.Get("lang"), State: v.Get("state"), Picture: v.Get("picture"), Newest: v.Get("newest") != "",
	}
	for _, id := range v["source"] {
		if id != "" && len(id) <= 100 && !slices.Contains(f.Sources, id) {
			f.Sources = append(f.Sources, id)
		}
	}
	for _, p := range []*string{&f.Text, &f.From, &f.To, &f.Place, &f.Phone, &f.Lang, &f.State, &f.Picture} {
		*p = strings.TrimSpace(*p)
	}
	slices.Sort(f.Sources)
	return f
}

func (f searchForm) empty() bool {
	return f.Text == "" && f.From == "" && f.To == "" && f.Place == "" && f.Phone == "" && f.Lang == "" &&
		f.State == "" && f.Picture == "" && !f.Newest && len(f.Sources) == 0
}

// question turns what was typed into a question, or says which fields are wrong.
func (f searchForm) question() (zoeklicht.Question, []formError) {
	q := zoeklicht.Question{
		Text: f.Text, Place: f.Place, Phone: f.Phone, Lang: f.Lang, State: f.State, Picture: f.Picture, Newest: f.Newest,
	}
	for _, id := range f.Sources {
		q.Sources = append(q.Sources, zoeklicht.SourceID(id))
	}
	var errs []formError
	var ok bool
	if q.From, ok = wording.ParseDay(f.From); !ok {
		errs = append(errs, formError{Field: "from", What: "search.badday", Args: []any{f.From}})
	}
	if q.To, ok = wording.ParseDay(f.To); !ok {
		errs = append(errs, formError{Field: "to", What: "search.badday", Args: []any{f.To}})
	}
	if len(errs) == 0 && q.From != "" && q.To != "" && q.To < q.From {
		errs = append(errs, formError{Field: "to", What: "search.daysreversed"})
	}
	if n := countDigits(f.Phone); f.Phone != "" && (n < 4 || n > 20) {
		errs = append(errs, formError{Field: "phone", What: "search.badphone"})
	}
	return q, errs
}

func countDigits(s string) int {
	return len(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text.FoldString(s)))
}

// formOf gives the form that asks a question.
func formOf(q zoeklicht.Question) searchForm {
	f := searchForm{
		Text: q.Text, Place: q.Place, Phone: q.Phone, Lang: q.Lang, State: q.State, Picture: q.Picture, Newest: q.Newest,
		From: typedDay(q.From), To: typedDay(q.To),
	}
	for _, id := range q.Sources {
		f.Sources = append(f.Sources, string(id))
	}
	return f
}

func typedDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return t.Format(dayParam)
}

// values gives the parameters that fill the form.
func (f searchForm) values() url.Values {
	v := url.Values{}
	set := func(k, s string) {
		if s != "" {
			v.Set(k, s)
		}
	}
	set("q", f.Text)
	set("from", f.From)
	set("to", f.To)
	set("place", f.Place)
	set("phone", f.Phone)
	set("lang", f.Lang)
	set("state", f.State)
	set("picture", f.Picture)
	for _, id := range f.Sources {
		v.Add("source", id)
	}
	if f.Newest {
		v.Set("newest", "1")
	}
	return v
}

// question gives the address that asks a question as of a moment, empty for now.
func (q *request) question(asked zoeklicht.Question, asOf string) string {
	return q.asks(formOf(asked), asOf)
}

func (q *request) asks(f searchForm, asOf string) string {
	v := f.values()
	if len(v) == 0 {
		v.Set("go", "1")
	}
	if asOf != "" {
		v.Set("asof", asOf)
	}
	return address("/t/"+string(q.theme.Name)+"/search", v)
}

// chips lists the filters in force.
func (q *request) chips(f searchForm, sources map[zoeklicht.SourceID]string) []chip {
	var out []chip
	add := func(label wording.Key, value string, without searchForm) {
		out = append(out, chip{q.words.T(label), value, q.asks(without, q.asOf.Param)})
	}
	drop := func(change func(*searchForm)) searchForm {
		g := f
		g.Sources = slices.Clone(f.Sources)
		change(&g)
		return g
	}
	if f.From != "" {
		add("search.from", f.From, drop(func(g *searchForm) { g.From = "" }))
	}
	if f.To != "" {
		add("search.to", f.To, drop(func(g *searchForm) { g.To = "" }))
	}
	for i, id := range f.Sources {
		title := sources[zoeklicht.SourceID(id)]
		if title == "" {
			title = id
		}
		add("search.source", title, drop(func(g *searchForm) { g.Sources = slices.Delete(g.Sources, i, i+1) }))
	}
	if f.Place != "" {
		add("search.place", f.Place, drop(func(g *searchForm) { g.Place = "" }))
	}
	if f.Phone != "" {
		add("search.phone", f.Phone, drop(func(g *searchForm) { g.Phone = "" }))
	}
	if f.Lang != "" {
		add("search.lang", q.words.Language(f.Lang), drop(func(g *searchForm) { g.Lang = "" }))
	}
	if key, ok := stateKeys[f.State]; ok {
		add("search.state", q.words.T(key), drop(func(g *searchForm) { g.State = "" }))
	}
	if key, ok := pictureKeys[f.Picture]; ok {
		add("search.picture", q.words.T(key), drop(func(g *searchForm) { g.Picture = "" }))
	}
	if f.Newest {
		add("search.versions", q.words.T("search.newest-chip"), drop(func(g *searchForm) { g.Newest = false }))
	}
	return out
}

var stateKeys = map[string]wording.Key{"online": "search.online", "gone": "search.gone"}

var pictureKeys = map[string]wording.Key{"with": "search.with", "without": "search.without", "missing": "search.missing"}

package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// searchForm is what stands in the form, as typed.
type searchForm struct {
	Text, From, To, Place, Phone, Lang, State, Picture string
	Sources                                            []string
	Indicators                                         []string
	Risk, Feedback, Unit                               string
	Newest                                             bool
	Open                                               bool // filters are in use, or wrong
}

// HasSource reports whether a source is chosen.
func (f searchForm) HasSource(id string) bool { return slices.Contains(f.Sources, id) }

// HasIndicator reports whether a rule is chosen.
func (f searchForm) HasIndicator(id zoeklicht.IndicatorID) bool {
	return slices.Contains(f.Indicators, string(id))
}

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

// readSearchForm reads the form as typed.
func readSearchForm(v url.Values) searchForm {
	f := searchForm{
		Text: v.Get("q"), From: v.Get("from"), To: v.Get("to"), Place: v.Get("place"), Phone: v.Get("phone"),
		Lang: v.Get("lang"), State: v.Get("state"), Picture: v.Get("picture"), Newest: v.Get("newest") != "",
	}
	for _, id := range v["source"] {
		if id != "" && !slices.Contains(f.Sources, id) {
			f.Sources = append(f.Sources, id)
		}
	}
	f.Risk, f.Feedback, f.Unit = v.Get("risk"), v.Get("feedback"), v.Get("unit")
	for _, id := range v["indicator"] {
		if id != "" && !slices.Contains(f.Indicators, id) {
			f.Indicators = append(f.Indicators, id)
		}
	}
	slices.Sort(f.Indicators)
	for _, p := range []*string{&f.Risk, &f.Feedback, &f.Unit, &f.Text, &f.From, &f.To, &f.Place, &f.Phone, &f.Lang, &f.State, &f.Picture} {
		*p = strings.TrimSpace(*p)
	}
	slices.Sort(f.Sources)
	return f
}

func (f searchForm) empty() bool {
	return f.Text == "" && f.From == "" && f.To == "" && f.Place == "" && f.Phone == "" && f.Lang == "" &&
		f.State == "" && f.Picture == "" && !f.Newest && len(f.Sources) == 0 &&
		len(f.Indicators) == 0 && f.Risk == "" && f.Feedback == "" && f.Unit == ""
}

// question turns what was typed into a question, or says which fields are wrong.
func (f searchForm) question() (zoeklicht.Question, []formError) {
	q := zoeklicht.Question{
		Text: f.Text, Place: f.Place, Phone: f.Phone, Lang: f.Lang, State: f.State, Picture: f.Picture, Newest: f.Newest,
	}
	for _, id := range f.Sources {
		q.Sources = append(q.Sources, zoeklicht.SourceID(id))
	}
	for _, id := range f.Indicators {
		q.Indicators = append(q.Indicators, zoeklicht.IndicatorID(id))
	}
	q.MinScore, q.Unit = scoreOf(f.Risk), f.Unit
	if _, known := feedbackKeys[f.Feedback]; known {
		q.Feedback = f.Feedback
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
	return q, errs
}

// formOf gives the form that asks a question.
func formOf(q zoeklicht.Question) searchForm {
	f := searchForm{
		Text: q.Text, Place: q.Place, Phone: q.Phone, Lang: q.Lang, State: q.State, Picture: q.Picture, Newest: q.Newest,
		From: typedDay(q.From), To: typedDay(q.To), Risk: riskOf(q.MinScore), Feedback: q.Feedback, Unit: q.Unit,
	}
	for _, id := range q.Indicators {
		f.Indicators = append(f.Indicators, string(id))
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
	set("risk", f.Risk)
	set("feedback", f.Feedback)
	set("unit", f.Unit)
	for _, id := range f.Indicators {
		v.Add("indicator", id)
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
		g.Sources, g.Indicators = slices.Clone(f.Sources), slices.Clone(f.Indicators)
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
	for i, id := range f.Indicators {
		title := id
		if rule := ruleOf(q.theme, zoeklicht.IndicatorID(id)); rule != nil {
			title = rule.Title.In(q.words.Lang())
		}
		add("search.indicator", title, drop(func(g *searchForm) { g.Indicators = slices.Delete(g.Indicators, i, i+1) }))
	}
	if min := scoreOf(f.Risk); min > 0 {
		value := q.words.T("search.risk-min", q.words.Points(min))
		if key, ok := riskKeys[f.Risk]; ok {
			value = q.words.T(key)
		}
		add("search.risk", value, drop(func(g *searchForm) { g.Risk = "" }))
	}
	if key, ok := feedbackKeys[f.Feedback]; ok {
		add("search.feedback", q.words.T(key), drop(func(g *searchForm) { g.Feedback = "" }))
	}
	if f.Unit != "" {
		add("search.unit", unitName(f.Unit, q.words), drop(func(g *searchForm) { g.Unit = "" }))
	}
	if f.Newest {
		add("search.versions", q.words.T("search.newest-chip"), drop(func(g *searchForm) { g.Newest = false }))
	}
	return out
}

var stateKeys = map[string]wording.Key{"online": "search.online", "gone": "search.gone"}

var pictureKeys = map[string]wording.Key{"with": "search.with", "without": "search.without", "missing": "search.missing"}

// riskKeys are the thresholds that the form offers; feedbackKeys what it can ask about
// answers of readers.
var (
	riskKeys = map[string]wording.Key{"any": "search.risk-any", "medium": "search.risk-medium", "high": "search.risk-high"}

	feedbackKeys = map[string]wording.Key{
		"none": "search.feedback-none", string(zoeklicht.Yes): "search.feedback-yes",
		string(zoeklicht.No): "search.feedback-no", string(zoeklicht.Unclear): "search.feedback-unclear",
	}
)

// scoreOf gives the smallest score that a choice of the form stands for: one of the
// words, or a number that a question from elsewhere has. 0 for anything else.
func scoreOf(risk string) float64 {
	switch risk {
	case "any":
		return anyScore
	case "medium":
		return mediumScore
	case "high":
		return highScore
	}
	f, err := strconv.ParseFloat(risk, 64)
	if err != nil || !(f > 0) || f > 1e6 {
		return 0
	}
	return f
}

// riskOf is the choice of the form that stands for a smallest score.
func riskOf(min float64) string {
	switch min {
	case 0:
		return ""
	case anyScore:
		return "any"
	case mediumScore:
		return "medium"
	case highScore:
		return "high"
	}
	return strconv.FormatFloat(min, 'g', -1, 64)
}

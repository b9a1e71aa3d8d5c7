package web

import (
	"fmt"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// option is a choice of a filter.
type option struct{ Value, Label string }

// Risks are the smallest scores that the form offers, and the one in force where it is
// none of these.
func (d searchPage) Risks() []option {
	var out []option
	for _, v := range []string{"any", "medium", "high"} {
		out = append(out, option{v, d.q.words.T(riskKeys[v])})
	}
	if min := scoreOf(d.Form.Risk); min > 0 && riskKeys[d.Form.Risk] == "" {
		out = append(out, option{d.Form.Risk, d.q.words.T("search.risk-min", d.q.words.Points(min))})
	}
	return out
}

// Feedbacks are what can be asked about answers of readers.
func (d searchPage) Feedbacks() []option {
	out := []option{{"none", d.q.words.T(feedbackKeys["none"])}}
	for _, a := range zoeklicht.Answers {
		out = append(out, option{string(a), d.q.words.T(feedbackKeys[string(a)])})
	}
	return out
}

// Rules are the theme's rules that can be asked for: those that fire, and those that
// stand in the question already.
func (d searchPage) Rules() []zoeklicht.Indicator {
	var out []zoeklicht.Indicator
	for _, rule := range d.q.theme.Indicators {
		if rule.Status == zoeklicht.ActiveRule || d.Form.HasIndicator(rule.ID) {
			out = append(out, rule)
		}
	}
	return out
}

// unitOption is a police unit in the filter, with how many versions lie in it.
type unitOption struct {
	Code, Name string
	Count      int
	Chosen     bool
}

// UnitChoices are the units that have versions, and the one in force.
func (d searchPage) UnitChoices() []unitOption {
	var out []unitOption
	chosen := false
	for _, f := range d.Facets.Units {
		if f.Value == "" {
			continue
		}
		is := f.Value == d.Form.Unit
		chosen = chosen || is
		out = append(out, unitOption{f.Value, unitName(f.Value, d.q.words), f.Count, is})
	}
	if d.Form.Unit != "" && !chosen {
		out = append(out, unitOption{d.Form.Unit, unitName(d.Form.Unit, d.q.words), 0, true})
	}
	return out
}

// unitBar is one police unit of a result: a bar, and the row of the table that it
// stands in.
type unitBar struct {
	Name  string
	Count int
	Width string // of the widest
	Link  string // the same question, narrowed to the unit; empty where there is none
}

// unitBars draws counts by unit, largest first. Nil when no unit is known of any.
func unitBars(counts []zoeklicht.Counted, w wording.W, link func(unit string) string) []unitBar {
	most, known := 0, false
	for _, c := range counts {
		most, known = max(most, c.Count), known || c.Value != ""
	}
	if most == 0 || !known {
		return nil
	}
	out := make([]unitBar, 0, len(counts))
	for _, c := range counts {
		b := unitBar{Name: w.T("search.no-unit"), Count: c.Count, Width: fmt.Sprintf("%.2f%%", 100*float64(c.Count)/float64(most))}
		if c.Value != "" {
			b.Name, b.Link = unitName(c.Value, w), link(c.Value)
		}
		out = append(out, b)
	}
	return out
}

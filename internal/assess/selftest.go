package assess

import (
	"zoeklicht"
)

// TestResult is what became of one of a rule's own tests.
type TestResult struct {
	Indicator zoeklicht.IndicatorID `json:"indicator"`
	Rule      int                   `json:"rule"`
	Name      string                `json:"name"`
	Expect    bool                  `json:"expect"`
	Got       bool                  `json:"got"`
	Todo      bool                  `json:"todo"`
	OK        bool                  `json:"ok"` // as expected; a todo never fails
	Trace     string                `json:"trace,omitempty"`
	Error     string                `json:"error,omitempty"`
}

// Test runs the rules' own tests, of rules of any status and whatever their days.
func (r *Rules) Test() (out []TestResult) {
	for _, c := range r.all {
		for _, t := range c.Tests {
			in := inputOf(&t.Advert)
			result := TestResult{Indicator: c.ID, Rule: c.Version, Name: t.Name, Expect: t.Expect, Todo: t.Todo}
			hit, err := r.apply(c, r.facts(&in))
			if err != nil {
				result.Error = err.Error()
			}
			if hit != nil {
				result.Got, result.Trace = true, hit.Trace
			}
			result.OK = err == nil && result.Got == t.Expect || t.Todo
			out = append(out, result)
		}
	}
	return out
}

// inputOf makes of a test's advert what an archive would give.
func inputOf(a *zoeklicht.TestAdvert) Input {
	in := Input{Title: a.Title, Body: a.Body, Entities: a.Entities, Beside: a.Beside, MedianPrice: a.MedianPrice}
	if a.Price != "" {
		in.Entities = append(in.Entities[:len(in.Entities):len(in.Entities)],
			zoeklicht.Entity{Type: zoeklicht.Price, Raw: a.Price, Value: a.Price, Valid: true})
	}
	return in
}

package web

import (
	"zoeklicht"
	"zoeklicht/internal/wording"
)

// What a score is called. A score is the sum of the weights of the rules that fired on
// one version: a reason to look, and never a percentage or a chance. The words are for
// reading a list quickly and for the filter on it; the sum itself stands beside them.
// One heavy rule, or several light ones together, make medium.
const (
	anyScore    = 0.01 // the smallest that counts: something fired that has weight
	mediumScore = 3
	highScore   = 6
)

// scoreWord words how high a score is, for lists.
func scoreWord(score float64) wording.Key {
	switch {
	case score >= highScore:
		return "why.score-high"
	case score >= mediumScore:
		return "why.score-medium"
	case score >= anyScore:
		return "why.score-low"
	}
	return "why.score-none"
}

// hitMark is a rule that fired, as lists show it: in a few words.
type hitMark struct {
	Title  string
	Weight float64
	// Doubt says that research contests or refutes the rule.
	Doubt bool
}

// hitMarks words hits by the theme's rules, those with weight first; a rule that the
// theme does not have any more goes by its identifier.
func (q *request) hitMarks(hits []zoeklicht.Hit) []hitMark {
	var out, light []hitMark
	for i := range hits {
		m := hitMark{Title: string(hits[i].Indicator), Weight: hits[i].Weight}
		if rule := ruleOf(q.theme, hits[i].Indicator); rule != nil {
			m.Title = rule.Title.In(q.words.Lang())
			m.Doubt = rule.Grade == zoeklicht.Contested || rule.Grade == zoeklicht.Refuted
		}
		if m.Weight == 0 {
			light = append(light, m)
		} else {
			out = append(out, m)
		}
	}
	return append(out, light...)
}

// ruleOf gives a theme's rule, nil where it does not have it.
func ruleOf(theme *zoeklicht.Theme, id zoeklicht.IndicatorID) *zoeklicht.Indicator {
	for i := range theme.Indicators {
		if theme.Indicators[i].ID == id {
			return &theme.Indicators[i]
		}
	}
	return nil
}

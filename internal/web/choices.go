package web

import (
	"slices"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/place"
	"zoeklicht/internal/wording"
)

// maxChoicesSaid is how many choices a refused filter names; the filter itself has all.
const maxChoicesSaid = 8

// unknown takes out of a search form what its filters do not offer, and says of each what
// they do offer. A filter that keeps nothing because of a slip would give "nothing found",
// and one that was left out an answer to another question.
func (s *site) unknown(q *request, f *searchForm) ([]formError, error) {
	var errs []formError
	refuse := func(field string, label wording.Key, value string, allowed []option) {
		errs = append(errs, formError{Field: field, What: "search.bad-choice", Args: []any{cut(value, 60), q.words.T(label), q.said(allowed)}})
	}
	one := func(field string, label wording.Key, value *string, keys map[string]wording.Key, order ...string) {
		if _, ok := keys[*value]; *value == "" || ok {
			return
		}
		var allowed []option
		for _, v := range order {
			allowed = append(allowed, option{v, q.words.T(keys[v])})
		}
		refuse(field, label, *value, allowed)
		*value = ""
	}
	one("state", "search.state", &f.State, stateKeys, "online", "gone")
	one("picture", "search.picture", &f.Picture, pictureKeys, "with", "without", "missing")
	one("feedback", "search.feedback", &f.Feedback, feedbackKeys, "none", string(zoeklicht.Yes), string(zoeklicht.No), string(zoeklicht.Unclear))
	if f.Risk != "" && scoreOf(f.Risk) == 0 {
		refuse("risk", "search.risk", f.Risk, append(searchPage{page: page{q: q}}.Risks(), option{"", q.words.T("search.risk-number")}))
		f.Risk = ""
	}
	if _, err := place.UnitOf(f.Unit); f.Unit != "" && err != nil {
		var allowed []option
		for _, u := range place.Units() {
			allowed = append(allowed, option{u.Code, u.Name.In(q.words.Lang())})
		}
		refuse("unit", "search.unit", f.Unit, allowed)
		f.Unit = ""
	}
	f.Indicators = slices.DeleteFunc(f.Indicators, func(id string) bool {
		if ruleOf(q.theme, zoeklicht.IndicatorID(id)) != nil {
			return false
		}
		var allowed []option
		for _, rule := range q.theme.Indicators {
			allowed = append(allowed, option{string(rule.ID), rule.Title.In(q.words.Lang())})
		}
		refuse("indicators", "search.indicator", id, allowed)
		return true
	})
	if why := s.unfitPhone(q, f.Phone); why != "" {
		errs = append(errs, formError{Field: "phone", What: why})
	}
	if err := s.unknownSources(q, f, refuse); err != nil {
		return nil, err
	}
	return errs, s.unknownLang(q, f, refuse)
}

// leastPart is how many digits a part of a number has that can be searched for.
const leastPart = 4

// unfitPhone says why what was typed as a number, or as a part of one, is neither; "" where
// it is. The card of a number reads it the same way.
func (s *site) unfitPhone(q *request, typed string) wording.Key {
	if typed == "" || s.Numbers == nil {
		return ""
	}
	t := s.Numbers.Read(q.pass, typed)
	switch {
	case len(t.Numbers) > 0:
		return ""
	case t.Refused[0].Why != zoeklicht.TooShort:
		return unfits[t.Refused[0].Why]
	case len(t.Refused) > 1, len(t.Refused[0].Digits) < leastPart:
		return "search.badphone"
	}
	return ""
}

// unknownSources does so for sources, of which those of the register in any state can be
// asked for.
func (s *site) unknownSources(q *request, f *searchForm, refuse func(string, wording.Key, string, []option)) error {
	if len(f.Sources) == 0 {
		return nil
	}
	all, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return err
	}
	names := titles(all)
	f.Sources = slices.DeleteFunc(f.Sources, func(id string) bool {
		if _, ok := names[zoeklicht.SourceID(id)]; ok {
			return false
		}
		var allowed []option
		for i := range all {
			allowed = append(allowed, option{string(all[i].ID), all[i].Title})
		}
		refuse("sources", "search.source", id, allowed)
		return true
	})
	return nil
}

// unknownLang does so for the language: one that has a name here, or that some text has.
func (s *site) unknownLang(q *request, f *searchForm, refuse func(string, wording.Key, string, []option)) error {
	if f.Lang == "" || q.words.Language(f.Lang) != f.Lang {
		return nil
	}
	facets, err := s.Search.Facets(q.Context(), q.pass, q.asOf.At)
	if err != nil {
		return err
	}
	var allowed []option
	for _, l := range facets.Langs {
		if l.Value == f.Lang {
			return nil
		}
		allowed = append(allowed, option{l.Value, q.words.Language(l.Value)})
	}
	refuse("lang", "search.lang", f.Lang, allowed)
	f.Lang = ""
	return nil
}

// said lists choices in a sentence, as an address has them and as the form does: the
// first few, and how many more there are.
func (q *request) said(choices []option) string {
	var out []string
	for i, c := range choices {
		if i == maxChoicesSaid && len(choices) > maxChoicesSaid+2 {
			out = append(out, q.words.N("search.more-choices", len(choices)-i))
			break
		}
		switch {
		case c.Value == "":
			out = append(out, c.Label)
		case c.Label == "", c.Label == c.Value:
			out = append(out, c.Value)
		default:
			out = append(out, c.Value+" ("+c.Label+")")
		}
	}
	return strings.Join(out, ", ")
}

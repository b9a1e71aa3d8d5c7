package web

import (
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

// whyView says why a version deserves a look: what fired, what each rule adds, and the
// sum. It is as the store keeps it: nothing is computed here that is not shown.
type whyView struct {
	Assessed bool // false while no set of rules has looked at the version
	Set      string
	Score    float64
	Word     wording.Key
	Hits     []firedRule
	// Elsewhere has the adverts that share the text or a picture under other numbers, the
	// newest; More counts the rest. Asked for where a rule fired on it.
	Elsewhere []elsewhereView
	More      int
}

// elsewhereView is an advert that shares something with the one shown.
type elsewhereView struct {
	zoeklicht.Elsewhere
	To    string
	Title string // of its source; filled in when the register was read
}

// mostElsewhere is how many of them a page lists.
const mostElsewhere = 10

// elsewhere lists the adverts that a rule counted, so that a reader can look at them. It is
// asked only where a rule fired on them: most adverts are read without the question.
func (s *site) elsewhere(q *request, d *advertPage) error {
	if !slices.ContainsFunc(d.Why.Hits, func(h firedRule) bool { return strings.Contains(h.Trace, "_elsewhere") }) {
		return nil
	}
	all, err := s.Judge.Elsewhere(q.Context(), q.pass, d.Shown.ID)
	if err != nil {
		return err
	}
	d.Why.More = max(0, len(all)-mostElsewhere)
	for _, e := range all[:min(len(all), mostElsewhere)] {
		d.Why.Elsewhere = append(d.Why.Elsewhere, elsewhereView{Elsewhere: e, To: q.to("adverts/"+e.Advert.String(), "v", strconv.Itoa(e.N))})
	}
	return nil
}

// firedRule is a hit with the rule that made it.
type firedRule struct {
	zoeklicht.Hit
	Title       string
	Level       zoeklicht.Level
	Grade       zoeklicht.Grade
	Rationale   string
	Else        string // what else it may be
	Sources     []string
	LegalNote   string
	Safety      bool
	Doubt       bool     // research contests or refutes it
	Words       []string // that made it fire, as written where that can be shown
	Now         int      // the rule's version today, where it is another one
	Unexplained bool     // the theme does not have the rule any more
}

// why explains the assessment of the version shown, as of the page's moment.
func (s *site) why(q *request, d *advertPage) error {
	if s.Judge == nil || gone(d.Shown) {
		return nil
	}
	all, err := s.Judge.Assessed(q.Context(), q.pass, d.Advert.ID, q.asOf.At)
	if err != nil {
		return err
	}
	d.Why = &whyView{}
	a, ok := all[d.Shown.ID]
	if !ok {
		return nil
	}
	masked := d.Shown
	for i := range d.Advert.Versions {
		if d.Advert.Versions[i].ID == d.Shown.ID {
			masked = &d.Advert.Versions[i]
		}
	}
	whole := d.Shown.Title + "\n" + d.Shown.Body
	d.Why.Assessed, d.Why.Set, d.Why.Score, d.Why.Word = true, a.Set, a.Score, scoreWord(a.Score)
	for _, h := range a.Hits {
		v := firedRule{Hit: h, Title: string(h.Indicator)}
		if rule := ruleOf(q.theme, h.Indicator); rule != nil {
			lang := q.words.Lang()
			v.Title, v.Rationale, v.Else = rule.Title.In(lang), rule.Rationale.In(lang), rule.FalsePositives.In(lang)
			v.Level, v.Grade, v.Sources, v.LegalNote, v.Safety = rule.Level, rule.Grade, rule.Sources, rule.LegalNote.In(lang), rule.Safety
			v.Doubt = rule.Grade == zoeklicht.Contested || rule.Grade == zoeklicht.Refuted
			if rule.Version != h.Rule {
				v.Now = rule.Version
			}
		} else {
			v.Unexplained = true
		}
		where := fired(masked, d.Shown, h.Where)
		d.fired = append(d.fired, where...)
		for i, o := range h.Where {
			word := o.Word
			if word == "" && i < len(where) && where[i].Start < where[i].End {
				word = strings.Join(strings.Fields(whole[where[i].Start:where[i].End]), " ")
			}
			if word != "" && !slices.Contains(v.Words, word) {
				v.Words = append(v.Words, word)
			}
		}
		d.Why.Hits = append(d.Why.Hits, v)
	}
	return s.elsewhere(q, d)
}

// fired finds the words that made a rule fire in a version as it is shown. Offsets are
// into the text as the store gives it, masked; in a version in the clear they are moved
// along with what stands in the place of each mask. A stretch that is not what the hit
// says it is comes out empty: nothing is marked rather than something wrong.
func fired(masked, shown *zoeklicht.Version, where []zoeklicht.Offset) []text.Range {
	whole := masked.Title + "\n" + masked.Body
	move := moves(masked, shown)
	out := make([]text.Range, len(where))
	for i, o := range where {
		if o.Start < 0 || o.Start >= o.End || o.End > len(whole) {
			continue
		}
		if o.Word != "" && text.FoldString(whole[o.Start:o.End]) != o.Word {
			continue
		}
		out[i] = move(o.Start, o.End)
	}
	return out
}

// moves gives where a stretch of a masked version stands in the same version as it is
// shown: the same place, or, in the clear, as far along as the contact details before it
// are longer or shorter than their masks. A stretch that touches one takes it whole.
func moves(masked, shown *zoeklicht.Version) func(start, end int) text.Range {
	type pair struct{ masked, clear zoeklicht.Entity }
	var pairs []pair
	if masked != shown && len(masked.Entities) == len(shown.Entities) {
		for i, e := range masked.Entities {
			if c := shown.Entities[i]; e.Type.Identifies() && e.End > e.Start && c.End > c.Start && c.Type == e.Type {
				pairs = append(pairs, pair{e, c})
			}
		}
		slices.SortFunc(pairs, func(a, b pair) int { return a.masked.Start - b.masked.Start })
	}
	size := len(shown.Title) + 1 + len(shown.Body)
	return func(start, end int) text.Range {
		from, to := start, end
		for _, p := range pairs {
			switch {
			case p.masked.End <= start:
				from = start + p.clear.End - p.masked.End
			case p.masked.Start < start:
				from = p.clear.Start
			}
			switch {
			case p.masked.End <= end:
				to = end + p.clear.End - p.masked.End
			case p.masked.Start < end:
				to = p.clear.End
			}
		}
		if from < 0 || to > size || from >= to {
			return text.Range{}
		}
		return text.Range{Start: from, End: to}
	}
}

// stretches cuts a part of a text at its contact details and at the words that fired.
// Contact details come first where the two overlap: what is masked stays in one piece.
func stretches(whole string, from, to int, contacts, marks []text.Range) (out []bodyPart) {
	clip := func(r []text.Range) []text.Range {
		var in []text.Range
		for _, r := range text.Merge(slices.Clone(r)) {
			if r.Start, r.End = max(r.Start, from), min(r.End, to); r.Start < r.End {
				in = append(in, r)
			}
		}
		return in
	}
	contacts, marks = clip(contacts), clip(marks)
	put := func(start, end int, contact, mark bool) {
		if start < end {
			out = append(out, bodyPart{Text: whole[start:end], Contact: contact, Mark: mark})
		}
	}
	// plain writes what is no contact detail, marks among it.
	m := 0
	plain := func(start, end int) {
		for m < len(marks) && marks[m].End <= start {
			m++
		}
		for i := m; i < len(marks) && marks[i].Start < end; i++ {
			put(start, max(start, marks[i].Start), false, false)
			put(max(start, marks[i].Start), min(end, marks[i].End), false, true)
			start = max(start, min(end, marks[i].End))
		}
		put(start, end, false, false)
	}
	at := from
	for _, c := range contacts {
		plain(at, c.Start)
		marked := slices.ContainsFunc(marks, func(r text.Range) bool { return r.Start < c.End && c.Start < r.End })
		put(c.Start, c.End, true, marked)
		at = c.End
	}
	plain(at, to)
	return out
}

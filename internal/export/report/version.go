package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// version writes all that is known of one version.
func (r *renderer) version(ctx context.Context, p *page, v *Version) error {
	if v.Proof.State != ProofWitnessed {
		p.frame(bold(proofWord(r.w, v.Proof.State), factSize))
	}
	p.facts(r.d.identity(r.w, v))
	p.sub(r.w.T("paper.text"))
	r.content(p, v)
	r.fields(p, v)
	r.found(p, v)
	r.hits(p, v)
	r.feedback(p, v)
	if err := r.pictures(ctx, p, v); err != nil {
		return err
	}
	if v.Provenance != nil {
		r.provenance(p, v.Provenance)
	} else {
		p.sub(r.w.T("paper.provenance"))
		p.para(r.w.T("paper.provenance-none"))
	}
	r.proof(p, v)
	return nil
}

// content writes title and text with the words that fired marked.
func (r *renderer) content(p *page, v *Version) {
	c := &v.Content
	marks := marked(v)
	if c.Title != "" {
		p.text(0, r.marks(c.Title, 0, marks, style{face: boldFace, size: bodySize + 0.5})...)
		p.gap(1)
	}
	if c.Body == "" {
		p.para(r.w.T("advert.no-text"))
		return
	}
	p.text(0, r.marks(c.Body, len(c.Title)+1, marks, style{size: bodySize})...)
	p.gap(1.6)
	if len(marks) > 0 {
		p.note(r.w.T("paper.marks"))
	}
}

// mark is a stretch of a version's title and text that made rules fire.
type mark struct {
	text.Range
	rules []int // numbers of the hits, from 1
}

// marked gives the stretches that made rules fire, in order and without overlap.
func marked(v *Version) []mark {
	if v.Assessment == nil {
		return nil
	}
	whole := v.Content.Title + "\n" + v.Content.Body
	type end struct{ at, rule, step int }
	var ends []end
	for i := range v.Assessment.Hits {
		for _, o := range v.Assessment.Hits[i].Where {
			if !fits(whole, o) {
				continue
			}
			ends = append(ends, end{o.Start, i + 1, 1}, end{o.End, i + 1, -1})
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return a.at - b.at })
	var out []mark
	open := map[int]int{}
	for i, e := range ends {
		if open[e.rule] += e.step; open[e.rule] == 0 {
			delete(open, e.rule)
		}
		if i+1 == len(ends) || len(open) == 0 || ends[i+1].at == e.at {
			continue
		}
		m := mark{Range: text.Range{Start: e.at, End: ends[i+1].at}}
		for rule := range open {
			m.rules = append(m.rules, rule)
		}
		slices.Sort(m.rules)
		out = append(out, m)
	}
	return out
}

// fits reports whether a stretch is what a hit says it is. One that is not is not marked:
// nothing rather than something wrong.
func fits(whole string, o zoeklicht.Offset) bool {
	if o.Start < 0 || o.Start >= o.End || o.End > len(whole) {
		return false
	}
	if !utf8.RuneStart(whole[o.Start]) || o.End < len(whole) && !utf8.RuneStart(whole[o.End]) {
		return false
	}
	return o.Word == "" || text.FoldString(whole[o.Start:o.End]) == o.Word
}

// marks cuts a part of a version's text, which begins at from, at its marks. What fired
// stands underlined in brackets, with the numbers of the rules raised behind it.
func (r *renderer) marks(part string, from int, marks []mark, s style) []span {
	var out []span
	at := 0
	for _, m := range marks {
		start, end := max(m.Start-from, at), min(m.End-from, len(part))
		if start >= end {
			continue
		}
		out = append(out, span{part[at:start], s})
		under := s
		under.under = true
		out = append(out, span{"[", s}, span{part[start:end], under}, span{"]" + raised(m.rules), s})
		at = end
	}
	return append(out, span{part[at:], s})
}

// raised writes numbers in small raised digits.
func raised(numbers []int) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteRune('·')
		}
		for _, c := range strconv.Itoa(n) {
			b.WriteRune([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[c-'0'])
		}
	}
	return b.String()
}

// fields writes the fields that were read, but for title and text.
func (r *renderer) fields(p *page, v *Version) {
	var rows [][]cell
	for _, f := range v.Content.Fields {
		switch f.Name {
		case zoeklicht.FieldTitle, zoeklicht.FieldBody, zoeklicht.FieldImages:
		default:
			rows = append(rows, []cell{{plainly(r.w.Field(f.Name), factSize)}, {plainly(f.Value, factSize)}, {mono(f.From, smallSize)}})
		}
	}
	p.sub(r.w.T("advert.fields"))
	if len(rows) == 0 {
		p.para(r.w.T("advert.no-fields"))
		return
	}
	p.table([]float64{34, 76, 54}, []string{r.w.T("advert.col-field"), r.w.T("advert.col-value"), r.w.T("advert.col-from")}, rows)
}

// found writes what was found in the text.
func (r *renderer) found(p *page, v *Version) {
	var rows [][]cell
	for _, e := range v.Content.Entities {
		said := ""
		if e.Obfuscated {
			said = r.w.T("advert.disguised")
		}
		if e.Type == zoeklicht.Phone && !e.Valid {
			said = strings.TrimPrefix(said+"; "+r.w.T("advert.not-valid"), "; ")
		}
		rows = append(rows, []cell{
			{plainly(r.w.EntityType(e.Type), factSize)}, {plainly(e.Value, factSize)}, {plainly(e.Raw, factSize)}, {plainly(said, factSize)},
		})
	}
	if len(rows) == 0 {
		return
	}
	p.sub(r.w.T("paper.entities"))
	p.table([]float64{30, 46, 54, 34}, []string{r.w.T("paper.col-kind"), r.w.T("advert.col-value"), r.w.T("advert.written"), r.w.T("paper.col-remark")}, rows)
}

// hits writes the rules that fired; what they mean stands in a section of its own.
func (r *renderer) hits(p *page, v *Version) {
	p.sub(r.w.T("paper.hits"))
	a := v.Assessment
	switch {
	case a == nil:
		p.para(r.w.T("paper.not-assessed"))
		return
	case len(a.Hits) == 0:
		p.para(r.w.T("why.nothing"))
		return
	}
	var rows [][]cell
	for i := range a.Hits {
		h := &a.Hits[i]
		title, grade := string(h.Indicator), r.w.T("why.rule-gone")
		if rule := r.d.rule(h); rule != nil {
			title = rule.Title.In(r.w.Lang())
			grade = r.w.Grade(rule.Grade)
		}
		fired, saw := strings.Join(firedWords(v, h), ", "), strings.Join(r.w.Saw(h.Trace), "\n")
		if fired != "" && saw != "" {
			saw = "\n" + saw
		}
		rows = append(rows, []cell{
			{plainly(strconv.Itoa(i+1), factSize)},
			{bold(title, factSize), plainly("\n"+r.w.T("why.rule-version", string(h.Indicator), h.Rule), smallSize)},
			{plainly(r.w.Points(h.Weight), factSize)},
			{plainly(grade, smallSize)},
			{plainly(fired, factSize), plainly(saw, smallSize)},
		})
	}
	p.table([]float64{8, 52, 14, 34, 56}, []string{r.w.T("paper.col-number"), r.w.T("search.indicator"), r.w.T("paper.col-points"), r.w.T("why.grade"), r.w.T("paper.col-words")}, rows)
	p.note(r.w.T("paper.sum", r.w.Points(a.Score), a.Set))
}

// firedWords gives the words that made a rule fire, as they are written in the text.
func firedWords(v *Version, h *zoeklicht.Hit) []string {
	whole := v.Content.Title + "\n" + v.Content.Body
	var out []string
	for _, o := range h.Where {
		word := o.Word
		if fits(whole, o) {
			word = words(whole[o.Start:o.End])
		}
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// feedback writes what readers answered.
func (r *renderer) feedback(p *page, v *Version) {
	var rows [][]cell
	for _, f := range v.Feedback {
		if f.Undone.IsZero() {
			rows = append(rows, []cell{
				{plainly(r.w.Answer(f.Answer), factSize)}, {plainly(f.Reason, factSize)}, {plainly(f.Name, factSize)}, {plainly(r.w.Moment(f.At), factSize)},
			})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.sub(r.w.T("search.feedback"))
	p.table([]float64{24, 72, 36, 32}, []string{r.w.T("paper.col-answer"), r.w.T("paper.col-why"), r.w.T("paper.col-person"), r.w.T("paper.col-when")}, rows)
}

// proof writes the hashes, the leaf and what the ledger says of it.
func (r *renderer) proof(p *page, v *Version) {
	p.sub(r.w.T("paper.proof"))
	p.facts(proof(r.w, &v.Proof))
	p.run(v.Proof.place(r.w))
	if v.Provenance == nil {
		return
	}
	c := &v.Provenance.Capture
	if len(c.Leaf) > 0 {
		p.text(0, bold(r.w.T("paper.leaf"), factSize))
		p.text(3, mono(strings.TrimRight(string(c.Leaf), "\n"), smallSize))
		p.gap(1.6)
	}
	if len(c.Manifest) > 0 {
		p.text(0, bold(r.w.T("paper.manifest"), factSize))
		p.text(3, mono(strings.TrimRight(string(c.Manifest), "\n"), 6))
		p.gap(1.6)
	}
}

// rules explains the rules that fired.
func (r *renderer) rules(_ context.Context, p *page) error {
	p.para(r.w.T("paper.rules-explain"))
	for i := range r.d.Rules {
		rule := &r.d.Rules[i]
		p.sub(rule.Title.In(r.w.Lang()))
		grade := r.w.Grade(rule.Grade)
		if rule.Grade == zoeklicht.Contested || rule.Grade == zoeklicht.Refuted {
			grade = r.w.T("why.doubt") + " " + grade
		}
		safety := ""
		if rule.Safety {
			safety = r.w.T("why.safety")
		}
		p.facts([]Fact{
			{r.w.T("why.rule"), r.w.T("why.rule-version", string(rule.ID), rule.Version)},
			{r.w.T("paper.col-points"), r.w.Points(rule.Weight) + " · " + r.w.T("why.level", r.w.Level(rule.Level))},
			{r.w.T("why.grade"), grade},
			{r.w.T("why.rationale"), rule.Rationale.In(r.w.Lang())},
			{r.w.T("why.else"), rule.FalsePositives.In(r.w.Lang())},
			{r.w.T("paper.safety"), safety},
			{r.w.T("why.source"), strings.Join(rule.Sources, "; ")},
			{r.w.T("why.legal"), rule.LegalNote.In(r.w.Lang())},
			{r.w.T("paper.condition"), rule.Condition},
			{"SHA-256", fmt.Sprintf("%x", rule.SHA256)},
		})
	}
	return nil
}

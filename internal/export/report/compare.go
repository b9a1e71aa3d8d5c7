package report

import (
	"context"
	"slices"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

// compare writes what differs between the two versions. The old and the new are told
// apart by words.
func (r *renderer) compare(_ context.Context, p *page) error {
	old, now := &r.d.Versions[0].Content, &r.d.Versions[1].Content
	p.facts([]Fact{
		{r.w.T("paper.old"), r.w.T("paper.side", old.Advert, old.N, moment(r.w, old.SeenAt))},
		{r.w.T("paper.new"), r.w.T("paper.side", now.Advert, now.N, moment(r.w, now.SeenAt))},
	})
	p.note(r.w.T("paper.compare-legend"))
	for _, part := range []struct{ title, old, now string }{
		{r.w.Field(zoeklicht.FieldTitle), old.Title, now.Title},
		{r.w.Field(zoeklicht.FieldBody), old.Body, now.Body},
	} {
		p.sub(capital(part.title))
		if part.old == part.now {
			p.para(r.w.T("paper.same"))
			continue
		}
		p.text(0, r.edits(text.Diff(part.old, part.now))...)
		p.gap(1.6)
	}
	p.sub(r.w.T("paper.fields"))
	if rows := r.fieldChanges(old, now); len(rows) > 0 {
		p.table([]float64{34, 65, 65}, []string{r.w.T("advert.col-field"), r.w.T("paper.old"), r.w.T("paper.new")}, rows)
	} else {
		p.para(r.w.T("paper.same"))
	}
	p.sub(r.w.T("paper.pictures"))
	gone, came := pictureChanges(old, now)
	if gone+came == 0 {
		p.para(r.w.T("paper.same"))
	} else {
		p.para(r.w.N("advert.pictures-removed", gone) + "; " + r.w.N("advert.pictures-added", came) + ".")
	}
	return nil
}

// edits words a difference: what went and what came stand in brackets that say so.
func (r *renderer) edits(all []text.Edit) (out []span) {
	s, loud := style{size: bodySize}, style{face: boldFace, size: bodySize}
	for i, e := range all {
		if e.Op == text.Same {
			out = append(out, span{e.Text, s})
			continue
		}
		before, open, core, after := bracket(r.w, e, i+1 < len(all) && all[i+1].Op == text.Added)
		marked := style{size: bodySize, strike: e.Op == text.Removed, under: e.Op == text.Added}
		out = append(out, span{before, s}, span{open, loud}, span{core, marked}, span{"]", loud}, span{after, s})
	}
	return out
}

// bracket cuts what was removed or added in pieces: white space that stands before its
// bracket, the words that open that, what stands in it, and white space behind it, of
// which there is some where another bracket follows.
func bracket(w wording.W, e text.Edit, more bool) (before, open, core, after string) {
	open = w.T("paper.was") + " "
	if e.Op == text.Added {
		open = w.T("paper.became") + " "
	}
	core = strings.TrimLeft(e.Text, " \t\r\n")
	before = e.Text[:len(e.Text)-len(core)]
	core = strings.TrimRight(core, " \t\r\n")
	after = e.Text[len(before)+len(core):]
	if core == "" {
		return "", open, w.T("paper.white"), e.Text
	}
	if more && after == "" {
		after = " "
	}
	return before, open, core, after
}

// fieldChanges lists the fields that differ.
func (r *renderer) fieldChanges(old, now *zoeklicht.Version) (rows [][]cell) {
	a, b := old.FieldMap(), now.FieldMap()
	side := func(m map[string]string, name string) cell {
		if v, ok := m[name]; ok {
			return cell{plainly(v, factSize)}
		}
		return cell{plainly(r.w.T("advert.nothing"), factSize)}
	}
	for _, name := range fieldNames(old, now) {
		if a[name] != b[name] {
			rows = append(rows, []cell{{plainly(r.w.Field(name), factSize)}, side(a, name), side(b, name)})
		}
	}
	return rows
}

// fieldNames lists the fields that either version has, in their order.
func fieldNames(old, now *zoeklicht.Version) (names []string) {
	for _, v := range []*zoeklicht.Version{old, now} {
		have := v.FieldMap()
		for _, f := range v.Fields {
			if _, counts := have[f.Name]; counts && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// pictureChanges counts the pictures that went and came; those that failed go by their
// address.
func pictureChanges(old, now *zoeklicht.Version) (gone, came int) {
	set := func(v *zoeklicht.Version) map[any]bool {
		m := map[any]bool{}
		for _, p := range v.Pictures {
			if p.Picture != 0 {
				m[p.Picture] = true
			} else {
				m[p.URL] = true
			}
		}
		return m
	}
	a, b := set(old), set(now)
	for k := range a {
		if !b[k] {
			gone++
		}
	}
	for k := range b {
		if !a[k] {
			came++
		}
	}
	return gone, came
}

// capital writes a word as the beginning of a heading.
func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

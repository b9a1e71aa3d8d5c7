package report

import (
	"context"
	"fmt"
	"strconv"

	"zoeklicht"
)

// result writes the question, how much was found, and every row of the answer.
func (r *renderer) result(_ context.Context, p *page) error {
	res := r.d.Result
	p.facts(r.d.counted(r.w))
	if res.More {
		p.para(r.w.T("paper.result-floor"))
	}
	p.sub(r.w.T("paper.question"))
	p.facts(r.d.asked(r.w, &res.Question))
	p.sub(r.w.T("paper.rows"))
	if len(res.Rows) == 0 {
		p.para(r.w.T("paper.rows-none"))
		return nil
	}
	inside := r.d.inside()
	rows := make([][]cell, 0, len(res.Rows))
	for i := range res.Rows {
		rows = append(rows, r.row(&res.Rows[i], inside))
	}
	p.table([]float64{10, 24, 62, 26, 32, 14}, []string{
		r.w.T("paper.col-number"), r.w.T("search.col-advert"), r.w.T("paper.col-title"), r.w.T("search.col-place"),
		r.w.T("search.col-seen"), r.w.T("paper.col-points"),
	}, rows)
	p.note(r.w.T("paper.rows-note"))
	return nil
}

// row writes one row of an answer; * says that the version is not in the report.
func (r *renderer) row(row *zoeklicht.Row, inside map[zoeklicht.VersionID]bool) []cell {
	v := &row.Version
	at := strconv.Itoa(row.Position)
	title := words(v.Title)
	points := "–"
	switch {
	case v.Destroyed:
		title = r.w.T("search.destroyed")
	case v.Sealed:
		title = r.w.T("seal.short")
	default:
		if row.Assessment != nil {
			points = r.w.Points(row.Assessment.Score)
		}
		if title == "" {
			title = r.w.T("paper.untitled")
		}
		if !inside[v.ID] {
			at += "*"
		}
	}
	title = cut(title, 160)
	if row.Matches > 1 {
		title += " (" + r.w.N("paper.f-older", row.Matches-1) + ")"
	}
	small := func(s string) cell { return cell{plainly(s, 8)} }
	return []cell{
		small(at), small(fmt.Sprintf("%d / %d", v.Advert, v.N)), small(title), small(v.Place), small(r.w.Moment(v.SeenAt)), small(points),
	}
}

package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

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
	Sealed    bool
	Rule      string
	// Assessed says that a set of rules looked at the version; Score is then the sum of
	// what fired, Word how lists call it, and Marks what fired, the rest counted in More.
	Assessed bool
	Score    float64
	Word     wording.Key
	Marks    []hitMark
	More     int
}

// maxMarked is how many rules a row names.
const maxMarked = 3

// LaterDay reports whether the advert was seen on more than one day.
func (r rowView) LaterDay() bool {
	return r.LastSeen.Sub(r.FirstSeen) >= 24*time.Hour || r.LastSeen.YearDay() != r.FirstSeen.YearDay()
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
		line := rowView{Position: row.Position, Matches: row.Matches, Destroyed: v.Destroyed, Sealed: v.Sealed, Rule: v.Rule}
		if !gone(v) {
			line.To = q.to("adverts/"+strconv.FormatInt(int64(v.Advert), 10), "v", strconv.Itoa(v.N), "after", afterResult(r.ID, row.Position))
			if a := row.Assessment; a != nil {
				line.Assessed, line.Score, line.Word = true, a.Score, scoreWord(a.Score)
				line.Marks = q.hitMarks(a.Hits)
				line.More = max(0, len(line.Marks)-maxMarked)
				line.Marks = line.Marks[:len(line.Marks)-line.More]
			}
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

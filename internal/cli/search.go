package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// Asker answers questions for one person.
type Asker interface {
	Ask(ctx context.Context, q zoeklicht.Question, asOf time.Time, from, n int) (*zoeklicht.Result, error)
	Again(ctx context.Context, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error)
	Reveal(ctx context.Context, id zoeklicht.VersionID) (*zoeklicht.Version, error)
}

// Search is one use of the verb search.
type Search struct {
	Question zoeklicht.Question
	AsOf     time.Time          // zero: now
	Result   zoeklicht.ResultID // asks this kept answer again, instead of Question
	Page     int                // from 1
	Limit    int                // rows on a page
	Reveal   bool               // each row in the clear, and audited one by one
}

// MaxLimit bounds the rows on a page.
const MaxLimit = 1000

// snippetWidth is that of the dashboard.
const snippetWidth = 220

// answer is a result as JSON has it.
type answer struct {
	AsOf      *time.Time         `json:"as_of"`
	Seq       zoeklicht.Seq      `json:"seq"`
	ResultID  zoeklicht.ResultID `json:"result_id"`
	Total     int                `json:"total"`    // adverts
	Versions  int                `json:"versions"` // of them that match
	More      bool               `json:"more"`     // the counts are floors
	Destroyed int                `json:"destroyed"`
	Page      int                `json:"page"`
	Question  zoeklicht.Question `json:"question"`
	Rows      []answerRow        `json:"rows"`
}

// answerRow is the newest matching version of one advert.
type answerRow struct {
	Position  int                 `json:"position"`
	Advert    zoeklicht.AdvertID  `json:"advert"`
	Version   zoeklicht.VersionID `json:"version"`
	N         int                 `json:"n"` // of the version within its advert
	Source    zoeklicht.SourceID  `json:"source"`
	URL       string              `json:"url"`
	Title     string              `json:"title"`
	Snippet   string              `json:"snippet"`
	Body      string              `json:"body"`
	Price     string              `json:"price"`
	Place     string              `json:"place"`
	Phones    []string            `json:"phones"`
	Lang      string              `json:"lang"`
	SeenAt    *time.Time          `json:"seen_at"`    // the version, for the first time
	FirstSeen *time.Time          `json:"first_seen"` // the advert
	LastSeen  *time.Time          `json:"last_seen"`
	GoneAt    *time.Time          `json:"gone_at"`
	Matches   int                 `json:"matches"` // versions of this advert that match
	Masked    bool                `json:"masked"`
	Destroyed bool                `json:"destroyed"`
	Rule      string              `json:"rule,omitempty"` // under which it was destroyed
}

// Run asks and prints the answer.
func (s *Search) Run(ctx context.Context, a Asker, out *Out) error {
	var wrong Problems
	if s.Limit < 1 || s.Limit > MaxLimit {
		wrong.add("limit %d: 1 to %d rows", s.Limit, MaxLimit)
	}
	if s.Page < 1 {
		wrong.add("page %d: pages count from 1", s.Page)
	}
	if s.Result != "" && (!s.AsOf.IsZero() || !empty(&s.Question)) {
		wrong.add("a kept result has its own question and moment")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	from := (s.Page - 1) * s.Limit
	var res *zoeklicht.Result
	var err error
	if s.Result != "" {
		res, err = a.Again(ctx, s.Result, from, s.Limit)
	} else {
		res, err = a.Ask(ctx, s.Question, s.AsOf, from, s.Limit)
	}
	if err != nil {
		return err
	}
	if s.Reveal {
		if err := reveal(ctx, a, res); err != nil {
			return err
		}
	}
	if out.JSON {
		return out.object(s.answer(res))
	}
	return s.print(res, out)
}

func empty(q *zoeklicht.Question) bool {
	return q.Text == "" && q.From == "" && q.To == "" && len(q.Sources) == 0 && q.Place == "" && q.Phone == "" && q.Lang == "" &&
		q.State == "" && q.Picture == "" && !q.Newest
}

// reveal puts each row in the clear that is still there. What is not masked of a
// version, its dates among it, stays as it was as of the result's moment.
func reveal(ctx context.Context, a Asker, res *zoeklicht.Result) error {
	words, err := text.ParseQuery(res.Question.Text)
	if err != nil {
		return err
	}
	for i := range res.Rows {
		row := &res.Rows[i]
		if row.Version.Destroyed {
			continue
		}
		v, err := a.Reveal(ctx, row.Version.ID)
		if err != nil {
			return err
		}
		row.Version.Title, row.Version.Body = v.Title, v.Body
		row.Version.Entities, row.Version.Fields = v.Entities, v.Fields
		row.Snippet = text.Snippet(v.Body, words, snippetWidth)
	}
	return nil
}

func (s *Search) answer(res *zoeklicht.Result) answer {
	out := answer{
		AsOf: moment(res.AsOf), Seq: res.Seq, ResultID: res.ID, Total: res.Adverts, Versions: res.Versions, More: res.More,
		Destroyed: res.Destroyed, Page: s.Page, Question: res.Question, Rows: []answerRow{},
	}
	for i := range res.Rows {
		r := &res.Rows[i]
		v := &r.Version
		out.Rows = append(out.Rows, answerRow{
			Position: r.Position, Advert: v.Advert, Version: v.ID, N: v.N, Source: v.Source, URL: v.URL, Title: v.Title,
			Snippet: plain(r.Snippet), Body: v.Body, Price: v.Price, Place: v.Place, Phones: phones(v), Lang: v.Lang,
			SeenAt: moment(v.SeenAt), FirstSeen: moment(r.Advert.FirstSeen), LastSeen: moment(r.Advert.LastSeen),
			GoneAt: moment(r.Advert.GoneAt), Matches: r.Matches, Masked: !s.Reveal, Destroyed: v.Destroyed, Rule: v.Rule,
		})
	}
	return out
}

// print shows an answer in a table of few columns.
func (s *Search) print(res *zoeklicht.Result, out *Out) error {
	more := ""
	if res.More {
		more = "+"
	}
	err := out.say("as of %s (%s UTC), result %s: %d%s adverts, %d%s versions", out.at(res.AsOf), res.AsOf.UTC().Format("15:04"), res.ID,
		res.Adverts, more, res.Versions, more)
	if err != nil {
		return err
	}
	if res.Destroyed > 0 {
		if err := out.say("Destroyed since: %s of these.", count(res.Destroyed, "version")); err != nil {
			return err
		}
	}
	if len(res.Rows) == 0 {
		return nil
	}
	table := make([][]string, len(res.Rows))
	for i := range res.Rows {
		r := &res.Rows[i]
		v := &r.Version
		title := cut(v.Title, 60)
		if v.Destroyed {
			title = "(destroyed: " + v.Rule + ")"
		}
		state := ""
		if r.Advert.Gone() {
			state = "gone"
		}
		table[i] = []string{
			fmt.Sprint(r.Position), fmt.Sprint(v.Advert), out.at(v.SeenAt), state, string(v.Source), v.Place, v.Price,
			strings.Join(phones(v), " "), title,
		}
	}
	if err := out.table([]string{"#", "ADVERT", "SEEN", "", "SOURCE", "PLACE", "PRICE", "PHONE", "TITLE"}, table); err != nil {
		return err
	}
	last := res.Rows[len(res.Rows)-1].Position
	if last < res.Adverts {
		out.Notice("Rows %d to %d of %d; the next: --result %s --page %d --limit %d", res.Rows[0].Position, last, res.Adverts, res.ID, s.Page+1, s.Limit)
	}
	return nil
}

// phones gives a version's numbers, each once, in the order of the text.
func phones(v *zoeklicht.Version) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, e := range v.Entities {
		if e.Type == zoeklicht.Phone && !seen[e.Value] {
			seen[e.Value] = true
			out = append(out, e.Value)
		}
	}
	return out
}

func plain(spans []zoeklicht.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

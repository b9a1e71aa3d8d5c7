// Package search answers questions as of a moment: it makes a question ready for
// the store, asks it, and finishes the answer with marked snippets and a histogram
// that says on which days nobody looked.
//
// Invariants: the same question as of the same moment gives the same rows and
// counts for ever (the store keeps the list); nothing here reads the clock to
// decide what matches; contact details arrive masked and stay so.
package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/text"

	"github.com/nyaruka/phonenumbers"
)

// engine is kept with each result: it changes when the same question would be
// understood otherwise.
const engine = "search/2"

// snippetWidth is about two lines of a result.
const snippetWidth = 220

// Config says where a theme lives. The zero value takes Amsterdam and NL.
type Config struct {
	Place   *time.Location // whose days a question means [Europe/Amsterdam]
	Regions []string       // in which a national number is read, ISO 3166 [NL]
	// Typed reads what somebody typed as numbers, in words and look-alikes too [figures alone,
	// by Phone].
	Typed func(string) zoeklicht.Typed
	Limit int // versions that an answer lists at most; the rest is "and more" [10,000, which is the most]
}

// Engine answers questions for one theme. It is safe for concurrent use.
type Engine struct{ cfg Config }

// New gives an engine.
func New(cfg Config) *Engine {
	if cfg.Place == nil {
		cfg.Place = Amsterdam()
	}
	if len(cfg.Regions) == 0 {
		cfg.Regions = []string{"NL"}
	}
	return &Engine{cfg}
}

// Place gives the location whose days the engine means.
func (e *Engine) Place() *time.Location { return e.cfg.Place }

// Day gives the day of a moment in the theme's place, at midnight UTC as the
// database keeps days.
func (e *Engine) Day(t time.Time) time.Time {
	y, m, d := t.In(e.cfg.Place).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Ask answers a question as of a moment (zero: now), from row from on, n rows.
// Errors are Invalid for a question that cannot be understood, and say what to
// write instead.
func (e *Engine) Ask(ctx context.Context, st *store.Store, q zoeklicht.Question, asOf time.Time, from, n int) (*zoeklicht.Result, error) {
	a, err := e.prepare(q)
	if err != nil {
		return nil, err
	}
	res, err := st.Answer(ctx, a, asOf, from, n)
	if err != nil {
		return nil, err
	}
	return res, e.Finish(ctx, st, res)
}

// Again gives rows of a result that was answered before.
func (e *Engine) Again(ctx context.Context, st *store.Store, id zoeklicht.ResultID, from, n int) (*zoeklicht.Result, error) {
	res, err := st.Result(ctx, id, from, n)
	if err != nil {
		return nil, err
	}
	return res, e.Finish(ctx, st, res)
}

// prepare makes a question ready for the store.
func (e *Engine) prepare(q zoeklicht.Question) (*store.Asked, error) {
	q.Text = strings.Join(strings.Fields(q.Text), " ")
	q.Sources = slices.Clone(q.Sources)
	slices.Sort(q.Sources)
	q.Indicators = slices.Clone(q.Indicators)
	slices.Sort(q.Indicators)
	q.Indicators = slices.Compact(q.Indicators)
	if math.IsNaN(q.MinScore) || math.IsInf(q.MinScore, 0) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "a score to begin at is a number").With("nothing was asked", "")
	}
	a := &store.Asked{Engine: engine, Limit: e.cfg.Limit}
	if a.Limit != 0 {
		a.Engine += fmt.Sprintf(" of %d", a.Limit) // other answers to the same questions
	}
	var err error
	if a.Words, err = text.ParseQuery(q.Text); err != nil {
		return nil, err
	}
	if q.From != "" {
		if a.From, err = e.parseDay(q.From); err != nil {
			return nil, err
		}
	}
	if q.To != "" {
		if a.To, err = e.parseDay(q.To); err != nil {
			return nil, err
		}
		a.To = a.To.AddDate(0, 0, 1)
	}
	if !a.From.IsZero() && !a.To.IsZero() && !a.From.Before(a.To) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "the last day (%s) lies before the first (%s)", q.To, q.From).
			With("nothing was asked", "exchange the days")
	}
	if q.Phone != "" {
		if a.Phones, a.Digits, err = e.phones(q.Phone); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{
		{"state", q.State, []string{"", "online", "gone"}},
		{"picture", q.Picture, []string{"", "with", "without", "missing"}},
		{"feedback", q.Feedback, []string{"", "none", string(zoeklicht.Yes), string(zoeklicht.No), string(zoeklicht.Unclear)}},
	} {
		if !slices.Contains(f.allowed, f.value) {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%s %q is not one of %s", f.name, f.value, strings.Join(f.allowed[1:], ", ")).
				With("nothing was asked", "")
		}
	}
	a.Question = q
	return a, nil
}

func (e *Engine) parseDay(s string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, e.cfg.Place)
	if err != nil {
		return t, zoeklicht.Errorf(zoeklicht.Invalid, "%q is not a day such as 2026-11-22", s).With("nothing was asked", "")
	}
	return t, nil
}

// Phone reads a number in any spelling. A whole number gives its possible forms in
// E.164, a region each; at least four digits of one give those digits.
func Phone(s string, regions []string) (whole []string, part string, err error) {
	digits := figures(s)
	if len(digits) < leastDigits || len(digits) > 20 {
		return nil, "", notNumber(s, len(digits))
	}
	if len(digits) < 9 {
		return nil, partOf(digits), nil
	}
	number := digits
	if strings.HasPrefix(strings.TrimSpace(s), "+") || strings.HasPrefix(strings.TrimSpace(s), "＋") {
		number = "+" + digits
	}
	for _, region := range regions {
		n, err := phonenumbers.Parse(number, region)
		if err != nil {
			continue
		}
		if e164 := phonenumbers.Format(n, phonenumbers.E164); !slices.Contains(whole, e164) {
			whole = append(whole, e164)
		}
	}
	if !strings.HasPrefix(digits, "0") {
		// Written without plus and without a national zero: 31600012345.
		if e164 := "+" + digits; !slices.Contains(whole, e164) {
			whole = append(whole, e164)
		}
	}
	return whole, "", nil
}

// leastDigits is how many digits of a number can be asked for.
const leastDigits = 4

// figures gives the figures in a text.
func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text.FoldString(s))
}

// partOf gives digits of a number as they stand in E.164, which has neither 00 nor the
// national zero.
func partOf(digits string) string {
	if part := strings.TrimLeft(digits, "0"); len(part) >= 3 {
		return part
	}
	return digits
}

func notNumber(s string, digits int) error {
	return zoeklicht.Errorf(zoeklicht.Invalid, "%q has %d digits; a phone number, or 4 to 20 digits of one, is needed", s, digits).
		With("nothing was asked", "")
}

// Finish adds snippets, and the days on which nobody looked.
func (e *Engine) Finish(ctx context.Context, st *store.Store, res *zoeklicht.Result) error {
	words, err := text.ParseQuery(res.Question.Text)
	if err != nil {
		return err
	}
	for i := range res.Rows {
		v := &res.Rows[i].Version
		if !v.Destroyed && !v.Sealed {
			res.Rows[i].Snippet = text.Snippet(v.Body, words, snippetWidth)
		}
	}
	res.Days = fillDays(res.Days, e.lastDay(res))
	days := make([]string, len(res.Days))
	for i, d := range res.Days {
		days[i] = d.Day
	}
	without, err := st.DaysWithoutRun(ctx, days, e.cfg.Place, res.Seq, res.Question.Sources)
	if err != nil {
		return err
	}
	for i := range res.Days {
		res.Days[i].NoRun = without[res.Days[i].Day]
	}
	return nil
}

// lastDay gives the day on which a result's histogram ends: that of its moment, or
// the last one asked for.
func (e *Engine) lastDay(res *zoeklicht.Result) string {
	last := res.AsOf.In(e.cfg.Place).Format(time.DateOnly)
	if to := res.Question.To; to != "" && to < last {
		return to
	}
	return last
}

// maxDays bounds a histogram; one that spans more keeps only the days with a match.
const maxDays = 20 * 366

// fillDays adds the days without a match, from the first with one to last, so that a
// histogram has no gaps and quiet days at its end are seen.
func fillDays(days []zoeklicht.DayCount, last string) []zoeklicht.DayCount {
	if len(days) == 0 {
		return days
	}
	first, err1 := time.Parse(time.DateOnly, days[0].Day)
	end, err2 := time.Parse(time.DateOnly, max(last, days[len(days)-1].Day))
	if err1 != nil || err2 != nil || end.Sub(first) > maxDays*24*time.Hour {
		return days
	}
	counts := make(map[string]int, len(days))
	for _, d := range days {
		counts[d.Day] = d.Count
	}
	var out []zoeklicht.DayCount
	for d := first; !d.After(end); d = d.AddDate(0, 0, 1) {
		key := d.Format(time.DateOnly)
		out = append(out, zoeklicht.DayCount{Day: key, Count: counts[key]})
	}
	return out
}

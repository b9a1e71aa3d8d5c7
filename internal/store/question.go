package store

import (
	"fmt"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// Asked is a question made ready for the database: words folded, days and numbers
// resolved. The search room makes it.
type Asked struct {
	Question zoeklicht.Question
	Words    text.Query
	From, To time.Time // [From, To) on seen_at; zero means unbounded
	// Phones are the numbers in E.164 that the phone asked for may be; Digits are
	// part of one where it is not a whole number.
	Phones []string
	Digits string
	// Engine names the versions of what turned the question into SQL, kept with the
	// result.
	Engine string
}

// ResultLimit is how many versions an answer lists at most. What matches beyond
// that is counted as "10,000+".
const ResultLimit = 10000

// where collects conditions and their arguments.
type where struct {
	conds []string
	args  []any
}

func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func (w *where) add(format string, args ...any) {
	w.conds = append(w.conds, fmt.Sprintf(format, args...))
}

// conditions turns a question into SQL conditions on version v, as of a seq.
func (a *Asked) conditions(seq zoeklicht.Seq) *where {
	w := &where{}
	at := w.arg(seq)
	w.add("v.seq <= %s", at)
	w.add("NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id)")
	if q := tsquery(a.Words); q != "" {
		w.add("to_tsvector('simple', v.folded) @@ to_tsquery('simple', %s)", w.arg(q))
	}
	// The index finds the words of a phrase; that they stand side by side is seen in
	// the folded text itself, 60 times faster than by positions in a tsvector.
	for _, p := range a.Words.Phrases {
		w.add("' ' || v.folded || ' ' LIKE %s", w.arg("% "+like(p)+" %"))
	}
	for _, p := range a.Words.NotPhrases {
		w.add("' ' || v.folded || ' ' NOT LIKE %s", w.arg("% "+like(p)+" %"))
	}
	if !a.From.IsZero() {
		w.add("v.seen_at >= %s", w.arg(a.From))
	}
	if !a.To.IsZero() {
		w.add("v.seen_at < %s", w.arg(a.To))
	}
	q := a.Question
	if len(q.Sources) > 0 {
		w.add("v.source = ANY(%s)", w.arg(q.Sources))
	}
	if q.Place != "" {
		w.add("v.place = %s", w.arg(q.Place))
	}
	if q.Lang != "" {
		w.add("v.lang = %s", w.arg(q.Lang))
	}
	switch q.Picture {
	case "with":
		w.add("v.has_picture = 1")
	case "without":
		w.add("v.has_picture = 0")
	case "missing":
		w.add("v.has_picture = 2")
	}
	switch {
	case len(a.Phones) > 0:
		w.add("v.id IN (SELECT e.version FROM entity e WHERE e.type = 'phone' AND e.value = ANY(%s))", w.arg(a.Phones))
	case a.Digits != "":
		w.add(`v.id IN (SELECT e.version FROM contact c JOIN entity e ON e.value = c.value AND e.type = c.type
			WHERE c.type = 'phone' AND c.value LIKE %s)`, w.arg("%"+a.Digits+"%"))
	}
	goneAsOf := `EXISTS (SELECT 1 FROM gone g WHERE g.advert = v.advert AND g.seq <= ` + at + `
		AND NOT EXISTS (SELECT 1 FROM sighting s WHERE s.advert = g.advert AND s.run > g.run AND s.seq <= ` + at + `))`
	switch q.State {
	case "gone":
		w.add("%s", goneAsOf)
	case "online":
		w.add("NOT %s", goneAsOf)
	}
	if q.Newest {
		w.add("NOT EXISTS (SELECT 1 FROM version y WHERE y.advert = v.advert AND y.n > v.n AND y.seq <= %s)", at)
	}
	return w
}

// narrow reports whether an index other than the one on time finds the rows.
func (a *Asked) narrow() bool {
	return tsquery(a.Words) != "" && (len(a.Words.Words) > 0 || len(a.Words.Phrases) > 0) || a.Digits != "" || len(a.Phones) > 0
}

// tsquery gives the words that must be there, those of phrases included, and those
// that must not. Folded words hold letters and digits only, so they need no quoting.
func tsquery(q text.Query) string {
	var parts []string
	parts = append(parts, q.Words...)
	for _, p := range q.Phrases {
		parts = append(parts, strings.Fields(p)...)
	}
	for _, w := range q.NotWords {
		parts = append(parts, "!"+w)
	}
	return strings.Join(parts, " & ")
}

// like escapes what LIKE takes as wild.
func like(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

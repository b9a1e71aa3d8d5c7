package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
	"zoeklicht/internal/text"

	"github.com/jackc/pgx/v5"
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
	// Limit is how many versions the answer lists at most; 0, and more than
	// resultLimit, mean that.
	Limit int
	// Engine names the versions of what turned the question into SQL, kept with the
	// result.
	Engine string
}

// resultLimit is how many versions an answer lists at most. What matches beyond
// that is counted as "10,000+".
const resultLimit = 10000

func (a *Asked) limit() int {
	if a.Limit <= 0 || a.Limit > resultLimit {
		return resultLimit
	}
	return a.Limit
}

// where collects conditions and their arguments.
type where struct {
	conds []string
	args  []any
}

func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

// also gives conditions to which others can be added.
func (w *where) also() *where { return &where{slices.Clip(w.conds), slices.Clip(w.args)} }

func (w *where) add(format string, args ...any) {
	w.conds = append(w.conds, fmt.Sprintf(format, args...))
}

// between bounds when a version was seen, as rows of v or f have it: from, if it is not
// zero, up to before to.
func (w *where) between(of string, from, to time.Time) {
	w.add("%s.seen_at < %s", of, w.arg(to))
	if !from.IsZero() {
		w.add("%s.seen_at >= %s", of, w.arg(from))
	}
}

// planned gives the arguments for a statement that is planned anew for them: words
// differ in frequency by five orders of magnitude, and no plan fits all.
func (w *where) planned() []any { return append([]any{pgx.QueryExecModeCacheDescribe}, w.args...) }

// conditions turns a reader's question into SQL conditions on version v as of a seq, but
// for those on time. Where a rule leads, they are on its rows f of found as well. moved are
// the versions whose places were corrected by then.
func (a *Asked) conditions(seq zoeklicht.Seq, reader zoeklicht.PersonID, led leading, moved map[zoeklicht.VersionID]placed) *where {
	w := &where{}
	at := w.arg(seq)
	w.add("v.seq <= %s", at)
	w.add(visible)
	if a.worded() {
		w.add("words(v.folded) @@ %s::tsquery", w.arg(tsquery(a.Words)))
	}
	// The index finds the words of a phrase; that they stand side by side is seen in
	// the folded text itself, 60 times faster than by positions in a tsvector.
	for _, p := range a.Words.Phrases {
		w.add("' ' || v.folded || ' ' LIKE %s", w.arg("% "+like(searchable(p))+" %"))
	}
	not := a.Words.NotPhrases
	if !a.worded() { // no index finds what is without a word
		not = append(slices.Clone(not), a.Words.NotWords...)
	}
	for _, p := range not {
		w.add("' ' || v.folded || ' ' NOT LIKE %s", w.arg("% "+like(searchable(p))+" %"))
	}
	q := a.Question
	if len(q.Sources) > 0 {
		w.add("v.source = ANY(%s)", w.arg(q.Sources))
	}
	if q.Place != "" {
		w.known("place", q.Place, moved, func(p placed) string { return p.place })
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
		w.add("v.id IN (SELECT p.version FROM phone_as_of(%s) p WHERE p.value = ANY(%s))", at, w.arg(a.Phones))
	case a.Digits != "":
		part := w.arg("%" + a.Digits + "%")
		w.add(`v.id IN (SELECT e.version FROM contact c JOIN entity e ON e.value = c.value AND e.type = c.type
			WHERE c.type = 'phone' AND c.value LIKE %[1]s AND NOT EXISTS (SELECT 1 FROM correction_as_of(%[2]s) k
				WHERE k.version = e.version AND k.type = 'phone' AND k.value = e.value AND k.start = e.start)
			UNION ALL SELECT k.version FROM correction_as_of(%[2]s) k WHERE k.type = 'phone' AND k.corrected LIKE %[1]s)`, part, at)
	}
	if q.Unit != "" {
		w.known("unit", q.Unit, moved, func(p placed) string { return p.unit })
	}
	a.judged(w, at, led)
	a.answered(w, at, reader)
	// Each sighting of a gone advert left a row in relisted, which is thousands of times
	// smaller than sighting.
	goneAsOf := `v.advert IN (SELECT g.advert FROM gone g WHERE g.seq <= ` + at + `
		AND NOT EXISTS (SELECT 1 FROM relisted b WHERE b.advert = g.advert AND b.run > g.run AND b.seq <= ` + at + `))`
	switch q.State { // IS: made once and looked up, not asked anew for each version
	case "gone":
		w.add("(%s) IS TRUE", goneAsOf)
	case "online":
		w.add("(%s) IS NOT TRUE", goneAsOf)
	}
	if q.Newest {
		// Versions of an advert become known in the order of their numbers.
		w.add("NOT EXISTS (SELECT 1 FROM version y WHERE y.advert = v.advert AND y.n = v.n + 1 AND y.seq <= %s)", at)
	}
	return w
}

// visible leaves out versions that were destroyed or sealed, whatever the moment.
const visible = `NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = v.id) AND NOT EXISTS (SELECT 1 FROM sealed s WHERE s.version = v.id)`

// judged adds the conditions on what indicators found as of the seq at.
func (a *Asked) judged(w *where, at string, led leading) {
	q := a.Question
	found := func(rule zoeklicht.IndicatorID, score float64) {
		of, same := "g", "g.version = v.id"
		switch {
		case led.by && led.rule == rule:
			of = "f"
		case led.by: // in the order of the index, so that both are gone through side by side
			same = "g.version = f.version AND g.seen_at = f.seen_at"
		}
		found := fmt.Sprintf("%[1]s.indicator = %[2]s AND %[1]s.since <= %[3]s AND %[1]s.until > %[3]s", of, w.arg(rule), at)
		if rule == ofScore {
			found += fmt.Sprintf(" AND %s.score >= %s", of, w.arg(score))
		}
		if of == "g" {
			found = "EXISTS (SELECT 1 FROM found g WHERE " + same + " AND " + found + ")"
		}
		w.add("%s", found)
	}
	for _, rule := range q.Indicators {
		found(rule, 0)
	}
	if q.MinScore > 0 {
		found(ofScore, q.MinScore)
	}
}

// answered adds the condition on what people answered as of the seq at. A reader is not
// shown what others answered about a version before they answered it themselves, and so
// cannot ask for it either: the question is about versions that they answered then.
func (a *Asked) answered(w *where, at string, reader zoeklicht.PersonID) {
	switch a.Question.Feedback {
	case "":
	case "none":
		w.add("NOT EXISTS (SELECT 1 FROM feedback_as_of(%s) own WHERE own.version = v.id AND own.person = %s)", at, w.arg(reader))
	default:
		w.add(`v.id IN (WITH stood AS MATERIALIZED (SELECT version, person, answer FROM feedback_as_of(%s))
			SELECT s.version FROM stood s WHERE s.answer = %s AND EXISTS (SELECT 1 FROM stood own WHERE own.version = s.version AND own.person = %s))`,
			at, w.arg(a.Question.Feedback), w.arg(reader))
	}
}

// personal reports whether the answer to a question depends on who asks it.
func personal(q *zoeklicht.Question) bool { return q.Feedback != "" }

// worded reports whether the index on words finds the rows.
func (a *Asked) worded() bool { return len(a.Words.Words)+len(a.Words.Phrases) > 0 }

// narrow reports whether an index other than the one on time finds the rows.
func (a *Asked) narrow() bool { return a.worded() || a.Digits != "" || len(a.Phones) > 0 }

// tsquery gives the words that must be there, those of phrases included, and those
// that must not. Folded words hold letters and digits only: nothing in them needs to
// be escaped.
func tsquery(q text.Query) string {
	var parts []string
	add := func(mark string, words ...string) {
		for _, w := range words {
			parts = append(parts, mark+"'"+searchable(w)+"'")
		}
	}
	add("", q.Words...)
	for _, p := range q.Phrases {
		add("", strings.Fields(p)...)
	}
	add("!", q.NotWords...)
	return strings.Join(parts, " & ")
}

// What the index takes: a lexeme has 2046 bytes at most, and all of a text's together
// a megabyte. No word of a language is as long, but pages are written by anybody.
const (
	maxWord = 1000
	maxText = 1_000_000
)

// searchable bounds a folded text to what the index takes: a longer word is cut, and a
// text too. It leaves all others as they are.
func searchable(folded string) string {
	long, at := false, 0
	for i := range len(folded) {
		if folded[i] == ' ' {
			at = i + 1
		}
		long = long || i-at >= maxWord
	}
	if !long && len(folded) <= maxText {
		return folded
	}
	var b strings.Builder
	for word := range strings.FieldsSeq(folded) {
		word = cut(word, maxWord)
		if b.Len()+len(word) >= maxText {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// cut gives the first n bytes of s at most, and no half of a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// like escapes what LIKE takes as wild.
func like(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

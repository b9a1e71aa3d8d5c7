package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store/bulk"
)

// kind is one sort of question, asked many times over, never twice the same.
type kind struct {
	name string
	bar  time.Duration // p95; 0 where none is set
	past bool          // asked as of a past moment as well
	make func(g *asker) zoeklicht.Question
}

// asker makes questions.
type asker struct {
	*rand.Rand
	words  *lexicon
	filled *bulk.Filled
}

// period narrows a question to so many days, all of them before the past moment
// that questions are asked as of.
func (g *asker) period(q zoeklicht.Question, days int) zoeklicht.Question {
	known := int(g.past().Sub(g.filled.First)/(24*time.Hour)) - days
	from := g.filled.First.AddDate(0, 0, g.IntN(known))
	q.From, q.To = from.Format(time.DateOnly), from.AddDate(0, 0, days-1).Format(time.DateOnly)
	return q
}

// past is the moment as of which past questions are asked: when three quarters of
// the corpus were known.
func (g *asker) past() time.Time { return g.filled.Moments[len(g.filled.Moments)*3/4] }

// since leaves out some of the oldest days and of the newest, a tenth of all at most:
// it makes questions with the same words differ, and leaves nearly all there is to
// find.
func (g *asker) since(q zoeklicht.Question) zoeklicht.Question {
	q.From = g.filled.First.AddDate(0, 0, g.IntN(40)).Format(time.DateOnly)
	q.To = g.filled.Last.AddDate(0, 0, -g.IntN(40)).Format(time.DateOnly)
	return q
}

// either gives one of two in turn, by chance.
func (g *asker) either(a, b zoeklicht.Question) zoeklicht.Question {
	if g.IntN(2) == 0 {
		return a
	}
	return b
}

// rules gives n rules, each of which fired on about a tenth of the versions.
func (g *asker) rules(n int) (out []zoeklicht.IndicatorID) {
	for _, k := range g.Perm(bulk.Rules)[:n] {
		out = append(out, zoeklicht.IndicatorID(fmt.Sprint("rule-", k)))
	}
	slices.Sort(out) // as a question has them, or one question would count as two
	return out
}

// scores are what six, four, and nearly two tenths of the versions have at least.
var scores = []float64{0.5, 1, 1.5}

func words(all ...string) zoeklicht.Question {
	return zoeklicht.Question{Text: strings.Join(all, " ")}
}

// kinds are the questions that are measured. Half of those with words have the
// corpus's planted terms, whose frequencies are exact, and half have words of its
// vocabulary of about the same frequency.
var kinds = []kind{
	{"two terms, 1 % and 0.01 %, 90 days", 100 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.period(g.either(words(practice.Hundredth.Term, practice.Rare.Term),
			words(pick(g.Rand, g.words.hundredth), pick(g.Rand, g.words.rare))), 90)
	}},
	{"two terms of 10 %", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(g.either(words(practice.Tenth.Term, practice.OtherTenth.Term),
			words(pick(g.Rand, g.words.tenth), pick(g.Rand, g.words.tenth))))
	}},
	{"exact phrase of two terms of 10 %", 500 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(words(`"`+practice.Tenth.Term, practice.OtherTenth.Term+`"`))
	}},
	{"exact phrase of three words of any version", 500 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return words(`"` + pick(g.Rand, g.words.phrases) + `"`)
	}},
	{"a term of 1 % without one of 10 %", 0, true, func(g *asker) zoeklicht.Question {
		return g.since(words(pick(g.Rand, g.words.hundredth), "-"+pick(g.Rand, g.words.tenth)))
	}},
	{"six digits of a phone", 100 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return zoeklicht.Question{Phone: fmt.Sprintf("0%05d", g.IntN(100_000))}
	}},
	{"one term of 10 %", 0, true, func(g *asker) zoeklicht.Question {
		return g.since(g.either(words(practice.Tenth.Term), words(pick(g.Rand, g.words.tenth))))
	}},
	{"no words: the newest", 0, true, func(g *asker) zoeklicht.Question { return g.since(zoeklicht.Question{}) }},
	{"no words, 80 to 100 days, newest versions only", 0, true, func(g *asker) zoeklicht.Question {
		return g.period(zoeklicht.Question{Newest: true}, 80+g.IntN(20))
	}},
	{"a term of 1 %, newest versions only", 0, true, func(g *asker) zoeklicht.Question {
		q := g.since(words(pick(g.Rand, g.words.hundredth)))
		q.Newest = true
		return q
	}},
	{"no words, online", 0, true, func(g *asker) zoeklicht.Question { return g.since(zoeklicht.Question{State: "online"}) }},
	{"no words, gone", 0, true, func(g *asker) zoeklicht.Question { return g.since(zoeklicht.Question{State: "gone"}) }},
	{"a term of 10 %, gone", 0, true, func(g *asker) zoeklicht.Question {
		q := g.since(words(pick(g.Rand, g.words.tenth)))
		q.State = "gone"
		return q
	}},
	{"no words, a frequent indicator", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{Indicators: g.rules(1)})
	}},
	{"no words, two indicators, newest versions only", 0, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{Indicators: g.rules(2), Newest: true})
	}},
	{"a term of 10 %, a frequent indicator", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		q := g.since(words(pick(g.Rand, g.words.tenth)))
		q.Indicators = g.rules(1)
		return q
	}},
	{"no words, a score", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{MinScore: pick(g.Rand, scores)})
	}},
	{"no words, a unit", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{Unit: bulk.Units[g.IntN(len(bulk.Units))]})
	}},
	{"no words, not judged by the reader", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{Feedback: "none"})
	}},
	{"no words, judged with an answer", 400 * time.Millisecond, true, func(g *asker) zoeklicht.Question {
		return g.since(zoeklicht.Question{Feedback: string(zoeklicht.Answers[g.IntN(len(zoeklicht.Answers))])})
	}},
	{"a place, 90 days, with a picture", 0, true, func(g *asker) zoeklicht.Question {
		return g.period(zoeklicht.Question{Place: pick(g.Rand, g.words.places), Picture: "with"}, 90)
	}},
}

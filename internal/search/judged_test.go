package search_test

import (
	"fmt"
	"slices"

	"zoeklicht"
)

// found is what one round of assessing found in a version.
type found struct {
	round, seq int
	score      float64
	rules      []string
}

// said is an answer or a correction of somebody: undone is the seq at which it was taken
// back, 0 if it stands.
type said struct {
	id, seq, undone int
	person          int64 // 1 and 2 are the readers of world.readers
	answer          string
	wrong, right    string // of a correction
}

var (
	units   = []string{"", "amsterdam", "midden-nederland"}
	rules   = []string{"arrival", "many-cities", "same-text"}
	answerz = []string{"yes", "no", "unclear"}
)

// judge lets two rounds of rules go through the versions, people answer and correct, and
// a few versions be sealed.
func (w *world) judge() {
	id := 0
	said := func(after int) said {
		id++
		s := said{id: id, seq: after + w.IntN(len(w.moments)-after+1), person: int64(1 + w.IntN(2))}
		if w.IntN(3) == 0 {
			s.undone = s.seq + w.IntN(len(w.moments)-s.seq+1)
		}
		return s
	}
	for i := range w.versions {
		v := &w.versions[i]
		v.unit, v.sealed = pick(w.Rand, units), w.IntN(25) == 0
		seq := v.seq
		for round := range w.IntN(3) {
			if seq > len(w.moments) {
				break
			}
			f := found{round: round + 1, seq: seq}
			for _, r := range rules {
				if w.IntN(2) == 0 {
					f.rules = append(f.rules, r)
					f.score += 0.5
				}
			}
			v.found = append(v.found, f)
			seq += 1 + w.IntN(5)
		}
		// People speak one after the other: ids and seqs rise together.
		after := v.seq
		for range w.IntN(4) {
			s := said(after)
			s.answer, after = pick(w.Rand, answerz), s.seq
			v.answers = append(v.answers, s)
		}
		for range w.IntN(2) {
			s := said(v.seq)
			s.right = pick(w.Rand, append([]string{""}, numbers...))
			if len(v.phones) > 0 && w.IntN(3) > 0 {
				s.wrong = pick(w.Rand, v.phones)
			}
			v.corrections = append(v.corrections, s)
		}
	}
}

// stood reports whether something was said and not undone as of a seq.
func (s *said) stood(seq int) bool { return s.seq <= seq && (s.undone == 0 || s.undone > seq) }

// inForce gives what the newest round known as of a seq found.
func (v *version) inForce(seq int) (f found) {
	for _, g := range v.found {
		if g.seq <= seq {
			f = g
		}
	}
	return f
}

// answered gives the answers that stood as of a seq: of each person the last.
func (v *version) answered(seq int) map[int64]string {
	out := map[int64]string{}
	for _, s := range v.answers {
		if s.stood(seq) {
			out[s.person] = s.answer
		}
	}
	return out
}

// numbersAsOf gives the numbers that lead to a version.
func (v *version) numbersAsOf(seq int) (out []string) {
	out = slices.DeleteFunc(slices.Clone(v.phones), func(p string) bool {
		return slices.ContainsFunc(v.corrections, func(s said) bool { return s.stood(seq) && s.wrong == p })
	})
	for _, s := range v.corrections {
		if s.stood(seq) && s.right != "" {
			out = append(out, s.right)
		}
	}
	return out
}

// judged reports whether a version passes a reader's filters on what was found and said:
// what others said counts where the reader had answered.
func (v *version) judged(q zoeklicht.Question, seq int, reader int64) bool {
	f, answers := v.inForce(seq), v.answered(seq)
	_, own := answers[reader]
	for _, r := range q.Indicators {
		if !slices.Contains(f.rules, string(r)) {
			return false
		}
	}
	switch {
	case v.sealed, q.Unit != "" && q.Unit != v.unit, f.score < q.MinScore:
		return false
	case q.Feedback == "":
		return true
	case q.Feedback == "none":
		return !own
	case !own:
		return false
	}
	for _, a := range answers {
		if a == q.Feedback {
			return true
		}
	}
	return false
}

// ask adds filters on what was found and said to a question.
func (w *world) ask(q *zoeklicht.Question) {
	sometimes := func(n int) bool { return w.IntN(n) == 0 }
	if sometimes(6) {
		q.Unit = pick(w.Rand, units)
	}
	for _, r := range rules {
		if sometimes(12) {
			q.Indicators = append(q.Indicators, zoeklicht.IndicatorID(r))
		}
	}
	if sometimes(8) {
		q.MinScore = pick(w.Rand, []float64{0.5, 1, 1.5})
	}
	if sometimes(6) {
		q.Feedback = pick(w.Rand, append([]string{"none"}, answerz...))
	}
}

// judgements gives the rows of what was found and said.
func (w *world) judgements(add func(table string, values ...any)) {
	add("indicator_set", "one", int64(1), w.moments[0], []byte("[]"))
	for round := range 2 {
		add("round", int32(round+1), int64(1), "one")
	}
	for i := range w.versions {
		v := &w.versions[i]
		for _, f := range v.found {
			add("assessment", int32(f.round), v.id, int64(f.seq), f.score, append([]string{}, f.rules...), []byte("[]"))
		}
		for _, s := range v.answers {
			add("feedback", int64(s.id), int64(s.seq), v.id, v.advert, s.answer, "", int64(w.readers[s.person-1]), fmt.Sprint(s.person), w.moments[0])
			if s.undone > 0 {
				add("feedback_undo", int64(s.id), int64(s.undone), w.moments[0])
			}
		}
		for _, s := range v.corrections {
			add("correction", int64(s.id), int64(s.seq), v.id, v.advert, "phone", s.wrong, s.wrong, 0, 0, false, true, s.right, s.person, "", w.moments[0])
			if s.undone > 0 {
				add("correction_undo", int64(s.id), int64(s.undone), w.moments[0])
			}
		}
		if v.sealed {
			add("seal", v.id, int64(1), v.id, v.advert, zoeklicht.CaptureID{}, "other", int64(1), "", w.moments[0])
			add("sealed", v.id, v.advert, v.id, int64(1))
		}
	}
}

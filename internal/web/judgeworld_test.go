package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/text"
)

// said is what readers said and did in a world, beside its adverts. Sealing is real in
// it: the content is taken out of the world itself.
type said struct {
	feedback   []zoeklicht.Feedback
	names      map[zoeklicht.VersionID]zoeklicht.VersionName
	seals      []zoeklicht.Seal
	keepSealed bool // in results asked before, as the store does
	alarmFails error
	unassessed map[zoeklicht.AdvertID]bool
	elsewhere  []zoeklicht.VersionID // what was asked for
}

// wordRules are rules of the practice theme in tests that look at words.
var wordRules = []zoeklicht.Indicator{
	{
		ID: "new-in-town", Version: 3, Status: zoeklicht.ActiveRule, Title: zoeklicht.Text{NL: "Kort in de stad", EN: "Short stay in town"},
		Rationale:      zoeklicht.Text{NL: "Snel wisselen van plaats kan door een ander worden geregeld.", EN: "Moving on quickly may be arranged by somebody else."},
		FalsePositives: zoeklicht.Text{NL: "Zelfstandig werkenden reizen ook, voor veiligheid en klanten.", EN: "Independent workers travel as well, for safety and for customers."},
		Sources:        []string{"Practice source 1"}, Grade: zoeklicht.Contested, Weight: 1, Level: zoeklicht.LevelLow, Lexicons: []string{"town"},
	},
	{
		ID: "weekend", Version: 1, Status: zoeklicht.ActiveRule, Title: zoeklicht.Text{NL: "Altijd bereikbaar", EN: "Always available"},
		Rationale:      zoeklicht.Text{NL: "Wie altijd moet werken, kan moeilijk weigeren.", EN: "Who must always work can hardly refuse."},
		FalsePositives: zoeklicht.Text{NL: "Een praktijk met meer mensen.", EN: "A practice with several people."},
		Sources:        []string{"Practice source 1", "Practice source 2"}, Grade: zoeklicht.Expert, Weight: 2.5, Level: zoeklicht.LevelMedium, LegalNote: zoeklicht.Text{NL: "Geen bijzondere categorie.", EN: "No special category."},
	},
	{
		ID: "only-telephone", Version: 2, Status: zoeklicht.ActiveRule, Title: zoeklicht.Text{NL: "Alleen telefonisch", EN: "By telephone only"},
		Rationale:      zoeklicht.Text{NL: "Zegt iets over hoe contact loopt.", EN: "Says something about how contact is made."},
		FalsePositives: zoeklicht.Text{NL: "Zo beschermt iemand zichzelf.", EN: "This is how people protect themselves."},
		Grade:          zoeklicht.Expert, Level: zoeklicht.LevelContext, Safety: true,
	},
	{
		ID: "many-cities", Version: 1, Status: zoeklicht.ActiveRule, Title: zoeklicht.Text{NL: "Eén nummer in meer plaatsen", EN: "One number in several places"},
		Grade: zoeklicht.Refuted, Weight: 3, Level: zoeklicht.LevelHigh, Sources: []string{"Practice source 3"},
	},
}

// wordHits are the words that make the rules of tests fire.
var wordHits = []struct {
	id   zoeklicht.IndicatorID
	rule int
	word string
}{{"new-in-town", 2, "new in town"}, {"weekend", 1, "weekend"}, {"only-telephone", 2, "only by telephone"}}

// assess gives a version's assessment, nil where the advert waits for it.
func (w *world) assess(v *zoeklicht.Version) *zoeklicht.Assessment {
	if w.unassessed[v.Advert] || gone(v) {
		return nil
	}
	a := &zoeklicht.Assessment{Version: v.ID, Set: "0123456789ab"}
	add := func(h zoeklicht.Hit) {
		i := slices.IndexFunc(wordRules, func(r zoeklicht.Indicator) bool { return r.ID == h.Indicator })
		h.Version, h.Weight = v.ID, wordRules[i].Weight
		a.Hits = append(a.Hits, h)
		a.Score += h.Weight
	}
	served := masked(*v) // hits point at the text as it is served
	folded := text.Fold(served.Title + "\n" + served.Body)
	for _, m := range wordHits {
		h := zoeklicht.Hit{Indicator: m.id, Rule: m.rule, Trace: "words = 1"}
		for at := 0; ; {
			i := strings.Index(folded.Text[at:], m.word)
			if i < 0 {
				break
			}
			start, end := folded.Raw(at+i, at+i+len(m.word))
			h.Where = append(h.Where, zoeklicht.Offset{Start: start, End: end, Word: m.word})
			at += i + len(m.word)
		}
		if len(h.Where) > 0 {
			add(h)
		}
	}
	if v.Advert%9 == 0 {
		trace := "beside.cities = 4 >= 3"
		if v.Advert%18 == 0 {
			trace += "; beside.text_elsewhere = 12 >= 1"
		}
		add(zoeklicht.Hit{Indicator: "many-cities", Rule: 1, Trace: trace})
	}
	slices.SortStableFunc(a.Hits, func(a, b zoeklicht.Hit) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(string(a.Indicator), string(b.Indicator)))
	})
	return a
}

// find gives a version of the world, nil where there is none.
func (w *world) find(id zoeklicht.VersionID) *zoeklicht.Version {
	for _, a := range w.adverts {
		for i := range a.Versions {
			if a.Versions[i].ID == id {
				return &a.Versions[i]
			}
		}
	}
	return nil
}

// judged narrows a question by what rules and readers said about a version.
func (w *world) judged(q zoeklicht.Question, v *zoeklicht.Version) bool {
	a := w.assess(v)
	score := 0.0
	if a != nil {
		score = a.Score
	}
	for _, id := range q.Indicators {
		if a == nil || !slices.ContainsFunc(a.Hits, func(h zoeklicht.Hit) bool { return h.Indicator == id }) {
			return false
		}
	}
	given := func(is func(zoeklicht.Feedback) bool) bool {
		return slices.ContainsFunc(w.feedback, func(f zoeklicht.Feedback) bool { return f.Version == v.ID && f.Undone.IsZero() && is(f) })
	}
	switch {
	case score < q.MinScore, q.Unit != "" && v.Unit != q.Unit:
		return false
	case q.Feedback == "none":
		return !given(func(zoeklicht.Feedback) bool { return true })
	case q.Feedback != "":
		return given(func(f zoeklicht.Feedback) bool { return string(f.Answer) == q.Feedback })
	}
	return true
}

func (w *world) Classify(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, answer zoeklicht.Answer, reason string) (*zoeklicht.Feedback, error) {
	if err := pass.Allow(zoeklicht.ActJudge); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.find(id)
	if v == nil || w.fail != nil {
		return nil, cmp.Or(w.fail, error(zoeklicht.Errorf(zoeklicht.NotFound, "no version %d", id)))
	}
	if v.Sealed {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "version %d is sealed", id)
	}
	for i := range w.feedback {
		if f := &w.feedback[i]; f.Version == id && f.Person == pass.Person() && f.Undone.IsZero() {
			f.Undone = w.now
		}
	}
	f := zoeklicht.Feedback{ID: int64(len(w.feedback) + 1), Version: id, Advert: v.Advert, Answer: answer, Reason: reason, Person: pass.Person(), Name: pass.Name(), At: w.now}
	w.feedback = append(w.feedback, f)
	return &f, nil
}

func (w *world) UndoClassify(_ context.Context, pass *access.Pass, id int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id < 1 || id > int64(len(w.feedback)) || w.feedback[id-1].Person != pass.Person() {
		return zoeklicht.Errorf(zoeklicht.NotFound, "no answer %d of yours", id)
	}
	w.feedback[id-1].Undone = w.now
	return nil
}

func (w *world) Classified(_ context.Context, pass *access.Pass, id zoeklicht.AdvertID) ([]zoeklicht.Feedback, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answered := map[zoeklicht.VersionID]bool{}
	for _, f := range w.feedback {
		if f.Person == pass.Person() && f.Undone.IsZero() {
			answered[f.Version] = true
		}
	}
	var out []zoeklicht.Feedback
	for _, f := range w.feedback {
		if f.Advert != id || !f.Undone.IsZero() {
			continue
		}
		if !answered[f.Version] {
			f.Answer, f.Reason = "", ""
		}
		out = append(out, f)
	}
	return out, nil
}

func (w *world) Assessed(_ context.Context, _ *access.Pass, id zoeklicht.AdvertID, _ time.Time) (map[zoeklicht.VersionID]zoeklicht.Assessment, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[zoeklicht.VersionID]zoeklicht.Assessment{}
	if a := w.adverts[id]; a != nil {
		for i := range a.Versions {
			if as := w.assess(&a.Versions[i]); as != nil {
				out[a.Versions[i].ID] = *as
			}
		}
	}
	return out, nil
}

// Elsewhere gives twelve adverts, the first of which shares a picture too.
func (w *world) Elsewhere(_ context.Context, _ *access.Pass, id zoeklicht.VersionID) (out []zoeklicht.Elsewhere, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.elsewhere = append(w.elsewhere, id)
	for n := range 12 {
		out = append(out, zoeklicht.Elsewhere{
			Advert: zoeklicht.AdvertID(100001 + n), Version: 1, N: 1, Source: "kade", SeenAt: w.now, Text: true, Picture: n == 0,
		})
	}
	return out, nil
}

func (w *world) Names(_ context.Context, _ *access.Pass, id zoeklicht.AdvertID) (out []zoeklicht.VersionName, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for v, n := range w.names {
		if found := w.find(v); found != nil && found.Advert == id {
			out = append(out, n)
		}
	}
	return out, nil
}

func (w *world) Name(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "" {
		delete(w.names, id)
		return nil
	}
	w.names[id] = zoeklicht.VersionName{Version: id, Name: name, Person: pass.Name(), At: w.now}
	return nil
}

func (w *world) Seal(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, why zoeklicht.SealReason, scope zoeklicht.SealScope) (*zoeklicht.Seal, error) {
	if err := pass.Allow(zoeklicht.ActSeal); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.find(id)
	if v == nil {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no version %d", id)
	}
	if v.Sealed {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "version %d is sealed", id)
	}
	s := zoeklicht.Seal{ID: zoeklicht.SealID(len(w.seals) + 1), Version: id, Advert: v.Advert, Capture: v.Capture, Why: why, Scope: scope, Versions: 1, Person: pass.Person(), Name: pass.Name(), At: w.now}
	w.seals = append(w.seals, s)
	of := w.adverts[v.Advert].Versions
	for i := range of {
		if v := &of[i]; v.ID == id || scope == zoeklicht.SealAdvert {
			*v = zoeklicht.Version{ID: v.ID, Advert: v.Advert, Source: v.Source, N: v.N, SeenAt: v.SeenAt, LastSeen: v.LastSeen, Sealed: true}
		}
	}
	return &s, nil
}

func (w *world) Seals(_ context.Context, pass *access.Pass) ([]zoeklicht.Seal, error) {
	if err := pass.Allow(zoeklicht.ActDuty); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.seals)
	slices.SortStableFunc(out, func(a, b zoeklicht.Seal) int { return a.Done.Compare(b.Done) })
	return out, nil
}

func (w *world) TakeSeal(_ context.Context, pass *access.Pass, id zoeklicht.SealID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seals[id-1].TakenBy, w.seals[id-1].Taken = pass.Name(), w.now
	return nil
}

func (w *world) EndSeal(_ context.Context, _ *access.Pass, id zoeklicht.SealID, outcome string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seals[id-1].Done, w.seals[id-1].Outcome = w.now, outcome
	return nil
}

package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
)

// maxReason bounds the reason beside an answer, in characters.
const maxReason = 500

// judgeView is the theme's question about the version shown, and who answered what.
type judgeView struct {
	Question string
	Keys     []answerKey
	Own      *zoeklicht.Feedback // the reader's standing answer about this version
	Others   []zoeklicht.Feedback
	// Unseen counts colleagues who answered about this version, before the reader did.
	Unseen int
	// Elsewhere are answers about other versions of this advert, newest first; where the
	// reader did not answer about such a version, without what colleagues said.
	Elsewhere []otherAnswer
}

// answerKey is an answer with the key that gives it.
type answerKey struct {
	Key    int
	Answer zoeklicht.Answer
	Own    bool
}

// otherAnswer is an answer about another version.
type otherAnswer struct {
	zoeklicht.Feedback
	N  int
	To string
}

// lastAnswer is the answer that this session gave last, to be taken back in one step
// wherever the list has gone on to.
type lastAnswer struct {
	ID     string
	Answer zoeklicht.Answer
	Advert string
	To     string // the advert as it was when it was judged, with its list
}

// lastFor is how long the last answer stays on the screen.
const lastFor = 15 * time.Minute

// keyJudged holds the last answer of a session in a theme: its number, advert, answer,
// address, and when it was given.
const keyJudged = "judged/"

// judging adds the question and its answers to an advert's page.
func (s *site) judging(q *request, d *advertPage) error {
	if !d.MayJudge() {
		return nil
	}
	d.Last = s.lastAnswer(q)
	names, err := s.Judge.Names(q.Context(), q.pass, d.Advert.ID)
	if err != nil {
		return err
	}
	d.Names = map[zoeklicht.VersionID]string{}
	for _, n := range names {
		d.Names[n.Version] = n.Name
	}
	given, err := s.Judge.Classified(q.Context(), q.pass, d.Advert.ID)
	if err != nil {
		return err
	}
	v := &judgeView{Question: q.theme.Question.In(q.words.Lang())}
	for i := range given {
		f := given[i]
		own := f.Person == q.person.ID
		switch {
		case !own && q.asOf.past() && f.At.After(q.asOf.At):
		case f.Version != d.Shown.ID:
			if n := ordinal(d.Advert, f.Version); n > 0 {
				v.Elsewhere = append(v.Elsewhere, otherAnswer{f, n, d.version(q, n)})
			}
		case own:
			v.Own = &f
		case f.Answer == "":
			v.Unseen++
		default:
			v.Others = append(v.Others, f)
		}
	}
	slices.SortStableFunc(v.Elsewhere, func(a, b otherAnswer) int { return b.N - a.N })
	for i, a := range zoeklicht.Answers {
		v.Keys = append(v.Keys, answerKey{i + 1, a, v.Own != nil && v.Own.Answer == a})
	}
	d.Judge = v
	return nil
}

// ordinal gives which version of an advert an identifier names, 0 for none of them.
func ordinal(a *zoeklicht.Advert, id zoeklicht.VersionID) int {
	for i := range a.Versions {
		if a.Versions[i].ID == id {
			return a.Versions[i].N
		}
	}
	return 0
}

// MayJudge reports whether the reader may classify, name and correct.
func (p page) MayJudge() bool {
	return p.q.site.Judge != nil && p.RoleMay(zoeklicht.ActJudge)
}

// formVersion reads the version that a form is about.
func formVersion(q *request) (zoeklicht.VersionID, error) {
	id, err := strconv.ParseInt(q.FormValue("version"), 10, 64)
	if err != nil || id < 1 {
		return 0, notThere()
	}
	return zoeklicht.VersionID(id), nil
}

// judges reports whether the request may change what judging is about; what a person
// may not see the forms of does not exist for them.
func (q *request) judges() error {
	if !(page{q: q}).MayJudge() {
		return notThere()
	}
	return nil
}

// classify takes an answer and goes on to the next advert of the list, or stays where
// no list was come from.
func (s *site) classify(q *request) error {
	if err := q.judges(); err != nil {
		return err
	}
	id, err := formVersion(q)
	if err != nil {
		return err
	}
	here := q.local(q.to("adverts/" + q.PathValue("id")))
	answer := zoeklicht.Answer(q.FormValue("answer"))
	reason := strings.Join(strings.Fields(q.FormValue("reason")), " ")
	if !slices.Contains(zoeklicht.Answers, answer) || utf8.RuneCountInString(reason) > maxReason {
		q.note("judge.not-taken")
		return q.redirect(here)
	}
	f, err := s.Judge.Classify(q.Context(), q.pass, id, answer, reason)
	if err != nil {
		return hideUnlessSaid(err)
	}
	s.Sessions.Remove(q.Context(), keyStepped+string(q.theme.Name)) // one thing at a time is undone by one key
	s.Sessions.Put(q.Context(), keyJudged+string(q.theme.Name), []string{
		strconv.FormatInt(f.ID, 10), strconv.FormatInt(int64(f.Advert), 10), string(answer), here, strconv.FormatInt(s.Clock().Unix(), 10),
	})
	if q.FormValue("lead") != "" && s.Work != nil {
		return s.nextLead(q) // one way less than by its address
	}
	to, err := q.onward(false)
	if err != nil {
		return err
	}
	return q.onTo(cmp.Or(to, here))
}

// hideUnlessSaid keeps the answers of a room that a person can do something about, and
// hides whether what was asked for exists.
func hideUnlessSaid(err error) error {
	if zoeklicht.CodeOf(err) == zoeklicht.Denied {
		return notThere()
	}
	return err
}

// undoClassify takes back an answer of the reader's own and returns to the advert that
// it was about.
func (s *site) undoClassify(q *request) error {
	if err := q.judges(); err != nil {
		return err
	}
	id, err := strconv.ParseInt(q.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return notThere()
	}
	if err := s.Judge.UndoClassify(q.Context(), q.pass, id); err != nil {
		return hideUnlessSaid(err)
	}
	if l := s.lastAnswer(q); l != nil && l.ID == q.PathValue("id") {
		s.Sessions.Remove(q.Context(), keyJudged+string(q.theme.Name))
	}
	q.note("judge.undone")
	return q.redirect(q.local(q.to("")))
}

// lastAnswer gives what this session answered last in the theme, nil when that is a
// while ago.
func (s *site) lastAnswer(q *request) *lastAnswer {
	v, _ := s.Sessions.Get(q.Context(), keyJudged+string(q.theme.Name)).([]string)
	if len(v) != 5 {
		return nil
	}
	at, err := strconv.ParseInt(v[4], 10, 64)
	if err != nil || s.Clock().Sub(time.Unix(at, 0)) > lastFor {
		return nil
	}
	return &lastAnswer{ID: v[0], Advert: v[1], Answer: zoeklicht.Answer(v[2]), To: v[3]}
}

// maxName bounds the name of a version, in characters.
const maxName = 80

// nameVersion gives a version a name, or takes it away.
func (s *site) nameVersion(q *request) error {
	if err := q.judges(); err != nil {
		return err
	}
	id, err := formVersion(q)
	if err != nil {
		return err
	}
	name := strings.Join(strings.Fields(q.FormValue("name")), " ")
	switch {
	case utf8.RuneCountInString(name) > maxName:
		q.note("judge.name-long")
	case strings.ContainsFunc(name, hidden):
		q.note("judge.name-odd")
	default:
		if err := s.Judge.Name(q.Context(), q.pass, id, name); err != nil {
			return hideUnlessSaid(err)
		}
		q.note("judge.named")
	}
	return q.redirect(q.local(q.to("adverts/" + q.PathValue("id"))))
}

// judgeRoutes are where the forms of an advert's page go.
func (s *site) judgeRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /t/{theme}/rows/next", s.inTheme(s.nextRow))
	mux.HandleFunc("POST /t/{theme}/adverts/{id}/classify", s.inTheme(s.classify))
	mux.HandleFunc("POST /t/{theme}/feedback/{id}/undo", s.inTheme(s.undoClassify))
	mux.HandleFunc("POST /t/{theme}/adverts/{id}/name", s.inTheme(s.nameVersion))
	mux.HandleFunc("POST /t/{theme}/adverts/{id}/correct", s.inTheme(s.correct))
	mux.HandleFunc("POST /t/{theme}/corrections/{id}/undo", s.inTheme(s.undoCorrection))
	mux.HandleFunc("POST /t/{theme}/adverts/{id}/seal", s.inTheme(s.seal))
	mux.HandleFunc("GET /t/{theme}/urgent", s.inTheme(s.urgentLane))
	mux.HandleFunc("POST /t/{theme}/urgent/{id}/take", s.inTheme(s.takeSeal))
	mux.HandleFunc("POST /t/{theme}/urgent/{id}/end", s.inTheme(s.endSeal))
}

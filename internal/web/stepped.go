package web

import (
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// keyStepped holds the step in the worklist that a session took last in a theme: the
// version that names the row, its advert, what was said, where from, and when. keyWrong
// holds what was typed in a step that was not right, until the list shows it again.
const (
	keyStepped = "stepped/"
	keyWrong   = "wrong-step/"
)

// stepped is the step that this session took last, to be taken back in one step wherever
// the list has gone on to.
type stepped struct {
	Undo   string // where that is asked for
	Said   wording.Key
	Advert string // "" where it is not known
	To     string // the page that the step was taken on
}

// undoable are the steps after which there is a way back: those that take a row off one's
// list. Claiming and releasing undo each other.
var undoable = map[zoeklicht.ClaimKind]bool{zoeklicht.Parked: true, zoeklicht.Handed: true, zoeklicht.Finished: true}

// keepStep keeps a step that can be taken back, which is then the one thing that "undo"
// means here, and reports whether it is one.
func (q *request) keepStep(id zoeklicht.VersionID, kind zoeklicht.ClaimKind, said wording.Key, from string) bool {
	s, ctx, theme := q.site.Sessions, q.Context(), string(q.theme.Name)
	if !undoable[kind] {
		s.Remove(ctx, keyStepped+theme)
		return false
	}
	advert := q.FormValue("advert")
	if _, err := strconv.ParseInt(advert, 10, 64); err != nil {
		advert = ""
	}
	s.Remove(ctx, keyJudged+theme)
	s.Put(ctx, keyStepped+theme, []string{id.String(), advert, string(said), from, strconv.FormatInt(q.site.Clock().Unix(), 10)})
	return true
}

// Stepped gives the step to take back, on the pages of the worklist: nil when there was
// none, or it is a while ago.
func (p page) Stepped() *stepped {
	if p.q.person == nil || !p.MayWork() || p.Section != "home" && p.Strip() == nil {
		return nil
	}
	v, _ := p.q.site.Sessions.Get(p.q.Context(), keyStepped+string(p.q.theme.Name)).([]string)
	if len(v) != 5 {
		return nil
	}
	at, err := strconv.ParseInt(v[4], 10, 64)
	if err != nil || p.q.site.Clock().Sub(time.Unix(at, 0)) > lastFor {
		return nil
	}
	return &stepped{Undo: p.q.to("leads/" + v[0] + "/step"), Advert: v[1], Said: wording.Key(v[2]), To: v[3]}
}

// wrongStep is a step that was not right, with what was typed.
type wrongStep struct {
	version, until, note string
	what                 wording.Key
}

// wrongStep goes back to where a step was typed, and says what is wrong there: in the row
// itself where that is the list, with what was typed, and else above the page.
func (q *request) wrongStep(what wording.Key, back string) error {
	if q.FormValue("lead") != "" {
		q.note(what)
		return q.redirect(back)
	}
	q.site.Sessions.Put(q.Context(), keyWrong+string(q.theme.Name), []string{
		q.PathValue("version"), cut(oneText(q.FormValue("until")), 40), cut(oneText(q.FormValue("note")), 500), string(what),
	})
	return q.redirect(back)
}

// popWrong gives the step to mend, once.
func (q *request) popWrong() *wrongStep {
	v, _ := q.site.Sessions.Pop(q.Context(), keyWrong+string(q.theme.Name)).([]string)
	if len(v) != 4 {
		return nil
	}
	return &wrongStep{version: v[0], until: v[1], note: v[2], what: wording.Key(v[3])}
}

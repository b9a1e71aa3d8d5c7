package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoeklicht"
)

// sealChoice is a button of the form: a reason, and what is covered for it.
type sealChoice struct {
	Value string // in the form
	Why   zoeklicht.SealReason
	Scope zoeklicht.SealScope
}

// Whole reports whether all of the advert is sealed with it.
func (c sealChoice) Whole() bool { return c.Scope == zoeklicht.SealAdvert }

// sealChoices in the order of their buttons. The first one has the focus after the key:
// it is the one that cannot wait. What cannot wait takes the whole advert; for another
// reason the reader chooses.
var sealChoices = []sealChoice{
	{string(zoeklicht.SealMinor), zoeklicht.SealMinor, zoeklicht.SealAdvert},
	{string(zoeklicht.SealAbuse), zoeklicht.SealAbuse, zoeklicht.SealAdvert},
	{string(zoeklicht.SealOther), zoeklicht.SealOther, zoeklicht.SealVersion},
	{string(zoeklicht.SealOther) + "-advert", zoeklicht.SealOther, zoeklicht.SealAdvert},
}

// keySealed holds what this session sealed last in a theme: version, reason, name, moment,
// advert and scope, so that the page can say who did it to who did.
const keySealed = "sealed/"

// sealView is what is said where content was sealed. Who, when and why are only known
// to who sealed it, for as long as the session lasts, and to the duty role.
type sealView struct {
	Name  string
	At    time.Time
	Why   zoeklicht.SealReason
	Whole bool // all of the advert
}

// MaySeal reports whether the reader may take content out of sight, and MayDuty whether
// the urgent lane is theirs.
func (p page) MaySeal() bool {
	return p.q.site.Sealer != nil && p.RoleMay(zoeklicht.ActSeal)
}

// MayDuty reports whether the urgent lane is the reader's.
func (p page) MayDuty() bool {
	return p.q.site.Sealer != nil && p.RoleMay(zoeklicht.ActDuty)
}

// SealChoices are what a form offers.
func (p page) SealChoices() []sealChoice { return sealChoices }

// sealing says who sealed the version shown, where that is known here.
func (s *site) sealing(q *request, d *advertPage) error {
	if !d.Shown.Sealed {
		return nil
	}
	d.Seal = &sealView{}
	if v, _ := s.Sessions.Get(q.Context(), keySealed+string(q.theme.Name)).([]string); len(v) == 6 {
		whole := v[5] == string(zoeklicht.SealAdvert) && v[4] == strconv.FormatInt(int64(d.Advert.ID), 10)
		at, err := strconv.ParseInt(v[3], 10, 64)
		if err == nil && (whole || v[0] == strconv.FormatInt(int64(d.Shown.ID), 10)) {
			d.Seal = &sealView{Why: zoeklicht.SealReason(v[1]), Name: v[2], At: time.UnixMicro(at), Whole: whole}
			return nil
		}
	}
	if !d.MayDuty() {
		return nil
	}
	seals, err := s.Sealer.Seals(q.Context(), q.pass)
	if err != nil {
		return err
	}
	for i := range seals {
		one := &seals[i]
		whole := one.Scope == zoeklicht.SealAdvert && one.Advert == d.Advert.ID
		if whole || one.Version == d.Shown.ID {
			d.Seal = &sealView{Why: one.Why, Name: one.Name, At: one.At, Whole: whole}
		}
	}
	return nil
}

// seal takes the content of a version, or of its advert, out of everybody's sight, at once.
func (s *site) seal(q *request) error {
	if !(page{q: q}).MaySeal() {
		return notThere()
	}
	id, err := formVersion(q)
	if err != nil {
		return err
	}
	chosen := slices.IndexFunc(sealChoices, func(c sealChoice) bool { return c.Value == q.FormValue("why") })
	if chosen < 0 {
		q.note("seal.no-reason")
		return q.redirect(q.local(q.to("adverts/" + q.PathValue("id"))))
	}
	sealed, err := s.Sealer.Seal(q.Context(), q.pass, id, sealChoices[chosen].Why, sealChoices[chosen].Scope)
	if err != nil {
		return hideUnlessSaid(err)
	}
	// What this session had on its screen of it is hidden as well.
	things := slices.DeleteFunc(slices.Clone(s.shown(q.Context(), q.theme.Name)), func(thing string) bool {
		return thing != versionThing(id) && !strings.HasPrefix(thing, pictureThings(id))
	})
	s.setShown(q.Context(), q.theme.Name, false, things)
	s.Sessions.Put(q.Context(), keySealed+string(q.theme.Name), []string{
		strconv.FormatInt(int64(id), 10), string(sealed.Why), sealed.Name, strconv.FormatInt(sealed.At.UnixMicro(), 10),
		strconv.FormatInt(int64(sealed.Advert), 10), string(sealed.Scope),
	})
	return q.redirect(q.to("adverts/"+strconv.FormatInt(int64(sealed.Advert), 10), "id", strconv.FormatInt(int64(id), 10), "after", q.FormValue("after"), "lead", q.FormValue("lead"), "at", q.FormValue("at")))
}

func pictureThings(id zoeklicht.VersionID) string {
	return "p:" + strconv.FormatInt(int64(id), 10) + ":"
}

// urgentPage is the lane of what was sealed and cannot wait, for the duty role: no
// content, and a running clock.
type urgentPage struct {
	page
	Open []sealLine
	Done []sealLine
	At   time.Time // when it was read
}

// sealLine is a seal in the lane.
type sealLine struct {
	zoeklicht.Seal
	Waits  time.Duration // since it was sealed, while nobody has taken it
	Took   time.Duration // from sealed to taken
	Lasted time.Duration // from sealed to done
	Mine   bool
}

// doneShown is how many finished ones the lane lists.
const doneShown = 50

// urgentLane shows the lane, and lane its part that moves.
func (s *site) urgentLane(q *request) error { return s.showLane(q, "urgent") }

func (s *site) lane(q *request) error { return s.showLane(q, "urgent/lane") }

func (s *site) showLane(q *request, screen string) error {
	if !(page{q: q}).MayDuty() {
		return notThere()
	}
	seals, err := s.Sealer.Seals(q.Context(), q.pass)
	if err != nil {
		return err
	}
	d := urgentPage{page: q.page("seal.lane", "urgent").fixed(), At: q.now}
	for _, one := range seals {
		if !one.Why.Urgent() {
			continue
		}
		l := sealLine{Seal: one, Waits: q.now.Sub(one.At), Mine: one.TakenBy == q.pass.Name()}
		if !one.Taken.IsZero() {
			l.Took = one.Taken.Sub(one.At)
		}
		switch {
		case one.Done.IsZero():
			d.Open = append(d.Open, l)
		case len(d.Done) < doneShown:
			l.Lasted = one.Done.Sub(one.At)
			d.Done = append(d.Done, l)
		}
	}
	return q.show(http.StatusOK, screen, d)
}

// laneSeal reads which seal a form of the lane is about.
func laneSeal(q *request) (zoeklicht.SealID, error) {
	if !(page{q: q}).MayDuty() {
		return 0, notThere()
	}
	id, err := strconv.ParseInt(q.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, notThere()
	}
	return zoeklicht.SealID(id), nil
}

// takeSeal says that the reader has it.
func (s *site) takeSeal(q *request) error {
	id, err := laneSeal(q)
	if err != nil {
		return err
	}
	if err := s.Sealer.TakeSeal(q.Context(), q.pass, id); err != nil {
		return hideUnlessSaid(err)
	}
	return q.redirect(q.to("urgent"))
}

// maxOutcome bounds how an outcome is told, in characters, and minOutcome says that it
// is told at all.
const (
	minOutcome = 4
	maxOutcome = 500
)

// endSeal says that it is done, and with what: words, no content.
func (s *site) endSeal(q *request) error {
	id, err := laneSeal(q)
	if err != nil {
		return err
	}
	outcome := strings.Join(strings.Fields(q.FormValue("outcome")), " ")
	if n := utf8.RuneCountInString(outcome); n < minOutcome || n > maxOutcome {
		q.note("seal.outcome-needed")
		return q.redirect(q.to("urgent"))
	}
	if err := s.Sealer.EndSeal(q.Context(), q.pass, id, outcome); err != nil {
		return hideUnlessSaid(err)
	}
	q.note("seal.ended")
	return q.redirect(q.to("urgent"))
}

package web

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zoeklicht"
)

// maxFound bounds how many things found in a text are listed; a text can hold
// thousands, and the count is said.
const maxFound = 60

// contact is something found in a version: where it leads to a person, masked unless
// revealed.
type contact struct {
	zoeklicht.Entity
	N     int // in the order of Version.Entities, from 0: what a correction names
	Times int // how often it stands in the version
}

// SameRaw reports whether it was written as it is told.
func (c contact) SameRaw() bool { return c.Raw == c.Value || c.Raw == "" }

// Shown is what is shown of it: its value, or what was written where the value is a
// code.
func (c contact) Shown() string {
	if c.Type == zoeklicht.PlaceName && c.Raw != "" {
		return c.Raw
	}
	return c.Value
}

// mendView is what readers said is wrong with what was found in this version.
type mendView struct {
	Standing []mended
	Types    []zoeklicht.EntityType
}

// mended is a correction that stands.
type mended struct {
	zoeklicht.Correction
	N int // of the version
}

// Missed reports whether it adds something that was not found.
func (m mended) Missed() bool { return m.Entity.Value == "" && m.Entity.Raw == "" }

// Kind is what kind of thing it is about.
func (m mended) Kind() zoeklicht.EntityType { return m.Entity.Type }

// WasShown and RightShown are what was found and what is right, hidden where it leads
// to a person, or may.
func (m mended) WasShown() string { return m.hide(m.Entity.Value) }

// RightShown is what is right.
func (m mended) RightShown() string { return m.hide(m.Right) }

func (m mended) hide(s string) string {
	if m.Entity.Type == zoeklicht.PlaceName {
		var towns []string
		for code := range strings.SplitSeq(s, "|") {
			towns = append(towns, townName(code))
		}
		return strings.Join(towns, " / ")
	}
	if (m.Entity.Type == "" || m.Entity.Type.Identifies()) && !strings.Contains(s, "•") {
		return zoeklicht.Mask(s)
	}
	return s
}

// found lists what was found in the version shown, by type, each once.
func (d *advertPage) found() {
	type key struct {
		t          zoeklicht.EntityType
		value, raw string
	}
	seen := map[key]int{}
	var all []contact
	for n, e := range d.Shown.Entities {
		k := key{e.Type, e.Value, e.Raw}
		if i, ok := seen[k]; ok {
			all[i].Times++
			continue
		}
		seen[k] = len(all)
		all = append(all, contact{Entity: e, N: n, Times: 1})
	}
	order := func(t zoeklicht.EntityType) int {
		if i := slices.Index(zoeklicht.EntityTypes, t); i >= 0 {
			return i
		}
		return len(zoeklicht.EntityTypes)
	}
	slices.SortStableFunc(all, func(a, b contact) int { return order(a.Type) - order(b.Type) })
	for _, c := range all {
		if c.Type.Identifies() {
			d.Masked++
		}
	}
	d.FoundMore = max(0, len(all)-maxFound)
	d.Contacts = all[:min(len(all), maxFound)]
}

// mending adds the corrections to an advert's page.
func (s *site) mending(q *request, d *advertPage) error {
	if s.Mender == nil || gone(d.Shown) {
		return nil
	}
	all, err := s.Mender.Corrections(q.Context(), q.pass, d.Advert.ID)
	if err != nil {
		return err
	}
	d.Mend = &mendView{Types: zoeklicht.EntityTypes}
	for _, c := range all {
		if n := ordinal(d.Advert, c.Version); n > 0 && q.stood(c) {
			d.Mend.Standing = append(d.Mend.Standing, mended{c, n})
		}
	}
	return nil
}

// stood reports whether a correction stood at the moment that is looked at.
func (q *request) stood(c zoeklicht.Correction) bool {
	if !q.asOf.past() {
		return c.Undone.IsZero()
	}
	return !c.At.After(q.asOf.At) && (c.Undone.IsZero() || c.Undone.After(q.asOf.At))
}

// mends reports whether the request may correct.
func (q *request) mends() error {
	if q.site.Mender == nil || !(page{q: q}).RoleMay(zoeklicht.ActJudge) {
		return notThere()
	}
	return nil
}

// maxRight bounds a right value, in characters.
const maxRight = 200

// correct takes what is wrong with something found, or what was missed.
func (s *site) correct(q *request) error {
	if err := q.mends(); err != nil {
		return err
	}
	id, err := formVersion(q)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(q.FormValue("n"))
	kind := zoeklicht.EntityType(q.FormValue("type"))
	right := strings.Join(strings.Fields(q.FormValue("right")), " ")
	if q.FormValue("none") != "" {
		right = ""
	}
	back := q.local(q.to("adverts/" + q.PathValue("id")))
	switch {
	case err != nil || n < -1 || !slices.Contains(zoeklicht.EntityTypes, kind):
		return notThere()
	case n < 0 && right == "":
		q.note("mend.missed-empty")
	case q.FormValue("none") == "" && right == "":
		q.note("mend.right-empty")
	case utf8.RuneCountInString(right) > maxRight || strings.ContainsFunc(right, hidden):
		q.note("mend.right-odd")
	default:
		value, ok, err := q.rightOf(kind, right)
		if err != nil {
			return err
		}
		if !ok {
			q.note("mend.right-invalid")
			break
		}
		switch err := s.Mender.Correct(q.Context(), q.pass, id, n, kind, value); zoeklicht.CodeOf(err) {
		case "":
			q.note("mend.kept")
		case zoeklicht.Invalid:
			q.note("mend.right-invalid")
		case zoeklicht.Conflict:
			q.note("mend.already")
		default:
			return hideUnlessSaid(err)
		}
	}
	return q.redirect(back)
}

// undoCorrection takes a correction back.
func (s *site) undoCorrection(q *request) error {
	if err := q.mends(); err != nil {
		return err
	}
	id, err := strconv.ParseInt(q.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return notThere()
	}
	if err := s.Mender.UndoCorrection(q.Context(), q.pass, id); err != nil {
		return hideUnlessSaid(err)
	}
	q.note("mend.undone")
	return q.redirect(q.local(q.to("")))
}

package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"zoeklicht"
)

// reveals puts the version shown, and the one it is compared with, in the clear if
// this session asked for that, and compares them. Each time is audited, for the
// purpose that the pass holds. Where only one of the two is in the clear, both are
// compared masked: else every number would seem to have changed.
func (s *site) reveals(q *request, d *advertPage) error {
	shown, with := d.Shown, d.With
	var err error
	if d.Shown, d.Clear, err = s.clear(q, shown); err != nil {
		return err
	}
	withClear := false
	if with != nil {
		if d.With, withClear, err = s.clear(q, with); err != nil {
			return err
		}
	}
	switch {
	case with == nil || gone(with) || gone(shown):
	case d.Clear && withClear:
		d.Change = changes(d.With, d.Shown)
	default:
		d.Change = changes(with, shown)
	}
	return nil
}

// clear gives a version in the clear if that was asked for, and else as it is.
func (s *site) clear(q *request, v *zoeklicht.Version) (*zoeklicht.Version, bool, error) {
	if gone(v) || q.pass.Allow(zoeklicht.ActReveal) != nil || !slices.Contains(s.shown(q.Context(), q.theme.Name), versionThing(v.ID)) {
		return v, false, nil
	}
	clear, err := s.Adverts.Reveal(q.Context(), q.pass, v.ID)
	if err != nil {
		return nil, false, err
	}
	// When it was last seen depends on the page's moment, which Reveal does not know.
	clear.LastSeen = v.LastSeen
	return clear, true, nil
}

func versionThing(id zoeklicht.VersionID) string { return "v:" + strconv.FormatInt(int64(id), 10) }

func pictureThing(id zoeklicht.VersionID, n int) string {
	return fmt.Sprintf("p:%d:%d", id, n)
}

// reveal takes the wish to see numbers or pictures, with the purpose if none was
// stated yet, and goes back to the advert. The address it goes to reads them.
func (s *site) reveal(q *request) error {
	a, err := s.readAdvert(q)
	if err != nil {
		return err
	}
	back := q.local(q.to("adverts/" + strconv.FormatInt(int64(a.ID), 10)))
	problem, err := s.takePurpose(q)
	if err != nil {
		return err
	}
	if problem != "" {
		q.note(problem)
		return q.redirect(back)
	}
	if err := q.pass.Allow(zoeklicht.ActReveal); err != nil {
		if zoeklicht.CodeOf(err) == zoeklicht.Invalid {
			q.note("frame.purpose-first")
			return q.redirect(back)
		}
		return err
	}
	hide := q.FormValue("hide") != "" || q.FormValue("hide-all") != ""
	s.setShown(q.Context(), q.theme.Name, !hide, asked(a, q.Form))
	return q.redirect(back)
}

// asked gives what a form names of an advert: versions and pictures one by one, or
// all pictures of a version. What the advert does not have is left out.
func asked(a *zoeklicht.Advert, form url.Values) []string {
	var things []string
	for i := range a.Versions {
		v := &a.Versions[i]
		if gone(v) {
			continue
		}
		version := versionThing(v.ID)
		if slices.Contains(form["thing"], version) {
			things = append(things, version)
		}
		all := form.Get("all") == version || form.Get("hide-all") == version
		for _, p := range v.Pictures {
			if t := pictureThing(v.ID, p.N); p.Picture != 0 && (all || slices.Contains(form["thing"], t)) {
				things = append(things, t)
			}
		}
	}
	return things
}

// pictureTypes are what re-encoded pictures can be. Anything else is not sent.
var pictureTypes = []string{"image/jpeg", "image/png", "image/webp"}

// picture sends a picture that this session asked for.
func (s *site) picture(q *request) error {
	version, err1 := strconv.ParseInt(q.PathValue("version"), 10, 64)
	n, err2 := strconv.Atoi(q.PathValue("n"))
	if err1 != nil || err2 != nil || !slices.Contains(s.shown(q.Context(), q.theme.Name), pictureThing(zoeklicht.VersionID(version), n)) {
		return notThere()
	}
	body, mime, err := s.Adverts.PictureShown(q.Context(), q.pass, zoeklicht.VersionID(version), n)
	if err != nil {
		return hide(err)
	}
	if !slices.Contains(pictureTypes, mime) {
		return fmt.Errorf("picture %d of version %d is %q after re-encoding", n, version, mime)
	}
	h := q.w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	return q.send(body)
}

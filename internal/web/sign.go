package web

import (
	"net/http"
	"net/netip"
	"net/url"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// signPage is the sign-in page.
type signPage struct {
	page
	Login   string
	Next    string
	Problem wording.Key
}

// toSignIn sends to the sign-in page, to come back after it.
func (s *site) toSignIn(q *request) error {
	if q.Header.Get("HX-Request") == "true" {
		// A part of a page asked: the whole page must go, not a form put into it.
		q.w.Header().Set("HX-Refresh", "true")
		q.w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	if q.Method == http.MethodGet && q.Header.Get("Sec-Fetch-Site") == "cross-site" && q.Header.Get("Sec-Fetch-Mode") == "navigate" {
		// A link from elsewhere: SameSite=Strict held the cookie back. Loading the
		// address once more from this site brings it.
		to := address(q.URL.Path, q.URL.Query())
		q.w.Header().Set("Refresh", "0; url="+to)
		return q.show(http.StatusOK, "again", againPage{q.page("sign.again", ""), to})
	}
	v := url.Values{}
	if q.Method == http.MethodGet && q.URL.Path != "/" {
		v.Set("next", q.URL.RequestURI())
	}
	return q.redirect(address("/sign-in", v))
}

type againPage struct {
	page
	To string
}

func (s *site) signInForm(q *request) error {
	if _, err := s.Sessions.Current(q.Context()); err == nil {
		return q.redirect(q.local("/"))
	}
	return q.show(http.StatusOK, "sign", signPage{page: q.page("sign.title", ""), Next: q.local("/")})
}

// signIn checks the password. A new session begins, so that nobody can have planted
// the old one.
func (s *site) signIn(q *request) error {
	p, err := s.Door.SignIn(q.Context(), q.FormValue("login"), q.FormValue("password"), q.remote())
	switch zoeklicht.CodeOf(err) {
	case "":
	case zoeklicht.Denied, zoeklicht.Limit, zoeklicht.Invalid:
		s.logProblem(q.Request, zoeklicht.CodeOf(err), err)
		d := signPage{page: q.page("sign.title", ""), Login: q.FormValue("login"), Next: q.local("/"), Problem: "sign.wrong"}
		status := http.StatusUnprocessableEntity
		if zoeklicht.CodeOf(err) == zoeklicht.Limit {
			d.Problem, status = "sign.toomany", http.StatusTooManyRequests
		}
		return q.show(status, "sign", d)
	default:
		return err
	}
	lang := s.Sessions.GetString(q.Context(), keyLang)
	if err := s.Sessions.Begin(q.Context(), p); err != nil {
		return err
	}
	if lang != "" && lang != p.Lang {
		s.Sessions.Put(q.Context(), keyLang, lang)
	}
	return q.redirect(q.local("/"))
}

func (s *site) signOut(q *request) error {
	if err := s.Sessions.End(q.Context()); err != nil {
		return err
	}
	return q.redirect("/sign-in")
}

// remote gives the network address of who asks; the zero Addr if it has none.
func (q *request) remote() netip.Addr {
	a, err := netip.ParseAddrPort(q.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap()
}

// themesPage is the choice of themes.
type themesPage struct {
	page
	Themes []themeChoice
}

type themeChoice struct {
	To      string
	Title   string
	Purpose string
	Roles   []zoeklicht.Grant
}

// themes goes to the one theme that the person may enter, or lets choose.
func (s *site) themes(q *request) error {
	grants, err := s.Door.GrantsOf(q.Context(), q.person.ID)
	if err != nil {
		return err
	}
	d := themesPage{page: q.page("sign.themes", "")}
	at := map[zoeklicht.ThemeName]int{}
	now := s.Clock()
	for _, g := range grants {
		if !g.Holds(now) {
			continue
		}
		if i, ok := at[g.Theme]; ok {
			d.Themes[i].Roles = append(d.Themes[i].Roles, g)
			continue
		}
		theme, err := s.Themes.Theme(q.Context(), g.Theme)
		if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
			continue // granted, and not active
		}
		if err != nil {
			return err
		}
		at[g.Theme] = len(d.Themes)
		d.Themes = append(d.Themes, themeChoice{
			To: "/t/" + string(g.Theme) + "/", Title: theme.Title.In(d.Lang), Purpose: theme.Purpose.In(d.Lang),
			Roles: []zoeklicht.Grant{g},
		})
	}
	if len(d.Themes) == 1 {
		return q.redirect(d.Themes[0].To)
	}
	return q.show(http.StatusOK, "themes", d)
}

// accountPage is where one changes one's password.
type accountPage struct {
	page
	Must    bool // before anything else
	Problem wording.Key
	Detail  string
}

func (s *site) account(q *request) error {
	return q.show(http.StatusOK, "account", accountPage{page: q.page("sign.account", ""), Must: q.person.MustChange})
}

// changePassword replaces the password. The door ends every session of the person;
// this browser gets a new one.
func (s *site) changePassword(q *request) error {
	d := accountPage{page: q.page("sign.account", ""), Must: q.person.MustChange}
	if q.FormValue("new") != q.FormValue("repeat") {
		d.Problem = "sign.differ"
		return q.show(http.StatusUnprocessableEntity, "account", d)
	}
	err := s.Door.ChangePassword(q.Context(), q.person.ID, q.FormValue("old"), q.FormValue("new"), q.remote())
	switch zoeklicht.CodeOf(err) {
	case "":
	case zoeklicht.Denied:
		d.Problem = "sign.oldwrong"
	case zoeklicht.Limit:
		d.Problem = "sign.toomany"
	case zoeklicht.Invalid:
		d.Problem, d.Detail = "sign.weak", err.Error()
	default:
		return err
	}
	if d.Problem != "" {
		return q.show(http.StatusUnprocessableEntity, "account", d)
	}
	if err := s.Sessions.Begin(q.Context(), q.person); err != nil {
		return err
	}
	q.note("sign.changed")
	return q.redirect("/")
}

// statePurpose keeps the task or case number of the work that begins in a theme.
func (s *site) statePurpose(q *request) error {
	purpose, problem := readPurpose(q.FormValue("purpose"))
	if problem != "" {
		q.note(problem)
		return q.redirect(q.local(q.to("")))
	}
	if err := s.setPurpose(q.Context(), q.theme.Name, purpose); err != nil {
		return err
	}
	q.note("frame.purpose-kept")
	return q.redirect(q.local(q.to("")))
}

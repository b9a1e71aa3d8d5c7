package theme

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a theme's place is known on machines without the database of times

	"zoeklicht"
)

const (
	maxName   = 32 // bytes of a theme's name
	maxSource = 48 // bytes of a source's
)

var (
	nameForm     = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	regionForm   = regexp.MustCompile(`^[A-Z]{2}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2}$`)
	numberForm   = regexp.MustCompile(`^\+[0-9]+x{1,9}$`)
	periodForm   = regexp.MustCompile(`^P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?$`)
	placeholder  = regexp.MustCompile(`\{\{([a-z][a-z0-9-]*)\}\}`)
)

// name reads a name: lower-case letters, digits and hyphens.
func (m *mapping) name(key string, longest int) string {
	s := m.text(key)
	if s != "" && (len(s) > longest || !nameForm.MatchString(s)) {
		m.problem(m.at(key), "%s %q: lower-case letters, digits and hyphens, at most %d", key, s, longest)
	}
	return s
}

// theme reads theme.yaml, all but the recipes.
func (r *reader) theme(b []byte, folder string) *zoeklicht.Theme {
	m := r.open(b, "the theme")
	if m == nil {
		return nil
	}
	m.need("name", "title", "purpose", "ground", "question", "locale", "languages", "regions", "fields", "sources")
	t := &zoeklicht.Theme{
		Name:  zoeklicht.ThemeName(m.name("name", maxName)),
		Title: m.both("title"), Purpose: m.both("purpose"), Ground: m.both("ground"), Question: m.both("question"),
		Practice: m.flag("practice"),
	}
	if t.Name != "" && string(t.Name) != folder {
		m.problem(m.at("name"), "name is %q, and its folder is %q", t.Name, folder)
	}
	if zone := m.text("locale"); zone != "" {
		var err error
		if t.Locale, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			m.problem(m.at("locale"), "locale %q is not a place such as Europe/Amsterdam", zone)
		}
	}
	t.Languages = m.formed("languages", languageForm, "two lower-case letters of ISO 639-1")
	t.Regions = m.formed("regions", regionForm, "two capitals of ISO 3166")
	t.Fields = m.formed("fields", fieldName, "lower-case letters, digits and _")
	if sub := m.sub("phones"); sub != nil {
		t.PhonePatterns = sub.numbers()
	}
	for _, n := range m.list("retention") {
		if sub := m.mapping(n, "retention"); sub != nil {
			t.Terms = append(t.Terms, sub.term())
		}
	}
	for _, n := range m.list("missing") {
		if sub := m.mapping(n, "missing"); sub != nil {
			sub.need("nl", "en")
			t.Missing = append(t.Missing, zoeklicht.Text{NL: sub.text("nl"), EN: sub.text("en")})
			sub.done()
		}
	}
	for _, n := range m.list("sources") {
		if sub := m.mapping(n, "the source"); sub != nil {
			s := sub.source(t.Practice)
			if slices.ContainsFunc(t.Sources, func(o zoeklicht.Source) bool { return o.ID == s.ID }) {
				m.problem(sub.at("id"), "source %q is there twice", s.ID)
			}
			t.Sources = append(t.Sources, s)
		}
	}
	if of := m.name("indicators_of", maxName); of != "" {
		r.of = item{of, m.at("indicators_of")}
		if of == folder {
			m.problem(r.of.node, "indicators_of is the theme itself")
		}
	}
	m.done()
	return t
}

// formed reads a list of texts of one form, each once.
func (m *mapping) formed(key string, form *regexp.Regexp, words string) []string {
	items := m.texts(key)
	for i, it := range items {
		if !form.MatchString(it.text) {
			m.problem(it.node, "%q in %s: %s", it.text, key, words)
		} else if slices.Contains(plain(items[:i]), it.text) {
			m.problem(it.node, "%q in %s is there twice", it.text, key)
		}
	}
	return plain(items)
}

// numbers reads patterns of phone numbers into regular expressions.
func (m *mapping) numbers() (out []string) {
	for _, it := range m.texts("numbers") {
		if !numberForm.MatchString(it.text) || len(it.text) > 16 {
			m.problem(it.node, "%q in numbers: a number in E.164 whose last digits may be x, such as +316000xxxxx", it.text)
			continue
		}
		out = append(out, "^"+strings.ReplaceAll(regexp.QuoteMeta(it.text), "x", "[0-9]")+"$")
	}
	m.done()
	return out
}

// term reads one retention term.
func (m *mapping) term() (t zoeklicht.Term) {
	m.need("article", "title", "from", "active", "removed")
	t.Article, t.Title = m.text("article"), m.both("title")
	starts := []string{string(zoeklicht.FromCollection), string(zoeklicht.FromEnd), string(zoeklicht.FromConfirmation)}
	t.From = zoeklicht.TermStart(m.text("from"))
	if m.pairs["from"] != nil && !slices.Contains(starts, string(t.From)) {
		m.problem(m.at("from"), "unknown start %q%s", t.From, orOneOf(string(t.From), starts))
	}
	t.Active, t.Compare, t.Removed = m.period("active"), m.period("compare"), m.period("removed")
	m.done()
	return t
}

// period reads a length of time in the form of ISO 8601, in years, months, days.
func (m *mapping) period(key string) (p zoeklicht.Period) {
	s := m.text(key)
	if s == "" {
		return p
	}
	parts := periodForm.FindStringSubmatch(s)
	if parts == nil || s == "P" {
		m.problem(m.at(key), "%s %q is not a period such as P1Y, P6M or P90D", key, s)
		return p
	}
	for i, to := range []*int{&p.Years, &p.Months, &p.Days} {
		for _, digit := range parts[i+1] {
			*to = *to*10 + int(digit-'0')
		}
	}
	return p
}

// source reads one proposed source.
func (m *mapping) source(practice bool) (s zoeklicht.Source) {
	m.need("id", "title", "home", "scope", "priority", "expected", "considerations")
	s = zoeklicht.Source{
		ID: zoeklicht.SourceID(m.name("id", maxSource)), Title: m.text("title"), State: zoeklicht.Proposed,
		Priority: int(m.number("priority", 1, 5)), Expected: m.text("expected"),
	}
	if s.ID != "" {
		m.what = "source " + string(s.ID)
	}
	s.Home = m.text("home")
	if sub := m.sub("scope"); sub != nil {
		s.Scope = sub.scope(practice)
	}
	if s.Home != "" {
		m.home(s.Home, s.Scope.Hosts)
	}
	if sub := m.sub("schedule"); sub != nil {
		s.Schedule = sub.schedule()
	}
	if sub := m.sub("considerations"); sub != nil {
		sub.what = "considerations of " + m.what
		sub.need("public", "real", "need", "proportionate", "against")
		s.Considerations = zoeklicht.Considerations{
			Public: sub.text("public"), Real: sub.text("real"), Need: sub.text("need"),
			Proportionate: sub.text("proportionate"), Against: sub.text("against"), Robots: sub.text("robots"),
		}
		if s.Schedule.IgnoreRobots && s.Considerations.Robots == "" {
			m.problem(sub.node, "robots.txt is set aside, and the considerations have no ground for it under %q", "robots")
		}
		sub.done()
	}
	m.done()
	return s
}

// home checks that a source's home is an address that its scope covers.
func (m *mapping) home(home string, hosts []string) {
	// A placeholder is no host by the rules; any host does to look at the rest.
	u, err := url.Parse(placeholder.ReplaceAllString(home, "$1.invalid"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.Fragment != "" {
		m.problem(m.at("home"), "home %q is not an http or https address", home)
		return
	}
	for _, h := range hosts {
		if placeholder.ReplaceAllString(h, "$1.invalid") == u.Host {
			return
		}
	}
	if m.pairs["scope"] != nil {
		m.problem(m.at("home"), "home %q lies outside scope.hosts", home)
	}
}

func (m *mapping) scope(practice bool) (s zoeklicht.Scope) {
	m.need("hosts")
	hosts := func(key string) []string {
		items := m.texts(key)
		for _, it := range items {
			m.host(it, practice)
		}
		return plain(items)
	}
	s.Hosts, s.PictureHosts = hosts("hosts"), hosts("picture_hosts")
	if m.pairs["hosts"] != nil && len(s.Hosts) == 0 {
		m.problem(m.at("hosts"), "hosts is empty")
	}
	for _, it := range m.texts("paths") {
		if it.text[0] != '/' {
			m.problem(it.node, "path %q does not begin with /", it.text)
		}
		s.Paths = append(s.Paths, it.text)
	}
	for _, it := range m.texts("private") {
		if prefix, err := netip.ParsePrefix(it.text); err != nil || prefix.Masked() != prefix {
			m.problem(it.node, "private %q is not a prefix such as 127.0.0.1/32", it.text)
		}
		s.Private = append(s.Private, it.text)
	}
	m.done()
	return s
}

// host checks a host, host:port or placeholder. A practice theme has synthetic
// sites only, so its hosts are placeholders or loopback.
func (m *mapping) host(it item, practice bool) {
	if placeholder.ReplaceAllString(it.text, "") == "" {
		if !practice {
			m.problem(it.node, "host %s is a placeholder, which only a practice theme has", it.text)
		}
		return
	}
	u, err := url.Parse("http://" + it.text + "/")
	if err != nil || u.Host != it.text || u.Hostname() == "" || strings.ToLower(it.text) != it.text || strings.ContainsAny(it.text, "*/@ ") {
		m.problem(it.node, "host %q: a host or host:port in lower case", it.text)
		return
	}
	if addr, err := netip.ParseAddr(u.Hostname()); practice && (err != nil || !addr.IsLoopback()) {
		m.problem(it.node, "host %q in a practice theme: only placeholders and loopback addresses", it.text)
	}
}

func (m *mapping) schedule() zoeklicht.Schedule {
	s := zoeklicht.Schedule{
		Every: m.duration("every", time.Minute), Delay: m.duration("delay", -time.Hour),
		InFlight: int(m.number("in_flight", 1, 64)), MaxURLs: int(m.number("max_urls", 1, 100_000_000)),
		MaxBytes: m.number("max_bytes", 1<<10, 1<<40), MaxTime: m.duration("max_time", time.Second),
		FullEvery: int(m.number("full_every", 1, 3650)),
		UserAgent: m.text("user_agent"), AcceptLang: m.text("accept_language"),
		IgnoreRobots: m.flag("ignore_robots"),
	}
	m.done()
	return s
}

func (m *mapping) duration(key string, least time.Duration) time.Duration {
	s := m.text(key)
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		m.problem(m.at(key), "%s %q is not a length of time such as 24h, 90s or 500ms", key, s)
		return 0
	}
	if d < least {
		m.problem(m.at(key), "%s is %s: at least %s", key, d, least)
	}
	return d
}

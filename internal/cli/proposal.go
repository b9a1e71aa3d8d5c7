package cli

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"zoeklicht"
)

// Proposal is a source as a person proposes it: in a YAML file with these keys, which
// are those of the sources in a theme pack, with a reason beside them.
type Proposal struct {
	ID             zoeklicht.SourceID       `yaml:"id"`
	Title          string                   `yaml:"title"`
	Home           string                   `yaml:"home"`
	Scope          zoeklicht.Scope          `yaml:"scope"`
	Schedule       zoeklicht.Schedule       `yaml:"schedule"`
	Priority       int                      `yaml:"priority"` // 1 (first) to 5 [3]
	Expected       string                   `yaml:"expected"`
	Considerations zoeklicht.Considerations `yaml:"considerations"`
	Reason         string                   `yaml:"reason"`
}

// ReadProposal reads a proposal from the YAML of a file.
func ReadProposal(file string, body []byte) (*Proposal, error) {
	p := &Proposal{}
	if err := checkDurations(file, body, "$.schedule.every", "$.schedule.delay", "$.schedule.max_time"); err != nil {
		return nil, err
	}
	return p, decodeYAML(file, body, p)
}

// ReadConsiderations reads considerations from the YAML of a file.
func ReadConsiderations(file string, body []byte) (c zoeklicht.Considerations, err error) {
	return c, decodeYAML(file, body, &c)
}

var sourceForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// longestID is what a theme pack allows, too.
const longestID = 48

// Source checks a proposal and gives the source that is proposed. Who proposes need
// not answer every consideration: vetting does.
func (p *Proposal) Source() (*zoeklicht.Source, zoeklicht.Decision, error) {
	p.tidy()
	var wrong Problems
	if len(p.ID) > longestID || !sourceForm.MatchString(string(p.ID)) {
		wrong.add("id %q: lower-case letters, digits and hyphens, at most %d, beginning with a letter", p.ID, longestID)
	}
	if p.Title == "" {
		wrong.add("the title is missing")
	}
	if p.Priority < 1 || p.Priority > 5 {
		wrong.add("priority %d: 1 (first) to 5", p.Priority)
	}
	if p.Reason == "" {
		wrong.add("the reason is missing")
	}
	if p.Schedule.IgnoreRobots && p.Considerations.Robots == "" {
		wrong.add("robots.txt is set aside, and the considerations have no ground for it under \"robots\"")
	}
	p.checkScope(&wrong)
	p.checkSchedule(&wrong)
	src := &zoeklicht.Source{
		ID: p.ID, Title: p.Title, Home: p.Home, State: zoeklicht.Proposed, Scope: p.Scope, Schedule: p.Schedule,
		Priority: p.Priority, Expected: p.Expected, Considerations: p.Considerations,
	}
	d := zoeklicht.Decision{Source: p.ID, Kind: zoeklicht.Propose, Reason: p.Reason, Considerations: p.Considerations}
	return src, d, wrong.Err()
}

// tidy takes white space away and fills what is understood without being said: the
// home's own host, and a priority in the middle.
func (p *Proposal) tidy() {
	for _, s := range []*string{&p.Title, &p.Home, &p.Expected, &p.Reason} {
		*s = strings.TrimSpace(*s)
	}
	tidyConsiderations(&p.Considerations)
	if p.Priority == 0 {
		p.Priority = 3
	}
	for _, hosts := range []*[]string{&p.Scope.Hosts, &p.Scope.PictureHosts} {
		for i, h := range *hosts {
			(*hosts)[i] = strings.ToLower(strings.TrimSpace(h))
		}
	}
	if home, err := url.Parse(p.Home); err == nil && home.Host != "" && len(p.Scope.Hosts) == 0 {
		p.Scope.Hosts = []string{strings.ToLower(home.Host)}
	}
}

func tidyConsiderations(c *zoeklicht.Considerations) {
	for _, s := range []*string{&c.Public, &c.Real, &c.Need, &c.Proportionate, &c.Against, &c.Robots} {
		*s = strings.TrimSpace(*s)
	}
}

func (p *Proposal) checkScope(wrong *Problems) {
	home, err := url.Parse(p.Home)
	switch {
	case err != nil || home.Scheme != "http" && home.Scheme != "https" || home.Host == "" || home.User != nil || home.Fragment != "":
		wrong.add("home %q is not an http or https address", p.Home)
	case !slices.Contains(p.Scope.Hosts, strings.ToLower(home.Host)):
		wrong.add("home %q lies outside the hosts %s", p.Home, strings.Join(p.Scope.Hosts, ", "))
	}
	for _, h := range slices.Concat(p.Scope.Hosts, p.Scope.PictureHosts) {
		if u, err := url.Parse("http://" + h + "/"); err != nil || u.Host != h || u.Hostname() == "" || strings.ContainsAny(h, "*/@%? ") {
			wrong.add("%q is not a host or host:port", h)
		}
	}
	for _, path := range p.Scope.Paths {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?#") {
			wrong.add("path %q: write it as /folder/", path)
		}
	}
	for _, s := range p.Scope.Private {
		prefix, err := netip.ParsePrefix(s)
		switch {
		case err != nil || prefix.Masked() != prefix:
			wrong.add("private %q is not a prefix such as 127.0.0.1/32", s)
		case !prefix.Addr().IsPrivate() && !prefix.Addr().IsLoopback() && !sharedSpace.Contains(prefix.Addr()):
			wrong.add("private %q lies outside the loopback and private ranges", s)
		}
	}
}

// sharedSpace is RFC 6598's, which is as private as RFC 1918's.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func (p *Proposal) checkSchedule(wrong *Problems) {
	s := p.Schedule
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"every", int64(s.Every)},
		{"in_flight", int64(s.InFlight)},
		{"max_urls", int64(s.MaxURLs)},
		{"max_bytes", s.MaxBytes},
		{"max_time", int64(s.MaxTime)},
		{"full_every", int64(s.FullEvery)},
	} {
		if n.value < 0 {
			wrong.add("%s is below zero", n.name)
		}
	}
}

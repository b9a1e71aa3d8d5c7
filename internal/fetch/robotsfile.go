package fetch

import (
	"bytes"
	"io"
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jimsmart/grobotstxt"
	"golang.org/x/net/html/charset"
)

// robotsText gives the file as UTF-8. Without a byte order mark or a charset
// that fits, bytes that are not UTF-8 stay: the parser escapes them one by one.
func robotsText(body []byte, contentType string) string {
	label := ""
	switch {
	case bytes.HasPrefix(body, []byte("\xFF\xFE")):
		label = "utf-16le"
	case bytes.HasPrefix(body, []byte("\xFE\xFF")):
		label = "utf-16be"
	case !utf8.Valid(body):
		if _, params, err := mime.ParseMediaType(contentType); err == nil {
			label = params["charset"]
		}
	}
	if label != "" {
		if rd, err := charset.NewReaderLabel(label, bytes.NewReader(body)); err == nil {
			if text, err := io.ReadAll(rd); err == nil {
				body = bytes.TrimPrefix(text, []byte("\uFEFF"))
			}
		}
	}
	return string(body)
}

// robotsReader collects what the parser meets; it implements
// grobotstxt.ParseHandler. A group's rules follow its user-agent lines, and
// several groups for one agent count as one (RFC 9309, 2.2.1).
type robotsReader struct {
	robots *Robots
	closed bool // the newest group has a rule, so a user-agent line opens another
}

func (p *robotsReader) HandleRobotsStart() { p.closed = true }
func (p *robotsReader) HandleRobotsEnd()   {}

func (p *robotsReader) HandleUserAgent(_ int, value string) {
	if p.closed {
		p.robots.groups = append(p.robots.groups, robotsGroup{})
		p.closed = false
	}
	g := &p.robots.groups[len(p.robots.groups)-1]
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		g.agents = append(g.agents, "*")
	} else if token := tokenPrefix(value); token != "" {
		g.agents = append(g.agents, strings.ToLower(token))
	}
}

func (p *robotsReader) HandleAllow(_ int, value string)    { p.rule(true, value) }
func (p *robotsReader) HandleDisallow(_ int, value string) { p.rule(false, value) }

func (p *robotsReader) rule(allow bool, pattern string) {
	if len(p.robots.groups) == 0 {
		return // before any user-agent line: for nobody
	}
	p.closed = true
	g := &p.robots.groups[len(p.robots.groups)-1]
	if pattern == "" {
		return // says nothing, though it ends the user-agent lines
	}
	g.rules = append(g.rules, robotsRule{allow, patternOf(pattern), patternOf(foldPath(pattern))})
	// "/folder/index.html" names what visitors see as "/folder/".
	if i := strings.LastIndexByte(pattern, '/'); allow && i >= 0 && strings.HasPrefix(pattern[i:], "/index.htm") {
		folder := patternOf(pattern[:i+1] + "$")
		g.rules = append(g.rules, robotsRule{true, folder, folder})
	}
}

func (p *robotsReader) HandleSitemap(_ int, value string) {
	if a, err := ParseAddress(value); err == nil && len(p.robots.Sitemaps) < maxSitemaps {
		p.robots.Sitemaps = append(p.robots.Sitemaps, a.String())
	}
}

// HandleUnknownAction reads Crawl-delay, which the RFC does not know and many
// files have. It does not end the user-agent lines of a group.
func (p *robotsReader) HandleUnknownAction(_ int, action, value string) {
	if !strings.EqualFold(action, "crawl-delay") || len(p.robots.groups) == 0 {
		return
	}
	s, err := strconv.ParseFloat(value, 64)
	if err != nil || !(s > 0) {
		return
	}
	g := &p.robots.groups[len(p.robots.groups)-1]
	g.delay = time.Duration(min(s, maxCrawlDelay.Seconds()) * float64(time.Second))
}

// tokenPrefix gives what of s stands before the first character that no product
// token has.
func tokenPrefix(s string) string {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i] != '-' && s[i] != '_' {
			return s[:i]
		}
	}
	return s
}

type robotsPattern struct {
	text string
	// literal is what stands before the first special character, or everything.
	literal string
}

func patternOf(text string) robotsPattern {
	if i := strings.IndexAny(text, "*$"); i >= 0 {
		return robotsPattern{text, text[:i]}
	}
	return robotsPattern{text, text}
}

// matches compares the literal part first: it decides nearly every rule, without
// an allocation.
func (p *robotsPattern) matches(path string) bool {
	return strings.HasPrefix(path, p.literal) &&
		(len(p.literal) == len(p.text) || grobotstxt.Matches(path, p.text))
}

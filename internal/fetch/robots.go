package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/jimsmart/grobotstxt"

	"zoeklicht"
)

// RobotsState says what came of asking for a robots.txt.
type RobotsState string

// The states. Only RobotsRules and RobotsNone let anything be fetched.
const (
	// RobotsRules: the file was read, and its rules are obeyed.
	RobotsRules RobotsState = "rules"
	// RobotsNone: the server says that there is none (4xx but 429): all is allowed.
	RobotsNone RobotsState = "none"
	// RobotsUnreachable: it could not be read (5xx, 429, a redirect that ends
	// nowhere or outside the approval, a network failure, a file that broke off).
	// Nothing is allowed until it can be: permission is never inferred.
	RobotsUnreachable RobotsState = "unreachable"
)

const (
	// MaxRobots is how much of a robots.txt is read, the least that RFC 9309
	// (2.5) asks of a crawler.
	MaxRobots = 500 << 10
	// maxCrawlDelay bounds what a file may ask for between two requests.
	maxCrawlDelay = time.Hour
	maxSitemaps   = 1000
)

// Robots is the robots.txt of one host, as one visit found it (RFC 9309). It
// never changes; all its methods may be called at once.
type Robots struct {
	State RobotsState
	// SHA256 is over the body as received, content coding undone; zero where
	// State is not RobotsRules.
	SHA256 [32]byte
	// Why has the reason in words where State is RobotsUnreachable.
	Why string
	// Sitemaps are the absolute addresses that the file names, at most 1,000.
	Sitemaps []string
	groups   []robotsGroup
}

// robotsGroup is a run of user-agent lines and the rules behind them.
type robotsGroup struct {
	agents []string // product tokens, lower case; "*" for everybody
	rules  []robotsRule
	delay  time.Duration
}

type robotsRule struct {
	allow   bool
	pattern robotsPattern // its escapes with upper-case digits, as the parser gives it
	folded  robotsPattern // without escapes that need not be
}

// ReadRobots reads the chain of exchanges that asking for a robots.txt gave.
func ReadRobots(chain []*zoeklicht.Exchange) *Robots {
	if len(chain) == 0 {
		return unreachable("it was not asked for")
	}
	ex := chain[len(chain)-1]
	whole := ex.Failure == "" || ex.Truncated == "length" || ex.Truncated == "decoded"
	switch {
	case ex.Status == 0:
		return unreachable(string(ex.Failure) + ": " + ex.Detail)
	case ex.Status >= 200 && ex.Status < 300 && whole:
		return ParseRobots(ex.Body, ex.Header.Get("Content-Type"))
	case ex.Status >= 200 && ex.Status < 300:
		return unreachable("it broke off: " + string(ex.Failure))
	case ex.Status >= 400 && ex.Status < 500 && ex.Status != 429:
		return &Robots{State: RobotsNone}
	}
	return unreachable("the server answered " + strconv.Itoa(ex.Status))
}

func unreachable(why string) *Robots { return &Robots{State: RobotsUnreachable, Why: Plain(why)} }

// ParseRobots reads the file itself: its first 500 KiB, of any encoding that
// its byte order mark or its content type names.
func ParseRobots(body []byte, contentType string) *Robots {
	r := &Robots{State: RobotsRules, SHA256: sha256.Sum256(body)}
	if len(body) > MaxRobots {
		// What the cut leaves of a line may mean something else than the line did.
		body = body[:MaxRobots]
		body = body[:bytes.LastIndexAny(body, "\r\n")+1]
	}
	grobotstxt.Parse(robotsText(body, contentType), &robotsReader{robots: r})
	return r
}

// ProductToken gives the name by which robots.txt files call a user agent, in
// lower case: "zoeklicht" for "Zoeklicht/1 (+https://example.org)", and also for
// "Mozilla/5.0 (compatible; Zoeklicht/1)". It is empty, and the agent only falls
// under the rules for everybody, where the name is not of letters, "-" and "_".
func ProductToken(userAgent string) string {
	if _, own, ok := strings.Cut(userAgent, "(compatible; "); ok {
		userAgent = own
	}
	if i := strings.IndexAny(userAgent, "/(;)"); i >= 0 {
		userAgent = userAgent[:i]
	}
	name := strings.TrimSpace(userAgent)
	if tokenPrefix(name) != name {
		return ""
	}
	return strings.ToLower(name)
}

// group calls yield with each group that is for the agent: its own if there is
// one, otherwise everybody's.
func (r *Robots) group(agent string, yield func(*robotsGroup)) {
	for _, name := range []string{ProductToken(agent), "*"} {
		found := false
		for i := range r.groups {
			for _, a := range r.groups[i].agents {
				if a == name && name != "" {
					found = true
					yield(&r.groups[i])
					break
				}
			}
		}
		if found {
			return
		}
	}
}

// Allowed reports whether an agent, given as its whole User-Agent, may ask for a
// URL. The rule with the longest pattern that matches path and query decides,
// and allowing wins where two are as long. A rule that disallows also holds for
// other spellings of the path it names (RFC 9309, 2.2.2); one that allows is
// taken by the letter, as the tests of Google's parser have it. /robots.txt is
// always allowed.
func (r *Robots) Allowed(agent, u string) bool {
	path := "/"
	if a, err := ParseAddress(u); err == nil {
		path = upperEscapes(a.Target)
	}
	if path == "/robots.txt" {
		return true
	}
	if r.State != RobotsRules {
		return r.State == RobotsNone
	}
	folded := foldPath(path)
	longest, allowed := 0, true
	r.group(agent, func(g *robotsGroup) {
		for i := range g.rules {
			rule := &g.rules[i]
			n := len(rule.pattern.text)
			if n < longest || n == longest && !rule.allow {
				continue
			}
			if rule.pattern.matches(path) || !rule.allow && rule.folded.matches(folded) {
				longest, allowed = n, rule.allow
			}
		}
	})
	return allowed
}

// upperEscapes gives escapes upper-case hex digits, as the parser does in rules.
func upperEscapes(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := []byte(s)
	for i := range b {
		if _, ok := escape(s, i); ok {
			copy(b[i+1:], strings.ToUpper(s[i+1:i+3]))
		}
	}
	return string(b)
}

// Delay gives the crawl-delay that the agent's group asks for, the longest where
// it has several; 0 where it asks for none. At most an hour.
func (r *Robots) Delay(agent string) time.Duration {
	var d time.Duration
	r.group(agent, func(g *robotsGroup) { d = max(d, g.delay) })
	return d
}

// Label gives what a capture's context says of the robots.txt obeyed: its
// SHA-256 in hex, "none" or "unreachable".
func (r *Robots) Label() string {
	if r.State == RobotsRules {
		return hex.EncodeToString(r.SHA256[:])
	}
	return string(r.State)
}

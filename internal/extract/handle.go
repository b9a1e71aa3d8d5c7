package extract

import (
	"net/url"
	"strings"
)

// The length of a name at a service, in bytes.
const (
	leastHandle = 3
	mostHandle  = 30
)

// noNames are parts of addresses that are no names.
var noNames = map[string]bool{
	"p": true, "reel": true, "reels": true, "explore": true, "share": true, "sharer": true, "intent": true, "joinchat": true, "home": true,
	"login": true, "watch": true, "groups": true, "events": true, "pages": true, "profile.php": true, "s": true, "c": true, "add": true,
}

// handles finds the names that people have at services: "telegram: @name", "insta
// name_22", "@name", and addresses such as t.me/name.
func (h *hunt) handles(urls []hit) {
	for _, u := range urls {
		if service, name := h.handleOf(u.value); name != "" {
			h.found(hit{start: u.start, end: u.end, value: service + ":" + name, disguised: u.disguised})
		}
	}
	for i := 0; i < len(h.items); i++ {
		if h.is(i, "@＠") {
			if name, last := h.handle(i + 1); name != "" && !h.at(i+1).space && (h.at(i).space || h.at(i-1).kind == sign) && !h.hosted(last) {
				h.found(hit{start: h.at(i).start, end: h.at(last).end, value: h.serviceBefore(i) + ":" + name, disguised: h.at(i).text != "@"})
				i = last
			}
			continue
		}
		if h.at(i).kind != word {
			continue
		}
		service := h.service(h.at(i).text)
		if service == "" || h.at(i-1).kind != sign && !h.at(i).space {
			continue
		}
		at, marked := i+1, false
		for at < i+3 && h.is(at, ":=-–>→➡") {
			marked = marked || h.is(at, ":=")
			at++
		}
		name, last := h.handle(at)
		if name == "" || h.at(at).line || h.hosted(last) || !marked && !strings.ContainsAny(name, "_0123456789") {
			continue
		}
		h.found(hit{start: h.at(at).start, end: h.at(last).end, value: service + ":" + name})
		i = last
	}
}

// handle reads a name at i: letters, digits, dots and underscores without space, one
// letter at least.
func (h *hunt) handle(i int) (name string, last int) {
	if h.at(i).kind == sign && !h.is(i, "_") {
		return "", i
	}
	last = i
	for n := last + 1; last-i < mostHandle; n++ {
		if it := h.at(n); it.space || it.kind == sign && !h.is(n, "._") {
			break
		}
		last = n
	}
	for last > i && h.is(last, ".") {
		last--
	}
	if name = h.plain(i, last); len(name) < leastHandle || len(name) > mostHandle || !strings.ContainsAny(name, alphabet) {
		return "", i
	}
	return name, last
}

// hosted reports whether a name is the beginning of an e-mail address.
func (h *hunt) hosted(last int) bool { return h.is(last+1, "@＠") && !h.at(last+1).space }

// service gives the service that a word names, or "".
func (h *hunt) service(w string) string {
	for _, s := range h.words.services {
		for _, name := range s.words {
			if name == w {
				return s.name
			}
		}
	}
	return ""
}

// serviceBefore gives the service that is named shortly before item i on its line, or "".
func (h *hunt) serviceBefore(i int) string {
	for k := i; k > 0 && i-k < 5 && !h.at(k).line; k-- {
		if s := h.service(h.at(k - 1).text); s != "" {
			return s
		}
	}
	return ""
}

// handleOf gives the service that an address is of and the name in it.
func (h *hunt) handleOf(address string) (service, name string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	at := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") + strings.ToLower(u.Path)
	for _, s := range h.words.services {
		for _, host := range s.hosts {
			rest, ok := strings.CutPrefix(at, host+"/")
			if !ok {
				continue
			}
			name, _, _ := strings.Cut(strings.TrimPrefix(rest, "@"), "/")
			if len(name) >= leastHandle && len(name) <= mostHandle && !noNames[name] && strings.Trim(name, alphabet+decimal+"._-") == "" && strings.ContainsAny(name, alphabet) {
				return s.name, name
			}
		}
	}
	return "", ""
}

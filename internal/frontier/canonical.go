package frontier

import (
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"zoeklicht"
)

// maxURL bounds an address in bytes; a longer one was not made for visitors.
const maxURL = 8 << 10

// Canonical gives the one form under which an absolute http or https URL is
// known: parsed as the WHATWG standard has it, without fragment, default port,
// trailing dots of the host, an empty query, and without parameters that carry a
// session or a campaign. Those are
//
//   - the names in session, from the source's recipe, in the query and in the
//     path (";name=value"), whatever their value;
//   - PHPSESSID, JSESSIONID, osCsid, zenid, CFID, CFTOKEN;
//   - sid, sessid, sessionid, session_id, session-id, s_id where the value looks
//     like a session's: 16 characters or more, letters and digits mixed;
//   - utm_…, gclid, dclid, gbraid, wbraid, fbclid, msclkid, yclid, mc_cid, mc_eid,
//     _ga, _gl, in the query only;
//   - path segments such as (S(…)), by which ASP.NET goes without cookies.
//
// Escapes of letters, digits, "-", ".", "_" and "~" are undone, and the others
// get upper-case digits. The order of the query stays, as does everything else.
// It fails with zoeklicht.Invalid on anything else than such a URL, on one with a
// user name or password, and beyond 8 KiB. Canonical of its own answer gives the
// same answer.
func Canonical(raw string, session []string) (string, error) {
	if isCanonical(raw, session) {
		return raw, nil
	}
	return parsed(raw, session)
}

// parsed is Canonical by way of the parser.
func parsed(raw string, session []string) (string, error) {
	for {
		u, err := parse(raw)
		if err != nil {
			return "", err
		}
		host := strings.TrimRight(u.Hostname(), ".")
		if host == "" {
			return "", zoeklicht.Errorf(zoeklicht.Invalid, "address %.200q has no host", raw)
		}
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		next := u.Scheme() + "://" + host + foldEscapes(withoutPathSession(u.Pathname(), session))
		if query := withoutQuerySession(u.Query(), session); query != "" {
			next += "?" + foldEscapes(query)
		}
		// What is taken out can leave something that reads differently, such as
		// the dot segment of "/..;sid=1". It gets shorter each time.
		if next == raw || isCanonical(next, session) {
			return next, nil
		}
		raw = next
	}
}

// parse parses an absolute http or https URL without credentials. A panic of the
// parser is an error of the input here: pages choose the input.
func parse(raw string) (u *whatwg.Url, err error) {
	if len(raw) > maxURL {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "an address of %d bytes", len(raw))
	}
	defer func() {
		if r := recover(); r != nil {
			u, err = nil, zoeklicht.Errorf(zoeklicht.Invalid, "address %.200q cannot be parsed", raw)
		}
	}()
	u, err = whatwg.Parse(raw)
	switch {
	case err != nil:
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "address %.200q: %w", raw, err)
	case u.Scheme() != "http" && u.Scheme() != "https":
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "address %.200q is not http or https", raw)
	case u.Username() != "" || u.Password() != "":
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "address %.200q has a user name or password", raw)
	}
	return u, nil
}

// withoutPathSession takes session parameters out of the segments of a path.
func withoutPathSession(path string, session []string) string {
	if strings.IndexByte(path, ';') < 0 && !strings.Contains(path, "/(") {
		return path
	}
	segments := strings.Split(path, "/")
	kept := segments[:1] // before the first slash: empty
	for _, seg := range segments[1:] {
		if isCookieless(seg) {
			continue
		}
		parts := strings.Split(seg, ";")
		keep := parts[:1]
		for _, p := range parts[1:] {
			if name, value, _ := strings.Cut(p, "="); !isSession(foldEscapes(name), value, session) {
				keep = append(keep, p)
			}
		}
		kept = append(kept, strings.Join(keep, ";"))
	}
	if len(kept) == 1 {
		return "/"
	}
	return strings.Join(kept, "/")
}

// isCookieless recognises "(S(lit3py55t21z5v55vlm25s55))" and its like: one or
// more of A, S, F, each with a value in brackets, all in brackets.
func isCookieless(seg string) bool {
	if len(seg) < 5 || seg[0] != '(' || seg[len(seg)-1] != ')' {
		return false
	}
	for rest := seg[1 : len(seg)-1]; rest != ""; {
		end := strings.IndexByte(rest, ')')
		if end < 3 || strings.IndexByte("ASF", rest[0]) < 0 || rest[1] != '(' || strings.IndexByte(rest[2:end], '(') >= 0 {
			return false
		}
		rest = rest[end+1:]
	}
	return true
}

// withoutQuerySession takes session and campaign parameters out of a query.
func withoutQuerySession(query string, session []string) string {
	var kept []string
	taken := false
	for p := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(p, "=")
		name = foldEscapes(name)
		if isSession(name, value, session) || isCampaign(name) {
			taken = true
		} else {
			kept = append(kept, p)
		}
	}
	if !taken {
		return query
	}
	return strings.Join(kept, "&")
}

// foldEscapes undoes percent-escapes of unreserved characters and gives the
// others upper-case digits. An escape right behind a stray "%" stays, or the two
// would become another escape.
func foldEscapes(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	whole := 0 // where the newest kept escape ends in b
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || unhex(s[i+1]) > 15 || unhex(s[i+2]) > 15 {
			b = append(b, s[i])
			continue
		}
		c := unhex(s[i+1])<<4 | unhex(s[i+2])
		if isUnreserved(c) && !stray(b[whole:]) {
			b = append(b, c)
		} else {
			b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			whole = len(b)
		}
		i += 2
	}
	return string(b)
}

// stray reports whether b ends in the beginning of an escape.
func stray(b []byte) bool {
	n := len(b)
	return n > 0 && b[n-1] == '%' || n > 1 && b[n-2] == '%' && unhex(b[n-1]) < 16
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// isCanonical reports, without parsing, whether an address is plainly in its
// canonical form already, as nearly all links are. It says no where it is not
// sure; where it says yes, parsing gives the same (a test holds it to that).
func isCanonical(raw string, session []string) bool {
	rest, ok := strings.CutPrefix(raw, "https://")
	port := ":443"
	if !ok {
		if rest, ok = strings.CutPrefix(raw, "http://"); !ok {
			return false
		}
		port = ":80"
	}
	slash := strings.IndexByte(rest, '/')
	if len(raw) > maxURL || slash < 0 || !isPlainHost(rest[:slash], port) {
		return false
	}
	path, query, asked := strings.Cut(rest[slash:], "?")
	if asked && query == "" || strings.Contains(path, "/.") {
		return false
	}
	for i := range len(path) {
		if !plainPath[path[i]] {
			return false
		}
	}
	for i := range len(query) {
		if !plainQuery[query[i]] {
			return false
		}
	}
	for query != "" {
		var p string
		p, query, _ = strings.Cut(query, "&")
		if name, value, _ := strings.Cut(p, "="); isSession(name, value, session) || isCampaign(name) {
			return false
		}
	}
	return true
}

// What may stand in a path and in a query that is plainly canonical.
var (
	plainPath  = bytesOf("/:@!$&'*+,=")
	plainQuery = bytesOf("/:@!$&()*+,;=?")
)

// bytesOf gives the set of the unreserved characters and of those in more.
func bytesOf(more string) (set [256]bool) {
	for c := range set {
		set[c] = isUnreserved(byte(c)) || strings.IndexByte(more, byte(c)) >= 0
	}
	return set
}

// isPlainHost reports whether a host, with or without a port, is of lower-case
// ASCII labels, the last one beginning with a letter, so that it is no number.
func isPlainHost(host, defaultPort string) bool {
	if i := strings.IndexByte(host, ':'); i >= 0 {
		port := host[i:]
		if len(port) < 2 || len(port) > 5 || port[1] == '0' || port == defaultPort {
			return false
		}
		for _, c := range []byte(port[1:]) {
			if c < '0' || c > '9' {
				return false
			}
		}
		host = host[:i]
	}
	start := true // of a label
	last := byte(0)
	for i := range len(host) {
		c := host[i]
		switch {
		case c == '.':
			if start {
				return false
			}
			start = true
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-' && !start:
		default:
			return false
		}
		if start {
			last = c
		}
		start = false
	}
	return !start && last >= 'a' && !strings.Contains(host, "xn--")
}

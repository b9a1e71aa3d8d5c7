package frontier

import "strings"

// Parameters that carry a session in well-known software, lower case. Nothing
// else is called by these names.
var sessionNames = []string{"phpsessid", "jsessionid", "oscsid", "zenid", "cfid", "cftoken"}

// Names that carry a session often, and at some sites the number of an advert or
// a shop. They count where the value looks like a session's.
var doubtfulNames = []string{"sid", "sessid", "sessionid", "session_id", "session-id", "s_id"}

// Parameters by which campaigns follow visitors; the page is the same without.
var campaignNames = []string{"gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "mc_cid", "mc_eid", "_ga", "_gl"}

const campaignPrefix = "utm_"

// kind says what a parameter's name makes of it.
type kind int

const (
	ordinary kind = iota
	doubtful      // a session's, where its value looks like one
	certain       // a session's
)

// kindOf judges a name: the recipe's own are sessions, whatever their value, and
// so are those known everywhere. Letter case does not matter.
func kindOf(name string, given []string) kind {
	for _, g := range given {
		if len(g) == len(name) && strings.EqualFold(name, g) {
			return certain
		}
	}
	switch {
	case len(name) < 3 || len(name) > 32:
		return ordinary
	case oneOf(name, sessionNames):
		return certain
	case oneOf(name, doubtfulNames):
		return doubtful
	}
	return ordinary
}

// isSession reports whether a parameter carries a session.
func isSession(name, value string, given []string) bool {
	k := kindOf(name, given)
	return k == certain || k == doubtful && looksRandom(value)
}

func isCampaign(name string) bool {
	return hasPrefixFold(name, campaignPrefix) || oneOf(name, campaignNames)
}

// looksRandom reports whether a value may be a session's: 16 characters at the
// least, letters and more than one digit among them, as words have not.
func looksRandom(value string) bool {
	letters, digits := 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case !isValueByte(c) && c != '%':
			return false
		}
	}
	return len(value) >= 16 && letters > 0 && digits > 1
}

func oneOf(name string, list []string) bool {
	for _, l := range list {
		if len(l) == len(name) && strings.EqualFold(l, name) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

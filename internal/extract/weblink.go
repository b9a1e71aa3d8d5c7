package extract

import (
	"strings"
	"unicode/utf8"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// bareEnds are the ends of hosts that are taken for one without "www." or a path:
// where people leave out the space behind a full stop, others would be too.
var bareEnds = map[string]bool{
	"com": true, "net": true, "org": true, "info": true, "eu": true, "nl": true, "be": true, "de": true, "fr": true, "es": true,
	"pl": true, "ro": true, "uk": true, "online": true, "site": true, "shop": true, "example": true,
}

// maxLink bounds an address, in bytes.
const maxLink = 2000

// links finds web addresses: with a scheme, with "www.", bare ("example.org/path"), and
// with the dots said ("example dot org"). It gives those found, for handles.
func (h *hunt) links() (urls []hit) {
	mails := h.mails
	for i := 0; i < len(h.items); i++ {
		if h.at(i).kind == sign {
			continue
		}
		for len(mails) > 0 && mails[0].end <= h.at(i).start {
			mails = mails[1:]
		}
		if len(mails) > 0 && mails[0].start <= h.at(i).start {
			continue // the host of an e-mail address
		}
		x, next := h.address(i)
		if next <= i {
			continue
		}
		if u, err := whatwg.Parse(x.value); err == nil && strings.Contains(u.Hostname(), ".") {
			u.SetHash("")
			x.value = u.Href(false)
			h.found(x)
			urls = append(urls, x)
		}
		i = next - 1
	}
	return urls
}

// address reads an address at i; its value is not canonical yet. next is the item
// after it, i for none.
func (h *hunt) address(i int) (x hit, next int) {
	it := h.at(i)
	switch it.text {
	case "http", "https", "hxxp", "hxxps":
		if h.is(i+1, ":") && h.is(i+2, "/") && h.is(i+3, "/") && !h.at(i+1).space && !h.at(i+2).space && !h.at(i+3).space {
			end := h.addressEnd(h.at(i + 3).end)
			if end <= h.at(i+3).end {
				return x, i
			}
			raw := h.s[it.start:end]
			if strings.HasPrefix(it.text, "hxx") {
				raw, x.disguised = strings.Replace(it.text, "xx", "tt", 1)+h.s[it.end:end], true
			}
			x.start, x.end, x.value = it.start, end, raw
			return x, h.itemFrom(i, end)
		}
	}
	if h.at(i-1).kind != sign && !it.space || h.is(i-1, "@＠._-/") && !it.space {
		return x, i // in the middle of something
	}
	host, last, dots := h.host(i)
	if host == "" || !known(host) || h.is(last+1, "@＠") {
		return x, i
	}
	top := host[strings.LastIndexByte(host, '.')+1:]
	path := h.is(last+1, "/") && !h.at(last+1).space
	if !bareEnds[top] && !path && !strings.HasPrefix(host, "www.") || dots && !bareEnds[top] {
		return x, i
	}
	end := h.at(last).end
	if path {
		end = max(end, h.addressEnd(end))
	}
	x = hit{start: it.start, end: end, value: "http://" + host + h.s[h.at(last).end:end], disguised: dots}
	return x, max(h.itemFrom(i, end), last+1)
}

// addressEnd gives where an address that goes on at a place ends: at white space or a
// sign that none has, without the punctuation of the sentence around it.
func (h *hunt) addressEnd(at int) int {
	end, open := at, 0
	for end < len(h.s) && end-at < maxLink {
		r, n := utf8.DecodeRuneInString(h.s[end:])
		if r <= ' ' || strings.ContainsRune("<>\"'`{}|\\^«»“”„’\u00a0\u2028\u3000", r) || r == utf8.RuneError {
			break
		}
		if r == '(' {
			open++
		}
		if r == ')' {
			if open--; open < 0 {
				break
			}
		}
		end += n
	}
	for end > at && strings.IndexByte(".,;:!?*", h.s[end-1]) >= 0 {
		end--
	}
	return end
}

// itemFrom gives the first item from i on that begins at or after a place.
func (h *hunt) itemFrom(i, at int) int {
	for i < len(h.items) && h.items[i].start < at {
		i++
	}
	return i
}

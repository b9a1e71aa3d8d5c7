package extract

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// emails finds addresses, plain and disguised: "name@example.org", "name (at)
// example (dot) org", "name @ example . org".
func (h *hunt) emails() {
	for i := 1; i < len(h.items); i++ {
		if a, ok := h.email(i); ok {
			h.found(a.hit)
			h.mails = append(h.mails, a.hit)
			i = a.next - 1
		}
	}
}

// address is an e-mail address: what is found, and the item after it.
type address struct {
	hit
	next int
}

// openers and closers are put around words that stand for a sign.
const (
	openers = "([{<"
	closers = ")]}>"
)

// email reads an address around the @, or a word for it, at i.
func (h *hunt) email(i int) (a address, ok bool) {
	m, ok := h.mark(i)
	if !ok {
		return a, false
	}
	host, last, dots := h.host(m.right)
	if host == "" {
		return a, false
	}
	spaced := h.at(m.left+1).space || h.at(i).space || h.at(m.right).space
	registered := known(host)
	switch {
	case m.worded && !m.boxed && !(dots && bareEnds[host[strings.LastIndexByte(host, '.')+1:]]):
		return a, false // "look at example.org"
	case (spaced || m.worded || dots) && !registered:
		return a, false
	}
	first := h.nameBefore(i, m.left)
	a.start, a.end, a.next = h.at(first).start, h.at(last).end, last+1
	a.value = h.plain(first, m.left) + "@" + host
	a.disguised = !m.plain || spaced || dots || h.strange(a.start, a.end)
	a.doubtful = !registered
	return a, true
}

// mark is what stands for the @ of an address.
type mark struct {
	left, right int // the items around it, and around the brackets that it is in
	plain       bool
	worded      bool // a word stands for it
	boxed       bool
}

// mark reads what stands for an @ at i, on one line with an item that can be of a name.
func (h *hunt) mark(i int) (m mark, ok bool) {
	m = mark{left: i - 1, right: i + 1}
	switch {
	case h.is(i, "@"):
		m.plain = true
	case h.is(i, "＠﹫"):
	case h.at(i).kind == word && h.words.at[h.at(i).text]:
		m.worded = true
	default:
		return m, false
	}
	if (m.plain || m.worded) && h.is(m.left, openers) && h.is(m.right, closers) {
		m.left, m.right, m.plain, m.boxed = m.left-1, m.right+1, false, true
	}
	if h.at(m.left+1).line || h.at(i).line || h.at(m.right).line {
		return m, false
	}
	return m, h.at(m.left).kind != sign || h.is(m.left, "_-")
}

// nameBefore gives the first item of the name that ends with item left: items without
// space between them. i is the mark behind it.
func (h *hunt) nameBefore(i, left int) (first int) {
	first = left
	for first > 0 && !h.at(first).space && i-first < 20 && (h.at(first-1).kind != sign || h.is(first-1, "._%+-")) {
		first--
	}
	for first < left && h.is(first, ".%+-") {
		first++
	}
	return first
}

// plain gives the folded text of items, whatever stands between them.
func (h *hunt) plain(first, last int) string {
	var b strings.Builder
	for k := first; k <= last; k++ {
		b.WriteString(h.items[k].text)
	}
	return strings.ToLower(b.String())
}

// strange reports whether what stands between two offsets is written in other than
// common letters.
func (h *hunt) strange(start, end int) bool {
	for _, c := range []byte(h.s[start:end]) {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// maxLabels bounds the labels of a host.
const maxLabels = 8

// host reads a host at i: labels with dots between them, or words for a dot, which
// dots tells; last is its last item. "" for none.
func (h *hunt) host(i int) (host string, last int, dots bool) {
	var labels []string
	for len(labels) < maxLabels {
		label, end := h.label(i)
		if label == "" {
			break
		}
		labels, last = append(labels, label), end
		next, said := h.dot(end + 1)
		if next < 0 || h.at(next).kind == sign {
			break
		}
		// A dot with a space behind it ends a sentence, but between single words ("example . org").
		if !said && h.at(next).space && !h.at(end+1).space {
			break
		}
		dots, i = dots || said || h.at(next).space, next
	}
	if len(labels) < 2 || !letters(labels[len(labels)-1]) {
		return "", 0, false
	}
	return strings.Join(labels, "."), last, dots
}

// label reads letters, digits and hyphens without space between them.
func (h *hunt) label(i int) (label string, last int) {
	if h.at(i).kind == sign || h.at(i).line {
		return "", i
	}
	last = i
	for h.at(last+1).kind != sign && !h.at(last+1).space || h.is(last+1, "-") && !h.at(last+1).space && h.at(last+2).kind != sign && !h.at(last+2).space {
		last++
		if last-i > 20 {
			return "", i
		}
	}
	return h.plain(i, last), last
}

// dot reads a dot, or a word for one, at i, and gives the item after it; -1 for none.
func (h *hunt) dot(i int) (next int, said bool) {
	switch {
	case h.at(i).line:
		return -1, false
	case h.is(i, "."):
		return i + 1, false
	case h.is(i, openers) && (h.is(i+1, ".") || h.words.dot[h.at(i+1).text]) && h.is(i+2, closers):
		return i + 3, true
	case h.at(i).kind == word && h.words.dot[h.at(i).text]:
		return i + 1, true
	}
	return -1, false
}

func letters(s string) bool {
	return len(s) >= 2 && strings.Trim(s, alphabet) == ""
}

// known reports whether a host ends as those that can be registered do, or as those
// that are reserved for examples.
func known(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return icann && suffix != host || strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".test")
}

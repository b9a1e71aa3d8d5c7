package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"zoeklicht"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const (
	maxPolicy = 256 << 10
	// maxMembers bounds the witnesses and groups of a policy, and with them the time
	// that looking at a checkpoint takes. C2SP recommends 32 of each at least.
	maxMembers = 256

	algCosignature = 4 // C2SP's signature type of Ed25519 cosignatures
)

// LogKey is a line of a policy to deposit: a key that signs, or signed, a log.
type LogKey struct {
	VKey  string
	From  time.Time
	Until time.Time // zero while it signs
}

// Deposit makes the policy that stands with a court or a notary: the keys of logs with
// the time for which each signs, as comments that ParsePolicy reads, followed by the lines
// of witnesses, a policy in itself whose log lines, if any, stay. Nil witnesses means
// quorum none.
func Deposit(logs []LogKey, witnesses []byte) ([]byte, error) {
	var b strings.Builder
	b.WriteString("# Which logs and witnesses to believe: https://c2sp.org/tlog-policy\n")
	for _, k := range logs {
		fmt.Fprintf(&b, "\n%s\nlog %s\n", endLine(k.From, k.Until), k.VKey)
	}
	if len(witnesses) == 0 {
		witnesses = []byte("quorum none\n")
	}
	b.WriteString("\n")
	b.Write(witnesses)
	text := []byte(b.String())
	if _, err := ParsePolicy(text); err != nil {
		return nil, err
	}
	return text, nil
}

// ParsePolicy reads a C2SP tlog-policy, and the ends of keys in its comments (ParseEnd).
// It holds the text to the whole of that specification: what is wrong is an error of code
// Invalid that names the line.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(text) > maxPolicy {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: it is longer than %d bytes", maxPolicy)
	}
	r := policyReader{names: map[string]int{}, keys: map[string]bool{}, used: map[int]bool{}}
	for i, line := range strings.Split(string(text), "\n") {
		if err := r.line(line); err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy line %d: %w", i+1, err)
		}
	}
	if r.told {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: no key follows its last line")
	}
	if !r.ended {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: it has no quorum line")
	}
	return &r.p, nil
}

// policyReader is a policy of which some lines have been read.
type policyReader struct {
	p     Policy
	names map[string]int  // of witnesses and groups → their index
	keys  map[string]bool // public keys that were named
	used  map[int]bool    // members that stand in a group
	ended bool            // the quorum line was there
	until time.Time       // the end of the key in the next line
	told  bool            // the line before gave it
}

func (r *policyReader) line(line string) error {
	for _, c := range []byte(line) {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return fmt.Errorf("it has the control character %#x", c)
		}
	}
	if r.told && !strings.HasPrefix(line, "log ") && !strings.HasPrefix(line, "witness ") {
		return errors.New("the line above says until when a key signs, and none is here")
	}
	if until, told, err := ParseEnd(line); told || err != nil {
		r.until, r.told = until, told
		return err
	}
	defer func() { r.until, r.told = time.Time{}, false }()
	f := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(f) == 0 || strings.HasPrefix(f[0], "#") {
		return nil
	}
	want := map[string][2]int{"log": {2, 3}, "witness": {3, 4}, "group": {4, 3 + maxMembers}, "quorum": {2, 2}}[f[0]]
	switch {
	case want[0] == 0:
		return fmt.Errorf("%.30q is no keyword", f[0])
	case len(f) < want[0] || len(f) > want[1]:
		return fmt.Errorf("a line of %d fields with %s", len(f), f[0])
	case f[0] == "log":
		return r.log(f[1])
	case f[0] == "witness":
		return r.witness(f[1], f[2], f[3:])
	case f[0] == "group":
		return r.group(f[1], f[2], f[3:])
	}
	return r.quorum(f[1])
}

func (r *policyReader) log(vkey string) error {
	v, err := note.NewVerifier(vkey) // Ed25519, and its hash is that of name and key
	if err != nil {
		return fmt.Errorf("the log's key %.60q: %w", vkey, err)
	}
	if err := r.newKey(vkey); err != nil {
		return err
	}
	r.p.logs = append(r.p.logs, logVerifier{v, r.until})
	return nil
}

// newKey refuses a public key that was named before, under whichever name.
func (r *policyReader) newKey(vkey string) error {
	b, err := keyBytes(vkey)
	if err != nil {
		return err
	}
	if len(r.keys) > maxMembers {
		return fmt.Errorf("more than %d keys", maxMembers)
	}
	if r.keys[string(b[1:])] {
		return fmt.Errorf("the key %.60q was named before", vkey)
	}
	r.keys[string(b[1:])] = true
	return nil
}

// keyBytes gives the last field of a verifier key: signature type and public key.
func keyBytes(vkey string) ([]byte, error) {
	_, rest, _ := strings.Cut(vkey, "+")
	_, key, _ := strings.Cut(rest, "+")
	b, err := base64.StdEncoding.Strict().DecodeString(key)
	if err != nil || len(b) < 2 {
		return nil, fmt.Errorf("%.60q is not a key", vkey)
	}
	return b, nil
}

func (r *policyReader) witness(name, vkey string, rest []string) error {
	b, err := keyBytes(vkey)
	if err != nil {
		return err
	}
	if b[0] != algCosignature {
		return fmt.Errorf("the key of witness %.60q is not one for cosignatures (type %d instead of %d)", name, b[0], algCosignature)
	}
	v, err := fnote.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		return fmt.Errorf("the key of witness %.60q: %w", name, err)
	}
	if _, rest, _ := strings.Cut(vkey, "+"); !strings.HasPrefix(rest, fmt.Sprintf("%08x+", v.KeyHash())) {
		return fmt.Errorf("the key of witness %.60q is damaged: its hash is %08x", name, v.KeyHash())
	}
	if err := r.newKey(vkey); err != nil {
		return err
	}
	m := member{name: name, key: v, vkey: vkey, until: r.until}
	if len(rest) == 1 {
		u, err := url.Parse(rest[0])
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%.100q is not a web address", rest[0])
		}
		m.url = rest[0]
	}
	return r.add(m)
}

func (r *policyReader) add(m member) error {
	if _, taken := r.names[m.name]; taken || m.name == "none" {
		return fmt.Errorf("the name %.60q is taken", m.name)
	}
	if len(r.p.members) >= maxMembers {
		return fmt.Errorf("more than %d witnesses and groups", maxMembers)
	}
	r.names[m.name] = len(r.p.members)
	r.p.members = append(r.p.members, m)
	return nil
}

func (r *policyReader) group(name, need string, of []string) error {
	m := member{name: name}
	for _, s := range of {
		i, ok := r.names[s]
		if !ok {
			return fmt.Errorf("there is no %.60q above this line", s)
		}
		if r.used[i] {
			return fmt.Errorf("%.60q stands in a group already", s)
		}
		r.used[i] = true
		m.of = append(m.of, i)
	}
	switch need {
	case "all":
		m.need = len(of)
	case "any":
		m.need = 1
	default:
		n, err := strconv.Atoi(need)
		if err != nil || n < 1 || n > len(of) || strconv.Itoa(n) != need {
			return fmt.Errorf("%.30q of %d members cannot be", need, len(of))
		}
		m.need = n
	}
	return r.add(m)
}

func (r *policyReader) quorum(name string) error {
	if r.ended {
		return fmt.Errorf("a second quorum")
	}
	r.ended, r.p.quorum = true, none
	if name == "none" {
		return nil
	}
	i, ok := r.names[name]
	if !ok {
		return fmt.Errorf("there is no %.60q above this line", name)
	}
	r.p.quorum = i
	return nil
}

// asked lists the witnesses that the quorum counts.
func (p *Policy) asked() []*member {
	if p.quorum == none {
		return nil
	}
	var out []*member
	var visit func(i int)
	visit = func(i int) {
		if m := &p.members[i]; m.key != nil {
			out = append(out, m)
		}
		for _, k := range p.members[i].of {
			visit(k)
		}
	}
	visit(p.quorum)
	return out
}

// plain writes the quorum and what it counts in the dialect that Tessera reads: no
// logs, no comments, an address for each witness, names that are no keywords.
func (p *Policy) plain() ([]byte, error) {
	if p.quorum == none {
		return []byte("quorum none\n"), nil
	}
	for _, m := range p.asked() {
		if m.url == "" {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "policy: witness %s has no address at which to ask it", m.name)
		}
	}
	var b strings.Builder
	var visit func(i int) string
	visit = func(i int) string {
		m, name := &p.members[i], "m"+strconv.Itoa(i)
		if m.key != nil {
			fmt.Fprintf(&b, "witness %s %s %s\n", name, m.vkey, m.url)
			return name
		}
		var of []string
		for _, k := range m.of {
			of = append(of, visit(k))
		}
		fmt.Fprintf(&b, "group %s %d %s\n", name, m.need, strings.Join(of, " "))
		return name
	}
	fmt.Fprintf(&b, "quorum %s\n", visit(p.quorum))
	return []byte(b.String()), nil
}

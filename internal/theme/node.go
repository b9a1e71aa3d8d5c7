package theme

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"zoeklicht"
)

// maxFile is the most bytes that a file of a pack may have.
const maxFile = 256 << 10

// reader reads one file. Packs are read by hand from the syntax tree rather than
// decoded into structs, so that every problem of a file is told at once, each
// with its line, and in words of the pack instead of Go's.
type reader struct {
	file     string
	problems Problems
	of       item // of theme.yaml: whose rules hold here too
}

func (r *reader) problem(at ast.Node, format string, args ...any) {
	p := Problem{File: r.file, Text: fmt.Sprintf(format, args...)}
	if block, ok := at.(*ast.MappingNode); ok && !block.IsFlowStyle && len(block.Values) > 0 {
		at = block.Values[0].Key // its own token is the colon after that key
	}
	if at != nil {
		if t := at.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	r.problems = append(r.problems, p)
}

// open parses the file; nil when it is no YAML mapping, with the problem noted.
func (r *reader) open(b []byte, what string) *mapping {
	if len(b) > maxFile {
		r.problem(nil, "the file has %d bytes; at most %d are read", len(b), maxFile)
		return nil
	}
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		p := Problem{File: r.file, Text: err.Error()}
		if at := yaml.Error(nil); errors.As(err, &at) {
			p.Text = at.GetMessage()
			if t := at.GetToken(); t != nil && t.Position != nil {
				p.Line, p.Column = t.Position.Line, t.Position.Column
			}
		}
		r.problems = append(r.problems, p)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.problem(doc.Body, "a second document in one file")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.problem(nil, "the file is empty")
		return nil
	}
	return r.mapping(body, what)
}

// mapping is a YAML mapping that notes which of its keys were asked for.
type mapping struct {
	*reader
	node  ast.Node
	what  string // what it describes, for problems: "source admarkt"
	pairs map[string]*ast.MappingValueNode
	order []string
	known []string
}

// mapping reads a node as a mapping; nil, with the problem noted, if it is none.
func (r *reader) mapping(n ast.Node, what string) *mapping {
	m := &mapping{reader: r, node: n, what: what, pairs: map[string]*ast.MappingValueNode{}}
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.problem(n, "%s is %s where keys with values are wanted", what, kind(n))
		return nil
	}
	for _, v := range values {
		key, ok := scalar(v.Key)
		if !ok {
			r.problem(v.Key, "a key of %s is %s where a plain word is wanted", what, kind(v.Key))
			continue
		}
		if _, double := m.pairs[key]; double {
			r.problem(v.Key, "key %q is there twice", key)
			continue
		}
		m.pairs[key] = v
		m.order = append(m.order, key)
	}
	return m
}

// get gives the value of a key, nil if it is absent or has none.
func (m *mapping) get(key string) ast.Node {
	m.known = append(m.known, key)
	pair := m.pairs[key]
	if pair == nil {
		return nil
	}
	if _, null := pair.Value.(*ast.NullNode); null || pair.Value == nil {
		m.problem(pair.Key, "%s has no value", key)
		return nil
	}
	return pair.Value
}

// need notes a problem when a key is absent.
func (m *mapping) need(keys ...string) {
	for _, key := range keys {
		if m.pairs[key] == nil {
			m.problem(m.node, "%s has no %q", m.what, key)
		}
	}
}

// at gives the node to point at when a key's value is wrong.
func (m *mapping) at(key string) ast.Node {
	if pair := m.pairs[key]; pair != nil {
		if pair.Value != nil {
			return pair.Value
		}
		return pair.Key
	}
	return m.node
}

// done notes the keys that nobody asked for.
func (m *mapping) done() {
	for _, key := range m.order {
		asked := false
		for _, k := range m.known {
			asked = asked || k == key
		}
		if !asked {
			m.problem(m.pairs[key].Key, "unknown key %q in %s%s", key, m.what, meant(key, m.known))
		}
	}
}

// text reads a text with something in it.
func (m *mapping) text(key string) string {
	n := m.get(key)
	if n == nil {
		return ""
	}
	s, ok := scalar(n)
	switch {
	case !ok:
		m.problem(n, "%s is %s where a text is wanted", key, kind(n))
	case strings.TrimSpace(s) == "":
		m.problem(n, "%s is empty", key)
	}
	return strings.TrimSpace(s)
}

// both reads a text in the two languages.
func (m *mapping) both(key string) (t zoeklicht.Text) {
	if sub := m.sub(key); sub != nil {
		sub.need("nl", "en")
		t = zoeklicht.Text{NL: sub.text("nl"), EN: sub.text("en")}
		sub.done()
	}
	return t
}

// either reads a text in the two languages, or one text that stands for both.
func (m *mapping) either(key string) zoeklicht.Text {
	if pair := m.pairs[key]; pair != nil {
		if _, both := pair.Value.(*ast.MappingNode); both {
			return m.both(key)
		}
	}
	s := m.text(key)
	return zoeklicht.Text{NL: s, EN: s}
}

// flag reads true or false.
func (m *mapping) flag(key string) bool {
	n := m.get(key)
	if n == nil {
		return false
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		m.problem(n, "%s is %s where true or false is wanted", key, kind(n))
		return false
	}
	return b.Value
}

// number reads a whole number from min to max.
func (m *mapping) number(key string, minimum, maximum int64) int64 {
	n := m.get(key)
	if n == nil {
		return 0
	}
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		m.problem(n, "%s is %s where a whole number is wanted", key, kind(n))
		return 0
	}
	var v int64
	switch value := i.Value.(type) {
	case int64:
		v = value
	case uint64:
		v = int64(min(value, 1<<62))
	}
	if v < minimum || v > maximum {
		m.problem(n, "%s is %d: %d to %d", key, v, minimum, maximum)
		return 0
	}
	return v
}

// decimal reads a number from min to max, whole or not.
func (m *mapping) decimal(key string, minimum, maximum float64) float64 {
	n := m.get(key)
	if n == nil {
		return 0
	}
	var v float64
	switch n := n.(type) {
	case *ast.IntegerNode:
		return float64(m.number(key, int64(minimum), int64(maximum)))
	case *ast.FloatNode:
		v = n.Value
	case *ast.NanNode, *ast.InfinityNode:
		m.problem(n, "%s is %s: %v to %v", key, n.GetToken().Value, minimum, maximum)
		return 0
	default:
		m.problem(n, "%s is %s where a number is wanted", key, kind(n))
		return 0
	}
	if v < minimum || v > maximum {
		m.problem(n, "%s is %v: %v to %v", key, v, minimum, maximum)
		return 0
	}
	return v
}

// day reads a day such as 2026-11-22; zero where the key is absent.
func (m *mapping) day(key string) time.Time {
	s := m.text(key)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		m.problem(m.at(key), "%s %q is not a day such as 2026-11-22", key, s)
	}
	return t
}

// oneOf reads a text that must be one of a few.
func (m *mapping) oneOf(key string, known ...string) string {
	s := m.text(key)
	if s != "" && !slices.Contains(known, s) {
		m.problem(m.at(key), "unknown %s %q%s", key, s, orOneOf(s, known))
	}
	return s
}

// item is a text of a list with the node it came from.
type item struct {
	text string
	node ast.Node
}

// texts reads a list of texts.
func (m *mapping) texts(key string) (items []item) {
	for _, n := range m.list(key) {
		s, ok := scalar(n)
		if !ok || strings.TrimSpace(s) == "" {
			m.problem(n, "an item of %s is %s where a text is wanted", key, kind(n))
			continue
		}
		items = append(items, item{s, n})
	}
	return items
}

func (m *mapping) list(key string) []ast.Node {
	n := m.get(key)
	if n == nil {
		return nil
	}
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		m.problem(n, "%s is %s where a list is wanted", key, kind(n))
		return nil
	}
	return s.Values
}

// sub reads a mapping inside this one; nil if it is absent or none.
func (m *mapping) sub(key string) *mapping {
	n := m.get(key)
	if n == nil {
		return nil
	}
	return m.mapping(n, key)
}

func plain(items []item) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.text)
	}
	return out
}

// scalar gives the text of a node that is one: numbers and the like as written.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// kind names what a node is, in words for problems.
func kind(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor or alias (packs have none)"
	case *ast.TagNode:
		return "a tag (packs have none)"
	default:
		return "something else"
	}
}

package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	tmpl "text/template/parse"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[a-zA-Z%]`)

// verbs gives the placeholders of a text, sorted.
func verbs(s string) []string {
	v := verb.FindAllString(s, -1)
	slices.Sort(v)
	return v
}

func TestTextsAreComplete(t *testing.T) {
	seen := map[Key]bool{}
	check := func(table string, key Key, forms ...string) {
		if !strings.HasPrefix(string(key), table+".") || seen[key] {
			t.Errorf("%s: stands in table %q, or twice", key, table)
		}
		seen[key] = true
		for _, f := range forms {
			if strings.TrimSpace(f) == "" || f != strings.TrimSpace(f) {
				t.Errorf("%s: a text is empty, or begins or ends with a space: %q", key, f)
			}
			for _, v := range verbs(f) {
				if v != "%s" {
					t.Errorf("%s: %q in %q; texts take %%s only", key, v, f)
				}
			}
		}
	}
	for _, tab := range tables {
		for k, p := range tab.texts {
			check(tab.name, k, p.nl, p.en)
			if !slices.Equal(verbs(p.nl), verbs(p.en)) {
				t.Errorf("%s: %q and %q take different arguments", k, p.nl, p.en)
			}
		}
		for k, p := range tab.plurals {
			check(tab.name, k, p.nl1, p.nl, p.en1, p.en)
			if !slices.Equal(verbs(p.nl), verbs(p.en)) || len(verbs(p.nl)) == 0 {
				t.Errorf("%s: %q and %q take different arguments, or no count", k, p.nl, p.en)
			}
			for _, one := range []string{p.nl1, p.en1} {
				if n := len(verbs(one)); n != 0 && n != len(verbs(p.nl)) {
					t.Errorf("%s: %q takes other arguments than %q", k, one, p.nl)
				}
			}
		}
	}
}

// use is one place where a text is asked for.
type use struct {
	where  string
	key    Key
	plural bool
	args   int // beside the count; -1 where that cannot be seen
}

// TestTextsAreUsed reads every template and every line of Go of the rooms above: what
// is asked for exists and gets the arguments that it takes, and nothing is left over.
func TestTextsAreUsed(t *testing.T) {
	var uses []use
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && (e.Name() == "testdata" || e.Name() == "wording" && path != ".."):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".tmpl"):
			uses = append(uses, inTemplate(t, path)...)
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			uses = append(uses, inGo(t, path)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	uses = append(uses, inGo(t, "format.go")...)
	if len(uses) < 100 {
		t.Fatalf("only %d uses were found: this test reads the wrong places", len(uses))
	}
	used := map[Key]bool{}
	for _, u := range uses {
		used[u.key] = true
		tab := tableOf(u.key)
		p, text := tab.texts[u.key]
		q, plural := tab.plurals[u.key]
		switch {
		case !text && !plural:
			t.Errorf("%s asks for %q, which is no text", u.where, u.key)
		case u.args < 0:
		case u.plural != plural:
			t.Errorf("%s asks for %q in the way of the other kind", u.where, u.key)
		case text && len(verbs(p.nl)) != u.args:
			t.Errorf("%s gives %q %d arguments, it takes %d", u.where, u.key, u.args, len(verbs(p.nl)))
		case plural && len(verbs(q.nl)) != u.args+1:
			t.Errorf("%s gives %q %d arguments beside the count, it takes %d", u.where, u.key, u.args, len(verbs(q.nl))-1)
		}
	}
	for _, tab := range tables {
		for k := range tab.texts {
			if !used[k] {
				t.Errorf("%s is not asked for anywhere", k)
			}
		}
		for k := range tab.plurals {
			if !used[k] {
				t.Errorf("%s is not asked for anywhere", k)
			}
		}
	}
}

// endings are those of files whose names have the form of a key: "report.pdf".
var endings = []string{"docx", "pdf", "tlog-proof", "wacz"}

// isKey reports whether a string has the form of a key.
func isKey(s string) bool {
	name, rest, ok := strings.Cut(s, ".")
	return ok && !slices.Contains(endings, rest) && regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(rest) && slices.ContainsFunc(tables, func(t table) bool { return t.name == name })
}

// inGo finds keys in Go: as arguments of T, N and NAtLeast, with their arguments
// counted, and as string constants anywhere else.
func inGo(t *testing.T, path string) (out []use) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	counted := map[*ast.BasicLit]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			before, known := map[string]int{"T": 1, "N": 2, "NAtLeast": 3}[name(sel, ok)]
			if !known || len(n.Args) < before {
				return true
			}
			lit, ok := n.Args[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			counted[lit] = true
			u := use{where: set.Position(lit.Pos()).String(), key: Key(unquote(lit)), plural: before > 1, args: len(n.Args) - before}
			if n.Ellipsis.IsValid() {
				u.args = -1
			}
			if isKey(string(u.key)) {
				out = append(out, u)
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && !counted[n] && isKey(unquote(n)) {
				out = append(out, use{where: set.Position(n.Pos()).String(), key: Key(unquote(n)), args: -1})
			}
		}
		return true
	})
	return out
}

func name(sel *ast.SelectorExpr, ok bool) string {
	if !ok {
		return ""
	}
	return sel.Sel.Name
}

func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// inTemplate finds the calls of t, n and natleast in a template.
func inTemplate(t *testing.T, path string) (out []use) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*tmpl.Tree{}
	tree := tmpl.New(path)
	tree.Mode = tmpl.SkipFuncCheck
	if _, err := tree.Parse(string(b), "", "", trees); err != nil {
		t.Fatal(err)
	}
	var walk func(n tmpl.Node)
	command := func(c *tmpl.CommandNode) {
		id, ok := c.Args[0].(*tmpl.IdentifierNode)
		before, known := map[string]int{"t": 2, "n": 3, "natleast": 4}[ident(id, ok)]
		if !known || len(c.Args) < before {
			return
		}
		if s, ok := c.Args[1].(*tmpl.StringNode); ok {
			out = append(out, use{where: path + ": " + c.String(), key: Key(s.Text), plural: before > 2, args: len(c.Args) - before})
		}
	}
	pipe := func(p *tmpl.PipeNode) {
		if p == nil {
			return
		}
		for _, c := range p.Cmds {
			command(c)
			for _, a := range c.Args {
				walk(a)
			}
		}
	}
	branch := func(p *tmpl.PipeNode, list, other *tmpl.ListNode) {
		pipe(p)
		walk(list)
		if other != nil {
			walk(other)
		}
	}
	walk = func(n tmpl.Node) {
		switch n := n.(type) {
		case *tmpl.ListNode:
			for _, c := range n.Nodes {
				walk(c)
			}
		case *tmpl.ActionNode:
			pipe(n.Pipe)
		case *tmpl.PipeNode:
			pipe(n)
		case *tmpl.TemplateNode:
			pipe(n.Pipe)
		case *tmpl.IfNode:
			branch(n.Pipe, n.List, n.ElseList)
		case *tmpl.RangeNode:
			branch(n.Pipe, n.List, n.ElseList)
		case *tmpl.WithNode:
			branch(n.Pipe, n.List, n.ElseList)
		}
	}
	for _, tr := range trees {
		if tr.Root != nil {
			walk(tr.Root)
		}
	}
	return out
}

func ident(id *tmpl.IdentifierNode, ok bool) string {
	if !ok {
		return ""
	}
	return id.Ident
}

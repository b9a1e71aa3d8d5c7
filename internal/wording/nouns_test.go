package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"zoeklicht"
)

// TestNounsHaveWords reads the constants of the root package: each that a screen may
// show has its words in both languages.
func TestNounsHaveWords(t *testing.T) {
	constants := rootConstants(t)
	check := func(typ string, words map[string]pair) {
		if len(constants[typ]) == 0 {
			t.Errorf("the root package has no constants of type %s", typ)
		}
		for _, c := range constants[typ] {
			if p := words[c]; p.nl == "" || p.en == "" {
				t.Errorf("%s %q has no words", typ, c)
			}
		}
		for c := range words {
			if !slices.Contains(constants[typ], c) {
				t.Errorf("%s %q has words and is no constant", typ, c)
			}
		}
	}
	check("Fail", stringly(fails))
	check("NotContent", stringly(notContents))
	check("SourceState", stringly(states))
	check("DecisionKind", stringly(decisions))
	check("Role", stringly(roles))
	check("Code", stringly(codes))
	check("Code", stringly(advices))
	check("Level", stringly(levels))
	check("Grade", stringly(grades))
	check("Answer", stringly(answers))
	check("SealReason", stringly(sealReasons))
	check("EntityType", stringly(entityTypes))
	check("JobState", stringly(jobStates))
	check("JobStep", stringly(jobSteps))
	check("ExportForm", stringly(exportForms))
	check("ExportForm", stringly(exportFormHelps))
	check("ExportPictures", stringly(exportPictures))
	check("ProofPart", stringly(proofParts))
	check("RemarkKind", stringly(remarks))
	for _, name := range constants["Field"] {
		if fields[name].nl == "" || fields[name].en == "" {
			t.Errorf("field %q has no words", name)
		}
	}
}

func stringly[K ~string](m map[K]pair) map[string]pair {
	out := map[string]pair{}
	for k, p := range m {
		out[string(k)] = p
	}
	return out
}

// rootConstants gives the string constants of the root package by their type. Untyped
// ones named Field… go under "Field".
func rootConstants(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "../../"+e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				typ := ""
				if id, ok := v.Type.(*ast.Ident); ok {
					typ = id.Name
				} else if strings.HasPrefix(v.Names[0].Name, "Field") {
					typ = "Field"
				}
				if lit, ok := first(v.Values).(*ast.BasicLit); ok && typ != "" && lit.Kind == token.STRING {
					out[typ] = append(out[typ], unquote(lit))
				}
			}
		}
	}
	return out
}

func first(e []ast.Expr) ast.Expr {
	if len(e) == 0 {
		return nil
	}
	return e[0]
}

func TestUnknownConstantsAreShownAsTheyAre(t *testing.T) {
	if got := In("nl", nil).Fail("later-invention"); got != "later-invention" {
		t.Errorf("got %q", got)
	}
	if got := In("en", nil).State(zoeklicht.Approved); got != "approved" {
		t.Errorf("got %q", got)
	}
}

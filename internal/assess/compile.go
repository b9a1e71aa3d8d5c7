package assess

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Problem is why a condition does not compile.
type Problem struct {
	Indicator zoeklicht.IndicatorID
	What      string // in one line, with the place in the condition
}

// Problems are those of all rules. As an error they are Invalid.
type Problems []Problem

// Error tells all of them in one line.
func (ps Problems) Error() string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = fmt.Sprintf("indicator %s: %s", p.Indicator, p.What)
	}
	return strings.Join(all, "; ")
}

const (
	maxCondition = 4096 // characters
	maxDepth     = 50
)

// rule is a rule with its compiled condition.
type rule struct {
	*zoeklicht.Indicator
	program     cel.Program
	comparisons []comparison
}

// comparison is a variable compared with a number in a condition: "beside.cities >= 3".
type comparison struct {
	name, operator string
	number         float64
}

// compiler compiles conditions against the variables.
type compiler struct {
	env       *cel.Env
	lexicons  []zoeklicht.Lexicon
	costLimit uint64
}

func newCompiler(lexicons []zoeklicht.Lexicon, costLimit uint64) (*compiler, error) {
	options := []cel.EnvOption{cel.StdLib(), cel.ParserExpressionSizeLimit(maxCondition), cel.ParserRecursionLimit(maxDepth)}
	for _, v := range variables() {
		options = append(options, cel.Variable(v.name, v.kind))
	}
	env, err := cel.NewCustomEnv(options...)
	if err != nil {
		return nil, err
	}
	return &compiler{env, lexicons, costLimit}, nil
}

// compile compiles one rule. A problem with it is the text; the error is a fault of ours.
func (c *compiler) compile(in *zoeklicht.Indicator) (*rule, string, error) {
	var own []cel.EnvOption
	for _, name := range in.Lexicons {
		if !slices.ContainsFunc(c.lexicons, func(l zoeklicht.Lexicon) bool { return l.Name == name }) {
			return nil, fmt.Sprintf("there is no lexicon %q", name), nil
		}
		own = append(own, cel.Variable("words."+name, cel.IntType))
	}
	env, err := c.env.Extend(own...)
	if err != nil {
		return nil, "", err
	}
	checked, issues := env.Compile(in.Condition)
	if err := issues.Err(); err != nil {
		first := issues.Errors()[0]
		return nil, fmt.Sprintf("the condition does not compile, line %d, character %d: %s",
			first.Location.Line(), first.Location.Column()+1, oneLine(first.Message)), nil
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Sprintf("the condition gives %s where true or false is wanted", checked.OutputType()), nil
	}
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(c.costLimit))
	if err != nil {
		return nil, "the condition does not compile: " + oneLine(err.Error()), nil //nolint:nilerr // told as a problem
	}
	return &rule{in, program, comparisons(checked.NativeRep())}, "", nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// symbols writes CEL's comparisons as traces have them.
var symbols = map[string]string{
	operators.Greater: ">", operators.GreaterEquals: ">=", operators.Less: "<", operators.LessEquals: "<=", operators.Equals: "=",
}

// comparisons finds the variables that a condition compares with a number.
func comparisons(checked *ast.AST) (out []comparison) {
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		symbol, args := symbols[e.AsCall().FunctionName()], e.AsCall().Args()
		name := checked.ReferenceMap()[args[0].ID()]
		if symbol == "" || name == nil || name.Name == "" || args[1].Kind() != ast.LiteralKind {
			return
		}
		switch v := args[1].AsLiteral().Value().(type) {
		case int64:
			out = append(out, comparison{name.Name, symbol, float64(v)})
		case float64:
			out = append(out, comparison{name.Name, symbol, v})
		}
	}))
	return out
}

// holds says whether the comparison is true of a value.
func (c comparison) holds(v float64) bool {
	switch c.operator {
	case ">":
		return v > c.number
	case ">=":
		return v >= c.number
	case "<":
		return v < c.number
	case "<=":
		return v <= c.number
	default:
		return v == c.number
	}
}

// trace tells what a condition saw, in the order in which it looked, with the
// comparisons that held: "beside.cities = 4 >= 3, phones = 1".
func (r *rule) trace(seen []sight) string {
	parts := make([]string, len(seen))
	for i, s := range seen {
		parts[i] = s.name + " = " + show(s.value)
		number, ok := numberOf(s.value)
		for _, c := range r.comparisons {
			if ok && c.name == s.name && c.holds(number) && c.operator != "=" {
				parts[i] += " " + c.operator + " " + show(c.number)
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

// show writes a value; of a list ten values at most.
func show(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []int64:
		return showList(v, func(n int64) string { return strconv.FormatInt(n, 10) })
	case []float64:
		return showList(v, func(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) })
	default:
		return fmt.Sprint(v)
	}
}

func showList[T any](list []T, one func(T) string) string {
	var parts []string
	for i, v := range list {
		if i == 10 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, one(v))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Stopped names the rules that could not be applied to one version, and why. The
// assessment that comes with it holds for all others.
type Stopped struct {
	Version zoeklicht.VersionID
	Rules   []Problem
}

// Error names the rules.
func (s *Stopped) Error() string {
	return fmt.Sprintf("version %d: %s", s.Version, Problems(s.Rules).Error())
}

var errNotBool = errors.New("the condition gave neither true nor false")

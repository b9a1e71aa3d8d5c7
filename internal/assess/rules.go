package assess

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"zoeklicht"

	"cel.dev/cel-go/interpreter"
)

// Config bounds what rules may do.
type Config struct {
	// CostLimit is what evaluating one condition may cost, in CEL's units: about one for
	// each operation [10000].
	CostLimit uint64
	// MaxWhere is how many offsets a hit keeps at most [100].
	MaxWhere int
}

// Rules are a theme's rules, ready to be applied, from several goroutines if wanted.
type Rules struct {
	cfg      Config
	trie     *trie
	lexicons map[string]int // by "words.<name>"
	known    map[string]*variable
	all      []*rule // by identifier
	set      string
}

// New compiles rules of any status; Assess applies the active ones. Lexicons are
// those that they name. An error about the rules is a Problems.
func New(indicators []zoeklicht.Indicator, lexicons []zoeklicht.Lexicon, cfg Config) (*Rules, error) {
	cfg.CostLimit = cmp.Or(cfg.CostLimit, 10_000)
	cfg.MaxWhere = cmp.Or(cfg.MaxWhere, 100)
	r := &Rules{cfg: cfg, trie: newTrie(lexicons), lexicons: map[string]int{}, known: map[string]*variable{}}
	for i, l := range lexicons {
		r.lexicons["words."+l.Name] = i
	}
	vars := variables()
	for i := range vars {
		r.known[vars[i].name] = &vars[i]
	}
	c, err := newCompiler(lexicons, cfg.CostLimit)
	if err != nil {
		return nil, err
	}
	var problems Problems
	for i := range indicators {
		in := indicators[i]
		compiled, problem, err := c.compile(&in)
		switch {
		case err != nil:
			return nil, err
		case math.Trunc(in.Weight*4) != in.Weight*4 || in.Weight < 0:
			problems = append(problems, Problem{in.ID, fmt.Sprintf("weight %v is no quarter", in.Weight)})
		case problem != "":
			problems = append(problems, Problem{in.ID, problem})
		default:
			r.all = append(r.all, compiled)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	slices.SortFunc(r.all, func(a, b *rule) int { return cmp.Compare(a.ID, b.ID) })
	r.set = r.name()
	return r, nil
}

// name gives 12 hexadecimal digits of the SHA-256 over a line "<id> <version> <digest>"
// for each active rule.
func (r *Rules) name() string {
	h := sha256.New()
	for _, c := range r.all {
		if c.Status == zoeklicht.ActiveRule {
			fmt.Fprintf(h, "%s %d %x\n", c.ID, c.Version, c.SHA256)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:12]
}

// Set names the active rules: 12 letters and digits of a SHA-256 over their
// identifiers, versions and digests.
func (r *Rules) Set() string { return r.set }

// Assess applies the active rules to a version. The error, if any, is a *Stopped that
// names the rules that could not be applied; the assessment holds for the others.
// Seq is left to the store.
func (r *Rules) Assess(in Input) (zoeklicht.Assessment, error) {
	out := zoeklicht.Assessment{Version: in.Version, Set: r.set}
	stopped := &Stopped{Version: in.Version}
	f := r.facts(&in)
	for _, c := range r.all {
		if c.Status != zoeklicht.ActiveRule || !c.holdsAt(in.SeenAt) {
			continue
		}
		hit, err := r.apply(c, f)
		switch {
		case err != nil:
			stopped.Rules = append(stopped.Rules, Problem{c.ID, fmt.Sprintf("version %d: %v", c.Version, err)})
		case hit != nil:
			out.Hits = append(out.Hits, *hit)
			out.Score += hit.Weight
		}
	}
	slices.SortStableFunc(out.Hits, func(a, b zoeklicht.Hit) int { return cmp.Compare(b.Weight, a.Weight) })
	if len(stopped.Rules) > 0 {
		return out, stopped
	}
	return out, nil
}

// Try applies one rule to a version, whatever its status and days; the hit is nil where
// it does not fire. It is for trying a rule on an archive before it is activated.
func (r *Rules) Try(id zoeklicht.IndicatorID, in Input) (*zoeklicht.Hit, error) {
	for _, c := range r.all {
		if c.ID == id {
			return r.apply(c, r.facts(&in))
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no indicator %q", id)
}

// holdsAt says whether a moment lies in a rule's days.
func (r *rule) holdsAt(t time.Time) bool {
	return !t.Before(r.From) && (r.Until.IsZero() || t.Before(r.Until))
}

// apply evaluates one condition; the hit is nil where it does not hold.
func (r *Rules) apply(c *rule, f *facts) (*zoeklicht.Hit, error) {
	look := &looker{rules: r, facts: f}
	v, _, err := c.program.Eval(look)
	if stop := (interpreter.EvalCancelledError{}); errors.As(err, &stop) && stop.Cause == interpreter.CostLimitExceeded {
		return nil, fmt.Errorf("the condition was stopped: it costs more than %d", r.cfg.CostLimit)
	}
	if err != nil {
		return nil, fmt.Errorf("the condition failed: %s", oneLine(err.Error()))
	}
	fires, ok := v.Value().(bool)
	if !ok {
		return nil, errNotBool
	}
	if !fires {
		return nil, nil
	}
	return &zoeklicht.Hit{
		Version: f.in.Version, Indicator: c.ID, Rule: c.Version, Weight: c.Weight,
		Where: r.where(f, look.seen), Trace: c.trace(look.seen),
	}, nil
}

// sight is a variable that a condition looked at, with what it saw.
type sight struct {
	name  string
	value any
}

// looker gives a condition its variables and notes which it looked at.
type looker struct {
	rules *Rules
	facts *facts
	seen  []sight
}

// ResolveName gives a variable's value.
func (l *looker) ResolveName(name string) (any, bool) {
	var value any
	if i, ok := l.rules.lexicons[name]; ok {
		value = l.facts.counts[i]
	} else if v := l.rules.known[name]; v != nil {
		value = v.value(l.facts)
	} else {
		return nil, false
	}
	if !slices.ContainsFunc(l.seen, func(s sight) bool { return s.name == name }) {
		l.seen = append(l.seen, sight{name, value})
	}
	return value, true
}

// Parent is nil: there are no other variables.
func (l *looker) Parent() interpreter.Activation { return nil }

// where gives the words and entities that a condition looked at, in the order of the
// text, each stretch once.
func (r *Rules) where(f *facts, seen []sight) (out []zoeklicht.Offset) {
	for _, s := range seen {
		if i, ok := r.lexicons[s.name]; ok {
			for _, m := range f.matches {
				if int(m.lexicon) == i && len(out) < r.cfg.MaxWhere {
					start, end := f.folded.Raw(int(m.start), int(m.end))
					out = append(out, zoeklicht.Offset{Start: start, End: end, Word: r.trie.words[m.word]})
				}
			}
			continue
		}
		if v := r.known[s.name]; v.where != nil {
			bytes := len(f.in.Title) + 1 + len(f.in.Body)
			for i := range f.in.Entities {
				e := &f.in.Entities[i]
				stands := 0 <= e.Start && e.Start < e.End && e.End <= bytes // not in a field only
				if e.Valid && stands && v.where(e) && len(out) < r.cfg.MaxWhere {
					out = append(out, zoeklicht.Offset{Start: e.Start, End: e.End})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b zoeklicht.Offset) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), strings.Compare(a.Word, b.Word))
	})
	return slices.Compact(out)
}

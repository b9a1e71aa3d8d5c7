package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/theme"
)

// Register is a theme's register of sources as one person sees it; *store.Store is one.
type Register interface {
	Sources(ctx context.Context) ([]zoeklicht.Source, error)
	Source(ctx context.Context, id zoeklicht.SourceID) (*zoeklicht.Source, error)
	Propose(ctx context.Context, src *zoeklicht.Source, d zoeklicht.Decision) error
	Decide(ctx context.Context, d zoeklicht.Decision) error
	AddRecipe(ctx context.Context, id zoeklicht.SourceID, body, reason string) (version int, err error)
}

// step is the answer of a verb that moved a source on.
type step struct {
	Source   zoeklicht.SourceID     `json:"source"`
	Decision zoeklicht.DecisionKind `json:"decision"`
	State    zoeklicht.SourceState  `json:"state,omitempty"`
	ReviewBy *time.Time             `json:"review_by,omitempty"`
	Recipe   int                    `json:"recipe,omitempty"`
}

// Propose enters a source into the register.
func Propose(ctx context.Context, reg Register, p *Proposal, out *Out) error {
	src, d, err := p.Source()
	if err != nil {
		return err
	}
	if err := reg.Propose(ctx, src, d); err != nil {
		return err
	}
	if out.JSON {
		return out.object(step{Source: src.ID, Decision: zoeklicht.Propose, State: zoeklicht.Proposed})
	}
	if missing := d.Considerations.Complete(); len(missing) > 0 {
		out.Notice("Whoever vets it has to answer: %s.", strings.Join(missing, ", "))
	}
	return out.say("%s is proposed. Nothing is connected to before it is vetted and approved by two people.", src.ID)
}

// past words a decision that was taken.
var past = map[zoeklicht.DecisionKind]zoeklicht.SourceState{
	zoeklicht.Vet: zoeklicht.Vetted, zoeklicht.Approve: zoeklicht.Approved, zoeklicht.Suspend: zoeklicht.Suspended,
	zoeklicht.Reject: zoeklicht.Rejected, zoeklicht.Retire: zoeklicht.Retired, zoeklicht.Propose: zoeklicht.Proposed,
}

// Decide takes the next step about a source: vet, approve, suspend, reject, retire.
func Decide(ctx context.Context, reg Register, d zoeklicht.Decision, out *Out) error {
	d.Reason, d.Answer = strings.TrimSpace(d.Reason), strings.TrimSpace(d.Answer)
	tidyConsiderations(&d.Considerations)
	var wrong Problems
	if d.Source == "" {
		wrong.add("which source is missing")
	}
	if d.Reason == "" {
		wrong.add("the reason is missing")
	}
	if d.Kind == zoeklicht.Approve && d.ReviewBy.IsZero() {
		wrong.add("an approval needs the day on which it is reviewed")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := reg.Decide(ctx, d); err != nil {
		return err
	}
	if out.JSON {
		return out.object(step{Source: d.Source, Decision: d.Kind, State: past[d.Kind], ReviewBy: moment(d.ReviewBy)})
	}
	if d.Kind == zoeklicht.Approve {
		return out.say("%s is approved; %s is the last day before its review.", d.Source, out.last(d.ReviewBy))
	}
	return out.say("%s is %s.", d.Source, past[d.Kind])
}

// AddRecipe checks a recipe and puts it in force as the source's next version.
func AddRecipe(ctx context.Context, reg Register, id zoeklicht.SourceID, file string, body []byte, reason string, out *Out) error {
	recipe, problems := theme.ParseRecipe(file, body)
	if len(problems) > 0 {
		out.Notice("%s", strings.TrimRight(problems.String(), "\n"))
		return problems.Err()
	}
	if id == "" {
		id = recipe.Source
	}
	var wrong Problems
	if recipe.Source != id {
		wrong.add("%s is a recipe of source %s, not of %s", file, recipe.Source, id)
	}
	if strings.TrimSpace(reason) == "" {
		wrong.add("the reason is missing")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	version, err := reg.AddRecipe(ctx, id, string(body), strings.TrimSpace(reason))
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(step{Source: id, Decision: zoeklicht.Recast, Recipe: version})
	}
	return out.say("%s is read by version %d of its recipe from now on.", id, version)
}

// sourceRow is a source in a list.
type sourceRow struct {
	ID       zoeklicht.SourceID    `json:"id"`
	Title    string                `json:"title"`
	Home     string                `json:"home"`
	State    zoeklicht.SourceState `json:"state"`
	Active   bool                  `json:"active"` // approved, and the review is still to come
	Priority int                   `json:"priority"`
	Expected string                `json:"expected"`
	ReviewBy *time.Time            `json:"review_by"`
	Recipe   int                   `json:"recipe"` // 0: the generic fallback
	Scope    zoeklicht.Scope       `json:"scope"`
	Schedule schedule              `json:"schedule"`
}

// schedule is a source's, with its defaults, in words that people write.
type schedule struct {
	Every        string `json:"every"`
	Delay        string `json:"delay"`
	InFlight     int    `json:"in_flight"`
	MaxURLs      int    `json:"max_urls"`
	MaxBytes     int64  `json:"max_bytes"`
	MaxTime      string `json:"max_time"`
	FullEvery    int    `json:"full_every"`
	IgnoreRobots bool   `json:"ignore_robots"`
}

func rowOf(s *zoeklicht.Source, now time.Time) sourceRow {
	w := s.Schedule.WithDefaults()
	scope := s.Scope
	scope.Hosts = list(scope.Hosts)
	return sourceRow{
		ID: s.ID, Title: s.Title, Home: s.Home, State: s.State, Active: s.Active(now), Priority: s.Priority, Expected: s.Expected,
		ReviewBy: moment(s.ReviewBy), Recipe: s.Recipe, Scope: scope,
		Schedule: schedule{w.Every.String(), w.Delay.String(), w.InFlight, w.MaxURLs, w.MaxBytes, w.MaxTime.String(), w.FullEvery, w.IgnoreRobots},
	}
}

// ListSources prints the register; now is the theme's time.
func ListSources(ctx context.Context, reg Register, now time.Time, out *Out) error {
	all, err := reg.Sources(ctx)
	if err != nil {
		return err
	}
	rows := make([]sourceRow, len(all))
	table := make([][]string, len(all))
	for i := range all {
		s := &all[i]
		rows[i] = rowOf(s, now)
		state := string(s.State)
		if s.State == zoeklicht.Approved && !rows[i].Active {
			state = "lapsed"
		}
		table[i] = []string{string(s.ID), state, fmt.Sprint(s.Priority), out.last(s.ReviewBy), recipeText(s.Recipe), s.Home, cut(s.Title, 40)}
	}
	if out.JSON {
		return lines(out, rows)
	}
	return out.table([]string{"SOURCE", "STATE", "PRIORITY", "REVIEW BY", "RECIPE", "HOME", "TITLE"}, table)
}

func recipeText(version int) string {
	if version == 0 {
		return "generic"
	}
	return fmt.Sprint(version)
}

// decisionRow is a row of the register as JSON has it.
type decisionRow struct {
	Kind           zoeklicht.DecisionKind    `json:"kind"`
	Person         string                    `json:"person"`
	At             *time.Time                `json:"at"`
	Seq            zoeklicht.Seq             `json:"seq"`
	Reason         string                    `json:"reason"`
	Answer         string                    `json:"answer,omitempty"`
	ReviewBy       *time.Time                `json:"review_by,omitempty"`
	Recipe         int                       `json:"recipe,omitempty"`
	Considerations *zoeklicht.Considerations `json:"considerations,omitempty"`
}

// ShowSource prints one source with its considerations and decisions; now is the
// theme's time.
func ShowSource(ctx context.Context, reg Register, id zoeklicht.SourceID, now time.Time, out *Out) error {
	s, err := reg.Source(ctx, id)
	if err != nil {
		return err
	}
	if out.JSON {
		full := struct {
			sourceRow
			Considerations zoeklicht.Considerations `json:"considerations"`
			Decisions      []decisionRow            `json:"decisions"`
		}{rowOf(s, now), s.Considerations, []decisionRow{}}
		for i := range s.Decisions {
			d := &s.Decisions[i]
			row := decisionRow{
				Kind: d.Kind, Person: d.PersonName, At: moment(d.At), Seq: d.Seq, Reason: d.Reason, Answer: d.Answer,
				ReviewBy: moment(d.ReviewBy), Recipe: d.Recipe,
			}
			if d.Considerations != (zoeklicht.Considerations{}) {
				row.Considerations = &d.Considerations
			}
			full.Decisions = append(full.Decisions, row)
		}
		return out.object(full)
	}
	return showSource(s, now, out)
}

func showSource(s *zoeklicht.Source, now time.Time, out *Out) error {
	w := s.Schedule.WithDefaults()
	state := string(s.State)
	if s.State == zoeklicht.Approved {
		state = "approved, to be reviewed by " + out.last(s.ReviewBy)
		if !s.Active(now) {
			state = "approval lapsed after " + out.last(s.ReviewBy)
		}
	}
	rows := [][]string{
		{"title", s.Title},
		{"home", s.Home},
		{"hosts", strings.Join(s.Scope.Hosts, ", ")},
		{"paths", strings.Join(s.Scope.Paths, ", ")},
		{"picture hosts", strings.Join(s.Scope.PictureHosts, ", ")},
		{"private", strings.Join(s.Scope.Private, ", ")},
		{"schedule", fmt.Sprintf("every %s, %s between requests, %d at once", w.Every, w.Delay, w.InFlight)},
		{"priority", fmt.Sprint(s.Priority)},
		{"expected", s.Expected},
		{"recipe", recipeText(s.Recipe)},
		{"public", s.Considerations.Public},
		{"real", s.Considerations.Real},
		{"need", s.Considerations.Need},
		{"proportionate", s.Considerations.Proportionate},
		{"against", s.Considerations.Against},
		{"robots", s.Considerations.Robots},
	}
	filled := rows[:0]
	for _, r := range rows {
		if r[1] != "" {
			filled = append(filled, r)
		}
	}
	if err := out.table([]string{visible(string(s.ID)), state}, filled); err != nil {
		return err
	}
	var decisions [][]string
	for _, d := range s.Decisions {
		decisions = append(decisions, []string{out.at(d.At), string(d.Kind), d.PersonName, d.Reason})
	}
	if err := out.say(""); err != nil {
		return err
	}
	return out.table([]string{"WHEN", "DECISION", "BY", "REASON"}, decisions)
}

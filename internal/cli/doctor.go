package cli

import (
	"strings"

	"zoeklicht"
	"zoeklicht/internal/postgres"
)

// Grade says how good or bad a finding is.
type Grade string

// The grades. Only Fail makes doctor fail.
const (
	OK   Grade = "ok"
	Warn Grade = "warn" // works, and somebody should look
	Fail Grade = "fail" // does not work, or data or secrecy are at risk
)

// Finding is the outcome of one check.
type Finding struct {
	Check string              `json:"check"`
	Theme zoeklicht.ThemeName `json:"theme,omitempty"`
	Grade Grade               `json:"grade"`
	Is    string              `json:"is"`           // what was found
	Do    string              `json:"do,omitempty"` // what to do about it; empty when it is good
}

// In gives the finding as one about a theme.
func (f Finding) In(theme zoeklicht.ThemeName) Finding {
	f.Theme = theme
	return f
}

// Failed is the finding that a check could not be made or found something broken.
func Failed(check string, err error, do string) Finding {
	return Finding{Check: check, Grade: Fail, Is: err.Error(), Do: do}
}

// FromServer takes over what the server was found to be like.
func FromServer(found []postgres.Finding) []Finding {
	grades := map[postgres.Grade]Grade{postgres.Good: OK, postgres.Doubtful: Warn, postgres.Bad: Fail}
	out := make([]Finding, len(found))
	for i, f := range found {
		out[i] = Finding{Check: "postgresql " + f.Check, Grade: grades[f.Grade], Is: f.Is, Do: f.Do}
	}
	return out
}

// PrintFindings prints findings, and fails when one of them does.
func PrintFindings(found []Finding, out *Out) error {
	failed := 0
	for i := range found {
		f := &found[i]
		if f.Grade == Fail {
			failed++
		}
		if out.JSON {
			if err := out.object(f); err != nil {
				return err
			}
			continue
		}
		about := f.Check
		if f.Theme != "" {
			about += " (" + string(f.Theme) + ")"
		}
		if err := out.say("%-4s  %-28s  %s", f.Grade, about, visible(f.Is)); err != nil {
			return err
		}
		if f.Do != "" {
			if err := out.say("%s→ %s", strings.Repeat(" ", 36), visible(f.Do)); err != nil {
				return err
			}
		}
	}
	if failed > 0 {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "%s of %d failed", count(failed, "check"), len(found)).
			With("nothing was changed", "do what stands behind the arrows")
	}
	return nil
}

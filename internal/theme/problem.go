package theme

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"zoeklicht"
)

// Problem is one thing that is wrong in a pack, and where.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // from 1; 0 when it is about the whole file
	Column int    `json:"column,omitempty"` // from 1
	Text   string `json:"text"`
}

// String gives "file:line:column: text".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Problems are everything that is wrong, in the order of files and lines.
type Problems []Problem

// String gives a line for each.
func (ps Problems) String() string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Err gives nil when there are no problems, and otherwise an Invalid error that
// tells the first and how many more there are.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	more := ""
	if len(ps) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(ps)-1)
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "%s%s", ps[0], more).With("nothing was changed", "correct the file and check it again")
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}

// meant completes a problem with the known word that a wrong one resembles.
func meant(wrong string, known []string) string {
	best, least := "", min(3, len(wrong)/2)+1 // the shorter, the closer
	for _, k := range known {
		if d := distance(wrong, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the letters to insert, drop or exchange to make b of a.
func distance(a, b string) int {
	const far = 100
	if len(a) > 40 || len(b) > 40 {
		return far
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

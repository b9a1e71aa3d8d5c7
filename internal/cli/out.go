package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Out is where a verb's answer goes, and how.
type Out struct {
	To   io.Writer // the answer
	Err  io.Writer // progress and notices
	JSON bool
	Lang string         // "nl" or "en", for texts that a theme pack words
	Zone *time.Location // in which people read moments; nil means UTC
	// Live says that Err is a terminal, where a line of progress may be written over.
	Live bool
}

// object prints one JSON value on a line of its own.
func (o *Out) object(v any) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(o.To, escapeHidden(b.String()))
	return err
}

// lines prints each value as a JSON object on a line of its own.
func lines[T any](o *Out, rows []T) error {
	for i := range rows {
		if err := o.object(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// say prints a line for people.
func (o *Out) say(format string, args ...any) error {
	_, err := fmt.Fprintf(o.To, format+"\n", args...)
	return err
}

// Notice tells something beside the answer.
func (o *Out) Notice(format string, args ...any) {
	fmt.Fprintf(o.Err, format+"\n", args...)
}

// table prints rows under a head, in columns as wide as they need.
func (o *Out) table(head []string, rows [][]string) error {
	all := append([][]string{head}, rows...)
	var widths []int
	for i, row := range all {
		shown := make([]string, len(row))
		for k, cell := range row {
			shown[k] = visible(cell)
			if k == len(widths) {
				widths = append(widths, 0)
			}
			widths[k] = max(widths[k], utf8.RuneCountInString(shown[k]))
		}
		all[i] = shown
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for k, cell := range row {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", 2+widths[k]-utf8.RuneCountInString(cell)))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(o.To, b.String())
	return err
}

// at gives a moment as people read it, "" for the zero time.
func (o *Out) at(t time.Time) string {
	if moment(t) == nil {
		return ""
	}
	return t.In(o.zone()).Format("2006-01-02 15:04")
}

// day gives the day of a moment, "" for the zero time.
func (o *Out) day(t time.Time) string {
	if moment(t) == nil {
		return ""
	}
	return t.In(o.zone()).Format(time.DateOnly)
}

// last gives the last day on which something holds that ends at t: for one that ends at
// midnight, the day before. It is the day that people type.
func (o *Out) last(t time.Time) string {
	if moment(t) == nil {
		return ""
	}
	return o.day(t.Add(-time.Nanosecond))
}

func (o *Out) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// moment gives a time as JSON has it: UTC, or null for the zero time and for the epoch,
// which the register has where a source was never approved.
func moment(t time.Time) *time.Time {
	if t.IsZero() || t.Unix() == 0 {
		return nil
	}
	t = t.UTC()
	return &t
}

// cut shortens a text to n characters, with an ellipsis for what is left out.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// list gives a JSON list that is never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// count words a number with its noun: "1 page", "2 pages".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

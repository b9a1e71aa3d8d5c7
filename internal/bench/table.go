package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// figure is one line of the table.
type figure struct {
	name, measured, bar string
	verdict             string // "holds", "DOES NOT HOLD", or nothing where no bar is set
}

func verdictOf(holds bool) string {
	if holds {
		return "holds"
	}
	return "DOES NOT HOLD"
}

// printTable prints figures as columns.
func printTable(out io.Writer, title string, figures []figure) error {
	fmt.Fprintf(out, "\n%s\n", title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tmeasured\tbar\t")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.name, f.measured, f.bar, f.verdict)
	}
	return w.Flush()
}

// times are how long things took, in order.
type times []time.Duration

// at gives the smallest time that a share of all does not exceed.
func (t times) at(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	return t[min(len(t)-1, int(share*float64(len(t))))]
}

func (t times) p95() time.Duration { return t.at(0.95) }

// String gives least, median, p95 and most in milliseconds, and how many there were.
func (t times) String() string {
	if len(t) == 0 {
		return "none"
	}
	return fmt.Sprintf("min %.1f  p50 %.1f  p95 %.1f  max %.1f ms  (n %d)", ms(t[0]), ms(t.at(0.5)), ms(t.p95()), ms(slices.Max(t)), len(t))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

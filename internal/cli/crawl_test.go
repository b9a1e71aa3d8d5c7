package cli_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/cli"

	"github.com/google/go-cmp/cmp"
)

// follow follows a run with a clock that goes on two seconds a look. looks is how often
// it may look.
func follow(t *testing.T, f *cli.Follow, r *runs, looks int, out *cli.Out) (*cli.CrawlResult, error) {
	t.Helper()
	tick := make(chan time.Time, looks)
	for range looks {
		tick <- now
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at := now
	f.Source, f.Stage, f.Tick = "admarkt", "analyse", tick
	f.Clock = func() time.Time {
		at = at.Add(2 * time.Second)
		if len(tick) == 0 {
			cancel() // it has looked often enough: the test shows what it knows by now
		}
		return at
	}
	return f.Run(ctx, r, out)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	timeout := map[zoeklicht.Fail]int{zoeklicht.FailTimeout: 1}
	r := &runs{
		looks: []zoeklicht.Run{
			{ID: 11, Source: "admarkt", EndSeq: 80}, // the one before
			{ID: 12, Source: "admarkt", URLs: 2, Captured: 1, Waiting: 1},
			{ID: 12, Source: "admarkt", URLs: 20, Captured: 5, Waiting: 15},
			{ID: 12, Source: "admarkt", URLs: 20, Captured: 17, Waiting: 3, Failed: timeout},
			{ID: 12, Source: "admarkt", URLs: 20, Captured: 20, Failed: timeout, EndSeq: 99, Adverts: 18, Bytes: 1000, Complete: true},
		},
		cursor: []zoeklicht.Seq{90, 98, 99},
	}
	want := &cli.CrawlResult{
		URLs: 20, Captured: 20, Failed: timeout, Adverts: 18, NewVersions: 3, Sightings: 15, Bytes: 1000, Seconds: 12.346,
		Source: "admarkt", Run: 12, Complete: true, Gone: 1,
	}
	for _, c := range []struct {
		live bool
		want string
	}{
		{true, "\r\x1b[Kadmarkt: 1 of 2 pages, 1 waiting" +
			"\r\x1b[Kadmarkt: 5 of 20 pages, 2.0 a second, 15 waiting, 8s left" +
			"\r\x1b[Kadmarkt: 17 of 20 pages, 4.0 a second, 3 waiting, 1s left, 1 failed" +
			"\r\x1b[Kadmarkt: 20 of 20 pages visited; reading them\n"},
		{false, "admarkt: 1 of 2 pages, 1 waiting\nadmarkt: 20 of 20 pages visited; reading them\n"},
	} {
		r.at, r.asked = 0, 0
		r.err = zoeklicht.Errorf(zoeklicht.Unavailable, "the database starts again") // which it gets over
		var beside bytes.Buffer
		got, err := follow(t, &cli.Follow{Before: &r.looks[0]}, r, 20, &cli.Out{Err: &beside, Live: c.live})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c.want, beside.String()); diff != "" {
			t.Errorf("progress, live %v (-want +got):\n%s", c.live, diff)
		}
	}
}

// TestFollowResumed follows the run that a crash had left open, under its number.
func TestFollowResumed(t *testing.T) {
	t.Parallel()
	open := zoeklicht.Run{ID: 12, Source: "admarkt", URLs: 20, Captured: 9, Waiting: 11}
	ended := zoeklicht.Run{ID: 12, Source: "admarkt", URLs: 20, Captured: 20, EndSeq: 99}
	got, err := follow(t, &cli.Follow{Before: &open}, &runs{looks: []zoeklicht.Run{open, ended}, cursor: []zoeklicht.Seq{99}}, 9, &cli.Out{Err: &bytes.Buffer{}})
	if err != nil || got.Run != 12 || got.Captured != 20 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFollowEnds(t *testing.T) {
	t.Parallel()
	going := zoeklicht.Run{ID: 1, Source: "admarkt", URLs: 20, Captured: 9, Waiting: 11}
	ended := zoeklicht.Run{ID: 1, Source: "admarkt", URLs: 20, Captured: 20, EndSeq: 99}
	died := errors.New("the process died")
	for _, c := range []struct {
		name  string
		runs  *runs
		alive error
		want  error
	}{
		{"interrupted", &runs{looks: []zoeklicht.Run{going}, cursor: []zoeklicht.Seq{0}}, nil, context.Canceled},
		{"nothing analyses", &runs{looks: []zoeklicht.Run{ended}, cursor: []zoeklicht.Seq{98}}, nil, context.Canceled},
		{"died under way", &runs{looks: []zoeklicht.Run{going}, cursor: []zoeklicht.Seq{0}}, died, died},
		{"died before it was analysed", &runs{looks: []zoeklicht.Run{ended}, cursor: []zoeklicht.Seq{98}}, died, died},
		{"died when all was done", &runs{looks: []zoeklicht.Run{ended}, cursor: []zoeklicht.Seq{99}}, died, nil},
		{"database error", &runs{looks: []zoeklicht.Run{ended}, cursor: []zoeklicht.Seq{99}, err: died}, nil, died},
	} {
		_, err := follow(t, &cli.Follow{Alive: func() error { return c.alive }}, c.runs, 5, &cli.Out{Err: &bytes.Buffer{}})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestEndedEarly(t *testing.T) {
	t.Parallel()
	if err := (&cli.CrawlResult{Failed: map[zoeklicht.Fail]int{zoeklicht.FailDNS: 3}}).Err(); err != nil {
		t.Errorf("a run to its end: %v", err)
	}
	if err := (&cli.CrawlResult{Stopped: "8 failures to connect in a row"}).Err(); zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
		t.Errorf("a run that ended early: %v", err)
	}
}

// FuzzVisible holds what is shown to what cannot steer a terminal, and JSON to what it
// said before.
func FuzzVisible(f *testing.F) {
	for _, s := range []string{"", "plain", hostile, "a\xffb", "\U000e0041", "\u00ad\u2028\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := cli.Visible(s)
		if strings.ContainsFunc(v, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e }) {
			t.Errorf("%q is shown as %q", s, v)
		}
		if cli.Visible(v) != v {
			t.Errorf("%q, shown again, is %q", v, cli.Visible(v))
		}
	})
}

func FuzzEscapeHidden(f *testing.F) {
	for _, s := range []string{"", "plain", hostile, "\U000e0041", "\u00ad\u2028\x7f\\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkEscapes(t, s) })
}

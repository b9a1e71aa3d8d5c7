package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/store"
	"zoeklicht/internal/theme"
	"zoeklicht/themes"

	"github.com/jackc/pgx/v5"
)

const practiceTheme = zoeklicht.ThemeName("practice")

// practiceState is what a practice installation remembers, in <data>/practice.json:
// where its sites lie, since its sources are approved for those very addresses, and
// which simulated day it is.
type practiceState struct {
	Seed      uint64             `json:"seed"`
	Adverts   int                `json:"adverts"`
	Epoch     time.Time          `json:"epoch"`
	Day       int                `json:"day"`
	Addresses practice.Addresses `json:"addresses"`
	Password  string             `json:"password,omitempty"`
}

// runPractice is the verb practice: everything on one machine, on synthetic sites.
func runPractice(ctx context.Context, c *call) error {
	days := c.flags.Int("days", 10, "simulated days before today")
	adverts := c.flags.Int("adverts", 300, "adverts on the practice sites")
	seed := c.flags.Uint64("seed", 1, "seed of the practice world")
	sites := c.flags.String("sites", "127.0.0.1:18100", "where the first practice site is served; the others follow on the next ports")
	pace := c.flags.Duration("day-every", 10*time.Minute, "how long a simulated day lasts once the past days are done")
	if err := c.parse(); err != nil {
		return err
	}
	if err := c.want(0, 0); err != nil {
		return err
	}
	c.cfg.Collect.Poll = orDefault(c.cfg.Collect.Poll, 200*time.Millisecond)
	if c.cfg.LogLevel == "info" {
		c.cfg.LogLevel = "warn" // the progress lines below say what goes on
		c.log = logger(c.cfg, c.stderr)
	}
	p, err := open(ctx, c.cfg, c.log, true)
	if err != nil {
		return err
	}
	defer p.close()
	pr := &practiceRun{p: p, out: c.stdout, file: filepath.Join(p.cfg.Data, "practice.json"), sites: *sites}
	return pr.run(ctx, practiceState{Seed: *seed, Adverts: *adverts}, *days, *pace)
}

func orDefault(d, v time.Duration) time.Duration {
	if d == 0 {
		return v
	}
	return d
}

type practiceRun struct {
	sites string // where the first site is served, the first time
	p     *platform
	out   io.Writer
	file  string
	state practiceState
	web   *exec.Cmd
}

func (r *practiceRun) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

func (r *practiceRun) run(ctx context.Context, fresh practiceState, days int, pace time.Duration) error {
	again, err := r.load(fresh, days)
	if err != nil {
		return err
	}
	if err := r.startWeb(ctx, again); err != nil {
		return err
	}
	defer func() { end(r.web) }()
	stopNotary, err := r.startNotary(ctx)
	if err != nil {
		return err
	}
	defer stopNotary()
	t, people, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	l, err := listenNear(r.p.cfg.Addr, func(taken string) { r.say("Port %s is taken by another program; trying the next one.", taken) })
	if err != nil {
		return err
	}
	r.p.cfg.Addr = l.Addr().String()
	r.greet(people)
	served := make(chan error, 1)
	serveCtx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { served <- r.p.serve(serveCtx, l, []*zoeklicht.Theme{t}) }()
	lived := make(chan error, 1)
	go func() { lived <- r.live(serveCtx, days, pace) }()
	select {
	case err = <-served:
	case err = <-lived:
		stop()
		err = errors.Join(err, <-served)
	}
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		r.say("Stopped. Everything that was captured is safe; the same command goes on from here.")
		return nil
	}
	return err
}

// load reads what an earlier practice left, or begins anew.
func (r *practiceRun) load(fresh practiceState, days int) (again bool, err error) {
	b, err := os.ReadFile(r.file)
	switch {
	case err == nil:
		if err := json.Unmarshal(b, &r.state); err != nil {
			return false, zoeklicht.Errorf(zoeklicht.Invalid, "%s: %w", r.file, err).With("nothing was changed", "restore the file from a backup, or practise in another --data folder")
		}
		return true, nil
	case !errors.Is(err, os.ErrNotExist):
		return false, err
	}
	r.state = fresh
	y, m, d := time.Now().UTC().Date()
	r.state.Epoch = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -days)
	r.state.Day = -1
	return false, nil
}

func (r *practiceRun) save() error {
	b, err := json.MarshalIndent(r.state, "", "  ")
	if err != nil {
		return err
	}
	tmp := r.file + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, r.file)
}

// prepare makes the theme, its people and its approved sources.
func (r *practiceRun) prepare(ctx context.Context) (*zoeklicht.Theme, []access.PracticeSignIn, error) {
	t, err := r.p.openTheme(ctx, practiceTheme)
	if err != nil {
		return nil, nil, err
	}
	if err := r.p.door.Activate(ctx, access.Console, t, "practice"); err != nil && zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		return nil, nil, err
	}
	password := os.Getenv("ZOEKLICHT_PRACTICE_PASSWORD")
	if password == "" {
		password = r.state.Password
	}
	people, err := r.p.door.SeedPractice(ctx, practiceTheme, password)
	if err != nil {
		return nil, nil, err
	}
	r.state.Password = people[0].Password
	if err := r.save(); err != nil {
		return nil, nil, err
	}
	if err := r.setDay(ctx, max(r.state.Day, 0)); err != nil {
		return nil, nil, err
	}
	return t, people, r.seedSources(ctx, t)
}

// seedSources puts the theme pack's sources through the register as people would:
// one proposes, one vets, another approves.
func (r *practiceRun) seedSources(ctx context.Context, t *zoeklicht.Theme) error {
	filled, err := theme.Fill(t, siteHosts(r.state.Addresses))
	if err != nil {
		return err
	}
	who := map[string]*store.Store{}
	for _, login := range []string{"analist", "bronbeheer", "bronbeheer2"} {
		if who[login], err = r.p.as(ctx, login, t.Name, "setting up practice"); err != nil {
			return err
		}
	}
	for i := range filled.Sources {
		if err := r.seedSource(ctx, who, &filled.Sources[i]); err != nil {
			return err
		}
	}
	return nil
}

// seedSource puts one source through the register, or goes on where an earlier start was
// cut off. A source that was approved before is left to whoever practises.
func (r *practiceRun) seedSource(ctx context.Context, who map[string]*store.Store, src *zoeklicht.Source) error {
	have := &zoeklicht.Source{State: zoeklicht.Proposed}
	err := who["analist"].Propose(ctx, src, zoeklicht.Decision{Reason: src.Expected, Considerations: src.Considerations})
	if zoeklicht.CodeOf(err) == zoeklicht.Conflict {
		have, err = who["analist"].Source(ctx, src.ID)
	}
	if err != nil || have.ReviewBy.Unix() > 0 {
		return err
	}
	if src.Recipe == 0 { // the pack has no recipe for what nobody should read: a fake
		if have.State != zoeklicht.Proposed {
			return nil
		}
		return who["bronbeheer"].Decide(ctx, zoeklicht.Decision{
			Source: src.ID, Kind: zoeklicht.Reject, Reason: src.Considerations.Real, Considerations: src.Considerations,
			Answer: "Afgewezen: " + src.Considerations.Against,
		})
	}
	if body, err := themes.Packs.ReadFile(string(practiceTheme) + "/recipes/" + string(src.ID) + ".yaml"); err == nil && have.Recipe == 0 {
		if _, err := who["bronbeheer"].AddRecipe(ctx, src.ID, string(body), "Uit het themapakket."); err != nil {
			return err
		}
	}
	if have.State == zoeklicht.Proposed {
		err := who["bronbeheer"].Decide(ctx, zoeklicht.Decision{Source: src.ID, Kind: zoeklicht.Vet, Reason: src.Considerations.Real, Considerations: src.Considerations})
		if err != nil {
			return err
		}
		have.State = zoeklicht.Vetted
	}
	if have.State != zoeklicht.Vetted {
		return nil
	}
	return who["bronbeheer2"].Decide(ctx, zoeklicht.Decision{
		Source: src.ID, Kind: zoeklicht.Approve, Reason: src.Considerations.Need,
		Answer: "Goedgekeurd om mee te oefenen.", ReviewBy: r.state.Epoch.AddDate(1, 0, 0),
	})
}

// greet prints where to go and who one can be.
func (r *practiceRun) greet(people []access.PracticeSignIn) {
	r.say("\nZoeklicht (practice): http://%s/\n", r.p.cfg.Addr)
	r.say("  Everything is invented: sites, adverts, numbers, pictures, people.\n")
	r.say("  Sign in as             to                                      password: %s", people[0].Password)
	for _, p := range people {
		r.say("    %-12s         %s", p.Login, roleText(p))
	}
	r.say("\n  Look at: Start (live progress), Search (try: massage), an advert that changed, its proof, Sources.")
	r.say("  Ctrl-C stops everything; the same command goes on with the data in %s.\n", r.p.cfg.Data)
}

func roleText(p access.PracticeSignIn) string {
	if p.Admin {
		return "manage people and run the machine"
	}
	switch p.Role {
	case zoeklicht.Analyst:
		return "search, read and reveal (analyst)"
	case zoeklicht.Specialist:
		return "the same, and export (intelligence analyst)"
	case zoeklicht.SourceManager:
		return "vet and approve sources (source manager)"
	case zoeklicht.Prosecutor:
		return "approve and suspend, read the audit trail (prosecutor)"
	case zoeklicht.Auditor:
		return "read the audit trail (auditor)"
	}
	return string(p.Role)
}

// live walks through the past days as quickly as crawling goes, and then lets a day
// last as long as pace.
func (r *practiceRun) live(ctx context.Context, days int, pace time.Duration) error {
	st, err := r.p.service(ctx, practiceTheme, zoeklicht.Analysis, "practice clock")
	if err != nil {
		return err
	}
	first := true
	for {
		day := r.state.Day
		if err := r.await(ctx, st, day); err != nil {
			return err
		}
		var totals store.Totals
		err := r.patiently(ctx, func() (err error) { totals, err = st.Totals(ctx); return err })
		if err != nil {
			return err
		}
		switch {
		case day < days:
			r.say("  day %2d of %d: %d adverts, %d versions, %d captures", day, days, totals.Adverts, totals.Versions, totals.Captures)
		case first:
			r.say("  day %2d is today: %d adverts, %d versions, %d captures. A day lasts %s from now on.", day, totals.Adverts, totals.Versions, totals.Captures, pace)
			first = false
		}
		if day >= days {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pace):
			}
		}
		if day == 0 {
			if err := r.dated(ctx, st); err != nil {
				return err
			}
		}
		if err := r.patiently(ctx, func() error { return r.setDay(ctx, day+1) }); err != nil {
			return err
		}
	}
}

// dated waits for the first timestamp, so that the captures of later days name one that
// they came after; half a minute at most, since practice goes on without authorities as well.
func (r *practiceRun) dated(ctx context.Context, st *store.Store) error {
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		var h *zoeklicht.LedgerHealth
		if err := r.patiently(ctx, func() (err error) { h, err = st.LedgerHealth(ctx); return err }); err != nil || !h.Stamped.IsZero() {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// patiently does f again while the database is away.
func (r *practiceRun) patiently(ctx context.Context, f func() error) error {
	for {
		err := f()
		if zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// setDay moves the practice web and the theme's clock to a simulated day. It may be cut
// off anywhere: the web forgets its day with us, and the day is written down before the
// theme's clock moves, which a start with that day makes up for.
func (r *practiceRun) setDay(ctx context.Context, day int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/.truth/day?d=%d", strings.TrimSuffix(r.state.Addresses.Truth, "/"), day), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("set the practice web's day: %w", err)
	}
	defer resp.Body.Close() // nothing is read from it
	if resp.StatusCode >= 300 {
		return fmt.Errorf("set the practice web's day: %s", resp.Status)
	}
	r.state.Day = day
	if err := r.save(); err != nil {
		return err
	}
	st, err := r.p.service(ctx, practiceTheme, zoeklicht.Analysis, "practice clock")
	if err != nil {
		return err
	}
	sim, ok, err := st.SimulatedDay(ctx)
	if err != nil || ok && sim.Day == day {
		return err
	}
	at, err := r.morning(ctx, st, day)
	if err != nil {
		return err
	}
	return r.p.admin(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		return store.SetSimulatedDay(ctx, conn, store.Simulated{At: at, Day: day})
	})
}

// morning is when a simulated day begins: at eight, or when the last source is due, if
// the day before began late for it.
func (r *practiceRun) morning(ctx context.Context, st *store.Store, day int) (time.Time, error) {
	at := r.state.Epoch.AddDate(0, 0, day).Add(8 * time.Hour)
	sources, err := st.Sources(ctx)
	if err != nil {
		return at, err
	}
	runs, err := st.LatestRuns(ctx)
	if err != nil {
		return at, err
	}
	for i := range sources {
		for _, run := range runs {
			due := run.Begun.Add(sources[i].Schedule.WithDefaults().Every)
			if run.Source == sources[i].ID && due.After(at) && due.Before(r.state.Epoch.AddDate(0, 0, day+1)) {
				at = due
			}
		}
	}
	return at, nil
}

// await waits until every approved source was visited on the day and all of it was
// analysed and assessed.
func (r *practiceRun) await(ctx context.Context, st *store.Store, day int) error {
	start := r.state.Epoch.AddDate(0, 0, day)
	for {
		done, err := r.dayDone(ctx, st, start)
		if err != nil && zoeklicht.CodeOf(err) != zoeklicht.Unavailable {
			return err
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r *practiceRun) dayDone(ctx context.Context, st *store.Store, start time.Time) (bool, error) {
	now, _, err := st.Now(ctx)
	if err != nil {
		return false, err
	}
	sources, err := st.Sources(ctx)
	if err != nil {
		return false, err
	}
	runs, err := st.LatestRuns(ctx)
	if err != nil {
		return false, err
	}
	ended := map[zoeklicht.SourceID]bool{}
	for _, run := range runs {
		ended[run.Source] = run.EndSeq != 0 && !run.Begun.Before(start)
	}
	for i := range sources {
		if sources[i].Active(now) && !ended[sources[i].ID] {
			return false, nil
		}
	}
	if read, err := st.UpToDate(ctx, crawl.AnalyseStage); err != nil || !read {
		return false, err
	}
	left, err := st.Unassessed(ctx)
	return left == 0, err
}

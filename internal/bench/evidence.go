package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"zoeklicht/internal/access"

	"github.com/jackc/pgx/v5"
)

// packages is how many single packages are made, and manyVersions how many versions one
// large package holds.
const (
	packages     = 40
	manyVersions = 1000
)

// runEvidence measures what proof costs: collecting with the recording process beside it
// and without, and packages made and verified by the product's own commands, the start of
// the process included.
func runEvidence(ctx context.Context, opt options, out io.Writer, log *slog.Logger) ([]figure, error) {
	opt.adverts = max(opt.adverts/3, 2*manyVersions)
	fmt.Fprintf(out, "evidence: practice web of %d adverts; collecting without the ledger, with it, without it\n", opt.adverts)
	nothing := func(context.Context, *hall) error { return nil }
	before, err := visited(ctx, opt, out, log, nothing)
	if err != nil {
		return nil, err
	}
	var made []figure
	with, err := visited(ctx, opt, out, log, func(ctx context.Context, h *hall) (err error) {
		made, err = h.evidence(ctx)
		return err
	}, "record")
	if err != nil {
		return nil, err
	}
	after, err := visited(ctx, opt, out, log, nothing)
	if err != nil {
		return nil, err
	}
	// The machine's speed drifts: the visit before and the one after count half each.
	ratio := with.rate() / ((before.rate() + after.rate()) / 2)
	return append([]figure{
		{"collecting without the ledger, before", before.String(), "", ""},
		{"collecting with the ledger", with.String(), "", ""},
		{"collecting without the ledger, after", after.String(), "", ""},
		{"with / without", fmt.Sprintf("%.2f", ratio), "≥ 0.85", verdictOf(ratio >= 0.85)},
	}, made...), nil
}

// visited collects a new practice web once, with other stages beside it, and does more
// with the installation before it is taken down.
func visited(ctx context.Context, opt options, out io.Writer, log *slog.Logger, more func(context.Context, *hall) error, stages ...string) (c collected, err error) {
	dir := filepath.Join(opt.dir, "evidence")
	if err := os.RemoveAll(dir); err != nil {
		return c, err
	}
	h := &hall{opt: opt, data: dir, log: log, out: out}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.open(ctx); err != nil {
		return c, err
	}
	var beside []*exec.Cmd
	defer func() {
		for _, cmd := range beside {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait() // ended by our signal
		}
	}()
	for _, stage := range stages {
		cmd := h.command(ctx, "work", "--stages", stage, "--theme", string(practiceTheme), "--log-level", "warn")
		if err := cmd.Start(); err != nil {
			return c, err
		}
		beside = append(beside, cmd)
	}
	if c, _, _, _, err = h.collect(ctx); err != nil {
		return c, err
	}
	return c, more(ctx, h)
}

// command is one of the product on the hall's data.
func (h *hall) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append(args, "--data", h.data)
	if h.opt.pgBin != "" {
		args = append(args, "--pg-bin", h.opt.pgBin)
	}
	cmd := exec.CommandContext(ctx, h.opt.binary, args...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

// evidence reads what was collected, waits for its proofs, and makes and verifies packages.
func (h *hall) evidence(ctx context.Context) ([]figure, error) {
	conn, err := pgx.Connect(ctx, h.pg.Admin(access.DatabaseName(practiceTheme)))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	analyse := h.command(ctx, "work", "--stages", "analyse", "--theme", string(practiceTheme), "--log-level", "warn")
	if err := analyse.Start(); err != nil {
		return nil, err
	}
	begun := time.Now()
	err = await(ctx, conn, `SELECT coalesce((SELECT min(seq) FROM cursor) >= (SELECT max(seq) FROM capture), false)
		AND (SELECT count(*) FROM assessment) >= (SELECT count(*) FROM version)`)
	_ = analyse.Process.Signal(syscall.SIGTERM)
	_ = analyse.Wait() // ended by our signal
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(h.out, "evidence: read and assessed in %.0f s\n", time.Since(begun).Seconds())
	err = await(ctx, conn, `SELECT bool_and(o.idx IS NOT NULL AND o.idx < (
		SELECT max(c.size) FROM checkpoint c JOIN token t ON t.checkpoint = c.id WHERE c.year = o.year)) FROM outbox o WHERE kind = 'capture'`)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT id FROM version WHERE n = 1 ORDER BY md5(id::text) LIMIT $1`, manyVersions)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	if len(ids) < manyVersions {
		return nil, fmt.Errorf("%d versions were collected, and %d are needed: give more --adverts", len(ids), manyVersions)
	}
	return h.packages(ctx, ids)
}

// await waits until a condition in the database holds.
func await(ctx context.Context, conn *pgx.Conn, condition string) error {
	for {
		var is *bool
		if err := conn.QueryRow(ctx, condition).Scan(&is); err != nil || is != nil && *is {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// packages makes packages of one version each, and one of all, and verifies that.
func (h *hall) packages(ctx context.Context, ids []int64) ([]figure, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(id, 10)
	}
	file := filepath.Join(h.data, "package.zip")
	timed := func(args ...string) (time.Duration, error) {
		begun := time.Now()
		cmd := h.command(ctx, args...)
		cmd.Stderr = nil
		b, err := cmd.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%s: %w: %s", args[0], err, b)
		}
		return time.Since(begun), nil
	}
	pack := func(versions string) (time.Duration, error) {
		if err := os.RemoveAll(file); err != nil {
			return 0, err
		}
		return timed("export", "package", "--theme", string(practiceTheme), "--version", versions, "--ground", "theme", "--purpose", "to measure", "--out", file)
	}
	var one, check times
	for _, id := range names[:packages] {
		took, err := pack(id)
		if err != nil {
			return nil, err
		}
		one = append(one, took)
		if took, err = timed("verify", file); err != nil {
			return nil, err
		}
		check = append(check, took)
	}
	slices.Sort(one)
	slices.Sort(check)
	all, err := pack(strings.Join(names, ","))
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	verified, err := timed("verify", file)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"proof and package of one version", one.String(), "p95 < 2 s", verdictOf(one.p95() < 2*time.Second)},
		{"verify of it", check.String(), "", ""},
		{fmt.Sprintf("package of %d versions, %d MB", len(ids), info.Size()>>20), fmt.Sprintf("%.1f s", all.Seconds()), "< 60 s", verdictOf(all < time.Minute)},
		{"verify of it", fmt.Sprintf("%.1f s", verified.Seconds()), "< 20 s", verdictOf(verified < 20*time.Second)},
	}, nil
}

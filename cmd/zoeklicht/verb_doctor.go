package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/store"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const doctorUsage = `[--all] [--json]

Examines PostgreSQL, databases, roles, keys, segments, disk, clock, sandbox, the stages, the ledger, and the sources'
reviews. It changes nothing, and starts PostgreSQL if it does not run. Every log is read through; of the segments the
newest, and all with --all. The organisation's key makes a trial signature.
Exit 1 if a check fails.`

// deepSegments is how many of the newest segments are read through without --all.
const deepSegments = 4

// runDoctor is the verb doctor.
func runDoctor(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	all := c.flags.Bool("all", false, "read all segments through, however long it takes")
	if err := c.begin(0, 0); err != nil {
		return err
	}
	data, err := filepath.Abs(c.cfg.Data)
	if err != nil {
		return err
	}
	c.cfg.Data = data
	if _, err := os.Stat(filepath.Join(data, "keys")); errors.Is(err, fs.ErrNotExist) {
		return zoeklicht.Errorf(zoeklicht.NotFound, "there is no installation in %s", data).
			With("nothing was examined", "run `zoeklicht init` first, or `zoeklicht practice` to try it out")
	}
	d := &doctor{c: c, deep: deepSegments}
	if *all {
		d.deep = -1
	}
	d.examine(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return cli.PrintFindings(d.found, c.out(*asJSON, nil))
}

// doctor examines an installation. What cannot be looked at is a finding as well, and
// the rest is looked at all the same.
type doctor struct {
	c      *call
	deep   int
	found  []cli.Finding
	pg     *postgres.Server
	creds  *access.Credentials
	perDay float64 // growth of all themes
}

func (d *doctor) add(f ...cli.Finding) { d.found = append(d.found, f...) }

func (d *doctor) examine(ctx context.Context) {
	cfg := d.c.cfg
	d.add(cli.CheckFolder("data folder", cfg.Data), cli.CheckFolder("keys folder", filepath.Join(cfg.Data, "keys")))
	d.databases(ctx)
	free, total, err := blob.Free(cfg.Data)
	if err != nil {
		d.add(cli.Failed("disk", err, "see that the data folder is mounted"))
	} else {
		d.add(cli.CheckDisk(free, total, d.perDay, cfg.Collect.WithDefaults().MinFree, time.Now()))
	}
	signs, err := (&platform{cfg: cfg, log: d.c.log}).signs()
	d.add(cli.CheckSigning(signs, err, time.Now()))
	version, err := llsyscall.LandlockGetABIVersion()
	if err != nil {
		version = 0
	}
	d.add(cli.CheckSandbox(version, namespaces(ctx))...)
}

// namespaces says why this user cannot start a process in a network namespace of its
// own, nil if they can.
func namespaces(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "stage") // it says that it was started wrongly, and that is enough
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
	}
	var ran *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &ran) {
		return err
	}
	return nil
}

// databases examines the server and every database of ours on it.
func (d *doctor) databases(ctx context.Context) {
	cfg := d.c.cfg
	var err error
	d.pg, err = postgres.Start(ctx, postgres.Config{DSN: cfg.Database, Bin: cfg.PgBin, Dir: filepath.Join(cfg.Data, "postgres")}, d.c.log)
	if err != nil {
		d.add(cli.Failed("postgresql", err, "see postgres/log in the data folder"))
		return
	}
	defer func() {
		if err := d.pg.Close(); err != nil {
			d.c.log.Error("leaving PostgreSQL", "err", err)
		}
	}()
	d.add(cli.FromServer(d.pg.Check(ctx))...)
	if d.creds, err = access.OpenCredentials(filepath.Join(cfg.Data, "keys", "db")); err != nil {
		d.add(cli.Failed("credentials", err, "see the keys folder"))
		return
	}
	if !d.schema(ctx, access.CommonDatabase, access.Migrations()) {
		return
	}
	states, err := d.themes(ctx)
	if err != nil {
		d.add(cli.Failed("people and grants", err, "start serve once: it gives the role its password again"))
		return
	}
	packs, err := loadPacks()
	if err != nil {
		d.add(cli.Failed("theme packs", err, "use a program that was not tampered with"))
		return
	}
	for _, s := range states {
		d.theme(ctx, s, packs[s.Name])
	}
}

// schema examines how new a database is, and reports whether the rest of it can be.
func (d *doctor) schema(ctx context.Context, database string, migrations fs.FS) bool {
	conn, err := pgx.Connect(ctx, d.pg.Admin(database))
	if err != nil {
		d.add(cli.Failed("schema", fmt.Errorf("%s: %w", database, err), "restore a backup if the database is lost"))
		return false
	}
	defer conn.Close(ctx) // nothing is lost with it
	have, err := schemaOf(ctx, conn)
	if err != nil {
		d.add(cli.Failed("schema", fmt.Errorf("%s: %w", database, err), "restore a backup if the database is damaged"))
		return false
	}
	want := newest(migrations)
	d.add(cli.CheckSchema(database, have, want))
	return have == want
}

// newest gives how many migrations there are.
func newest(migrations fs.FS) int32 {
	files, err := fs.Glob(migrations, "[0-9]*.sql")
	if err != nil {
		return 0
	}
	return int32(len(files))
}

// themes reads what the installation has, in the role that serves people.
func (d *doctor) themes(ctx context.Context) ([]access.ThemeState, error) {
	password, err := d.creds.Load(access.CommonRole)
	if err != nil {
		return nil, err
	}
	door, err := access.Open(ctx, access.Config{DSN: d.pg.DSN(access.CommonDatabase, access.CommonRole, password), Clock: time.Now}, d.c.log)
	if err != nil {
		return nil, err
	}
	defer door.Close()
	return door.Themes(ctx)
}

// theme examines one theme.
func (d *doctor) theme(ctx context.Context, s access.ThemeState, t *zoeklicht.Theme) {
	add := func(f cli.Finding) { d.add(f.In(s.Name)) }
	if t == nil {
		add(cli.Finding{Check: "theme pack", Grade: cli.Warn, Is: "this program does not carry it", Do: "use the program that has it"})
		return
	}
	if s.Since.IsZero() {
		add(cli.Finding{Check: "theme", Grade: cli.OK, Is: "never activated"})
		return
	}
	if !d.schema(ctx, access.DatabaseName(s.Name), store.Migrations()) {
		return
	}
	conn, err := pgx.Connect(ctx, d.pg.Admin(access.DatabaseName(s.Name)))
	if err != nil {
		add(cli.Failed("database", err, "see that PostgreSQL runs"))
		return
	}
	defer conn.Close(ctx) // nothing is lost with it
	h, err := store.Examine(ctx, conn, s.Name)
	if err != nil {
		add(cli.Failed("database", err, "see that PostgreSQL runs, and what it logs"))
		return
	}
	d.perDay += cli.Growth(h)
	add(cli.CheckRights(h))
	add(d.signIn(ctx, s.Name))
	d.bytes(ctx, s.Name, h)
	if open, err := store.OpenErasures(ctx, conn); err != nil {
		add(cli.Failed("erasures", err, "see what PostgreSQL logs"))
	} else {
		add(cli.CheckErasures(open))
	}
	add(cli.CheckClock(time.Now(), h, synchronised()))
	d.work(ctx, s.Name)
}

// signIn tries the credential of every phase.
func (d *doctor) signIn(ctx context.Context, name zoeklicht.ThemeName) cli.Finding {
	for _, phase := range zoeklicht.Phases {
		role := access.RoleName(name, phase)
		password, err := d.creds.Load(role)
		if err == nil {
			var conn *pgx.Conn
			if conn, err = pgx.Connect(ctx, d.pg.DSN(access.DatabaseName(name), role, password)); err == nil {
				err = conn.Close(ctx)
			}
		}
		if err != nil {
			var connect *pgconn.ConnectError
			if errors.As(err, &connect) {
				err = errors.New("the server does not let it in")
			}
			return cli.Failed("credentials", fmt.Errorf("role %s: %w", role, err), "start serve once: it gives the role its password again")
		}
	}
	return cli.Finding{Check: "credentials", Grade: cli.OK, Is: "every phase signs in with its own"}
}

// bytes examines keys and segments.
func (d *doctor) bytes(ctx context.Context, name zoeklicht.ThemeName, h *store.Health) {
	dir := filepath.Join(d.c.cfg.Data, "keys")
	ring, err := keys.Load(dir, name)
	if err != nil {
		ring = nil
	}
	vault := blob.In(d.c.cfg.Data, name, blob.Vault)
	read := func(s store.Sample) error {
		reader, err := vault.Reader(ring)
		if err == nil {
			_, err = reader.Read(ctx, s.Place, s.Capture, s.Name)
		}
		return err
	}
	d.add(cli.CheckKeys(dir, name, ring, h.Samples, read).In(name))
	for _, part := range []struct {
		folder    blob.Folder
		committed map[int64]int64
	}{{vault, h.Vault}, {blob.In(d.c.cfg.Data, name, blob.Working), h.Working}} {
		f, err := cli.CheckSegments(ctx, part.folder, part.committed, d.deep)
		if err != nil {
			f = cli.Failed(string(part.folder.Kind), err, "see that the disk works")
		}
		d.add(f.In(name))
	}
}

// work examines the stages and the sources, in the role that analyses.
func (d *doctor) work(ctx context.Context, name zoeklicht.ThemeName) {
	stores := store.New(time.Now, 1)
	defer stores.Close()
	err := func() error {
		role := access.RoleName(name, zoeklicht.Analysis)
		password, err := d.creds.Load(role)
		if err != nil {
			return err
		}
		pass, err := access.Service(access.Credential{Theme: name, Phase: zoeklicht.Analysis, Name: "doctor", DSN: d.pg.DSN(access.DatabaseName(name), role, password)})
		if err != nil {
			return err
		}
		st, err := stores.Open(ctx, pass)
		if err != nil {
			return err
		}
		lag, err := st.Lag(ctx, crawl.AnalyseStage)
		if err != nil {
			return err
		}
		d.add(cli.CheckLag(crawl.AnalyseStage, lag).In(name))
		left, err := st.Unassessed(ctx)
		if err != nil {
			return err
		}
		d.add(cli.CheckAssessed(left).In(name))
		now, _, err := st.Now(ctx)
		if err != nil {
			return err
		}
		sources, err := st.Sources(ctx)
		if err != nil {
			return err
		}
		d.add(cli.CheckReviews(sources, now).In(name))
		return d.ledger(ctx, name, st)
	}()
	if err != nil {
		d.add(cli.Failed("stages", err, "see what the findings above say").In(name))
	}
}

// ledger examines how recording goes, and every log from its first leaf to its last.
func (d *doctor) ledger(ctx context.Context, name zoeklicht.ThemeName, st *store.Store) error {
	h, err := st.LedgerHealth(ctx)
	if err != nil {
		return err
	}
	for _, f := range cli.CheckLedger(h) {
		d.add(f.In(name))
	}
	years, err := st.LogYears(ctx)
	if err != nil {
		return err
	}
	for _, year := range years {
		kept, err := st.NewestCheckpoint(ctx, year)
		if err != nil {
			return err
		}
		placed := func(fn func(int64, []byte) error) error { return st.EachPlaced(ctx, year, fn) }
		log := &cli.LogCheck{Year: year, Reader: ledger.NewReader(logFolder(d.c.cfg.Data, name, year)), Placed: placed}
		if kept != nil {
			log.Kept = &kept.Checkpoint
		}
		d.add(log.Check(ctx).In(name))
	}
	return nil
}

// unsynchronised is STA_UNSYNC of linux/timex.h.
const unsynchronised = 0x40

// synchronised reports whether the kernel says that a time service keeps the clock.
func synchronised() bool {
	var t unix.Timex
	_, err := unix.Adjtimex(&t)
	return err == nil && t.Status&unsynchronised == 0
}

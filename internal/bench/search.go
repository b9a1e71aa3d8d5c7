package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/bulk"

	"github.com/jackc/pgx/v5"
)

// pageSize is how many rows of an answer are read, as the dashboard does.
const pageSize = 50

// searchBench measures answers over a corpus.
type searchBench struct {
	opt    options
	out    io.Writer
	in     *installation
	filled *bulk.Filled
	words  *lexicon
	desks  []*store.Store // one for each client
	engine *search.Engine

	mu    sync.Mutex
	asked map[string]bool // questions that were asked, to ask none twice
	count int
}

// runSearch fills a compartment if need be, and asks.
func runSearch(ctx context.Context, opt options, out io.Writer, log *slog.Logger) (figures []figure, err error) {
	dir := filepath.Join(opt.dir, "search")
	in, err := install(ctx, dir, opt.pgBin, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	b := &searchBench{opt: opt, out: out, in: in, asked: map[string]bool{}, engine: search.New(search.Config{Place: in.theme.Locale, Regions: in.theme.Regions})}
	corpus, err := practice.NewCorpus(opt.seed, opt.versions)
	if err != nil {
		return nil, err
	}
	if err := b.fill(ctx, corpus); err != nil {
		return nil, err
	}
	b.words = newLexicon(corpus, rand.New(rand.NewPCG(opt.seed, 1)))
	for k := range max(1, opt.clients) {
		desk, err := in.as(ctx, []string{"analist", "specialist"}[k%2])
		if err != nil {
			return nil, err
		}
		b.desks = append(b.desks, desk)
	}
	if err := b.answers(ctx); err != nil {
		return nil, err
	}
	before, err := b.rows(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.remember(ctx); err != nil {
		return nil, err
	}
	cold, err := b.warm(ctx)
	if err != nil {
		return nil, err
	}
	figures = append(figures, figure{name: "questions of all kinds, caches cold", measured: cold.String()})
	for _, k := range kinds {
		if !opt.matches(k.name) {
			continue
		}
		f, err := b.measure(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		figures = append(figures, f...)
	}
	after, err := b.rows(ctx)
	if err != nil {
		return nil, err
	}
	if after[0]-before[0] != b.count || after[1]-before[1] != b.count {
		return nil, fmt.Errorf("%d questions were asked; %d results were kept and %d audit rows written", b.count, after[0]-before[0], after[1]-before[1])
	}
	fmt.Fprintf(out, "  every one of the %d questions was fresh: as many results were kept, and as many audit rows written\n", b.count)
	desk, err := b.desk(ctx, corpus)
	if err != nil {
		return nil, err
	}
	sizes, err := b.sizes(ctx)
	return append(append(figures, desk...), sizes...), err
}

// fill loads the corpus, or finds that an earlier bench did.
func (b *searchBench) fill(ctx context.Context, corpus *practice.Corpus) error {
	note := filepath.Join(b.in.dir, fmt.Sprintf("filled-%d-%d.json", b.opt.seed, corpus.Len()))
	if have, err := os.ReadFile(note); err == nil {
		b.filled = &bulk.Filled{}
		return json.Unmarshal(have, b.filled)
	}
	begun := time.Now()
	var err error
	b.filled, err = bulk.Fill(ctx, b.in.pg.Admin(access.DatabaseName(practiceTheme)), corpus, bulk.Config{
		Told: func(step string, took time.Duration) {
			fmt.Fprintf(b.out, "  %-45s %6.1f s\n", step, took.Seconds())
		},
	})
	if err != nil {
		return err
	}
	st, err := b.in.service(ctx, zoeklicht.Analysis)
	if err != nil {
		return err
	}
	rebuild := time.Now()
	if err := st.Rebuild(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "  %-45s %6.1f s\n", "projections", time.Since(rebuild).Seconds())
	err = b.in.owner(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `VACUUM (ANALYZE) current_advert, daily, lead`)
		if err == nil {
			_, err = conn.Exec(ctx, `CHECKPOINT`)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "  filled with %d versions of %d adverts, %d sightings, in %.0f s\n", b.filled.Versions, b.filled.Adverts, b.filled.Sightings, time.Since(begun).Seconds())
	have, err := json.Marshal(b.filled)
	if err != nil {
		return err
	}
	return os.WriteFile(note, have, 0o600)
}

// measure asks questions of a kind with one client and with several, as of now and
// as of a past moment.
func (b *searchBench) measure(ctx context.Context, k kind) (out []figure, err error) {
	var now times
	for _, past := range []bool{false, true} {
		for _, clients := range []int{1, b.opt.clients} {
			before, count, err := b.used()
			if err != nil {
				return nil, err
			}
			t, err := b.ask(ctx, k, past, clients)
			if err != nil {
				return nil, err
			}
			after, asked, err := b.used()
			if err != nil {
				return nil, err
			}
			f := figure{name: fmt.Sprintf("%s, %d client(s)", k.name, clients), measured: fmt.Sprintf("%s, processor %.0f + %.0f ms each", t,
				ms(after[0]-before[0])/float64(asked-count), ms(after[1]-before[1])/float64(asked-count))}
			switch {
			case past && clients == 1:
				f.bar, f.verdict = fmt.Sprintf("1.5 × %.0f ms", ms(now.p95())), verdictOf(float64(t.p95()) <= 1.5*float64(now.p95()))
			case !past && k.bar > 0:
				f.bar, f.verdict = fmt.Sprintf("p95 < %.0f ms", ms(k.bar)), verdictOf(t.p95() < k.bar)
			}
			if past {
				f.name += ", as of the past"
			} else if clients == 1 {
				now = t
			}
			fmt.Fprintf(b.out, "  %-72s %s\n", f.name, f.measured)
			out = append(out, f)
		}
	}
	return out, nil
}

// used gives the processor time that the server and this process took so far, and how
// many questions were asked.
func (b *searchBench) used() (t [2]time.Duration, asked int, err error) {
	pid, err := postmaster(b.in.dir)
	if err != nil {
		return t, 0, err
	}
	if t[0], err = processorTime(pid); err == nil {
		t[1], err = processorTime(os.Getpid())
	}
	return t, b.count, err
}

// warm asks questions of every kind for a while, with all clients: the server reads
// from the disk what it will have in memory from then on.
func (b *searchBench) warm(ctx context.Context) (times, error) {
	any := kind{make: func(g *asker) zoeklicht.Question { return kinds[g.IntN(len(kinds))].make(g) }}
	opt := b.opt
	b.opt.questions = 100 * opt.questions // as many as the time allows
	t, err := b.ask(ctx, any, false, opt.clients)
	b.opt = opt
	return t, err
}

// ask asks questions of one kind, and gives what each of them took.
func (b *searchBench) ask(ctx context.Context, k kind, past bool, clients int) (times, error) {
	return b.time(clients, func(c int) func() (time.Duration, error) {
		g := &asker{Rand: rand.New(rand.NewPCG(b.opt.seed, uint64(c)<<32|uint64(clients))), words: b.words, filled: b.filled}
		return func() (time.Duration, error) { return b.one(ctx, b.desks[c], g, k, past) }
	})
}

// time has each client do again and again what client gives it, for a while, and gives
// what each time took.
func (b *searchBench) time(clients int, client func(int) func() (time.Duration, error)) (times, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all times
	var failed error
	deadline := time.Now().Add(b.opt.patience)
	for c := range clients {
		do := client(c)
		wg.Go(func() {
			for i := range warmup + b.opt.questions/clients {
				if i > warmup+minimum && time.Now().After(deadline) {
					return
				}
				took, err := do()
				mu.Lock()
				if i >= warmup {
					all = append(all, took)
				}
				failed = errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all, failed
}

// warmup is how many questions of each client are not counted: they open its
// connection. minimum is how many are counted however long they take.
const (
	warmup  = 3
	minimum = 10
)

// one asks a question that was not asked before.
func (b *searchBench) one(ctx context.Context, desk *store.Store, g *asker, k kind, past bool) (time.Duration, error) {
	var asOf time.Time
	if past {
		asOf = g.past()
	}
	q, err := b.fresh(g, k, past)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	res, err := b.engine.Ask(ctx, desk, q, asOf, 0, pageSize)
	took := time.Since(begun)
	if err == nil && past && !res.AsOf.Equal(asOf) {
		err = fmt.Errorf("asked as of %s, answered as of %s", asOf, res.AsOf)
	}
	return took, err
}

func (b *searchBench) fresh(g *asker, k kind, past bool) (zoeklicht.Question, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range 1000 {
		q := k.make(g)
		if id := keyOf(q, past); !b.asked[id] {
			b.asked[id] = true
			b.count++
			return q, nil
		}
	}
	return zoeklicht.Question{}, fmt.Errorf("no question of this kind is left that was not asked yet")
}

// remember takes in what was asked by an earlier bench in the same folder.
func (b *searchBench) remember(ctx context.Context) error {
	return b.in.owner(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `SELECT question, seq < (SELECT max(seq) FROM moment) FROM result`)
		if err != nil {
			return err
		}
		var q zoeklicht.Question
		var past bool
		_, err = pgx.ForEachRow(rows, []any{&q, &past}, func() error {
			b.asked[keyOf(q, past)] = true
			q = zoeklicht.Question{}
			return nil
		})
		return err
	})
}

func keyOf(q zoeklicht.Question, past bool) string { return fmt.Sprintf("%v %+v", past, q) }

// rows counts kept results and audited searches.
func (b *searchBench) rows(ctx context.Context) (n [2]int, err error) {
	err = b.in.owner(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM result), (SELECT count(*) FROM audit WHERE act = 'search')`).Scan(&n[0], &n[1])
	})
	return n, err
}

// sizes tells what the tables and indexes take.
func (b *searchBench) sizes(ctx context.Context) (out []figure, err error) {
	err = b.in.owner(ctx, access.DatabaseName(practiceTheme), func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
			WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND pg_total_relation_size(c.oid) > 50 << 20
			ORDER BY pg_total_relation_size(c.oid) DESC`)
		if err != nil {
			return err
		}
		var name string
		var table, indexes int64
		_, err = pgx.ForEachRow(rows, []any{&name, &table, &indexes}, func() error {
			out = append(out, figure{name: "table " + name, measured: fmt.Sprintf("%d MB, its indexes %d MB", table>>20, indexes>>20)})
			return nil
		})
		return err
	})
	return out, err
}

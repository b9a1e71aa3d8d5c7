package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"zoeklicht/internal/access"
	"zoeklicht/internal/postgres"
	"zoeklicht/internal/practice"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// collected is what one way of collecting came to.
type collected struct {
	captures int // pages and pictures
	bytes    int64
	seconds  float64
}

func (c collected) rate() float64 { return float64(c.captures) / c.seconds }

func (c collected) String() string {
	return fmt.Sprintf("%.0f captures/s, %.1f MB/s (%d in %.1f s)", c.rate(), float64(c.bytes)/1e6/c.seconds, c.captures, c.seconds)
}

// runCollect measures the collecting process on a practice web of so many adverts,
// beside a plain loop that does the least that keeping the same bytes needs, and the
// rate at which the practice web can be read at all. The web is a process of its own,
// pinned to one processor; so is the collecting process, which is the product's own.
func runCollect(ctx context.Context, opt options, out io.Writer, log *slog.Logger) (_ []figure, err error) {
	dir := filepath.Join(opt.dir, "collect")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	h := &hall{opt: opt, data: dir, log: log, out: out}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "collect: practice web of %d adverts on processor 0\n", opt.adverts)
	urls, err := h.urls(ctx)
	if err != nil {
		return nil, err
	}
	ceiling, err := plainLoop(ctx, urls, "")
	if err != nil {
		return nil, err
	}
	plain, err := plainLoop(ctx, urls, filepath.Join(opt.dir, "plain.bin"))
	if err != nil {
		return nil, err
	}
	ours, peak, stored, adverts, err := h.collect(ctx)
	if err != nil {
		return nil, err
	}
	again, err := plainLoop(ctx, urls, filepath.Join(opt.dir, "plain.bin"))
	if err != nil {
		return nil, err
	}
	// The machine's speed drifts: the loop before and the one after count half each.
	ratio := ours.rate() / ((plain.rate() + again.rate()) / 2)
	return []figure{
		{"practice web read without keeping", ceiling.String(), "", ""},
		{"plain loop, before", plain.String(), "", ""},
		{"zoeklicht collecting", ours.String(), "", ""},
		{"plain loop, after", again.String(), "", ""},
		{"zoeklicht / plain loop", fmt.Sprintf("%.2f", ratio), "≥ 0.5", verdictOf(ratio >= 0.5)},
		{"collecting process, peak resident", fmt.Sprintf("%d MB over %d captures", peak>>20, ours.captures), "< 300 MB", verdictOf(peak < 300<<20)},
		{"vault bytes per advert", fmt.Sprint(stored / int64(max(adverts, 1))), "", ""},
	}, nil
}

// hall is a practice installation without its stages, and its practice web.
type hall struct {
	opt  options
	data string
	log  *slog.Logger
	out  io.Writer
	cmd  *exec.Cmd
	pg   *postgres.Server
	web  practice.Addresses
}

// open starts `practice --workers 0` and waits until its sources are approved.
func (h *hall) open(ctx context.Context) error {
	args := []string{"practice", "--workers", "0", "--days", "0", "--adverts", fmt.Sprint(h.opt.adverts), "--seed", fmt.Sprint(h.opt.seed), "--data", h.data, "--addr", "127.0.0.1:18290"}
	if h.opt.pgBin != "" {
		args = append(args, "--pg-bin", h.opt.pgBin)
	}
	h.cmd = exec.CommandContext(ctx, h.opt.binary, args...)
	h.cmd.Stderr = os.Stderr
	h.cmd.Cancel = func() error { return h.cmd.Process.Signal(syscall.SIGTERM) }
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	greeted := make([]byte, 64<<10)
	for seen := ""; !strings.Contains(seen, "Ctrl-C stops"); {
		n, err := stdout.Read(greeted)
		if err != nil {
			return fmt.Errorf("practice did not start: %w", err)
		}
		seen += string(greeted[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	b, err := os.ReadFile(filepath.Join(h.data, "practice.json"))
	if err != nil {
		return err
	}
	var state struct {
		Addresses practice.Addresses `json:"addresses"`
	}
	if err := json.Unmarshal(b, &state); err != nil {
		return err
	}
	h.web = state.Addresses
	for _, pid := range childrenOf(h.cmd.Process.Pid) {
		if strings.Contains(commandOf(pid), "practice-web") {
			if err := pin(pid, 0); err != nil {
				return fmt.Errorf("pin the practice web to one processor: %w", err)
			}
		}
	}
	if h.pg, err = postgres.Start(ctx, postgres.Config{Dir: filepath.Join(h.data, "postgres"), Bin: h.opt.pgBin}, h.log); err != nil {
		return err
	}
	// Kiosk's pictures stall for 300 ms on purpose, one in thirty: no speed of ours
	// mends that, and the plain loop would leave them out.
	args = []string{"source", "suspend", slowSite, "--theme", string(practiceTheme), "--reason", "it stalls on purpose", "--data", h.data}
	if h.opt.pgBin != "" {
		args = append(args, "--pg-bin", h.opt.pgBin)
	}
	suspend := exec.CommandContext(ctx, h.opt.binary, args...)
	if b, err := suspend.CombinedOutput(); err != nil {
		return fmt.Errorf("suspend %s: %w: %s", slowSite, err, b)
	}
	return nil
}

// slowSite is the practice site that is left out.
const slowSite = "kiosk"

func (h *hall) close() error {
	var errs []error
	if h.pg != nil {
		errs = append(errs, h.pg.Close())
	}
	if h.cmd != nil && h.cmd.Process != nil {
		_ = h.cmd.Process.Signal(syscall.SIGTERM)
		_ = h.cmd.Wait()
	}
	return errors.Join(errs...)
}

// urls gives what there is to fetch, by host, from the truth port.
func (h *hall) urls(ctx context.Context) (map[string][]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(h.web.Truth, "/")+"/.truth/adverts", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read only
	out := map[string][]string{}
	dec := json.NewDecoder(resp.Body)
	for dec.More() {
		var a practice.TrueAdvert
		if err := dec.Decode(&a); err != nil {
			return nil, err
		}
		list := []string{a.URL}
		for _, v := range a.Versions {
			for _, p := range v.Pictures {
				// Those that fail or lie outside the approval are left out: the loop does
				// the easy part only.
				if p.Trouble == "" && !strings.HasPrefix(p.URL, h.web.Pictures) {
					list = append(list, p.URL)
				}
			}
		}
		if a.Site != slowSite {
			out[a.Site] = append(out[a.Site], list...)
		}
	}
	return out, nil
}

// plainLoop fetches everything, one connection to each site, as collecting does. With
// a file it gzips text at level 1, encrypts, appends, and syncs after every 64.
func plainLoop(ctx context.Context, urls map[string][]string, file string) (c collected, err error) {
	var keep func(contentType string, body []byte) error
	if file != "" {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return c, err
		}
		defer func() { err = errors.Join(err, f.Close(), os.Remove(file)) }()
		keep = keeper(f)
	}
	begun := time.Now()
	var wg sync.WaitGroup
	var n, size atomic.Int64
	failed := make(chan error, len(urls))
	for _, list := range urls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1, DisableCompression: true}}
			defer client.CloseIdleConnections()
			for _, u := range list {
				b, err := fetch(ctx, client, u, keep)
				if err != nil {
					failed <- err
					return
				}
				n.Add(1)
				size.Add(int64(b))
			}
		}()
	}
	wg.Wait()
	close(failed)
	return collected{int(n.Load()), size.Load(), time.Since(begun).Seconds()}, <-failed
}

func fetch(ctx context.Context, client *http.Client, u string, keep func(string, []byte) error) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() // read whole below
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if keep != nil {
		err = keep(resp.Header.Get("Content-Type"), body)
	}
	return len(body), err
}

// keeper keeps bodies in a file: the least that durable, encrypted keeping needs.
func keeper(f *os.File) func(string, []byte) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: see crypto/rand
	block, err := aes.NewCipher(key)
	if err != nil {
		return func(string, []byte) error { return err }
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return func(string, []byte) error { return err }
	}
	var mu sync.Mutex
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestSpeed) // the level is a valid one
	n := 0
	return func(contentType string, body []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(contentType, "text/") || strings.Contains(contentType, "json") {
			z.Reset()
			w.Reset(&z)
			if _, err := w.Write(body); err != nil {
				return err
			}
			if err := w.Close(); err != nil {
				return err
			}
			body = z.Bytes()
		}
		if _, err := f.Write(aead.Seal(nil, nil, body, nil)); err != nil {
			return err
		}
		if n++; n%64 == 0 {
			return f.Sync()
		}
		return nil
	}
}

// collect lets the product's own collecting process visit every source once, and
// reads from the database what it did.
func (h *hall) collect(ctx context.Context) (c collected, peak, stored int64, adverts int, err error) {
	args := []string{"work", "--stages", "collect", "--theme", string(practiceTheme), "--data", h.data, "--log-level", "warn"}
	if h.opt.pgBin != "" {
		args = append(args, "--pg-bin", h.opt.pgBin)
	}
	work := exec.CommandContext(ctx, h.opt.binary, args...)
	work.Stderr = os.Stderr
	work.Cancel = func() error { return work.Process.Signal(syscall.SIGTERM) }
	if err := work.Start(); err != nil {
		return c, 0, 0, 0, err
	}
	gone := make(chan error, 1)
	go func() { gone <- work.Wait() }()
	defer func() {
		_ = work.Process.Signal(syscall.SIGTERM)
		if err := <-gone; err != nil {
			h.log.Debug("collecting was ended", "err", err)
		}
	}()
	conn, err := pgx.Connect(ctx, h.pg.Admin(access.DatabaseName(practiceTheme)))
	if err != nil {
		return c, 0, 0, 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // nothing is lost with it
	for {
		for _, pid := range childrenOf(work.Process.Pid) {
			peak = max(peak, peakOf(pid))
		}
		var ended, sources int
		if err := conn.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM run_end), count(*) FILTER (WHERE kind = 'approve')
			FROM (SELECT DISTINCT ON (source) kind FROM decision WHERE kind <> 'recipe' ORDER BY source, id DESC) d`).Scan(&ended, &sources); err != nil {
			return c, 0, 0, 0, err
		}
		if ended >= sources && sources > 0 {
			break
		}
		select {
		case <-ctx.Done():
			return c, 0, 0, 0, ctx.Err()
		case err := <-gone:
			gone <- nil
			return c, 0, 0, 0, fmt.Errorf("collecting ended by itself: %w", err)
		case <-time.After(200 * time.Millisecond):
		}
	}
	var pages, pictures int
	err = conn.QueryRow(ctx, `
		SELECT count(*), sum(had - missing), sum(bytes), count(*) FILTER (WHERE kind = 'advert'),
		       (SELECT sum(len) FROM item),
		       extract(epoch FROM (SELECT max(wall) FROM moment WHERE seq IN (SELECT seq FROM run_end)) - (SELECT min(wall) FROM moment WHERE seq IN (SELECT seq FROM run)))
		FROM capture`).Scan(&pages, &pictures, &c.bytes, &adverts, &stored, &c.seconds)
	if err != nil {
		return c, 0, 0, 0, err
	}
	c.captures = pages + pictures
	return c, peak, stored, adverts, h.perSource(ctx, conn)
}

// perSource prints each source's own rate.
func (h *hall) perSource(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `
		SELECT r.source, count(*) + sum(c.had - c.missing), sum(c.missing), sum(c.bytes),
		       extract(epoch FROM me.wall - mr.wall)
		FROM run r JOIN run_end e ON e.run = r.id JOIN capture c ON c.run = r.id
		JOIN moment mr ON mr.seq = r.seq JOIN moment me ON me.seq = e.seq
		GROUP BY r.id, r.source, me.wall, mr.wall ORDER BY r.source`)
	if err != nil {
		return err
	}
	var source string
	var missing int
	var c collected
	_, err = pgx.ForEachRow(rows, []any{&source, &c.captures, &missing, &c.bytes, &c.seconds}, func() error {
		fmt.Fprintf(h.out, "collect: %-10s %s; %d pictures could not be had\n", source, c, missing)
		return nil
	})
	return err
}

// childrenOf gives the children of a process.
func childrenOf(pid int) (out []int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err == nil {
		b = nil
		for _, t := range tasks {
			if more, err := os.ReadFile(t); err == nil {
				b = append(b, more...)
			}
		}
	}
	for _, f := range strings.Fields(string(b)) {
		var n int
		if _, err := fmt.Sscan(f, &n); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func commandOf(pid int) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // a process that ended has none
	return string(bytes.ReplaceAll(b, []byte{0}, []byte(" ")))
}

// peakOf gives the most resident bytes of a process so far.
func peakOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kb int64
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return kb << 10
			}
		}
	}
	return 0
}

// pin lets a process run on one processor only, all its threads included.
func pin(pid, processor int) error {
	var set unix.CPUSet
	set.Set(processor)
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return err
	}
	for _, t := range tasks {
		var tid int
		if _, err := fmt.Sscan(t.Name(), &tid); err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil {
			return err
		}
	}
	return nil
}

package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"zoeklicht"
)

// State is how a log is doing.
type State struct {
	Size      int64 // leaves that are durable
	Published int64 // those of them that a published checkpoint covers
	Witnesses []WitnessState
}

// WitnessState is what came of asking a witness the last time.
type WitnessState struct {
	Name, URL string
	// Trouble says why it did not cosign, "" if it did or was not asked yet.
	Trouble string
	// Reason says the same for a screen to word, with Arg as LedgerWhy has it; "" if there
	// is no trouble. If it is a refusal, waiting does not help.
	Reason zoeklicht.LedgerReason
	Arg    string
}

// State tells how the log is doing: how much waits for publication, and on whom.
func (l *Log) State(ctx context.Context) (*State, error) {
	size, err := l.tree.IntegratedSize(ctx)
	if err != nil {
		return nil, fmt.Errorf("size of the log %s: %w", l.cfg.Origin, err)
	}
	s := &State{Size: int64(size), Witnesses: l.asked.states()}
	c, err := l.Published(ctx)
	if err != nil {
		return nil, err
	}
	if c != nil {
		s.Published = c.Size
	}
	return s, nil
}

// observer is an HTTP transport to witnesses that remembers what they answered.
// Tessera tells it to its log only.
type observer struct {
	base http.Client
	log  *slog.Logger

	keys  map[string]note.Verifier // by address
	order []string                 // addresses

	mu sync.Mutex
	by map[string]*WitnessState
}

func newObserver(client *http.Client, p *Policy, log *slog.Logger) *observer {
	if client == nil {
		client = http.DefaultClient
	}
	o := &observer{base: *client, log: log, keys: map[string]note.Verifier{}, by: map[string]*WitnessState{}}
	for _, m := range p.asked() {
		at := strings.TrimSuffix(m.url, "/") + "/add-checkpoint"
		if o.by[at] == nil {
			o.order = append(o.order, at)
		}
		o.keys[at], o.by[at] = m.key, &WitnessState{Name: m.name, URL: m.url}
	}
	return o
}

// client gives an HTTP client that goes through the observer.
func (o *observer) client() *http.Client {
	c := o.base
	c.Transport = o
	return &c
}

// RoundTrip makes the request, as http.RoundTripper wants it.
func (o *observer) RoundTrip(r *http.Request) (*http.Response, error) {
	next := o.base.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	came := func(reason zoeklicht.LedgerReason, arg, trouble string) {
		o.came(r.URL.String(), WitnessState{Trouble: trouble, Reason: reason, Arg: arg})
	}
	switch {
	case errors.Is(r.Context().Err(), context.Canceled): // enough others were faster, or we end
	case errors.Is(err, context.DeadlineExceeded):
		came(zoeklicht.ReasonTimeout, "", "it did not answer in time")
	case err != nil:
		came(zoeklicht.ReasonAway, "", err.Error())
	case resp.StatusCode == http.StatusOK && cosigned(resp, asked(r), o.keys[r.URL.String()]):
		came("", "", "")
	case resp.StatusCode == http.StatusOK:
		came(zoeklicht.ReasonOtherKey, "", "it does not cosign with the key that the policy names")
	case resp.StatusCode == http.StatusConflict:
		if theirs, ok := knows(resp); !ok {
			came(zoeklicht.ReasonFork, "", "it knows another log of the same size by this name")
		} else if c, err := ParseCheckpoint(asked(r)); err == nil && theirs > c.Size {
			came(zoeklicht.ReasonLarger, strconv.FormatInt(theirs, 10), fmt.Sprintf("it knows a larger log by this name, of %d leaves", theirs))
		} // else it was not where we thought, and Tessera asks again at once
	case resp.StatusCode == http.StatusNotFound:
		came(zoeklicht.ReasonUnknownLog, "", "it does not know a log by this name")
	case resp.StatusCode == http.StatusForbidden:
		came(zoeklicht.ReasonUnknownKey, "", "it does not know the log's key")
	case resp.StatusCode == http.StatusUnprocessableEntity:
		came(zoeklicht.ReasonPast, "", "the log does not continue the one that it knows by this name")
	default:
		came(zoeklicht.ReasonOdd, resp.Status, "it answered "+resp.Status)
	}
	return resp, err
}

// peek reads the beginning of an answer, and leaves all of it to be read.
func peek(resp *http.Response, most int64) []byte {
	b, err := io.ReadAll(io.LimitReader(resp.Body, most))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b), rest), resp.Body}
	return b
}

// failing is a reader that failed before.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// knows gives the size of which a witness cosigned a log, if the answer says it.
func knows(resp *http.Response) (int64, bool) {
	if resp.Header.Get("Content-Type") != "text/x.tlog.size" {
		return 0, false
	}
	n, err := decimal(strings.TrimSuffix(string(peek(resp, 64)), "\n"))
	return n, err == nil
}

// cosigned reports whether an answer is a cosignature of the checkpoint with the key.
func cosigned(resp *http.Response, checkpoint []byte, key note.Verifier) bool {
	if key == nil {
		return false
	}
	_, err := note.Open(slices.Concat(checkpoint, peek(resp, MaxNote)), note.VerifierList(key))
	return err == nil
}

// asked gives the checkpoint in a request to a witness.
func asked(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	_, checkpoint, _ := bytes.Cut(b, []byte("\n\n"))
	return checkpoint
}

// came keeps an answer, and logs it when it is another one than before.
func (o *observer) came(at string, is WitnessState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.by[at]
	if s == nil || s.Trouble == is.Trouble {
		return
	}
	s.Trouble, s.Reason, s.Arg = is.Trouble, is.Reason, is.Arg
	if s.Trouble == "" {
		o.log.Info("a witness cosigns again", "witness", s.Name)
		return
	}
	o.log.Warn("a witness did not cosign; publication waits for enough that do", "witness", s.Name, "url", s.URL, "why", s.Trouble)
}

func (o *observer) states() []WitnessState {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make([]WitnessState, len(o.order))
	for i, at := range o.order {
		out[i] = *o.by[at]
	}
	return out
}

// klogOnce guards the one logger that klog has for a whole process.
var klogOnce sync.Once

// quiet leads what Tessera prints through klog into our log, where most of it is for
// debugging. The first log that a process opens decides.
func quiet(log *slog.Logger) {
	klogOnce.Do(func() { klog.SetSlogLogger(slog.New(klogHandler{log.Handler()})) })
}

// klogHandler lowers klog's levels, among which warnings arrive as information.
type klogHandler struct{ slog.Handler }

// Handle passes a record on at the level that it deserves.
func (h klogHandler) Handle(ctx context.Context, r slog.Record) error {
	switch {
	case strings.Contains(r.Message, "witness policy was not satisfied"):
		r.Level = slog.LevelDebug // the observer says it once, in words
	case r.Level >= slog.LevelWarn || strings.HasPrefix(r.Message, "publishCheckpoint:"):
		r.Level = slog.LevelWarn
	default:
		r.Level = slog.LevelDebug
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the levels lowered.
func (h klogHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return klogHandler{h.Handler.WithAttrs(a)}
}

// WithGroup is as WithAttrs.
func (h klogHandler) WithGroup(name string) slog.Handler {
	return klogHandler{h.Handler.WithGroup(name)}
}

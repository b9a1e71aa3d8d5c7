package witness

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/ledger"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Config says where a witness keeps what it knows, and whom it watches.
type Config struct {
	// Dir is the folder of the state and the key, made where it is missing. It must
	// survive restarts: a witness that forgets is none.
	Dir string
	// Name is what the witness is called in cosignatures, for ever: a name by which
	// others can tell it. [the name of the key; this machine's name for a new one]
	Name string
	// Logs are the verifier keys of the logs; two of one name belong to one log, whose
	// key is being rotated.
	Logs []string
}

// Witness cosigns checkpoints. It is an http.Handler.
type Witness struct {
	key   *key
	logs  map[string]*logState
	clock zoeklicht.Clock
	log   *slog.Logger
	lock  *os.File
}

// Open reads a witness's state, and makes its key where there is none. Close it.
func Open(cfg Config, clock zoeklicht.Clock, log *slog.Logger) (_ *Witness, err error) {
	w := &Witness{clock: clock, log: log}
	if w.lock, err = lockFolder(cfg.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.lock.Close())
		}
	}()
	if w.logs, err = parseLogs(cfg.Dir, cfg.Logs); err != nil { // before a key is made
		return nil, err
	}
	if w.key, err = openKey(cfg.Dir, cfg.Name); err != nil {
		return nil, err
	}
	if err := readLogs(w.logs, w.key); err != nil {
		return nil, err
	}
	return w, nil
}

// Close gives the state up. No request may be under way.
func (w *Witness) Close() error { return w.lock.Close() }

// VKey gives the verifier key of the cosignatures, as policies want it.
func (w *Witness) VKey() string { return w.key.vkey() }

// Name is what the witness is called in cosignatures.
func (w *Witness) Name() string { return w.key.name }

// Origins lists the logs that the witness watches.
func (w *Witness) Origins() []string { return slices.Sorted(maps.Keys(w.logs)) }

// maxProof is the number of hashes that a proof may have (C2SP tlog-witness).
const maxProof = 63

// answer is a refusal: a status, and what it says.
type answer struct {
	status int
	kind   string // media type, text/plain if empty
	text   string
}

func (a *answer) Error() string { return a.text }

func refuse(status int, format string, args ...any) error {
	return &answer{status: status, text: fmt.Sprintf(format, args...)}
}

// ServeHTTP answers as the package comment says.
func (w *Witness) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/add-checkpoint") && r.Method == http.MethodPost:
		w.addCheckpoint(to, r)
	case strings.HasSuffix(r.URL.Path, "/") && r.Method == http.MethodGet:
		w.show(to)
	default:
		http.Error(to, "this is a witness of logs: POST …/add-checkpoint", http.StatusNotFound)
	}
}

func (w *Witness) addCheckpoint(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(to, r.Body, ledger.MaxNote+maxProof*64+64))
	if err != nil {
		http.Error(to, "the request is too long, or broke off", http.StatusBadRequest)
		return
	}
	line, err := w.consider(body)
	var no *answer
	switch {
	case errors.As(err, &no):
		if no.kind != "" {
			to.Header().Set("Content-Type", no.kind)
			to.WriteHeader(no.status)
			fmt.Fprint(to, no.text)
			return
		}
		http.Error(to, no.text, no.status)
	case err != nil:
		w.log.Error("no checkpoint can be remembered, so none is cosigned", "err", err)
		http.Error(to, "the witness cannot remember", http.StatusInternalServerError)
	default:
		to.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(to, line)
	}
}

// request is what a log asks.
type request struct {
	old   int64
	proof [][]byte
	note  []byte
}

func parse(body []byte) (*request, error) {
	head, rest, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok {
		return nil, errors.New("it has no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	old, ok := strings.CutPrefix(lines[0], "old ")
	q := &request{note: rest}
	var err error
	if q.old, err = strconv.ParseInt(old, 10, 64); !ok || err != nil || q.old < 0 || strconv.FormatInt(q.old, 10) != old {
		return nil, errors.New("it does not begin with an old size")
	}
	if len(lines)-1 > maxProof {
		return nil, fmt.Errorf("its proof has more than %d hashes", maxProof)
	}
	for _, line := range lines[1:] {
		h, err := ledger.ParseHash(line)
		if err != nil {
			return nil, errors.New("its proof has a line that is no hash")
		}
		q.proof = append(q.proof, h[:])
	}
	return q, nil
}

// consider decides on a request, and gives the line with the cosignature. An error that
// is an *answer refuses it.
func (w *Witness) consider(body []byte) (string, error) {
	q, err := parse(body)
	if err != nil {
		return "", refuse(http.StatusBadRequest, "the request cannot be read: %v", err)
	}
	c, err := ledger.ParseCheckpoint(q.note)
	if err != nil {
		return "", refuse(http.StatusBadRequest, "%v", err)
	}
	l := w.logs[c.Origin]
	if l == nil {
		return "", refuse(http.StatusNotFound, "this witness does not know the log %s", c.Origin)
	}
	n, err := note.Open(q.note, note.VerifierList(l.keys...))
	if err != nil {
		return "", refuse(http.StatusForbidden, "the log's signature does not hold: %v", err)
	}
	if q.old > c.Size {
		return "", refuse(http.StatusBadRequest, "the old size is larger than the new one")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.admits(q, c); err != nil {
		if l.latest != nil && !sizeOnly(err) {
			w.log.Warn("a log does not continue what was cosigned; the checkpoint that convicts it is kept here",
				"log", l.origin, "cosigned", string(l.latest.Note), "refused", string(q.note))
		}
		return "", err
	}
	line := w.key.cosign(n.Text, w.clock())
	if l.latest != nil && l.latest.Size == c.Size {
		return line, nil // the same tree once more
	}
	// What is kept has the signatures that were looked at, and ours.
	kept := n.Text + "\n"
	for _, s := range n.Sigs {
		kept += "— " + s.Name + " " + s.Base64 + "\n"
	}
	c.Note = []byte(kept + line)
	return line, l.advance(c)
}

func sizeOnly(err error) bool {
	var a *answer
	return errors.As(err, &a) && a.kind != ""
}

// admits reports, as an *answer, that a checkpoint does not continue the latest.
func (l *logState) admits(q *request, c *ledger.Checkpoint) error {
	var size int64
	root := [32]byte(rfc6962.DefaultHasher.EmptyRoot())
	if l.latest != nil {
		size, root = l.latest.Size, l.latest.Root
	}
	if q.old != size {
		return &answer{http.StatusConflict, "text/x.tlog.size", strconv.FormatInt(size, 10) + "\n"}
	}
	if c.Size == size && c.Root != root {
		return refuse(http.StatusConflict, "another tree of %d leaves was cosigned", size)
	}
	err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(size), uint64(c.Size), q.proof, root[:], c.Root[:])
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, "the checkpoint is not proven to continue the one of %d leaves", size)
	}
	return nil
}

// show tells who the witness is and what it cosigned last.
func (w *Witness) show(to http.ResponseWriter) {
	to.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(to, "%s\n", w.VKey())
	for _, origin := range w.Origins() {
		l := w.logs[origin]
		l.mu.Lock()
		latest := l.latest
		l.mu.Unlock()
		if latest == nil {
			fmt.Fprintf(to, "\n%s\nnothing cosigned yet\n", origin)
			continue
		}
		fmt.Fprintf(to, "\n%s", latest.Note)
	}
}

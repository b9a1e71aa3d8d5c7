package witness

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"
	"zoeklicht/internal/ledger"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sys/unix"
)

// logState is what the witness knows of a log.
type logState struct {
	origin string
	keys   []note.Verifier
	path   string

	mu     sync.Mutex
	latest *ledger.Checkpoint // nil before the first
}

// parseLogs names the logs with these keys; keys of one name are of one log.
func parseLogs(dir string, vkeys []string) (map[string]*logState, error) {
	logs := map[string]*logState{}
	for _, vkey := range vkeys {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.100q is not the key of a log: %w", vkey, err)
		}
		l := logs[v.Name()]
		if l == nil {
			sum := sha256.Sum256([]byte(v.Name()))
			l = &logState{origin: v.Name(), path: filepath.Join(dir, fmt.Sprintf("%x.checkpoint", sum[:16]))}
			logs[v.Name()] = l
		}
		l.keys = append(l.keys, v)
	}
	return logs, nil
}

// readLogs reads what the witness with this key knows of the logs.
func readLogs(logs map[string]*logState, own *key) error {
	cosigner, err := fnote.NewVerifierForCosignatureV1(own.vkey())
	if err != nil {
		return err
	}
	for _, l := range logs {
		if err := l.read(cosigner); err != nil {
			return err
		}
	}
	return nil
}

// read takes the latest checkpoint from its file. It must bear our own cosignature: the
// log's key may be another one since.
func (l *logState) read(cosigner note.Verifier) error {
	b, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = note.Open(b, note.VerifierList(cosigner))
	}
	if err == nil {
		l.latest, err = ledger.ParseCheckpoint(b)
	}
	if err == nil && l.latest.Origin != l.origin {
		err = fmt.Errorf("it is of the log %s", l.latest.Origin)
	}
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "what the witness knows of the log %s, in %s, cannot be used: %w", l.origin, l.path, err).
			With("nothing was cosigned", "put the file back from a backup; without it the witness could vouch for another log of this name")
	}
	return nil
}

// advance makes a checkpoint the latest, durably.
func (l *logState) advance(c *ledger.Checkpoint) error {
	if err := durable.Replace(l.path, c.Note); err != nil {
		return err
	}
	l.latest = c
	return nil
}

// lockFolder keeps other processes away from the state, until the file is closed.
func lockFolder(dir string) (*os.File, error) {
	if err := durable.Mkdir(dir); err != nil {
		return nil, fmt.Errorf("folder of the witness: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the witness: %w", err)
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(zoeklicht.Errorf(zoeklicht.Conflict, "another process is the witness in %s", dir).With("nothing was changed", "end it first"), f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the witness: %w", err), f.Close())
	}
	return f, nil
}

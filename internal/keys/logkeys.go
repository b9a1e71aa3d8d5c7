package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"golang.org/x/mod/sumdb/note"
)

const (
	blockLog       = "ZOEKLICHT LOG KEY"
	blockLogPublic = "ZOEKLICHT LOG PUBLIC KEY"

	algEd25519 = 1 // signature type of signed notes
)

// LogKey is the public side of a key that signs, or signed, the checkpoints of one log.
type LogKey struct {
	Origin  string    // the log, and the name of the key
	VKey    string    // as policies and witnesses want it: <origin>+<hash>+<public key>
	Created time.Time // to the second
	Until   time.Time // when it stops signing; zero for the newest
}

// logKey is a key of a LogRing.
type logKey struct {
	origin         string
	created, until time.Time
	public         ed25519.PublicKey
	private        ed25519.PrivateKey // nil once it does not sign any more
}

// LogRing holds all keys that sign the logs of a theme: for each log its own, and more
// than one when a key was rotated.
type LogRing struct {
	theme zoeklicht.ThemeName
	keys  []logKey // oldest first
}

// LogPath gives the name of the file of a theme's log keys in the folder dir.
func LogPath(dir string, theme zoeklicht.ThemeName) string {
	return filepath.Join(dir, string(theme)+".log.key")
}

// LoadLogKeys reads the log keys of a theme; one that has no file has none. What is
// wrong with the file comes as an error of code Unavailable that says what to do.
func LoadLogKeys(dir string, theme zoeklicht.ThemeName) (*LogRing, error) {
	if !plain(theme) {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.60q is not the name of a theme", theme)
	}
	path := LogPath(dir, theme)
	b, err := readPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &LogRing{theme: theme}, nil
	case err != nil:
		return nil, logLost(err, path)
	}
	r, err := parseLogRing(theme, b)
	if err != nil {
		return nil, logLost(fmt.Errorf("the key file %s is damaged: %w", path, err), path)
	}
	return r, nil
}

func logLost(err error, path string) error {
	return zoeklicht.Errorf(zoeklicht.Unavailable, "%w", err).With(
		"nothing was changed: what was published stays provable with the policy that was deposited, and leaves wait in the database",
		"put back "+path+" from a backup; if there is none, begin a log with another origin and deposit its key")
}

// EnsureLogKey gives the log keys of a theme after making one for a log that has none:
// in advance, so that its witnesses know it, or when it is first needed. Made says
// that one was made.
func EnsureLogKey(dir string, theme zoeklicht.ThemeName, origin string, now time.Time) (r *LogRing, made bool, err error) {
	r, err = changeLogKeys(dir, theme, now, func(r *LogRing) error {
		if slices.ContainsFunc(r.keys, func(k logKey) bool { return k.origin == origin && k.until.IsZero() }) {
			return nil
		}
		made = true
		return r.grow(origin, now)
	})
	return r, made && err == nil, err
}

// RotateLogKey makes a new key for a log. Those that signed it so far sign beside it for
// the time of the overlap, in which witnesses must learn the new key; with none they
// stop at once, which is right when a key may be in other hands. Logs that are open
// go on with the keys that they were opened with.
func RotateLogKey(dir string, theme zoeklicht.ThemeName, origin string, now time.Time, overlap time.Duration) (*LogRing, error) {
	return changeLogKeys(dir, theme, now, func(r *LogRing) error {
		end, found := now.Add(overlap).UTC().Truncate(time.Second), false
		for i := range r.keys {
			if k := &r.keys[i]; k.origin == origin && (k.until.IsZero() || k.until.After(end)) {
				k.until, found = end, true
			}
		}
		if !found {
			return zoeklicht.Errorf(zoeklicht.NotFound, "there is no key of the log %s to follow", origin)
		}
		return r.grow(origin, now)
	})
}

// changeLogKeys changes the keys in their file, one process at a time. Private halves
// that sign no more are forgotten on this occasion.
func changeLogKeys(dir string, theme zoeklicht.ThemeName, now time.Time, change func(*LogRing) error) (*LogRing, error) {
	var out *LogRing
	err := locked(dir, func() error {
		r, err := LoadLogKeys(dir, theme)
		if err != nil {
			return err
		}
		before, err := r.marshal()
		if err != nil {
			return err
		}
		if err := change(r); err != nil {
			return err
		}
		for i := range r.keys {
			if k := &r.keys[i]; !k.until.IsZero() && !now.Before(k.until) {
				k.private = nil
			}
		}
		after, err := r.marshal()
		if err != nil {
			return err
		}
		out = r
		if bytes.Equal(before, after) {
			return nil
		}
		if err := durable.Replace(LogPath(dir, theme), after); err != nil {
			return fmt.Errorf("write the log keys of theme %s: %w", theme, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *LogRing) grow(origin string, now time.Time) error {
	if !logName(origin) {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%.100q cannot be the name of a log", origin)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	r.keys = append(r.keys, logKey{origin, now.UTC().Truncate(time.Second), time.Time{}, public, private})
	return nil
}

// logName reports whether signed notes allow a key of this name.
func logName(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, func(c rune) bool {
		return c == '+' || c == unicode.ReplacementChar || unicode.IsSpace(c) || unicode.IsControl(c)
	})
}

// Keys gives the keys of a log, oldest first, or of all logs of the theme for "".
func (r *LogRing) Keys(origin string) []LogKey {
	var out []LogKey
	for i := range r.keys {
		if k := &r.keys[i]; origin == "" || k.origin == origin {
			out = append(out, LogKey{k.origin, k.vkey(), k.created, k.until})
		}
	}
	return out
}

// Signers gives the keys that sign a log now, newest first. That there is none is an
// error of code NotFound.
func (r *LogRing) Signers(origin string, now time.Time) ([]note.Signer, error) {
	var out []note.Signer
	for i := range slices.Backward(r.keys) {
		k := &r.keys[i]
		if k.origin == origin && k.private != nil && (k.until.IsZero() || now.Before(k.until)) {
			out = append(out, noteSigner{k})
		}
	}
	if len(out) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "theme %s has no key for the log %s", r.theme, origin)
	}
	return out, nil
}

// noteSigner signs notes.
type noteSigner struct{ *logKey }

func (s noteSigner) Name() string                     { return s.origin }
func (s noteSigner) KeyHash() uint32                  { return s.hash() }
func (s noteSigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.private, text), nil }

// hash is how signed notes tell keys of one name apart.
func (k *logKey) hash() uint32 {
	sum := sha256.Sum256(slices.Concat([]byte(k.origin), []byte{'\n', algEd25519}, k.public))
	return binary.BigEndian.Uint32(sum[:])
}

func (k *logKey) vkey() string {
	key := base64.StdEncoding.EncodeToString(slices.Concat([]byte{algEd25519}, k.public))
	return fmt.Sprintf("%s+%08x+%s", k.origin, k.hash(), key)
}

func (r *LogRing) marshal() ([]byte, error) {
	var out bytes.Buffer
	for i := range r.keys {
		k := &r.keys[i]
		block := &pem.Block{Type: blockLogPublic, Bytes: k.public, Headers: map[string]string{
			"Theme": string(r.theme), "Log": k.origin, "Created": k.created.Format(time.RFC3339),
		}}
		if k.private != nil {
			block.Type, block.Bytes = blockLog, k.private.Seed()
		}
		if !k.until.IsZero() {
			block.Headers["Until"] = k.until.Format(time.RFC3339)
		}
		block.Headers["Key-Id"] = fmt.Sprintf("%08x", k.hash())
		if err := pem.Encode(&out, block); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// parseLogRing reads what marshal wrote and nothing else.
func parseLogRing(theme zoeklicht.ThemeName, b []byte) (*LogRing, error) {
	r := &LogRing{theme: theme}
	for n := 1; len(bytes.TrimSpace(b)) > 0; n++ {
		b = bytes.TrimLeft(b, " \t\r\n")
		blk, rest := pem.Decode(b)
		if blk == nil || !bytes.HasPrefix(b, []byte("-----BEGIN "+blk.Type+"-----")) || bytes.Count(b[:len(b)-len(rest)], []byte("-----BEGIN ")) != 1 {
			return nil, fmt.Errorf("key %d: the block is damaged", n)
		}
		k, err := parseLogKey(theme, blk)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n, err)
		}
		r.keys, b = append(r.keys, *k), rest
	}
	return r, nil
}

func parseLogKey(theme zoeklicht.ThemeName, blk *pem.Block) (k *logKey, err error) {
	k = &logKey{origin: blk.Headers["Log"]}
	switch {
	case blk.Type == blockLog && len(blk.Bytes) == ed25519.SeedSize:
		k.private = ed25519.NewKeyFromSeed(blk.Bytes)
		k.public = k.private.Public().(ed25519.PublicKey)
	case blk.Type == blockLogPublic && len(blk.Bytes) == ed25519.PublicKeySize:
		k.public = blk.Bytes
	default:
		return nil, fmt.Errorf("%.40q of %d bytes is no log key", blk.Type, len(blk.Bytes))
	}
	if k.created, err = time.Parse(time.RFC3339, blk.Headers["Created"]); err != nil {
		return nil, fmt.Errorf("its creation date is damaged: %w", err)
	}
	if s := blk.Headers["Until"]; s != "" {
		if k.until, err = time.Parse(time.RFC3339, s); err != nil {
			return nil, fmt.Errorf("its end date is damaged: %w", err)
		}
	}
	switch got := fmt.Sprintf("%08x", k.hash()); {
	case blk.Headers["Theme"] != string(theme):
		return nil, fmt.Errorf("it is of theme %.40q", blk.Headers["Theme"])
	case !logName(k.origin):
		return nil, fmt.Errorf("%.100q cannot be the name of a log", k.origin)
	case blk.Headers["Key-Id"] != got:
		return nil, fmt.Errorf("it says it is key %.40q and is key %s: it is damaged or was put together wrongly", blk.Headers["Key-Id"], got)
	}
	return k, nil
}

package witness

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys/durable"

	"golang.org/x/mod/sumdb/note"
)

const (
	keyFile        = "witness.key"
	algEd25519     = 1
	algCosignature = 4
)

// key cosigns.
type key struct {
	name    string
	private ed25519.PrivateKey
}

// openKey reads the witness's key, made first under the given name where there is none.
// An empty name takes the key as it is, or this machine's name for a new one.
func openKey(dir, name string) (*key, error) {
	path := filepath.Join(dir, keyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if name == "" {
			if name, err = os.Hostname(); err != nil {
				return nil, fmt.Errorf("name of the witness: %w", err)
			}
		}
		skey, _, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			return nil, fmt.Errorf("make a key for the witness: %w", err)
		}
		b = []byte(skey + "\n")
		if _, err := parseKey(b); err != nil {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%.100q cannot be the name of a witness: spaces and + are not possible", name)
		}
		if err := durable.Replace(path, b); err != nil {
			return nil, fmt.Errorf("write the witness's key: %w", err)
		}
	} else if err != nil {
		return nil, fmt.Errorf("read the witness's key: %w", err)
	}
	k, err := parseKey(b)
	switch {
	case err != nil:
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "the witness's key in %s is damaged: %w", path, err).
			With("nothing was changed", "put it back from a backup; with another key the logs' policies have to change")
	case name != "" && name != k.name:
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "the witness in %s is called %s", dir, k.name).
			With("nothing was changed", "leave the name out, or use another folder for another witness")
	}
	return k, nil
}

func parseKey(b []byte) (*key, error) {
	text := strings.TrimSuffix(string(b), "\n")
	s, err := note.NewSigner(text) // checks the hash
	if err != nil {
		return nil, err
	}
	fields := strings.SplitN(text, "+", 5) // the last one may have a + of its own
	raw, err := base64.StdEncoding.DecodeString(fields[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != algEd25519 {
		return nil, errors.New("it is not a key for Ed25519")
	}
	return &key{s.Name(), ed25519.NewKeyFromSeed(raw[1:])}, nil
}

// public gives signature type and public key, as verifier keys have them.
func (k *key) public() []byte {
	return slices.Concat([]byte{algCosignature}, k.private.Public().(ed25519.PublicKey))
}

func (k *key) hash() []byte {
	sum := sha256.Sum256(slices.Concat([]byte(k.name), []byte{'\n'}, k.public()))
	return sum[:4]
}

// vkey gives the verifier key.
func (k *key) vkey() string {
	return fmt.Sprintf("%s+%x+%s", k.name, k.hash(), base64.StdEncoding.EncodeToString(k.public()))
}

// cosign gives the line with a cosignature, version 1, of a checkpoint's text.
func (k *key) cosign(text string, at time.Time) string {
	seconds := uint64(at.Unix())
	sig := slices.Concat(k.hash(), binary.BigEndian.AppendUint64(nil, seconds),
		ed25519.Sign(k.private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text)))
	return "— " + k.name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

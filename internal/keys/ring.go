package keys

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"zoeklicht"
)

const (
	blockPrivate = "ZOEKLICHT THEME KEY"
	blockPublic  = "ZOEKLICHT THEME PUBLIC KEY"
	suiteName    = "X-Wing HKDF-SHA256 AES-256-GCM"
)

// kem is the one key encapsulation that is written; another one later would
// come with another suite name, and both would be read.
func kem() hpke.KEM { return hpke.MLKEM768X25519() }

// ID names a key: the first 8 bytes of the SHA-256 of its public half.
type ID [8]byte

// String gives the ID in hex.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Public is what is needed to seal: a theme's newest public key.
type Public struct {
	theme   zoeklicht.ThemeName
	created time.Time
	id      ID
	key     hpke.PublicKey
}

// Theme names the theme that the key belongs to.
func (p Public) Theme() zoeklicht.ThemeName { return p.theme }

// ID names the key.
func (p Public) ID() ID { return p.id }

// Created is when the key was made, to the second.
func (p Public) Created() time.Time { return p.created }

// Ring holds all keys of a theme, private halves included.
type Ring struct {
	theme zoeklicht.ThemeName
	keys  []pair // oldest first, never empty
}

type pair struct {
	Public
	private hpke.PrivateKey
}

// NewRing makes a theme's first key in memory.
func NewRing(theme zoeklicht.ThemeName, now time.Time) (*Ring, error) {
	private, err := kem().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("make a key for theme %s: %w", theme, err)
	}
	return &Ring{theme, []pair{{public(theme, now, private.PublicKey()), private}}}, nil
}

func public(theme zoeklicht.ThemeName, created time.Time, key hpke.PublicKey) Public {
	sum := sha256.Sum256(key.Bytes())
	return Public{theme, created.UTC().Truncate(time.Second), ID(sum[:8]), key}
}

// Theme names the theme whose keys these are.
func (r *Ring) Theme() zoeklicht.ThemeName { return r.theme }

// Public gives the key that seals: the newest.
func (r *Ring) Public() Public { return r.keys[len(r.keys)-1].Public }

// Keys gives the public halves, oldest first.
func (r *Ring) Keys() []Public {
	all := make([]Public, len(r.keys))
	for i, k := range r.keys {
		all[i] = k.Public
	}
	return all
}

// Marshal gives the ring in the form of a key file. It holds the private keys:
// write it to an inherited descriptor or a file of mode 0600, nowhere else.
func (r *Ring) Marshal() ([]byte, error) {
	var out bytes.Buffer
	for _, k := range r.keys {
		seed, err := k.private.Bytes()
		if err != nil {
			return nil, fmt.Errorf("write out key %s of theme %s: %w", k.id, r.theme, err)
		}
		if err := pem.Encode(&out, k.block(blockPrivate, seed)); err != nil {
			return nil, fmt.Errorf("write out key %s of theme %s: %w", k.id, r.theme, err)
		}
	}
	return out.Bytes(), nil
}

// Marshal gives the public key as text, to hand to a process that only seals.
func (p Public) Marshal() []byte {
	return pem.EncodeToMemory(p.block(blockPublic, p.key.Bytes()))
}

func (p Public) block(kind string, b []byte) *pem.Block {
	return &pem.Block{Type: kind, Bytes: b, Headers: map[string]string{
		"Theme": string(p.theme), "Created": p.created.Format(time.RFC3339), "Key-Id": p.id.String(), "Suite": suiteName,
	}}
}

// ParseRing reads what Ring.Marshal wrote. It refuses what is not exactly that:
// text around the blocks, another theme's key among them, a key that does not
// match its own ID.
func ParseRing(b []byte) (*Ring, error) {
	var r Ring
	for n := 1; len(bytes.TrimSpace(b)) > 0; n++ {
		blk, rest, err := parse(b, blockPrivate)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n, err)
		}
		private, err := kem().NewPrivateKey(blk.Bytes)
		if err != nil {
			return nil, fmt.Errorf("key %d: the private key is damaged: %w", n, err)
		}
		pub, err := described(blk, private.PublicKey())
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n, err)
		}
		if n == 1 {
			r.theme = pub.theme
		} else if pub.theme != r.theme {
			return nil, fmt.Errorf("key %d is of theme %s, the first one of theme %s", n, pub.theme, r.theme)
		}
		r.keys, b = append(r.keys, pair{pub, private}), rest
	}
	if len(r.keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return &r, nil
}

// ParsePublic reads what Public.Marshal wrote.
func ParsePublic(b []byte) (Public, error) {
	blk, rest, err := parse(b, blockPublic)
	if err != nil {
		return Public{}, fmt.Errorf("public key: %w", err)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return Public{}, errors.New("public key: more follows it")
	}
	key, err := kem().NewPublicKey(blk.Bytes)
	if err != nil {
		return Public{}, fmt.Errorf("public key: %w", err)
	}
	return described(blk, key)
}

func parse(b []byte, kind string) (blk *pem.Block, rest []byte, err error) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if !bytes.HasPrefix(b, []byte("-----BEGIN "+kind+"-----")) {
		return nil, nil, fmt.Errorf("it does not begin with the line -----BEGIN %s-----", kind)
	}
	blk, rest = pem.Decode(b)
	if blk == nil || blk.Type != kind {
		// Decode skips a damaged block and may find a later one.
		return nil, nil, errors.New("the block is damaged")
	}
	if whole := len(b) - len(rest); bytes.Count(b[:whole], []byte("-----BEGIN ")) != 1 {
		return nil, nil, errors.New("the block is damaged")
	}
	if s := blk.Headers["Suite"]; s != suiteName {
		return nil, nil, fmt.Errorf("it is for the suite %.60q; this version of Zoeklicht knows %q", s, suiteName)
	}
	return blk, rest, nil
}

// described checks a key against the headers of its block.
func described(blk *pem.Block, key hpke.PublicKey) (Public, error) {
	created, err := time.Parse(time.RFC3339, blk.Headers["Created"])
	if err != nil {
		return Public{}, fmt.Errorf("its creation date is damaged: %w", err)
	}
	theme := zoeklicht.ThemeName(blk.Headers["Theme"])
	if !plain(theme) {
		return Public{}, fmt.Errorf("%.60q is not the name of a theme", theme)
	}
	p := public(theme, created, key)
	if want := blk.Headers["Key-Id"]; want != p.id.String() {
		return Public{}, fmt.Errorf("it says it is key %.40q and is key %s: it is damaged or was put together wrongly", want, p.id)
	}
	return p, nil
}

// plain reports whether a name can be a theme's, and so part of a path.
func plain(theme zoeklicht.ThemeName) bool {
	if theme == "" || len(theme) > 32 {
		return false
	}
	for _, c := range []byte(theme) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

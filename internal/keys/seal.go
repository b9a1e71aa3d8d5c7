package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hpke"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	headerMagic = "ZLK1"
	headerFixed = len(headerMagic) + 8 + 2 + 2 + 2
	keySize     = 32
	nonceSize   = 12
	confirmSize = 16

	// Overhead is how many bytes sealing adds to an item.
	Overhead = 16
	// WrappedSize is the length of a wrapped data key.
	WrappedSize = nonceSize + keySize + 16
	// MaxHeader bounds the length of a sealed header.
	MaxHeader = 4096
)

// ErrAuth says that bytes were not sealed under this key with this associated
// data: they, the wrapped key or the place where they stand were changed.
var ErrAuth = errors.New("not authentic: the bytes, their key or their place were changed")

// info binds a segment key to its theme and to what the segment is.
func info(p Public, label string) []byte {
	return []byte("zoeklicht segment 1\x00" + string(p.theme) + "\x00" + label + "\x00")
}

// Sealer seals the items of one segment. It holds the segment key and no way
// back to it. It may be used by several goroutines.
type Sealer struct{ wrap cipher.AEAD }

// NewSealer makes a segment key. The header, at most MaxHeader bytes, must be
// stored with the segment: with it and the private key the segment key is
// derived again. Label says what the segment is ("vault/00000012") and must be
// given to Ring.Opener as well.
func NewSealer(p Public, label string) (*Sealer, []byte, error) {
	enc, s, err := hpke.NewSender(p.key, hpke.HKDFSHA256(), hpke.ExportOnly(), info(p, label))
	if err != nil {
		return nil, nil, fmt.Errorf("make a segment key for theme %s: %w", p.theme, err)
	}
	wrap, confirm, err := derive(s.Export)
	if err != nil {
		return nil, nil, fmt.Errorf("make a segment key for theme %s: %w", p.theme, err)
	}
	h := make([]byte, 0, headerFixed+len(enc)+confirmSize)
	h = append(h, headerMagic...)
	h = append(h, p.id[:]...)
	h = binary.BigEndian.AppendUint16(h, kem().ID())
	h = binary.BigEndian.AppendUint16(h, hpke.HKDFSHA256().ID())
	h = binary.BigEndian.AppendUint16(h, uint16(len(enc)))
	h = append(h, enc...)
	return &Sealer{wrap}, append(h, confirm...), nil
}

// derive makes the segment key and its confirmation from an HPKE context.
func derive(export func(string, int) ([]byte, error)) (wrap cipher.AEAD, confirm []byte, err error) {
	key, err := export("item key wrapping", keySize)
	if err != nil {
		return nil, nil, err
	}
	if confirm, err = export("confirmation", confirmSize); err != nil {
		return nil, nil, err
	}
	wrap, err = gcm(key)
	return wrap, confirm, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seal appends the sealed form of plain to dst, Overhead bytes longer, and
// gives its data key wrapped, WrappedSize bytes. The wrapped key belongs with
// the item's row, apart from the sealed bytes. The same aad opens it.
func (s *Sealer) Seal(dst, plain, aad []byte) (sealed, wrapped []byte, err error) {
	var key [keySize]byte
	defer clear(key[:])
	if _, err := rand.Read(key[:]); err != nil {
		return nil, nil, err
	}
	item, err := gcm(key[:])
	if err != nil {
		return nil, nil, err
	}
	wrapped = make([]byte, nonceSize, WrappedSize)
	if _, err := rand.Read(wrapped); err != nil {
		return nil, nil, err
	}
	var zero [nonceSize]byte // a data key seals one item
	return item.Seal(dst, zero[:], plain, aad), s.wrap.Seal(wrapped, wrapped, key[:], aad), nil
}

// Opener opens the items of one segment. It may be used by several goroutines.
type Opener struct{ wrap cipher.AEAD }

// Opener derives the key of the segment whose header is given.
func (r *Ring) Opener(header []byte, label string) (*Opener, error) {
	id, enc, confirm, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		c, err := hpke.NewRecipient(enc, k.private, hpke.HKDFSHA256(), hpke.ExportOnly(), info(k.Public, label))
		if err != nil {
			return nil, fmt.Errorf("header of %s: %w", label, err)
		}
		wrap, want, err := derive(c.Export)
		if err != nil {
			return nil, fmt.Errorf("header of %s: %w", label, err)
		}
		if subtle.ConstantTimeCompare(confirm, want) != 1 {
			return nil, fmt.Errorf("header of %s: %w", label, ErrAuth)
		}
		return &Opener{wrap}, nil
	}
	return nil, lost(r.theme, "%s was sealed with key %s of theme %s, which the key file does not hold (it holds %v)",
		label, id, r.theme, r.ids())
}

func (r *Ring) ids() (ids []ID) {
	for _, k := range r.keys {
		ids = append(ids, k.id)
	}
	return ids
}

func parseHeader(h []byte) (id ID, enc, confirm []byte, err error) {
	h, ok := bytes.CutPrefix(h, []byte(headerMagic))
	if !ok || len(h) < headerFixed-len(headerMagic) {
		return id, nil, nil, errors.New("not the header of a sealed segment")
	}
	copy(id[:], h)
	h = h[len(id):]
	be := binary.BigEndian
	if k, f := be.Uint16(h), be.Uint16(h[2:]); k != kem().ID() || f != hpke.HKDFSHA256().ID() {
		return id, nil, nil, fmt.Errorf("sealed with KEM %#x and KDF %#x, which this version of Zoeklicht does not know", k, f)
	}
	n := int(be.Uint16(h[4:]))
	if h = h[6:]; len(h) != n+confirmSize {
		return id, nil, nil, errors.New("the header of a sealed segment has the wrong length")
	}
	return id, h[:n], h[n:], nil
}

// Open gives what was sealed under wrapped with the same aad. It fails with an
// error that is ErrAuth if one bit of the three differs.
func (o *Opener) Open(sealed, wrapped, aad []byte) ([]byte, error) {
	if len(wrapped) != WrappedSize {
		return nil, fmt.Errorf("a wrapped key of %d bytes instead of %d: %w", len(wrapped), WrappedSize, ErrAuth)
	}
	key, err := o.wrap.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], aad)
	if err != nil {
		return nil, fmt.Errorf("wrapped key: %w", ErrAuth)
	}
	defer clear(key)
	item, err := gcm(key)
	if err != nil {
		return nil, err
	}
	var zero [nonceSize]byte
	plain, err := item.Open(nil, zero[:], sealed, aad)
	if err != nil {
		return nil, fmt.Errorf("sealed bytes: %w", ErrAuth)
	}
	return plain, nil
}

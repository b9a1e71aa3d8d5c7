package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// File is a file to attach.
type File struct {
	Name  string // of ASCII letters, digits, dots and hyphens; each one once
	What  string // a description
	Media string // "text/plain"
	Bytes []byte
}

// Signer signs documents in the name of an organisation. The key may lie in a security
// module.
type Signer struct {
	Key crypto.Signer // RSA of 2048 bits and more, or ECDSA on P-256, P-384 or P-521
	// Chain is the certificate of Key and those above it, in order; the root may be left
	// out.
	Chain []*x509.Certificate
	// Stamp gives an RFC 3161 TimeStampToken (DER) over a SHA-256, nil where nobody could;
	// its error ends the signing. Without a token the signature says when it was made by the
	// signer's clock only (PAdES-B-B).
	Stamp func(ctx context.Context, digest [32]byte) ([]byte, error)
}

// Update says what Finish adds to a document.
type Update struct {
	Files []File
	// Signer is nil for a document that is not signed.
	Signer *Signer
	At     time.Time // of signing, and of the files
	Reason string    // of signing, in words
	Name   string    // of who signs, in words
}

// Finish gives pdf with the update at its end.
func Finish(ctx context.Context, pdf []byte, u Update) ([]byte, error) {
	base, err := read(pdf)
	if err != nil {
		return nil, fmt.Errorf("finish a PDF: %w", err)
	}
	if u.Signer == nil {
		w := newWriter(base)
		if err := w.update(&u, 0); err != nil {
			return nil, fmt.Errorf("finish a PDF: %w", err)
		}
		return w.out.Bytes(), nil
	}
	hash, err := u.Signer.check()
	if err != nil {
		return nil, fmt.Errorf("sign a PDF: %w", err)
	}
	// The signature's length must be known before what it signs is: take what others
	// were, and measure where that is not enough.
	room := 24 << 10
	for _, c := range u.Signer.Chain {
		room += len(c.Raw)
	}
	for range 2 {
		w := newWriter(base)
		if err := w.update(&u, room); err != nil {
			return nil, fmt.Errorf("sign a PDF: %w", err)
		}
		cms, err := u.Signer.sign(ctx, hash, w.signed())
		if err != nil {
			return nil, fmt.Errorf("sign a PDF: %w", err)
		}
		if len(cms) <= room {
			w.seal(cms)
			return w.out.Bytes(), nil
		}
		room = len(cms) + 4096
	}
	return nil, fmt.Errorf("sign a PDF: the signature grew to over %d bytes", room)
}

// rangeRoom is how many characters the four numbers of a ByteRange take.
const rangeRoom = 4 * 11

// writer appends an update to a document.
type writer struct {
	base *document
	out  bytes.Buffer
	next int           // the next object's number
	at   map[int]int64 // where objects begin
	// Where the signature's range and value stand; 0 for none.
	rangeAt, valueAt, valueEnd int
}

func newWriter(base *document) *writer {
	w := &writer{base: base, next: base.size, at: map[int]int64{}}
	w.out.Write(base.bytes)
	return w
}

// object begins an object; 0 takes the next number.
func (w *writer) object(number int) int {
	if number == 0 {
		number = w.next
		w.next++
	}
	w.at[number] = int64(w.out.Len())
	fmt.Fprintf(&w.out, "%d 0 obj\n", number)
	return number
}

// update writes the update. Room is what the signature's value may take, in bytes.
func (w *writer) update(u *Update, room int) error {
	names, err := w.files(u)
	if err != nil {
		return err
	}
	catalog := w.base.catalog
	if names != "" {
		catalog += "\n/Names << /EmbeddedFiles << /Names [" + names + "] >> >>"
	}
	if u.Signer != nil {
		signature := w.signature(u, room)
		field := w.object(0)
		fmt.Fprintf(&w.out, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /V %d 0 R /F 132 /Rect [0 0 0 0] /P %d 0 R >>\nendobj\n",
			signature, w.base.firstPage)
		w.object(w.base.firstPage)
		w.out.WriteString(w.base.annotated(field) + "\nendobj\n")
		catalog += fmt.Sprintf("\n/AcroForm << /Fields [%d 0 R] /SigFlags 3 >>", field) +
			"\n/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >> >>"
	}
	w.object(w.base.root)
	w.out.WriteString(catalog + "\n>>\nendobj\n")
	w.trailer()
	if w.valueAt > 0 {
		end := w.out.Len()
		r := fmt.Sprintf("%d %d %d %d", 0, w.valueAt, w.valueEnd, end-w.valueEnd)
		if len(r) > rangeRoom {
			return fmt.Errorf("a document of %d bytes is too large", end)
		}
		copy(w.out.Bytes()[w.rangeAt:w.rangeAt+rangeRoom], r)
	}
	return nil
}

// signature writes the signature's object with room for its value.
func (w *writer) signature(u *Update, room int) int {
	number := w.object(0)
	w.out.WriteString("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n")
	fmt.Fprintf(&w.out, "/M (D:%s+00'00') /Name %s /Reason %s\n/ByteRange [", u.At.UTC().Format("20060102150405"), text(u.Name), text(u.Reason))
	w.rangeAt = w.out.Len()
	w.out.Write(bytes.Repeat([]byte(" "), rangeRoom))
	w.out.WriteString("]\n/Contents ")
	w.valueAt = w.out.Len()
	w.out.WriteString("<")
	w.out.Write(bytes.Repeat([]byte("0"), 2*room))
	w.out.WriteString(">")
	w.valueEnd = w.out.Len()
	w.out.WriteString("\n>>\nendobj\n")
	return number
}

// signed gives the bytes that the signature covers, in two parts.
func (w *writer) signed() [2][]byte {
	b := w.out.Bytes()
	return [2][]byte{b[:w.valueAt], b[w.valueEnd:]}
}

// seal writes the signature's value in its place.
func (w *writer) seal(cms []byte) {
	hex.Encode(w.out.Bytes()[w.valueAt+1:], cms)
}

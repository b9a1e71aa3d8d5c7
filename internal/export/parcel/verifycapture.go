package parcel

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/capture"
	"zoeklicht/internal/ledger"
	"zoeklicht/internal/ledger/stamp"
)

// checkpoints checks the checkpoints and their tokens. The tokens come first: they say
// whether a key that ended had signed before its end.
func (v *verifying) checkpoints() {
	v.times = map[string]time.Time{}
	for i, at := range v.index.Checkpoints {
		dir := checkpointFolder(i + 1)
		note, err := v.read(dir+noteName, ledger.MaxNote)
		v.notes = append(v.notes, note)
		if err != nil {
			v.check(checkCheckpoint, dir+noteName, err, "")
			continue
		}
		dated := v.stamped(dir, note, at.Tokens)
		if dated.After(v.newest) {
			v.newest = dated
		}
		c, cosigned, err := v.trust.Policy.VerifyDated(note, dated)
		if err == nil && (c.Origin != at.Origin || c.Size != at.Size) {
			err = fmt.Errorf("it is of log %.60q with %d leaves, and parcel.json says otherwise", c.Origin, c.Size)
		}
		if err != nil {
			v.check(checkCheckpoint, dir+noteName, err, "")
			continue
		}
		v.check(checkCheckpoint, dir+noteName, nil, fmt.Sprintf("log %s, %d leaves", c.Origin, c.Size))
		v.witnesses(dir, cosigned)
	}
}

// stamped checks the tokens over a checkpoint, and gives the earliest moment at which an
// authority saw it; zero if none did.
func (v *verifying) stamped(dir string, note []byte, tokens []string) (first time.Time) {
	if len(tokens) == 0 {
		v.timeless(dir)
	}
	for _, name := range tokens {
		der, err := v.read(dir+name, maxSmall)
		var s *stamp.Stamp
		if err == nil {
			s, err = stamp.Verify(der, sha256.Sum256(note), v.trust.times())
		}
		if err != nil {
			v.check(checkTimestamp, dir+name, err, "")
			continue
		}
		v.times[dir+name] = s.At
		if first.IsZero() || s.At.Before(first) {
			first = s.At
		}
		v.check(checkTimestamp, dir+name, nil, fmt.Sprintf("there at %s, says %s", stampText(s.At), s.Signer.Subject))
	}
	return first
}

// witnesses tells who cosigned a checkpoint that has the cosignatures it needs.
func (v *verifying) witnesses(dir string, cosigned []ledger.Cosignature) {
	if len(cosigned) == 0 {
		v.note(checkWitnesses, dir+noteName, "the policy asks for none: whoever holds the log's key could have made another log")
		return
	}
	told := make([]string, len(cosigned))
	for i, c := range cosigned {
		told[i] = fmt.Sprintf("%s at %s", c.Witness, stampText(c.At))
	}
	v.check(checkWitnesses, dir+noteName, nil, strings.Join(told, ", "))
}

// timeless tells of a checkpoint without a token.
func (v *verifying) timeless(dir string) {
	if len(v.trust.Authorities) > 0 {
		v.check(checkTimestamp, dir+noteName, errors.New("no authority dated it, and the policy names some"), "")
		return
	}
	v.note(checkTimestamp, dir+noteName, "the policy names no authority: only the witnesses say when it was there")
}

// capture checks one capture, from its records to the checkpoint.
func (v *verifying) capture(at *indexCapture) {
	dir := captureFolder(at.ID)
	s, err := v.sealed(at)
	if err != nil {
		v.check(checkLeaf, at.ID, err, "")
		return
	}
	leaf, err := capture.ParseLeaf(s.Leaf)
	switch {
	case err != nil:
	case leaf.ID != s.ID:
		err = fmt.Errorf("it is that of capture %s", leaf.ID)
	case leaf.Manifest != sha256.Sum256(s.Manifest):
		err = errors.New("the manifest is not the one that it names")
	}
	if !v.check(checkLeaf, at.ID, err, "it names the manifest") {
		return
	}
	told, err := v.manifest(at, s)
	v.check(checkManifest, at.ID, err, told)
	v.inclusion(at.ID, dir, s.Leaf, at.Checkpoint)
	v.after(at, leaf)
}

// sealed reads a capture's files.
func (v *verifying) sealed(at *indexCapture) (*zoeklicht.Sealed, error) {
	dir := captureFolder(at.ID)
	id, err := zoeklicht.ParseCaptureID(at.ID)
	if err != nil {
		return nil, err
	}
	s := &zoeklicht.Sealed{ID: id}
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{leafName, &s.Leaf}, {manifestName, &s.Manifest}, {saltsName, &s.Salts}} {
		if *f.to, err = v.read(dir+f.name, maxSmall); err != nil {
			return nil, err
		}
	}
	var total int64
	for _, r := range at.Records {
		if r.File != recordFile(r.Name) {
			return nil, fmt.Errorf("record %.60q is in the file %.60q", r.Name, r.File)
		}
		if total += v.at[dir+r.File].Size(); total > maxRecord {
			return nil, fmt.Errorf("its records have more than %d bytes", maxRecord)
		}
		b, err := v.read(dir+r.File, maxRecord)
		if err != nil {
			return nil, err
		}
		if n := len(s.Items); n > 0 && s.Items[n-1].Name == r.Item {
			s.Items[n-1].Bytes = append(s.Items[n-1].Bytes, b...)
		} else {
			s.Items = append(s.Items, zoeklicht.Item{Name: r.Item, Bytes: b})
		}
	}
	return s, nil
}

// manifest checks that each record is the one that the manifest names, that each line
// whose record is missing was told of, and that its salt is not there.
func (v *verifying) manifest(at *indexCapture, s *zoeklicht.Sealed) (string, error) {
	r, err := capture.Verify(s)
	if err != nil {
		return "", err
	}
	var said, proved []string
	for _, p := range at.Records {
		proved = append(proved, p.Name)
	}
	for _, l := range at.LeftOut {
		said = append(said, l.Name)
	}
	slices.Sort(proved)
	if !slices.Equal(proved, slices.Sorted(slices.Values(r.Proved))) {
		return "", errors.New("the records are not those that parcel.json names")
	}
	if !slices.Equal(said, r.Withheld) {
		return "", errors.New("what was left out is not what parcel.json says")
	}
	if kept, err := saltsOf(s.Manifest, s.Salts, r.Proved); err != nil || !bytes.Equal(kept, s.Salts) {
		return "", errors.New("it has the salt of a record that was left out")
	}
	text := fmt.Sprintf("%d of %d records are there, as they were captured", len(r.Proved), len(r.Proved)+len(r.Withheld))
	return text, nil
}

// inclusion checks that a leaf stands in the log.
func (v *verifying) inclusion(of, dir string, leaf []byte, checkpoint int) {
	if checkpoint == 0 {
		v.check(checkInclusion, of, errors.New("not yet witnessed: the package was made before the log was published with this leaf"), "")
		return
	}
	if checkpoint < 0 || checkpoint > len(v.notes) {
		v.check(checkInclusion, of, fmt.Errorf("there is no checkpoint %d", checkpoint), "")
		return
	}
	body, err := v.read(dir+proofName, ledger.MaxNote+maxSmall)
	if err != nil {
		v.check(checkInclusion, of, err, "")
		return
	}
	p, err := ledger.ParseProof(body)
	if err == nil {
		p.Leaf = leaf
		switch {
		case !bytes.Equal(p.Checkpoint, v.notes[checkpoint-1]):
			err = fmt.Errorf("its proof leads to another checkpoint than %s", checkpointFolder(checkpoint))
		case !bytes.Equal(ledger.MarshalProof(p), body):
			err = errors.New("its proof holds more than a proof")
		default:
			err = ledger.Included(p)
		}
	}
	text := ""
	if err == nil {
		text = fmt.Sprintf("leaf %d of the log", p.Index)
	}
	v.check(checkInclusion, of, err, text)
}

// after checks the token that a leaf names: the capture came after it.
func (v *verifying) after(at *indexCapture, leaf capture.Leaf) {
	switch {
	case leaf.After == "none" && at.After != "":
		v.check(checkAfter, at.ID, fmt.Errorf("the leaf names no token, and parcel.json says %s", at.After), "")
		return
	case leaf.After == "none":
		v.note(checkAfter, at.ID, "the leaf names no token: nothing says before when it cannot have been made")
		return
	case at.After == "":
		v.note(checkAfter, at.ID, "the token that the leaf names is not in the package")
		return
	}
	der, err := v.read(at.After, maxSmall)
	if err == nil && fmt.Sprintf("%x", sha256.Sum256(der)) != leaf.After {
		err = fmt.Errorf("%s is not the token that the leaf names", at.After)
	}
	when, holds := v.times[at.After]
	if err == nil && !holds {
		err = fmt.Errorf("%s does not hold", at.After)
	}
	v.check(checkAfter, at.ID, err, "made after "+stampText(when))
}

// record checks a leaf of another kind.
func (v *verifying) record(at *indexRecord) {
	dir := recordFolder(at.Kind, at.ID)
	of := at.Kind + " " + at.ID
	var leaf, content, salt []byte
	var err error
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{leafName, &leaf}, {contentName, &content}, {saltName, &salt}} {
		b, rerr := v.read(dir+f.name, maxRecord)
		*f.to, err = b, cmp.Or(err, rerr)
	}
	if err != nil {
		v.check(checkContent, of, err, "")
		return
	}
	l, err := ledger.ParseRecordLeaf(leaf)
	switch {
	case err != nil:
	case len(salt) != saltSize:
		err = fmt.Errorf("its salt has %d bytes", len(salt))
	case string(l.Kind) != at.Kind || zoeklicht.CaptureID(l.ID).String() != at.ID:
		err = errors.New("its leaf is that of another record")
	case !l.Holds(content, [saltSize]byte(salt)):
		err = errors.New("the content is not the one that its leaf names")
	}
	if v.check(checkContent, of, err, "it is what its leaf names") {
		v.inclusion(of, dir, leaf, at.Checkpoint)
	}
}

// wacz checks capture.wacz.
func (v *verifying) wacz(ctx context.Context) error {
	w, err := openWACZ(v.at[waczName])
	if !v.check(checkWACZ, waczName, err, "each of its files is the one that datapackage.json names") {
		return nil
	}
	key, err := w.digest.SignedData.Verify()
	if err == nil && w.digest.Hash != w.digest.SignedData.Hash {
		err = errors.New("what was signed is not the digest of datapackage.json")
	}
	text := ""
	if err == nil {
		text = "by the key that it names, SHA-256 " + fingerprint(key)
	}
	v.check(checkWACZSigned, waczName, err, text)
	n, err := v.same(ctx, w)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	v.check(checkWACZSame, waczName, err, fmt.Sprintf("%d records, the same as those of the captures, byte for byte", n))
	return nil
}

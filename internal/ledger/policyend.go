package ledger

import (
	"fmt"
	"strings"
	"time"

	"zoeklicht"
)

// A key's end stands in the policy as a comment, which other readers of tlog-policy pass
// over, right above the line of the key:
//
//	# signs from 2026-01-01T00:00:00Z until 2026-07-08T00:00:00Z
//	log example.org/2026+ae8c442b+ATtq…
//
// Deposit writes it above keys of logs. Above a witness it means the same. Whoever has a
// key after its end can sign, and cannot make it have been before: see VerifyDated.
const (
	endPrefix = "# signs from "
	noEnd     = "further notice"
	endLayout = "2006-01-02T15:04:05Z"
)

// endLine writes the comment above a key; a zero until is no end.
func endLine(from, until time.Time) string {
	end := noEnd
	if !until.IsZero() {
		end = until.UTC().Format(endLayout)
	}
	return fmt.Sprintf("%s%s until %s", endPrefix, from.UTC().Format(endLayout), end)
}

// ParseEnd reads the comment above a key: until when it signs, zero for no end. Told is
// false for a line that is no such comment. One that is, and is written in another way
// than Deposit writes it, is an error: an end that nobody reads would protect nobody.
func ParseEnd(line string) (until time.Time, told bool, err error) {
	rest, told := strings.CutPrefix(line, endPrefix)
	if !told {
		return until, false, nil
	}
	from, end, _ := strings.Cut(rest, " until ")
	if _, err = time.Parse(endLayout, from); err == nil && end != noEnd {
		until, err = time.Parse(endLayout, end)
	}
	if err != nil {
		return time.Time{}, true, fmt.Errorf("%.80q does not say from when until when a key signs", line)
	}
	return until, true, nil
}

// VerifyDated is Verify for evidence: it minds the ends that the policy gives to keys.
// Dated is the earliest moment at which an authority that is believed saw the checkpoint
// with its signatures, zero if none did.
//
//   - A witness whose key ended counts if the checkpoint is dated before that end: the time
//     in its cosignature is its own word.
//   - A log's signature counts if its key did not end, if the checkpoint is dated before the
//     end, or if the witnesses that the quorum wants cosigned it before the end.
//
// It gives the cosignatures that count.
func (p *Policy) VerifyDated(checkpoint []byte, dated time.Time) (*Checkpoint, []Cosignature, error) {
	o, err := p.open(checkpoint)
	if err != nil {
		return nil, nil, err
	}
	before := func(end time.Time) bool { return end.IsZero() || !dated.IsZero() && dated.Before(end) }
	cosigned := o.cosigned[:0:0]
	for _, c := range o.cosigned {
		if before(p.members[c.member].until) {
			cosigned = append(cosigned, c)
		}
	}
	if err := p.quorate(cosigned, o.cosigned); err != nil {
		return nil, nil, err
	}
	var late time.Time
	for _, end := range o.ends {
		if before(end) || p.quorum != none && p.enough(p.quorum, didBefore(cosigned, end)) {
			return o.checkpoint, plainly(cosigned), nil
		}
		late = end
	}
	return nil, nil, badNote("is signed by a key that ended at %s, and nothing shows that it was there before", late.Format(endLayout))
}

// didBefore gives the members that cosigned before a moment.
func didBefore(all []cosignature, end time.Time) map[int]bool {
	did := map[int]bool{}
	for _, c := range all {
		if c.At.Before(end) {
			did[c.member] = true
		}
	}
	return did
}

// quorate checks that those who count are enough; of all that cosigned, some may not.
func (p *Policy) quorate(count, all []cosignature) error {
	did := map[int]bool{}
	for _, c := range count {
		did[c.member] = true
	}
	if p.quorum == none || p.enough(p.quorum, did) {
		return nil
	}
	err := badNote("does not have the cosignatures that the policy wants (%s); it has %d", p.members[p.quorum].name, len(count))
	if n := len(all) - len(count); n > 0 {
		err = zoeklicht.Errorf(zoeklicht.Invalid, "%w, and %d of keys that ended, which nothing dates before their end", err, n)
	}
	return err
}

func plainly(all []cosignature) []Cosignature {
	var out []Cosignature
	for _, c := range all {
		out = append(out, c.Cosignature)
	}
	return out
}

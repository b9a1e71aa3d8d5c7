package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"zoeklicht"
	"zoeklicht/internal/keys"
)

// keyRow is a key of a log as lists show it.
type keyRow struct {
	Log   string     `json:"log"`
	VKey  string     `json:"vkey"`
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until"`
	Signs bool       `json:"signs"`
}

// LogKeys lists the keys that sign a theme's logs, and those that did.
func LogKeys(ring *keys.LogRing, now time.Time, o *Out) error {
	rows := []keyRow{}
	for _, k := range ring.Keys("") {
		rows = append(rows, keyRow{k.Origin, k.VKey, k.Created, moment(k.Until), k.Until.IsZero() || now.Before(k.Until)})
	}
	if o.JSON {
		return lines(o, rows)
	}
	var shown [][]string
	for _, r := range rows {
		until := ""
		if r.Until != nil {
			until = o.at(*r.Until)
		}
		shown = append(shown, []string{r.Log, o.at(r.From), until, yesNo(r.Signs), r.VKey})
	}
	return o.table([]string{"LOG", "FROM", "UNTIL", "SIGNS", "KEY"}, shown)
}

// Rotated tells what a rotation of a log's key asks of people.
func Rotated(ring *keys.LogRing, origin string, now time.Time, o *Out) error {
	all := ring.Keys(origin)
	if o.JSON {
		return LogKeys(ring, now, o)
	}
	for i, k := range slices.Backward(all) {
		if i == len(all)-1 {
			if err := o.say("The log %s has a new key:\n\n%s\n", visible(origin), visible(k.VKey)); err != nil {
				return err
			}
			continue
		}
		if now.Before(k.Until) {
			if err := o.say("The old one signs beside it until %s:\n\n%s\n", o.at(k.Until), visible(k.VKey)); err != nil {
				return err
			}
		}
	}
	return o.say("What to do now:\n" +
		"- have each witness learn the new key, beside the old one: --log KEY. Until it does, publication may wait.\n" +
		"- deposit the policy anew, beside the one of before, which stays valid for what was published: `zoeklicht keys policy`.")
}

// signingRow is what signs in the organisation's name.
type signingRow struct {
	Subject string    `json:"subject"`
	Issuer  string    `json:"issuer"`
	Serial  string    `json:"serial"` // hex
	SHA256  string    `json:"sha256"` // of the certificate, hex
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Kind    string    `json:"kind"`
	Place   string    `json:"place"`
	Answers bool      `json:"answers"`
	Problem string    `json:"problem,omitempty"`
}

// Signing shows what the organisation signs with, and has it make a trial signature, of
// which it gives the error.
func Signing(s *keys.Signing, o *Out) error {
	c, tried := s.Certificate, s.Try()
	sum := sha256.Sum256(c.Raw)
	kind, err := keys.Kind(c.PublicKey)
	if err != nil {
		kind = "of no kind that signs reports"
	}
	r := signingRow{
		c.Subject.String(), c.Issuer.String(), c.SerialNumber.Text(16), hex.EncodeToString(sum[:]),
		c.NotBefore.UTC(), c.NotAfter.UTC(), kind, s.Place, tried == nil, "",
	}
	if tried != nil {
		r.Problem = tried.Error()
	}
	if o.JSON {
		return errors.Join(o.object(&r), tried)
	}
	answers := "yes: it made a trial signature, which is right"
	if tried != nil {
		answers = "no"
	}
	for _, line := range [][2]string{
		{"whose", r.Subject},
		{"issued by", r.Issuer},
		{"valid", "from " + o.day(r.From) + " to " + o.last(r.Until)},
		{"serial", r.Serial},
		{"SHA-256", r.SHA256},
		{"key", r.Kind + ", " + r.Place},
		{"answers", answers},
	} {
		if err := o.say("%-10s %s", line[0], visible(line[1])); err != nil {
			return err
		}
	}
	return tried
}

// renewSoon is how long before its end a certificate is announced to run out: an authority
// takes weeks.
const renewSoon = 60 * 24 * time.Hour

// CheckSigning judges what the organisation signs with, by a trial signature; s is nil for
// a key that the first export will make, and err is why it could not be opened.
func CheckSigning(s *keys.Signing, err error, now time.Time) Finding {
	f := Finding{Check: "signing key", Grade: OK}
	switch {
	case err != nil:
		return problem(f.Check, err)
	case s == nil:
		f.Is = "none yet: the first export makes one"
		return f
	}
	if err := s.Try(); err != nil {
		return problem(f.Check, err)
	}
	c := s.Certificate
	f.Is = fmt.Sprintf("%s answers; its certificate, of %s, holds until %s", s.Place, c.Subject, c.NotAfter.UTC().Format(time.DateOnly))
	switch {
	case now.Before(c.NotBefore):
		f.Grade, f.Is, f.Do = Fail, "the certificate of "+c.Subject.String()+" is not valid before "+c.NotBefore.UTC().Format(time.RFC3339), "see that the clock is right, or sign with the certificate of before"
	case !now.Before(c.NotAfter):
		f.Grade, f.Is, f.Do = Fail, "the certificate of "+c.Subject.String()+" ran out on "+c.NotAfter.UTC().Format(time.DateOnly)+": what is signed now is not believed", "have a new one issued, and deposit the policy"
	case c.NotAfter.Sub(now) < renewSoon:
		f.Grade, f.Do = Warn, "have a new certificate issued, and deposit the policy"
	}
	return f
}

// problem is the finding that an error tells of, with what it says to do.
func problem(check string, err error) Finding {
	f := Failed(check, err, "see the guide to the signing key")
	var e *zoeklicht.Error
	if errors.As(err, &e) {
		if e.Do != "" {
			f.Do = e.Do
		}
		told := *e
		told.Safe, told.Do = "", ""
		f.Is = told.Error()
	}
	return f
}

package cli

import (
	"slices"
	"time"

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

package cli

import (
	"context"
	"fmt"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/place"
	"zoeklicht/internal/store"
)

// Corrections runs the finder over the corrections that people made in a theme: each is a
// test case, a text and what is right in it.
type Corrections struct {
	Finder *extract.Entities
}

// corrected is the outcome of one case. What leads to a person is masked.
type corrected struct {
	ID      int64                `json:"correction"`
	Version zoeklicht.VersionID  `json:"version"`
	Type    zoeklicht.EntityType `json:"type"`
	Was     string               `json:"was"`   // "" where it was missed
	Right   string               `json:"right"` // "" where there is nothing
	Now     bool                 `json:"now"`   // the finder gets it right by now
}

// caseStore is what gives the cases.
type caseStore interface {
	CorrectionCases(ctx context.Context) ([]store.CorrectionCase, error)
}

// Run prints for each correction that stands whether the finder gets it right by now.
func (c *Corrections) Run(ctx context.Context, st caseStore, out *Out) error {
	cases, err := st.CorrectionCases(ctx)
	if err != nil {
		return err
	}
	all, right := make([]corrected, len(cases)), 0
	for i := range cases {
		k := &cases[i].Correction
		all[i] = corrected{k.ID, k.Version, k.Entity.Type, hideCase(k.Entity.Type, k.Entity.Value), hideCase(k.Entity.Type, k.Right), c.right(&cases[i])}
		if all[i].Now {
			right++
		}
	}
	if out.JSON {
		return lines(out, all)
	}
	if len(all) == 0 {
		return out.say("%s", correctionTexts.none.In(out.Lang))
	}
	rows := make([][]string, len(all))
	for i, k := range all {
		was, is, now := k.Was, k.Right, correctionTexts.no
		if was == "" {
			was = correctionTexts.missed.In(out.Lang)
		}
		if is == "" {
			is = correctionTexts.nothing.In(out.Lang)
		}
		if k.Now {
			now = correctionTexts.yes
		}
		rows[i] = []string{fmt.Sprint(k.ID), fmt.Sprint(k.Version), entityTexts.types[k.Type].In(out.Lang), was, is, now.In(out.Lang)}
	}
	if err := out.table(strings.Split(correctionTexts.head.In(out.Lang), ","), rows); err != nil {
		return err
	}
	return out.say(correctionTexts.sum.In(out.Lang), right, len(all))
}

// right reports whether the finder gets a case right: it finds what is right where that is,
// and no more what was wrong there.
func (c *Corrections) right(k *store.CorrectionCase) bool {
	e, text := k.Correction.Entity, k.Text
	field := e.End == 0 && e.Raw != "" // it stood in a field only
	if field {
		text = e.Raw
	}
	found, wrong := k.Correction.Right == "", false
	for _, x := range c.Finder.Find(text, k.Lang) {
		there := e.Raw == "" || field || x.Start < e.End && e.Start < x.End
		if x.Type != e.Type || !there {
			continue
		}
		found = found || x.Value == k.Correction.Right
		wrong = wrong || e.Value != "" && x.Value == e.Value
	}
	return found && !wrong
}

// hideCase gives a value as people may see it.
func hideCase(t zoeklicht.EntityType, value string) string {
	switch {
	case value == "":
		return ""
	case t.Identifies():
		return zoeklicht.Mask(value)
	case t == zoeklicht.PlaceName:
		return placesOf(place.Load(), value)
	}
	return value
}

// correctionTexts are the texts of this answer.
var correctionTexts = struct{ head, none, missed, nothing, yes, no, sum zoeklicht.Text }{
	head:    zoeklicht.Text{NL: "VERBETERING,VERSIE,SOORT,GEVONDEN ALS,MOET ZIJN,NU GOED", EN: "CORRECTION,VERSION,TYPE,FOUND AS,SHOULD BE,RIGHT NOW"},
	none:    zoeklicht.Text{NL: "Er zijn geen verbeteringen.", EN: "There are no corrections."},
	missed:  zoeklicht.Text{NL: "gemist", EN: "missed"},
	nothing: zoeklicht.Text{NL: "staat er niet", EN: "is not there"},
	yes:     zoeklicht.Text{NL: "ja", EN: "yes"},
	no:      zoeklicht.Text{NL: "nee", EN: "no"},
	sum:     zoeklicht.Text{NL: "%d van %d verbeteringen worden nu goed gevonden.", EN: "%d of %d corrections are found right by now."},
}

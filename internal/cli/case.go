package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"zoeklicht"
)

// Cases tells what the record says about a case; *store.Store is one.
type Cases interface {
	Case(ctx context.Context, number string, asOf time.Time) (*zoeklicht.Case, error)
}

// caseRow is a case as JSON has it.
type caseRow struct {
	Case      string         `json:"case"`
	AsOf      *time.Time     `json:"as_of"`
	Captured  []capturedRow  `json:"captured"`
	Missed    []missedRow    `json:"missed"`
	Destroyed []destroyedRow `json:"destroyed"`
	Seen      []seenRow      `json:"seen"`
	Exported  []exportedRow  `json:"exported"`
	Other     []otherRow     `json:"other_side"`
	Longer    []string       `json:"longer"` // lists of which the first thousand are here
	Held      *heldFor       `json:"held"`
}

type capturedRow struct {
	Capture   string              `json:"capture"`
	At        *time.Time          `json:"at"`
	Source    zoeklicht.SourceID  `json:"source"`
	Advert    zoeklicht.AdvertID  `json:"advert"`
	Version   zoeklicht.VersionID `json:"version"`
	N         int                 `json:"n"`
	Pictures  int                 `json:"pictures"`
	LeafIndex int64               `json:"leaf_index"` // -1 while it waits
	Asked     bool                `json:"asked"`
	Exported  bool                `json:"exported"`
}

type missedRow struct {
	At      *time.Time         `json:"at"`
	Source  zoeklicht.SourceID `json:"source"`
	Run     int64              `json:"run"`
	Capture string             `json:"capture,omitempty"`
	Advert  zoeklicht.AdvertID `json:"advert"`
	Why     zoeklicht.Fail     `json:"why"`
	Count   int                `json:"count"`
}

type destroyedRow struct {
	At        *time.Time         `json:"at"`
	Capture   string             `json:"capture"`
	Advert    zoeklicht.AdvertID `json:"advert"`
	Item      string             `json:"item"` // empty for the whole capture
	Rule      string             `json:"rule"`
	Asked     string             `json:"asked_by"`
	By        string             `json:"approved_by"`
	LeafIndex int64              `json:"leaf_index"`
}

type seenRow struct {
	First *time.Time     `json:"first"`
	Last  *time.Time     `json:"last"`
	Name  string         `json:"name"`
	Role  zoeklicht.Role `json:"role"`
	Act   string         `json:"act"`
	Times int            `json:"times"`
	Rows  int            `json:"rows"`
}

type exportedRow struct {
	Export    int64                `json:"export"`
	At        *time.Time           `json:"at"`
	Name      string               `json:"name"`
	Purpose   string               `json:"purpose"`
	Ground    string               `json:"ground"`
	Form      zoeklicht.ExportForm `json:"form"`
	What      string               `json:"what"`
	File      string               `json:"file"`
	Bytes     int64                `json:"bytes"`
	SHA256    string               `json:"sha256"`
	Pictures  int                  `json:"pictures"`
	Encrypted bool                 `json:"encrypted"`
	LeafIndex int64                `json:"leaf_index"`
	Erased    int                  `json:"erased"`
}

type otherRow struct {
	Kind    zoeklicht.RemarkKind `json:"kind"`
	At      *time.Time           `json:"at"`
	Advert  zoeklicht.AdvertID   `json:"advert"`
	Version zoeklicht.VersionID  `json:"version"`
	Name    string               `json:"name"`
	Text    string               `json:"text"`
	Count   int                  `json:"count"`
}

type heldFor struct {
	Since    *time.Time `json:"since"`
	By       string     `json:"by"` // empty where exports hold it
	Captures int        `json:"captures"`
}

func capturedID(id zoeklicht.CaptureID) string {
	if id == (zoeklicht.CaptureID{}) {
		return ""
	}
	return id.String()
}

// caseOf turns a case into what JSON has.
func caseOf(c *zoeklicht.Case) *caseRow {
	r := &caseRow{
		Case: c.Number, AsOf: moment(c.AsOf), Captured: []capturedRow{}, Missed: []missedRow{}, Destroyed: []destroyedRow{}, Seen: []seenRow{},
		Exported: []exportedRow{}, Other: []otherRow{}, Longer: list(c.More),
	}
	for _, x := range c.Captured {
		r.Captured = append(r.Captured, capturedRow{x.Capture.String(), moment(x.At), x.Source, x.Advert, x.Version, x.N, x.Pictures, x.LeafIndex, x.Asked, x.Exported})
	}
	for _, x := range c.Missed {
		r.Missed = append(r.Missed, missedRow{moment(x.At), x.Source, x.Run, capturedID(x.Capture), x.Advert, x.Fail, x.Count})
	}
	for _, x := range c.Destroyed {
		r.Destroyed = append(r.Destroyed, destroyedRow{moment(x.At), x.Capture.String(), x.Advert, x.Item, x.Rule, x.Asked, x.By, x.Leaf})
	}
	for _, x := range c.Seen {
		r.Seen = append(r.Seen, seenRow{moment(x.First), moment(x.Last), x.Name, x.Role, x.Act, x.Times, x.Rows})
	}
	for _, x := range c.Exported {
		r.Exported = append(r.Exported, exportedRow{
			x.ID, moment(x.At), x.Name, x.Case, x.Ground, x.Form, x.What, x.File, x.Bytes, hex.EncodeToString(x.SHA256[:]),
			x.Pictures, x.Encrypted, x.LeafIndex, x.Erased,
		})
	}
	for _, x := range c.Other {
		r.Other = append(r.Other, otherRow{x.Kind, moment(x.At), x.Advert, x.Version, x.Name, x.Text, x.Count})
	}
	if h := c.Hold; h != nil {
		r.Held = &heldFor{moment(h.Since), h.By, h.Captures}
	}
	return r
}

// ShowCase prints what the record says about a case number.
func ShowCase(ctx context.Context, cases Cases, number string, asOf time.Time, out *Out) error {
	c, err := cases.Case(ctx, number, asOf)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(caseOf(c))
	}
	if c.Empty() {
		return out.say("The record says nothing about case %s, as of %s.", visible(number), out.at(c.AsOf))
	}
	if err := out.say("Case %s, as of %s. All times are those of %s.", visible(number), out.at(c.AsOf), out.zone()); err != nil {
		return err
	}
	for _, part := range caseParts(c, out) {
		if err := out.say("\n%s: %d", part.title, len(part.rows)); err != nil {
			return err
		}
		if len(part.rows) > 0 {
			if err := out.table(part.head, part.rows); err != nil {
				return err
			}
		}
	}
	if h := c.Hold; h != nil {
		out.Notice("Held for it since %s: %s.", out.day(h.Since), count(h.Captures, "capture"))
	}
	for _, name := range c.More {
		out.Notice("Of %q the first %d are listed.", name, zoeklicht.CaseRows)
	}
	return nil
}

// casePart is a list of a case, as people read it.
type casePart struct {
	title string
	head  []string
	rows  [][]string
}

func caseParts(c *zoeklicht.Case, out *Out) []casePart {
	number := func(n int64) string {
		if n <= 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	captured := casePart{title: "Captured", head: []string{"WHEN", "SOURCE", "ADVERT", "VERSION", "CAPTURE", "PICTURES", "LEFT"}}
	for _, x := range c.Captured {
		captured.rows = append(captured.rows, []string{out.at(x.At), string(x.Source), number(int64(x.Advert)), number(int64(x.N)), x.Capture.String(), fmt.Sprint(x.Pictures), yesNo(x.Exported)})
	}
	missed := casePart{title: "Missed", head: []string{"WHEN", "SOURCE", "RUN", "ADVERT", "WHY", "COUNT"}}
	for _, x := range c.Missed {
		missed.rows = append(missed.rows, []string{out.at(x.At), string(x.Source), number(x.Run), number(int64(x.Advert)), string(x.Fail), fmt.Sprint(x.Count)})
	}
	destroyed := casePart{title: "Destroyed", head: []string{"WHEN", "CAPTURE", "ITEM", "GROUND", "ASKED BY", "APPROVED BY"}}
	for _, x := range c.Destroyed {
		destroyed.rows = append(destroyed.rows, []string{out.at(x.At), x.Capture.String(), x.Item, x.Rule, x.Asked, x.By})
	}
	seen := casePart{title: "Seen and done", head: []string{"WHEN", "WHO", "ROLE", "ACT", "TIMES", "ROWS"}}
	for _, x := range c.Seen {
		seen.rows = append(seen.rows, []string{out.at(x.First), x.Name, string(x.Role), x.Act, fmt.Sprint(x.Times), fmt.Sprint(x.Rows)})
	}
	exported := casePart{title: "Exported", head: []string{"WHEN", "WHO", "WHAT", "FORM", "GROUND", "SHA-256", "DESTROYED SINCE"}}
	for _, x := range c.Exported {
		exported.rows = append(exported.rows, []string{out.at(x.At), x.Name, x.What, string(x.Form), x.Ground, hex.EncodeToString(x.SHA256[:]), fmt.Sprint(x.Erased)})
	}
	other := casePart{title: "What speaks for the other side", head: []string{"WHEN", "WHAT", "ADVERT", "VERSION", "WHO", "COUNT", "IN WORDS"}}
	for _, x := range c.Other {
		other.rows = append(other.rows, []string{out.at(x.At), string(x.Kind), number(int64(x.Advert)), number(int64(x.N)), x.Name, number(int64(x.Count)), x.Text})
	}
	return []casePart{captured, missed, destroyed, seen, exported, other}
}

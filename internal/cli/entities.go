package cli

import (
	"bytes"
	"fmt"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/place"
	"zoeklicht/internal/text"
)

// Entities finds what can be looked up, counted or compared in a text that is at hand:
// nothing is fetched and nothing is stored.
type Entities struct {
	Text          string
	Lang          string   // of the text; empty: guessed
	Regions       []string // of national phone numbers; empty: extract.CommonRegions
	PhonePatterns []string // numbers that count as valid though no plan has them
	// Places is a table of municipalities beside the built-in ones and PlacesName its
	// file; empty: none.
	Places     []byte
	PlacesName string
}

// Run finds the entities and prints them in the order in which they begin.
func (e *Entities) Run(out *Out) error {
	c := extract.EntitiesConfig{Regions: e.Regions, PhonePatterns: e.PhonePatterns, Places: place.Load()}
	if len(c.Regions) == 0 {
		c.Regions = extract.CommonRegions
	}
	if e.PlacesName != "" {
		more, err := place.ReadTable(e.PlacesName, bytes.NewReader(e.Places))
		if err != nil {
			return err
		}
		if c.Places, err = c.Places.With(more); err != nil {
			return err
		}
	}
	finder, err := extract.NewEntities(c)
	if err != nil {
		return err
	}
	lang := e.Lang
	if lang == "" {
		lang = text.Language(e.Text)
	}
	found := finder.Find(e.Text, lang)
	if out.JSON {
		return lines(out, found)
	}
	if len(found) == 0 {
		return out.say("%s", entityTexts.nothing.In(out.Lang))
	}
	rows := make([][]string, len(found))
	for i, x := range found {
		value := x.Value
		if x.Type == zoeklicht.PlaceName {
			value = placesOf(c.Places, value)
		}
		rows[i] = []string{entityTexts.types[x.Type].In(out.Lang), value, cut(x.Raw, 60), fmt.Sprintf("%d-%d", x.Start, x.End), entityNotes(x, out.Lang)}
	}
	return out.table(strings.Split(entityTexts.head.In(out.Lang), ","), rows)
}

// placesOf gives municipalities with their names.
func placesOf(x *place.Index, codes string) string {
	var out []string
	for code := range strings.SplitSeq(codes, "|") {
		if m, ok := x.Municipality(code); ok {
			code += " " + m.Name
		}
		out = append(out, code)
	}
	return strings.Join(out, ", ")
}

// entityNotes says what is unusual about an entity.
func entityNotes(x zoeklicht.Entity, lang string) string {
	var notes []string
	if x.Obfuscated {
		notes = append(notes, entityTexts.disguised.In(lang))
	}
	if !x.Valid {
		notes = append(notes, entityTexts.doubtful.In(lang))
	}
	return strings.Join(notes, ", ")
}

// entityTexts are the texts of this answer.
var entityTexts = struct {
	head, nothing, disguised, doubtful zoeklicht.Text
	types                              map[zoeklicht.EntityType]zoeklicht.Text
}{
	head:      zoeklicht.Text{NL: "SOORT,WAARDE,STAAT ER ALS,BYTES,OPMERKING", EN: "TYPE,VALUE,WRITTEN AS,BYTES,NOTE"},
	nothing:   zoeklicht.Text{NL: "Er is niets gevonden.", EN: "Nothing was found."},
	disguised: zoeklicht.Text{NL: "verhuld geschreven", EN: "written in disguise"},
	doubtful:  zoeklicht.Text{NL: "niet geldig", EN: "not valid"},
	types: map[zoeklicht.EntityType]zoeklicht.Text{
		zoeklicht.Phone:        {NL: "telefoon", EN: "phone"},
		zoeklicht.Email:        {NL: "e-mail", EN: "e-mail"},
		zoeklicht.Handle:       {NL: "naam bij een dienst", EN: "name at a service"},
		zoeklicht.Link:         {NL: "webadres", EN: "web address"},
		zoeklicht.Price:        {NL: "prijs", EN: "price"},
		zoeklicht.Age:          {NL: "leeftijd", EN: "age"},
		zoeklicht.Availability: {NL: "beschikbaar", EN: "available"},
		zoeklicht.PlaceName:    {NL: "plaats", EN: "place"},
	},
}

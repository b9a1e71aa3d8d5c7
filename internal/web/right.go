package web

import (
	"strings"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/place"
	"zoeklicht/internal/search"
)

// rightOf writes what a reader typed as right the way that the finder writes what it finds
// in a text: a number in E.164, a place by the codes of the municipalities of that name. It
// reports false where the finder would find no such thing, or find it not valid: a number
// with a figure too few, a negative age.
func (q *request) rightOf(kind zoeklicht.EntityType, typed string) (r zoeklicht.Right, ok bool, err error) {
	if typed == "" {
		return r, true, nil
	}
	if kind == zoeklicht.PlaceName {
		r, ok = rightPlace(typed, q)
		return r, ok, nil
	}
	finder, err := extract.NewEntities(extract.EntitiesConfig{Regions: q.theme.Regions, PhonePatterns: q.theme.PhonePatterns})
	if err != nil {
		return r, false, err
	}
	// A number written as at home is of the first of the theme's countries: a figure too few
	// must not make it one of a country with shorter ones.
	if kind == zoeklicht.Phone {
		if whole, _, err := search.Phone(typed, q.theme.Regions); err == nil && len(whole) > 0 {
			typed = whole[0]
		}
	}
	// In an advert a unit stands beside an age and a currency beside a price; whoever types in
	// the field for it need not.
	for _, said := range append([]string{typed}, unitless[kind]...) {
		said = strings.ReplaceAll(said, "%", typed)
		for _, e := range finder.Find(said, q.words.Lang()) {
			if e.Type == kind && e.Valid && e.End == len(said) && (e.Start == 0 || kind == zoeklicht.Handle) {
				return zoeklicht.Right{Value: e.Value, Wording: typed}, true, nil
			}
		}
	}
	return r, false, nil
}

// unitless gives how something is written in full, % being what was typed.
var unitless = map[zoeklicht.EntityType][]string{
	zoeklicht.Age:   {"% jaar"},
	zoeklicht.Price: {"€ %"},
}

// rightPlace gives the municipalities of a name, or of a code, and the unit if they lie in
// one.
func rightPlace(typed string, q *request) (r zoeklicht.Right, ok bool) {
	all := place.Load().Lookup(typed, q.now)
	if m, ok := place.Load().Municipality(typed); ok {
		all = []place.Municipality{m}
	}
	if len(all) == 0 {
		return r, false
	}
	var codes, names []string
	r.Unit = all[0].Unit
	for _, m := range all {
		codes, names = append(codes, m.Code), append(names, m.Name)
		if m.Unit != r.Unit {
			r.Unit = ""
		}
	}
	if len(all) == 1 {
		r.Municipality = all[0].Code
	}
	r.Value, r.Wording = strings.Join(codes, "|"), strings.Join(names, " / ")
	return r, true
}

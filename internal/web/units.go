package web

import (
	"zoeklicht/internal/place"
	"zoeklicht/internal/wording"
)

// unitTile is where a police unit lies on the map of tiles: ten squares in the places
// that the ten units have beside each other, all of one size, so that a small unit is as
// easy to read as a large one.
type unitTile struct {
	code string
	tag  wording.Key // its name in a tile
	x, y int
}

var unitTiles = []unitTile{
	{"noord-nederland", "work.tile-nn", 3, 0},
	{"oost-nederland", "work.tile-on", 3, 1},
	{"midden-nederland", "work.tile-mn", 2, 1},
	{"noord-holland", "work.tile-nh", 1, 0},
	{"amsterdam", "work.tile-am", 1, 1},
	{"den-haag", "work.tile-dh", 0, 1},
	{"rotterdam", "work.tile-rt", 0, 2},
	{"zeeland-west-brabant", "work.tile-zb", 1, 2},
	{"oost-brabant", "work.tile-ob", 2, 2},
	{"limburg", "work.tile-lb", 3, 2},
}

// unitIndex finds a unit by its code, -1 where there is none such.
func unitIndex(code string) int {
	for i := range unitTiles {
		if unitTiles[i].code == code {
			return i
		}
	}
	return -1
}

// unitName names a police unit; its code where there is none such.
func unitName(code string, w wording.W) string {
	u, err := place.UnitOf(code)
	if err != nil {
		return code
	}
	return u.Name.In(w.Lang())
}

// townName names a municipality by its code; the code where there is none such.
func townName(code string) string {
	if m, ok := place.Load().Municipality(code); ok {
		return m.Name
	}
	return code
}

// chooseUnits lists the units for the chooser, all of them first.
func chooseUnits(chosen string, w wording.W) []unitChoice {
	out := []unitChoice{{Code: "", Name: w.T("work.all-units"), Chosen: chosen == ""}}
	for _, u := range place.Units() {
		out = append(out, unitChoice{u.Code, u.Name.In(w.Lang()), u.Code == chosen})
	}
	return out
}

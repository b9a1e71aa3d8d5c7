package web

import (
	"zoeklicht/internal/wording"
)

// unitTile is where a police unit lies on the map of tiles: ten squares in the places
// that the ten units have beside each other, all of one size, so that a small unit is as
// easy to read as a large one.
type unitTile struct {
	code string
	key  wording.Key // its name
	tag  wording.Key // its name in a tile
	x, y int
}

var unitTiles = []unitTile{
	{"noord-nederland", "work.unit-nn", "work.tile-nn", 3, 0},
	{"oost-nederland", "work.unit-on", "work.tile-on", 3, 1},
	{"midden-nederland", "work.unit-mn", "work.tile-mn", 2, 1},
	{"noord-holland", "work.unit-nh", "work.tile-nh", 1, 0},
	{"amsterdam", "work.unit-am", "work.tile-am", 1, 1},
	{"den-haag", "work.unit-dh", "work.tile-dh", 0, 1},
	{"rotterdam", "work.unit-rt", "work.tile-rt", 0, 2},
	{"zeeland-west-brabant", "work.unit-zb", "work.tile-zb", 1, 2},
	{"oost-brabant", "work.unit-ob", "work.tile-ob", 2, 2},
	{"limburg", "work.unit-lb", "work.tile-lb", 3, 2},
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

// unitName names a unit; its code where it is none of the ten.
func unitName(code string, w wording.W) string {
	if i := unitIndex(code); i >= 0 {
		return w.T(unitTiles[i].key)
	}
	return code
}

// chooseUnits lists the units for the chooser, all of them first.
func chooseUnits(chosen string, w wording.W) []unitChoice {
	out := []unitChoice{{Code: "", Name: w.T("work.all-units"), Chosen: chosen == ""}}
	for _, u := range unitTiles {
		out = append(out, unitChoice{u.code, w.T(u.key), u.code == chosen})
	}
	return out
}

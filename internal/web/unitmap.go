package web

import (
	"zoeklicht"
	"zoeklicht/internal/wording"
)

// unitMap is the map of tiles, drawn on the server: a tile for each police unit, darker
// where there is more. A table of the same counts stands beside it.
type unitMap struct {
	Tiles []mapTile
	Total int
	Width int
	High  int
}

// mapTile is one unit. Shade is 0 for nothing and 1 to 4 for a quarter each of the
// largest count.
type mapTile struct {
	Tag    string
	Name   string
	Count  int
	Shade  int
	X, Y   int
	TextX  int
	TagY   int
	CountY int
}

// The tiles' measures, in units of the drawing.
const (
	tileWide = 84
	tileHigh = 50
	tileStep = 4 // between two tiles
)

// mapUnits draws counts by unit. Nil when none lies in one of the ten.
func mapUnits(counts []zoeklicht.Counted, w wording.W) *unitMap {
	by, most := map[string]int{}, 0
	m := &unitMap{Width: 4*(tileWide+tileStep) - tileStep, High: 3*(tileHigh+tileStep) - tileStep}
	for _, c := range counts {
		if unitIndex(c.Value) >= 0 {
			by[c.Value] += c.Count
			m.Total += c.Count
			most = max(most, by[c.Value])
		}
	}
	if m.Total == 0 {
		return nil
	}
	for _, u := range unitTiles {
		n := by[u.code]
		t := mapTile{Tag: w.T(u.tag), Name: unitName(u.code, w), Count: n, X: u.x * (tileWide + tileStep), Y: u.y * (tileHigh + tileStep)}
		if n > 0 {
			t.Shade = (n*4 + most - 1) / most
		}
		t.TextX, t.TagY, t.CountY = t.X+tileWide/2, t.Y+18, t.Y+38
		m.Tiles = append(m.Tiles, t)
	}
	return m
}

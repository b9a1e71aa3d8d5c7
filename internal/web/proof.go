package web

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"zoeklicht"
)

// captureView is a capture as proof shows it.
type captureView struct {
	*zoeklicht.Capture
	Items   []itemView
	LeafSum string // SHA-256 of the leaf, hex
}

type itemView struct {
	Name string
	zoeklicht.Place
}

// capture reads where a version comes from.
func (s *site) capture(q *request, id zoeklicht.CaptureID) (*captureView, error) {
	c, err := s.Adverts.Capture(q.Context(), q.pass, id)
	if zoeklicht.CodeOf(err) == zoeklicht.NotFound {
		return nil, nil // the screen says that the register has no such capture
	}
	if err != nil {
		return nil, err
	}
	v := &captureView{Capture: c}
	if len(c.Leaf) > 0 {
		v.LeafSum = fmt.Sprintf("%x", sha256.Sum256(c.Leaf))
	}
	for name, place := range c.Items {
		v.Items = append(v.Items, itemView{name, place})
	}
	slices.SortFunc(v.Items, func(a, b itemView) int { return strings.Compare(a.Name, b.Name) })
	return v, nil
}

// ManifestLines gives the manifest a line each.
func (c *captureView) ManifestLines() []string {
	return strings.Split(strings.TrimRight(string(c.Manifest), "\n"), "\n")
}

package keys

import (
	"bytes"
	"time"

	"zoeklicht"
)

// Signing gives the keys that sign logs now, in the format of the key file, to hand to the
// process that appends to them: it can publish, and holds no key that signs no more.
func (r *LogRing) Signing(now time.Time) ([]byte, error) {
	s := LogRing{theme: r.theme}
	for _, k := range r.keys {
		if k.private != nil && (k.until.IsZero() || now.Before(k.until)) {
			s.keys = append(s.keys, k)
		}
	}
	return s.marshal()
}

// ParseLogKeys reads the keys of a theme's logs as Signing gives them.
func ParseLogKeys(theme zoeklicht.ThemeName, b []byte) (*LogRing, error) {
	r, err := parseLogRing(theme, bytes.Clone(b))
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "log keys of theme %s: %w", theme, err)
	}
	return r, nil
}

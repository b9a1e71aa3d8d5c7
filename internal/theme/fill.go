package theme

import (
	"io"
	"slices"

	"zoeklicht"
)

// Fill gives a copy of a theme in which the placeholders of the sources' homes
// and scopes are replaced: {{key}} by hosts[key], a host:port. It is an Invalid
// error when a placeholder has no host.
func Fill(t *zoeklicht.Theme, hosts map[string]string) (*zoeklicht.Theme, error) {
	missing := ""
	fill := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(p string) string {
			host, ok := hosts[p[2:len(p)-2]]
			if !ok {
				missing = p
			}
			return host
		})
	}
	all := func(list []string) []string {
		list = slices.Clone(list)
		for i := range list {
			list[i] = fill(list[i])
		}
		return list
	}
	filled := *t
	filled.Sources = slices.Clone(t.Sources)
	for i := range filled.Sources {
		s := &filled.Sources[i]
		s.Home = fill(s.Home)
		s.Scope.Hosts, s.Scope.PictureHosts = all(s.Scope.Hosts), all(s.Scope.PictureHosts)
		if missing != "" {
			return nil, zoeklicht.Errorf(zoeklicht.Invalid, "source %s: no address is known for %s", s.ID, missing)
		}
	}
	return &filled, nil
}

func readAtMost(r io.Reader, n int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, n)) }

package access

import (
	"regexp"
	"slices"
	"strings"

	"zoeklicht"
)

// The names that no theme's database or role can have.
const (
	// CommonDatabase holds people, credentials, sessions, grants and themes.
	CommonDatabase = "zl_common"
	// CommonRole is the role that serves people from the common database.
	CommonRole = "zl_access"
)

// themeName is what zoeklicht.ThemeName allows. Without underscores in it, two
// themes never share a database name, and with them replaced a name needs no
// quoting in SQL.
var themeName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// reserved would clash with a name of the platform's own.
var reserved = []zoeklicht.ThemeName{"common", "access"}

// CheckTheme says what is wrong with a theme's name: lower-case letters, digits
// and single hyphens, beginning with a letter, at most 32 bytes, not reserved.
func CheckTheme(name zoeklicht.ThemeName) error {
	if len(name) > 32 || !themeName.MatchString(string(name)) || slices.Contains(reserved, name) {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%q cannot name a theme", name).
			With("nothing was changed", "use lower-case letters, digits and hyphens, at most 32")
	}
	return nil
}

// DatabaseName gives the name of a theme's database, "zl_practice". The name of
// the theme must be one that CheckTheme lets through.
func DatabaseName(theme zoeklicht.ThemeName) string {
	return "zl_" + strings.ReplaceAll(string(theme), "-", "_")
}

// RoleName gives the name of the database role of a phase in a theme,
// "zl_practice_technical": at most 47 bytes, under PostgreSQL's 63. The name of
// the theme must be one that CheckTheme lets through.
func RoleName(theme zoeklicht.ThemeName, phase zoeklicht.Phase) string {
	return DatabaseName(theme) + "_" + string(phase)
}

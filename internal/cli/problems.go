package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"zoeklicht"

	"github.com/goccy/go-yaml"
)

// Problems gathers what is wrong with what a person gave, so that all of it is told at
// once.
type Problems []string

// add notes a problem.
func (ps *Problems) add(format string, args ...any) { *ps = append(*ps, fmt.Sprintf(format, args...)) }

// Err gives nil when nothing is wrong, and otherwise one Invalid error with all of it.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "%s", strings.Join(ps, "; ")).
		With("nothing was changed", "correct this and try again")
}

// decodeYAML reads a YAML file strictly into v. What is wrong is named by file, line
// and column.
func decodeYAML(file string, body []byte, v any) error {
	err := yaml.UnmarshalWithOptions(body, v, yaml.Strict())
	if err == nil {
		return nil
	}
	where, what := file, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		what = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			where = fmt.Sprintf("%s:%d:%d", file, t.Position.Line, t.Position.Column)
		}
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "%s: %s", where, what).With("nothing was changed", "correct the file and try again")
}

// maxFile is the most bytes that a file from a person may have.
const maxFile = 16 << 20

// ReadFile reads a file that a person named. Errors are Invalid and name it.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%s has %d bytes; at most %d are read", path, info.Size(), maxFile).With("nothing was changed", "")
	}
	if err == nil && info.IsDir() {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%s is a folder", path).With("nothing was changed", "name a file")
	}
	if err == nil {
		var b []byte
		if b, err = os.ReadFile(path); err == nil {
			return b, nil
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%w", err).With("nothing was changed", "")
}

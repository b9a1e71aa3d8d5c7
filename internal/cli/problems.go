package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"zoeklicht"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
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
	var at yaml.Error
	if errors.As(err, &at) {
		return wrongFile(file, at.GetToken(), at.GetMessage())
	}
	return wrongFile(file, nil, err.Error())
}

// wrongFile names what is wrong in a file, and where.
func wrongFile(file string, at *token.Token, what string) error {
	if at != nil && at.Position != nil {
		file = fmt.Sprintf("%s:%d:%d", file, at.Position.Line, at.Position.Column)
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "%s: %s", file, strings.Join(strings.Fields(what), " ")).
		With("nothing was changed", "correct the file and try again")
}

// checkDurations looks at the lengths of time in a file, of which the decoder would not
// tell where they stand. Files that are no YAML are left to it.
func checkDurations(file string, body []byte, paths ...string) error {
	tree, err := parser.ParseBytes(body, 0)
	if err != nil {
		return nil //nolint:nilerr // the decoder meets it as well
	}
	for _, p := range paths {
		path, err := yaml.PathString(p)
		if err != nil {
			return err
		}
		node, err := path.FilterFile(tree)
		if err != nil || node == nil {
			continue // it is not there
		}
		if _, err := time.ParseDuration(node.GetToken().Value); err != nil {
			return wrongFile(file, node.GetToken(), fmt.Sprintf("%q is not a length of time such as 24h, 90s or 500ms", node.GetToken().Value))
		}
	}
	return nil
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

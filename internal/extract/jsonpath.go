package extract

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// jsonPath leads to values in a JSON document: keys and array indices with dots
// between them, "*" for every element of an array or every value of an object,
// "\." for a dot in a key. The empty path is the document itself; "[0]" may be
// written for ".0".
type jsonPath []string

func parsePath(s string) (jsonPath, error) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "$"), ".")
	if s == "" {
		return jsonPath{}, nil
	}
	var out jsonPath
	var part strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			part.WriteByte(s[i])
		case c == '.':
			out = append(out, part.String())
			part.Reset()
		case c == '[' && strings.IndexByte(s[i:], ']') > 1:
			if part.Len() > 0 {
				out = append(out, part.String())
				part.Reset()
			}
			end := i + strings.IndexByte(s[i:], ']')
			out = append(out, s[i+1:end])
			i = end
			if i+1 < len(s) && s[i+1] == '.' {
				i++
			}
			if i+1 == len(s) {
				return out, nil
			}
		default:
			part.WriteByte(c)
		}
	}
	out = append(out, part.String())
	if slices.Contains(out, "") {
		return nil, errors.New("an empty step in the path")
	}
	return out, nil
}

// found is a value and the path that leads to it alone.
type found struct {
	v    any
	path string
}

// find gives the values that a path leads to, in order of the document; those of
// an object in order of their keys.
func (p jsonPath) find(root any) []found {
	at := []found{{root, ""}}
	for _, step := range p {
		var next []found
		for _, f := range at {
			next = append(next, f.step(step)...)
		}
		at = next
	}
	return at
}

func (f found) step(s string) []found {
	below := func(key string, v any) found {
		if f.path != "" {
			key = f.path + "." + key
		}
		return found{v, key}
	}
	var out []found
	switch v := f.v.(type) {
	case map[string]any:
		if s == "*" {
			keys := make([]string, 0, len(v))
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				out = append(out, below(k, v[k]))
			}
		} else if x, ok := v[s]; ok {
			out = append(out, below(s, x))
		}
	case []any:
		if s == "*" {
			for i, x := range v {
				out = append(out, below(strconv.Itoa(i), x))
			}
		} else if i, err := strconv.Atoi(s); err == nil && i >= 0 && i < len(v) {
			out = append(out, below(s, v[i]))
		}
	}
	return out
}

// texts gives the text of a scalar, or of the scalars in an array. Objects and
// null have none.
func (f found) texts() []found {
	switch v := f.v.(type) {
	case []any:
		var out []found
		for i, x := range v {
			out = append(out, found{x, f.path + "." + strconv.Itoa(i)}.texts()...)
		}
		return out
	case string:
		return []found{{tidy(v), f.path}}
	case json.Number:
		return []found{{v.String(), f.path}}
	case bool:
		return []found{{strconv.FormatBool(v), f.path}}
	}
	return nil
}

// first gives the text of the first scalar that a path leads to, or "".
func (p jsonPath) first(root any) string {
	for _, f := range p.find(root) {
		if t := f.texts(); len(t) > 0 {
			return t[0].v.(string)
		}
	}
	return ""
}

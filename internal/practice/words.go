package practice

import (
	"bufio"
	"embed"
	"fmt"
	"strings"
)

//go:embed words/*.txt
var wordFiles embed.FS

// language is the building blocks of one language: titles and sentences with
// slots, and what the slots are filled from.
type language struct {
	name      string
	titles    []template
	sentences []template
	calls     []template
	fill      map[string][]template
}

// template is a text with slots, cut up: odd parts name slots.
type template []string

// loadLanguage reads words/<name>.txt.
func loadLanguage(name string) (*language, error) {
	file := "words/" + name + ".txt"
	f, err := wordFiles.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lang := &language{name: name, fill: map[string][]template{}}
	section := ""
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		line := scan.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = line[1 : len(line)-1]
		case section == "":
			return nil, fmt.Errorf("%s line %d: text before the first section", file, n)
		default:
			t, err := cut(line)
			if err != nil {
				return nil, fmt.Errorf("%s line %d: %w", file, n, err)
			}
			lang.fill[section] = append(lang.fill[section], t)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, err
	}
	lang.titles, lang.sentences, lang.calls = lang.fill["title"], lang.fill["sentence"], lang.fill["call"]
	return lang, lang.check(file)
}

// cut makes a template of a line.
func cut(line string) (template, error) {
	var t template
	for {
		text, rest, found := strings.Cut(line, "{")
		t = append(t, text)
		if !found {
			return t, nil
		}
		slot, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("%q is not closed", "{"+rest)
		}
		t = append(t, slot)
		line = after
	}
}

// check makes sure that every slot can be filled.
func (l *language) check(file string) error {
	for section, all := range l.fill {
		for _, t := range all {
			for i := 1; i < len(t); i += 2 {
				switch t[i] {
				case "place", "price", "phone", "open", "close", "minutes":
				default:
					if len(l.fill[t[i]]) == 0 {
						return fmt.Errorf("%s [%s]: nothing to fill {%s} from", file, section, t[i])
					}
				}
			}
		}
	}
	for _, s := range []string{"title", "sentence", "call", "studio", "mark", "plainmark"} {
		if len(l.fill[s]) == 0 {
			return fmt.Errorf("%s: no section [%s]", file, s)
		}
	}
	return nil
}

// blanks is what an advert itself puts into slots.
type blanks struct {
	place, price, phone, studio string
	plain                       bool // no signs that windows-1252 lacks
}

// expand appends a template with its slots filled.
func (l *language) expand(b []byte, t template, r *rng, with *blanks) []byte {
	for i, part := range t {
		if i%2 == 0 {
			b = append(b, part...)
			continue
		}
		switch part {
		case "place":
			b = append(b, with.place...)
		case "price":
			b = append(b, with.price...)
		case "phone":
			b = append(b, with.phone...)
		case "studio":
			b = append(b, with.studio...)
		case "open":
			b = appendInt(b, 7+r.intn(5))
		case "close":
			b = appendInt(b, 17+r.intn(6))
		case "minutes":
			b = appendInt(b, 20+5*r.intn(15))
		case "mark":
			if with.plain {
				part = "plainmark"
			}
			b = l.expand(b, pick(r, l.fill[part]), r, with)
		default:
			b = l.expand(b, pick(r, l.fill[part]), r, with)
		}
	}
	return b
}

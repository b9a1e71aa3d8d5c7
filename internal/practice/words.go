package practice

import (
	"bufio"
	"embed"
	"fmt"
	"strings"
)

//go:embed words/*.txt words/signals/*.txt
var wordFiles embed.FS

// language is the building blocks of one language: titles and sentences with
// slots, and what the slots are filled from.
type language struct {
	name      string
	titles    []template
	sentences []template
	calls     []template
	fill      map[string][]template
	// phrases are what signals and safety wording say, by their names; digits the
	// words for 0 to 9.
	phrases map[string][]template
	digits  [10]string
}

// template is a text with slots, cut up: odd parts name slots.
type template []string

// languages are those that the practice web speaks.
var languages = [...]string{"nl", "en", "de", "pl", "ro", "es"}

// loadLanguage reads words/<name>.txt and words/signals/<name>.txt.
func loadLanguage(name string) (*language, error) {
	lang := &language{name: name}
	var err error
	file := "words/" + name + ".txt"
	if lang.fill, err = loadSections(file); err != nil {
		return nil, err
	}
	lang.titles, lang.sentences, lang.calls = lang.fill["title"], lang.fill["sentence"], lang.fill["call"]
	if err := lang.check(file); err != nil {
		return nil, err
	}
	file = "words/signals/" + name + ".txt"
	if lang.phrases, err = loadSections(file); err != nil {
		return nil, err
	}
	return lang, lang.checkPhrases(file)
}

// loadSections reads a file of sections.
func loadSections(file string) (map[string][]template, error) {
	f, err := wordFiles.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sections := map[string][]template{}
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
			sections[section] = append(sections[section], t)
		}
	}
	return sections, scan.Err()
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
	if err := l.checkSlots(file, l.fill); err != nil {
		return err
	}
	for _, s := range []string{"title", "sentence", "call", "studio", "mark", "plainmark"} {
		if len(l.fill[s]) == 0 {
			return fmt.Errorf("%s: no section [%s]", file, s)
		}
	}
	if n := len(l.sentences); n < mostSentences+spareSentences {
		return fmt.Errorf("%s: %d sentences, and a life may need %d", file, n, mostSentences+spareSentences)
	}
	return nil
}

// checkPhrases makes sure that every signal can be said, and every digit.
func (l *language) checkPhrases(file string) error {
	if err := l.checkSlots(file, l.phrases); err != nil {
		return err
	}
	sections := append(wordings.names(signalNames[:]), safetyNames[:]...)
	for _, s := range append(sections, "age") {
		if len(l.phrases[s]) == 0 {
			return fmt.Errorf("%s: no section [%s]", file, s)
		}
	}
	words := l.phrases["digits"]
	if len(words) != len(l.digits) {
		return fmt.Errorf("%s [digits]: %d words", file, len(words))
	}
	for i, w := range words {
		l.digits[i] = w[0]
	}
	return nil
}

func (l *language) checkSlots(file string, sections map[string][]template) error {
	for section, all := range sections {
		for _, t := range all {
			for i := 1; i < len(t); i += 2 {
				switch t[i] {
				case "place", "price", "phone", "open", "close", "minutes", "length", "age":
				default:
					if len(l.fill[t[i]]) == 0 {
						return fmt.Errorf("%s [%s]: nothing to fill {%s} from", file, section, t[i])
					}
				}
			}
		}
	}
	return nil
}

// blanks is what an advert itself puts into slots.
type blanks struct {
	place, price, length, phone, studio, age string
	plain                                    bool // no signs that windows-1252 lacks
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
		case "length":
			b = append(b, with.length...)
		case "phone":
			b = append(b, with.phone...)
		case "studio":
			b = append(b, with.studio...)
		case "age":
			b = append(b, with.age...)
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

package place

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"zoeklicht"
)

// columns of a table, in order; names may be left out.
var columns = []string{"code", "name", "province", "unit", "from", "until", "names"}

// maxLine bounds a line of a table.
const maxLine = 64 << 10

// ReadTable reads a table of municipalities: the columns of municipalities.tsv,
// separated by tabs or, in a file whose first line has none, by commas. The first line
// names them; lines that begin with # are comments. name is the file's, for errors;
// every faulty line is reported, in an error of code Invalid.
func ReadTable(name string, r io.Reader) ([]Municipality, error) {
	var out []Municipality
	var errs []error
	seen := map[string]int{}
	var separator rune
	scan := bufio.NewScanner(io.LimitReader(r, 64<<20))
	scan.Buffer(nil, maxLine)
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimPrefix(strings.TrimRight(scan.Text(), "\r"), "\ufeff")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fail := func(err error) { errs = append(errs, fmt.Errorf("%s:%d: %w", name, n, err)) }
		if separator == 0 {
			if separator = ','; strings.Contains(line, "\t") {
				separator = '\t'
			}
			if err := header(cells(line, separator)); err != nil {
				fail(err)
				break
			}
			continue
		}
		m, err := municipality(cells(line, separator))
		switch before, ok := seen[m.Code]; {
		case err != nil:
			fail(err)
		case ok:
			fail(fmt.Errorf("code %s stands on line %d too", m.Code, before))
		default:
			seen[m.Code] = n
			out = append(out, m)
		}
	}
	if err := scan.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", name, err))
	}
	if len(errs) == 0 && separator == 0 {
		errs = append(errs, fmt.Errorf("%s: there is nothing in it", name))
	}
	if len(errs) > 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "table of municipalities: %w", errors.Join(errs...)).
			With("nothing was taken over", "correct the lines named; the columns are "+strings.Join(columns, ", "))
	}
	return out, nil
}

// cells cuts a line. A line that is no proper CSV gives one cell, which no column
// takes.
func cells(line string, separator rune) []string {
	if separator == '\t' {
		return strings.Split(line, "\t")
	}
	r := csv.NewReader(strings.NewReader(line))
	got, err := r.Read()
	if err != nil {
		return []string{line}
	}
	return got
}

func header(got []string) error {
	for i, want := range columns {
		if i >= len(got) && want == "names" {
			break
		}
		if i >= len(got) || !strings.EqualFold(strings.TrimSpace(got[i]), want) {
			return fmt.Errorf("the first line must name the columns %s", strings.Join(columns, ", "))
		}
	}
	return nil
}

var codeForm = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z]{4,10}$`)

// municipality reads one line.
func municipality(got []string) (m Municipality, err error) {
	if len(got) < len(columns)-1 || len(got) > len(columns) {
		return m, fmt.Errorf("it has %d columns, %d are needed", len(got), len(columns))
	}
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	m = Municipality{Code: got[0], Province: got[2], Unit: got[3]}
	if !codeForm.MatchString(m.Code) {
		return m, fmt.Errorf("%q is no code: write two capitals and at least four digits, as GM0363", m.Code)
	}
	official := nameOf(got[1])
	if m.Name = official.Text; m.Name == "" || m.Province == "" {
		return m, errors.New("the name or the province is missing")
	}
	if _, err := UnitOf(m.Unit); err != nil {
		return m, err
	}
	if m.From, err = day(got[4]); err != nil {
		return m, fmt.Errorf("from: %w", err)
	}
	if m.Until, err = day(got[5]); err != nil {
		return m, fmt.Errorf("until: %w", err)
	}
	if !m.Until.IsZero() && !m.Until.After(m.From) {
		return m, fmt.Errorf("it ends on %s, before it begins", got[5])
	}
	m.Names = []Name{official}
	if len(got) < len(columns) {
		return m, nil
	}
	for s := range strings.SplitSeq(got[len(columns)-1], ";") {
		s, from, _ := strings.Cut(strings.TrimSpace(s), "@")
		n := nameOf(s)
		if n.From, err = day(from); err != nil {
			return m, fmt.Errorf("name %q: %w", s, err)
		}
		if n.Text != "" {
			m.Names = append(m.Names, n)
		}
	}
	return m, nil
}

// nameOf reads a name, whose asterisk says that it is an ordinary word too.
func nameOf(s string) Name {
	rest, word := strings.CutPrefix(s, "*")
	return Name{Text: strings.TrimSpace(rest), Word: word}
}

func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("%q is not a day: write it as 2022-01-01", s)
	}
	return t, nil
}

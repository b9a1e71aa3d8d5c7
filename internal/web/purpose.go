package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"zoeklicht/internal/wording"
)

// A purpose is a case number or a task in a few words: long enough that "x" is none,
// short enough for a row of the audit trail.
const (
	minPurpose = 4   // characters
	maxPurpose = 200 // bytes; access keeps no more
)

// readPurpose reads a stated purpose, or says what is wrong with it.
func readPurpose(s string) (purpose string, problem wording.Key) {
	s = strings.Join(strings.Fields(s), " ")
	letters := map[rune]bool{}
	for _, r := range s {
		if !unicode.IsPrint(r) || hidden(r) || r == utf8.RuneError {
			return "", "frame.purpose-odd"
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters[unicode.ToLower(r)] = true
		}
	}
	switch n := utf8.RuneCountInString(s); {
	case n < minPurpose, len(letters) < 3:
		return "", "frame.purpose-short"
	case len(s) > maxPurpose:
		return "", "frame.purpose-long"
	}
	return s, ""
}

// takePurpose takes the purpose that a form states, if it does, and enters the theme
// again with it. A purpose that is none is told, and nothing is changed.
func (s *site) takePurpose(q *request) (problem wording.Key, err error) {
	typed := q.FormValue("purpose")
	if typed == "" {
		return "", nil
	}
	purpose, problem := readPurpose(typed)
	if problem != "" {
		return problem, nil
	}
	if err := s.setPurpose(q.Context(), q.theme.Name, purpose); err != nil {
		return "", err
	}
	if q.pass, err = s.Door.Enter(q.Context(), q.person.ID, q.theme.Name, purpose); err != nil {
		return "", hide(err)
	}
	return "", nil
}

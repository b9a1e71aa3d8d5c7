package practice

import "strconv"

// pageNumber reads the number of a listing page, 1 when there is none, and
// tells how many there are for so many items.
func pageNumber(text string, items, perPage int) (n, last int, ok bool) {
	last = max(1, (items+perPage-1)/perPage)
	if text == "" {
		return 1, last, true
	}
	n, err := strconv.Atoi(text)
	return n, last, err == nil && n >= 1 && n <= last
}

// thousands writes a count as Dutch sites do: 1.234.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

package store_test

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store/storetest"
)

// TestTrailNamesNumbers: the trail says no number that somebody looked for, in no form and
// by no hash that trying all numbers undoes, and the same number by the same name.
func TestTrailNamesNumbers(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	analyst := th.Person("case 7", zoeklicht.Analyst)
	engine := search.New(search.Config{Regions: []string{"NL"}})
	const number = "+31600012345"
	var once sync.WaitGroup // the first look-ups make the theme's key between them
	for range 4 {
		once.Go(func() {
			if _, err := analyst.Number(ctx, "06 0001 2345", []string{number}, time.Time{}); err != nil {
				t.Error(err)
			}
		})
	}
	once.Wait()
	for _, q := range []zoeklicht.Question{
		{Phone: "06-0001 2345"}, {Phone: "0001234"}, {Text: `garden "06 0001 2345"`}, {Text: "+31600012345"}, {Text: "massage 0600012345 studio", Phone: "06 0001 2345"},
	} {
		_, err := engine.Ask(ctx, analyst, q, time.Time{}, 0, 10)
		must(t, err)
	}
	rows, err := th.Owner.Query(ctx, `SELECT act, object || ' ' || detail::text FROM audit`)
	must(t, err)
	plain := sha256.Sum256([]byte("number " + number))
	names, n := map[string]bool{}, 0
	for rows.Next() {
		var act, said string
		must(t, rows.Scan(&act, &said))
		n++
		figures := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, said)
		if strings.Contains(figures, "0001234") {
			t.Errorf("%s says the number: %s", act, said)
		}
		if strings.Contains(said, strings.ToLower(base32.StdEncoding.EncodeToString(plain[:])[:10])) {
			t.Errorf("%s says the number by a plain hash: %s", act, said)
		}
		if act == "number" {
			names[said[:len("number ")+16]] = true
		}
	}
	must(t, rows.Err())
	if n < 9 || len(names) != 1 {
		t.Errorf("%d rows, the number has the names %v", n, names)
	}
	// Another theme has another key. (That who reads the trail cannot read this one is in
	// TestPhasesAreSeparate.)
	other := storetest.New(t)
	_, err = other.Person("case 7", zoeklicht.Analyst).Number(ctx, "", []string{number}, time.Time{})
	must(t, err)
	var there string
	must(t, other.Owner.QueryRow(ctx, `SELECT object FROM audit WHERE act = 'number'`).Scan(&there))
	if names[there] {
		t.Error("two themes name a number alike")
	}
}

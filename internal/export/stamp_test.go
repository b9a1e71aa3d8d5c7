package export_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/search"
)

// TestAuthorities: each authority has its patience and all are asked; where none answers,
// what leaves is signed without a date, says so, and verifies.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 26, Adverts: 20, NoBarriers: true}, 1)
	w.recorded()
	well := w.office.Authorities[0]
	asked := map[string]int{}
	counted := func(a export.Authority) export.Authority {
		return export.Authority{Name: a.Name, Stamp: func(ctx context.Context, sum [32]byte) ([]byte, error) {
			asked[a.Name]++
			return a.Stamp(ctx, sum)
		}}
	}
	refuses := export.Authority{Name: "refuses", Stamp: func(context.Context, [32]byte) ([]byte, error) { return nil, errors.New("connection refused") }}
	hangs := export.Authority{Name: "hangs", Stamp: func(ctx context.Context, _ [32]byte) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }}
	deaf := export.Authority{Name: "deaf", Stamp: func(context.Context, [32]byte) ([]byte, error) { select {} }}
	w.office.Patience = 20 * time.Millisecond
	o := zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: w.versions(`SELECT min(id) FROM version`), Form: zoeklicht.FormPackage}
	const says = "geen dienst voor tijdstempels"
	for name, c := range map[string]struct {
		all   []export.Authority
		dated bool
		last  string
	}{
		"the second answers": {[]export.Authority{refuses, well}, true, "first"},
		"the third answers":  {[]export.Authority{hangs, deaf, well}, true, "first"},
		"none answers":       {[]export.Authority{refuses, hangs, deaf}, false, "deaf"},
		"there is none":      {nil, false, ""},
	} {
		w.office.Authorities = nil
		clear(asked)
		for _, a := range c.all {
			w.office.Authorities = append(w.office.Authorities, counted(a))
		}
		if c.dated { // an authority that answers is given its time
			w.office.Patience = time.Second
		} else {
			w.office.Patience = 20 * time.Millisecond
		}
		b, _, err := w.order(o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range w.verify(b) {
			t.Errorf("%s: %s", name, f)
		}
		if dated := slices.Contains(files(t, b), "SHA256SUMS.sig.tst"); dated != c.dated {
			t.Errorf("%s: the signature is dated: %v", name, dated)
		}
		if said := strings.Contains(string(part(t, b, "README.txt")), says); said == c.dated {
			t.Errorf("%s: README.txt says that nothing is dated: %v", name, said)
		}
		if c.last != "" && asked[c.last] == 0 {
			t.Errorf("%s: %s was not asked", name, c.last)
		}
		if !c.dated && c.last != "" && asked[c.last] > 1 {
			t.Errorf("%s: all were asked %d times for one export", name, asked[c.last])
		}
	}
}

// TestAsker: findings say in the first person what their signer did, and name who asked
// where that was somebody else.
func TestAsker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 27, Adverts: 20, NoBarriers: true}, 1)
	asker := w.Store.Person("case 2026-17", zoeklicht.Specialist)
	res, err := search.New(search.Config{}).Ask(t.Context(), asker, zoeklicht.Question{Text: "massage"}, time.Time{}, 0, 10)
	w.must(err)
	o := zoeklicht.ExportOrder{Kind: zoeklicht.ExportResult, Result: res.ID, Form: zoeklicht.FormFindings, Lang: "en"}
	other, _, err := w.order(o)
	w.must(err)
	own, _, err := w.orderBy(asker, o)
	w.must(err)
	me, them := "I asked the system this question:", fmt.Sprintf("Person %d asked the system this question at", asker.Pass().Person())
	for by, c := range map[string]struct {
		text      []byte
		says, not string
	}{"another": {other, them, me}, "who asked": {own, me, them}} {
		text := string(c.text)
		if !strings.Contains(text, c.says) || strings.Contains(text, c.not) {
			t.Errorf("exported by %s: %s", by, text)
		}
		for _, not := range []string{"showed me", "I read", "What I saw"} {
			if strings.Contains(text, not) {
				t.Errorf("exported by %s, it claims %q", by, not)
			}
		}
	}
}

package store_test

import (
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/store/storetest"
)

// TestRegisterIsBounded: nobody writes a book into the register.
func TestRegisterIsBounded(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	manager := th.Person("", zoeklicht.SourceManager)
	long := strings.Repeat("x", 5000)
	many := make([]string, 201)
	for name, change := range map[string]func(*zoeklicht.Source, *zoeklicht.Decision){
		"name":            func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.ID = zoeklicht.SourceID(long) },
		"title":           func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Title = long },
		"home":            func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Home = "http://s/" + long },
		"expected":        func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Expected = long },
		"hosts":           func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Scope.Hosts = many },
		"a host":          func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Scope.Hosts = []string{long} },
		"paths":           func(s *zoeklicht.Source, _ *zoeklicht.Decision) { s.Scope.Paths = many },
		"reason":          func(_ *zoeklicht.Source, d *zoeklicht.Decision) { d.Reason = long },
		"a consideration": func(_ *zoeklicht.Source, d *zoeklicht.Decision) { d.Considerations.Against = long },
	} {
		src, d := zoeklicht.Source{ID: "s2", Title: "S", Home: "http://s/"}, zoeklicht.Decision{Reason: "r"}
		change(&src, &d)
		if err := manager.Propose(ctx, &src, d); zoeklicht.CodeOf(err) != zoeklicht.Limit {
			t.Errorf("%s: %v", name, err)
		}
	}
	src := zoeklicht.Source{ID: "s2", Title: "S", Home: "http://s/"}
	must(t, manager.Propose(ctx, &src, zoeklicht.Decision{Reason: "r"}))
	code(t, zoeklicht.Limit, manager.Decide(ctx, zoeklicht.Decision{Source: "s2", Kind: zoeklicht.Vet, Reason: long}))
	_, err := manager.AddRecipe(ctx, "s2", strings.Repeat("x", 300<<10), "r")
	code(t, zoeklicht.Limit, err)
}

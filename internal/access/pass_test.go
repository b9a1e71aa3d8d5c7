package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
)

var allActs = []zoeklicht.Act{
	zoeklicht.ActSearch, zoeklicht.ActReveal, zoeklicht.ActExport, zoeklicht.ActSources, zoeklicht.ActPropose,
	zoeklicht.ActVet, zoeklicht.ActApprove, zoeklicht.ActCrawl, zoeklicht.ActHealth, zoeklicht.ActAudit,
}

func TestZeroPassOpensNothing(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*Pass{"zero": {}, "nil": nil} {
		if err := p.Check(time.Unix(0, 0)); zoeklicht.CodeOf(err) != zoeklicht.Denied {
			t.Errorf("%s pass: Check = %v, want denied", name, err)
		}
	}
	for _, act := range allActs {
		if new(Pass).May(act) {
			t.Errorf("the zero pass may %s", act)
		}
	}
}

// TestMatrix holds every role against every act. The rights themselves stand in
// zoeklicht.Role.May; the table here is written out a second time by hand, so
// that a slip in either shows.
func TestMatrix(t *testing.T) {
	t.Parallel()
	want := map[zoeklicht.Role]string{
		zoeklicht.Analyst:       "search reveal sources propose health",
		zoeklicht.Specialist:    "search reveal export sources propose health",
		zoeklicht.SourceManager: "sources propose vet approve crawl health",
		zoeklicht.Prosecutor:    "sources vet approve health audit",
		zoeklicht.Auditor:       "sources health audit",
		zoeklicht.Operator:      "sources crawl health",
		"manager-of-everything": "",
		ServiceRole:             "",
	}
	for _, purpose := range []string{"", "case 2026-17"} {
		for role, acts := range want {
			p := &Pass{person: 7, theme: "practice", phase: zoeklicht.Analysis, roles: []zoeklicht.Role{role}, purpose: purpose}
			for _, act := range allActs {
				held := slices.Contains(strings.Fields(acts), string(act))
				may := held && (purpose != "" || (act != zoeklicht.ActReveal && act != zoeklicht.ActExport))
				if p.May(act) != may {
					t.Errorf("%s, purpose %q: May(%s) = %v, want %v", role, purpose, act, !may, may)
				}
				code := zoeklicht.Code("")
				switch {
				case !held:
					code = zoeklicht.Denied
				case !may:
					code = zoeklicht.Invalid
				}
				if got := zoeklicht.CodeOf(p.Allow(act)); got != code {
					t.Errorf("%s, purpose %q: Allow(%s) has code %q, want %q", role, purpose, act, got, code)
				}
			}
		}
	}
}

func TestRoleForNamesTheRoleThatAllows(t *testing.T) {
	t.Parallel()
	p := &Pass{person: 7, theme: "practice", roles: []zoeklicht.Role{zoeklicht.Analyst, zoeklicht.SourceManager}, purpose: "x"}
	for act, want := range map[zoeklicht.Act]zoeklicht.Role{
		zoeklicht.ActSearch:  zoeklicht.Analyst,
		zoeklicht.ActVet:     zoeklicht.SourceManager,
		zoeklicht.ActSources: zoeklicht.Analyst,
		zoeklicht.ActAudit:   "",
	} {
		if got := p.RoleFor(act); got != want {
			t.Errorf("RoleFor(%s) = %q, want %q", act, got, want)
		}
	}
}

func TestPassIsImmutable(t *testing.T) {
	t.Parallel()
	p := &Pass{person: 7, roles: []zoeklicht.Role{zoeklicht.Auditor}, keys: []byte{1}}
	p.Roles()[0] = zoeklicht.SourceManager
	p.Keys()[0] = 2
	if p.Role() != zoeklicht.Auditor || p.Keys()[0] != 1 {
		t.Errorf("a caller changed the pass: %v %v", p.Roles(), p.Keys())
	}
}

func TestPassLapses(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	p := &Pass{person: 7, theme: "practice", entered: from, expires: from.Add(time.Minute)}
	for at, ok := range map[time.Time]bool{
		from.Add(-time.Second):     false,
		from:                       true,
		from.Add(59 * time.Second): true,
		from.Add(60 * time.Second): false,
		from.Add(61 * time.Second): false,
	} {
		if err := p.Check(at); (err == nil) != ok {
			t.Errorf("Check at %s = %v", at.Format(time.TimeOnly), err)
		}
	}
}

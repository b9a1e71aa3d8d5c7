package store_test

import (
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/store"
	"zoeklicht/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestExamineComparesRights(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	h, err := store.Examine(ctx, th.Owner, "practice")
	must(t, err)
	if len(h.Excess)+len(h.Lacking) > 0 {
		t.Errorf("a database as it was set up: excess %v, lacking %v", h.Excess, h.Lacking)
	}
	if time.Since(h.Now).Abs() > time.Hour || h.Size == 0 || !h.Last.IsZero() {
		t.Errorf("now %v, size %d, last %v", h.Now, h.Size, h.Last)
	}
	for _, sql := range []string{
		`GRANT DELETE ON version TO zl_practice_audit`,
		`GRANT SELECT (body) ON version TO zl_practice_technical`,
		`REVOKE INSERT ON capture FROM zl_practice_technical`,
	} {
		if _, err := th.Owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	h, err = store.Examine(ctx, th.Owner, "practice")
	must(t, err)
	if diff := cmp.Diff([]string{"zl_practice_audit DELETE version", "zl_practice_technical SELECT version"}, h.Excess); diff != "" {
		t.Errorf("excess (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"zl_practice_technical INSERT capture"}, h.Lacking); diff != "" {
		t.Errorf("lacking (-want +got):\n%s", diff)
	}
}

func TestNoteConsole(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	analyst := th.Person("case 7", zoeklicht.Analyst)
	must(t, analyst.NoteConsole(ctx, "source show s", "operator"))
	rows, err := th.Service(zoeklicht.Auditing).Audit(ctx, store.AuditQuery{Act: "console"})
	must(t, err)
	if len(rows) != 1 || rows[0].Person != analyst.Pass().Person() || rows[0].Purpose != "case 7" ||
		rows[0].Object != "source show s" || rows[0].Detail != `{"account": "operator"}` {
		t.Errorf("got %+v", rows)
	}
}

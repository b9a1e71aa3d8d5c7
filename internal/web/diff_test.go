package web

import (
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/text"

	"github.com/google/go-cmp/cmp"
)

// withPhones makes a version in which each of the numbers stands as an entity.
func withPhones(title, body string, numbers ...string) *zoeklicht.Version {
	v := &zoeklicht.Version{Title: title, Body: body}
	whole := title + "\n" + body
	for _, n := range numbers {
		at := strings.Index(whole, n)
		v.Entities = append(v.Entities, zoeklicht.Entity{Type: zoeklicht.Phone, Raw: n, Value: n, Start: at, End: at + len(n)})
	}
	return v
}

func edits(views []editView) (out []text.Edit) {
	for _, v := range views {
		out = append(out, text.Edit{Op: v.Op, Text: v.Text + v.After})
	}
	return out
}

// TestNumbersAreOneToken: masked numbers that share most of their characters are told
// apart as a whole, and the title's do not leak into the text's.
func TestNumbersAreOneToken(t *testing.T) {
	old := withPhones("Call 06 •••••••12 now", "Or 06 •••••••12 and 06 •••••••98.", "06 •••••••12", "06 •••••••98")
	old.Entities = append(old.Entities, zoeklicht.Entity{Start: len(old.Title) + 1 + 3, End: len(old.Title) + 1 + 3 + len("06 •••••••12")})
	changed := withPhones("Call 06 •••••••13 now", "Or 06 •••••••13 and 06 •••••••98.", "06 •••••••13", "06 •••••••98")
	changed.Entities = append(changed.Entities, zoeklicht.Entity{Start: len(changed.Title) + 1 + 3, End: len(changed.Title) + 1 + 3 + len("06 •••••••13")})
	c := changes(old, changed)
	want := []text.Edit{{Op: text.Same, Text: "Call "}, {Op: text.Removed, Text: "06 •••••••12"}, {Op: text.Added, Text: "06 •••••••13"}, {Op: text.Same, Text: " now"}}
	if d := cmp.Diff(want, edits(c.Title)); d != "" {
		t.Errorf("title: %s", d)
	}
	want = []text.Edit{{Op: text.Same, Text: "Or "}, {Op: text.Removed, Text: "06 •••••••12"}, {Op: text.Added, Text: "06 •••••••13"}, {Op: text.Same, Text: " and 06 •••••••98."}}
	if d := cmp.Diff(want, edits(c.Body)); d != "" {
		t.Errorf("text: %s", d)
	}
}

func TestLongUnchangedStretchesAreShortened(t *testing.T) {
	long := strings.Repeat("quiet neighbourhood ", 100)
	c := changes(&zoeklicht.Version{Body: "Old start. " + long + "old end."}, &zoeklicht.Version{Body: "New start. " + long + "new end."})
	var kept int
	skipped := 0
	for _, e := range c.Body {
		kept += len(e.Text) + len(e.After)
		skipped += e.Skipped
	}
	if kept > 500 || skipped < 150 {
		t.Errorf("%d bytes shown, %d words skipped of 200", kept, skipped)
	}
	if c.Added != 2 || c.Removed != 2 {
		t.Errorf("%d words added, %d removed; want 2 and 2", c.Added, c.Removed)
	}
}

func TestFieldAndPictureChanges(t *testing.T) {
	old := &zoeklicht.Version{
		Fields:   []zoeklicht.FieldValue{{Name: "price", Value: "€ 80"}, {Name: "place", Value: "Zwolle"}, {Name: "body", Value: "x"}, {Name: "age", Value: "30"}},
		Pictures: []zoeklicht.VersionPicture{{N: 1, Picture: 5}, {N: 2, URL: "u", Failure: zoeklicht.FailStatus}},
	}
	changed := &zoeklicht.Version{
		Fields:   []zoeklicht.FieldValue{{Name: "price", Value: "€ 90"}, {Name: "place", Value: "Zwolle"}, {Name: "body", Value: "y"}, {Name: "name", Value: "A"}},
		Pictures: []zoeklicht.VersionPicture{{N: 1, Picture: 6}, {N: 2, URL: "u", Failure: zoeklicht.FailTimeout}},
	}
	c := changes(old, changed)
	want := []fieldChange{{"price", "€ 80", "€ 90"}, {"age", "30", ""}, {"name", "", "A"}}
	if d := cmp.Diff(want, c.Fields); d != "" {
		t.Error(d)
	}
	if c.Pictures != (pictureChange{Added: 1, Removed: 1}) {
		t.Errorf("pictures: %+v", c.Pictures)
	}
	if same := changes(old, old); same.Any() {
		t.Errorf("a version differs from itself: %+v", same)
	}
}

// FuzzChanges: what is Same or Removed is the old text, what is Same or Added the new
// one, however long; nothing panics on entities that point anywhere.
func FuzzChanges(f *testing.F) {
	f.Add("t", "call 06 000 12345 now", "t", "call 06 000 54321 now", 5, 9)
	f.Add("", "", "x", "\xff", -3, 400)
	f.Add("a", strings.Repeat("woord ", 300), "a", strings.Repeat("woord ", 300)+"é", 0, 2)
	f.Add("a", "\U000f0000", "a", "b", 2, 6)
	f.Fuzz(func(t *testing.T, title1, body1, title2, body2 string, start, length int) {
		old := &zoeklicht.Version{Title: title1, Body: body1, Entities: []zoeklicht.Entity{{Start: start, End: start + length}, {Start: start + 1, End: start + 2}}}
		changed := &zoeklicht.Version{Title: title2, Body: body2, Entities: []zoeklicht.Entity{{Start: length, End: start}}}
		c := changes(old, changed)
		if body1 == body2 {
			if c.Body != nil {
				t.Errorf("a difference between equal texts: %+v", c.Body)
			}
			return
		}
		var before, after strings.Builder
		skipped := 0
		for _, e := range c.Body {
			skipped += e.Skipped
			if e.Op != text.Added {
				before.WriteString(e.Text + e.After)
			}
			if e.Op != text.Removed {
				after.WriteString(e.Text + e.After)
			}
		}
		if skipped == 0 && (before.String() != body1 || after.String() != body2) {
			t.Errorf("%q → %q became %+v", body1, body2, c.Body)
		}
	})
}

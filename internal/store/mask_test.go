package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
)

func TestMask(t *testing.T) {
	t.Parallel()
	const number = "06-00012345"
	for _, c := range []struct {
		name, title, body string
		at                [][2]int // in title, line end and body
		wantTitle         string
		wantBody          string
	}{
		{"none", "Massage", "Studio", nil, "Massage", "Studio"},
		{"in the body", "Massage", "Call " + number + " now", [][2]int{{13, 24}}, "Massage", "Call 06-••••••45 now"},
		{"in the title", "Call " + number, "Studio", [][2]int{{5, 16}}, "Call 06-••••••45", "Studio"},
		{"in both", number, number, [][2]int{{0, 11}, {12, 23}}, "06-••••••45", "06-••••••45"},
		{"overlapping", "A", "0600012345678", [][2]int{{2, 12}, {6, 15}}, "A", "060•••••45•••"},
		{"within another", "A", "0600012345", [][2]int{{2, 12}, {4, 8}}, "A", "060•••••45"},
		{"across the title's end", "Call 06", "00012345 now", [][2]int{{5, 16}}, "Call •••••", "•••••••• now"},
		{"out of the text", "A", "B", [][2]int{{2, 99}, {-1, 2}}, "A", "B"},
	} {
		v := &zoeklicht.Version{Title: c.title, Body: c.body}
		for _, at := range c.at {
			v.Entities = append(v.Entities, zoeklicht.Entity{Type: zoeklicht.Phone, Raw: number, Value: "+31600012345", Start: at[0], End: at[1]})
		}
		v.Fields = []zoeklicht.FieldValue{{Name: zoeklicht.FieldName, Value: "Anna " + number}, {Name: zoeklicht.FieldPhones, Value: "+31600012345"}}
		mask(v)
		if diff := cmp.Diff([]string{c.wantTitle, c.wantBody}, []string{v.Title, v.Body}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		text := v.Title + "\n" + v.Body
		for i, e := range v.Entities {
			if e.Value != "+31•••••••45" {
				t.Errorf("%s: entity %d is %q", c.name, i, e.Value)
			}
			if e.End > 0 && !strings.Contains(text[e.Start:e.End], "•") {
				t.Errorf("%s: entity %d points at %q", c.name, i, text[e.Start:e.End])
			}
		}
		if len(c.at) > 0 && v.Fields[0].Value != "Anna 06-••••••45" {
			t.Errorf("%s: a field says %q", c.name, v.Fields[0].Value)
		}
		if strings.Contains(v.Fields[1].Value, "00012") {
			t.Errorf("%s: the phones field says %q", c.name, v.Fields[1].Value)
		}
	}
}

// FuzzMask hides two stretches anywhere: what lies outside both stands, unchanged, where it
// is said to stand now.
func FuzzMask(f *testing.F) {
	f.Add("Massage", "Call 0600012345 now", 13, 23, 15, 18, 8, 12)
	f.Add("Call 06", "00012345 now", 5, 16, 0, 4, 12, 20)
	f.Add("é•", "06 0001 2345 06 0005 4321", 6, 18, 19, 31, 6, 31)
	f.Add("", "", 0, 0, -1, 9, 0, 0)
	f.Fuzz(func(t *testing.T, title, body string, a, b, c, d, from, to int) {
		whole := title + "\n" + body
		boundary := func(i int) bool { return i >= 0 && i <= len(whole) && (i == len(whole) || utf8.RuneStart(whole[i])) }
		for _, i := range []int{a, b, c, d, from, to} {
			if !boundary(i) && i >= 0 && i <= len(whole) {
				t.Skip("offsets of the finder stand at letters")
			}
		}
		if a > c {
			a, b, c, d = c, d, a, b // as the store reads them
		}
		v := &zoeklicht.Version{Title: title, Body: body, Entities: []zoeklicht.Entity{
			{Type: zoeklicht.Phone, Raw: "0600012345", Start: a, End: b}, {Type: zoeklicht.Email, Raw: "x@example.org", Start: c, End: d},
		}}
		m := mask(v)
		now := v.Title + "\n" + v.Body
		if from < 0 || from > to || to > len(whole) {
			return
		}
		o := m.moved(zoeklicht.Offset{Start: from, End: to})
		if o.Start < 0 || o.End < o.Start || o.End > len(now) {
			t.Fatalf("%q: %d to %d stands at %d to %d of %q", whole, from, to, o.Start, o.End, now)
		}
		hidden := func(start, end int) bool {
			return start >= 0 && end <= len(whole) && start < end && from < end && to > start
		}
		if from < to && !hidden(a, b) && !hidden(c, d) && now[o.Start:o.End] != whole[from:to] {
			t.Fatalf("%q: %q became %q", whole, whole[from:to], now[o.Start:o.End])
		}
	})
}

package zoeklicht

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHouse holds the picture in docs/design/house.md against the list in
// layers_test.go.
func TestHouse(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/design/house.md")
	if err != nil {
		t.Fatal(err)
	}
	_, picture, _ := strings.Cut(string(b), "\n```\n")
	picture, _, _ = strings.Cut(picture, "\n```\n")
	drawn, floor := make([][]string, len(floors)), -1
	row := regexp.MustCompile(`^(\d| ) {2}(\S+) {2,}\S`) // floor, room, what it is
	for line := range strings.Lines(picture) {
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%q is no line of the picture", line)
			continue
		}
		if m[1] != " " {
			floor, _ = strconv.Atoi(m[1])
		}
		if floor < 0 || floor >= len(drawn) {
			t.Fatalf("floor %d: there are %d", floor, len(drawn))
		}
		room := m[2]
		if room == "zoeklicht" {
			room = "."
		}
		drawn[floor] = append(drawn[floor], room)
	}
	want := make([][]string, len(floors))
	for i := range floors {
		slices.Sort(drawn[i])
		want[i] = slices.Sorted(slices.Values(floors[i]))
	}
	if diff := cmp.Diff(want, drawn); diff != "" {
		t.Errorf("docs/design/house.md (-layers_test.go +house.md):\n%s", diff)
	}
}

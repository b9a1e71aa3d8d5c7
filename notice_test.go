package zoeklicht

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNotice holds NOTICE against what the program is made of: the modules that are
// linked, at their versions, the vendored files and the packed PostgreSQL.
func TestNotice(t *testing.T) {
	b, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	notice := string(b)
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/zoeklicht")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linked := slices.Compact(slices.Sorted(strings.Lines(strings.TrimSpace(string(out)) + "\n")))
	linked = slices.DeleteFunc(linked, func(s string) bool { return strings.TrimSpace(s) == "" })
	var told []string
	_, table, _ := strings.Cut(notice, "## Go modules compiled in")
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+) \| (v\d\S*) \| \S.* \|$`).FindAllStringSubmatch(table, -1) {
		told = append(told, row[1]+" "+row[2]+"\n")
	}
	slices.Sort(told)
	if diff := cmp.Diff(told, linked); diff != "" {
		t.Errorf("modules in NOTICE and in the program; run build/notice (-NOTICE +program):\n%s", diff)
	}
	var vendored string
	for _, folder := range []string{"internal/web/assets", "internal/export/report/font"} {
		b, err := os.ReadFile(folder + "/vendored.txt")
		if err != nil {
			t.Fatal(err)
		}
		vendored += string(b)
	}
	pins, err := os.ReadFile("build/fetch-postgres.sh")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?m)^package=(\S+)$`).FindStringSubmatch(string(pins))[1:]
	for line := range strings.Lines(vendored) {
		if f := strings.Split(line, "\t"); len(f) > 1 {
			want = append(want, "| "+f[0]+" | "+f[1]+" |")
		}
	}
	for _, w := range want {
		if !strings.Contains(notice, w) {
			t.Errorf("NOTICE does not name %s; run build/notice", w)
		}
	}
}

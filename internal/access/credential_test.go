package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
)

var collector = Credential{
	Theme: "practice", Phase: zoeklicht.Technical, Name: "collect",
	DSN: "postgres://zl_practice_technical:secret-word@/zl_practice", Keys: []byte{0, 1, 2, 255},
}

// TestMain lets the test binary be the child that inherits a credential.
func TestMain(m *testing.M) {
	if os.Getenv("ACCESS_TEST_CHILD") == "1" {
		p, err := Inherit(3)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_, again := Inherit(3)
		b, _ := json.Marshal([]any{p.Person(), p.Name(), p.Theme(), p.Phase(), p.DSN(), p.Keys(), p.Role(), again != nil})
		fmt.Println(string(b))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(t *testing.T, f *os.File) ([]byte, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ACCESS_TEST_CHILD=1")
	if f != nil {
		cmd.ExtraFiles = []*os.File{f}
	}
	return cmd.Output()
}

func TestChildInherits(t *testing.T) {
	t.Parallel()
	r, err := collector.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := child(t, r)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, _ := json.Marshal([]any{
		ServicePerson(zoeklicht.Technical), "collect", collector.Theme, collector.Phase, collector.DSN, collector.Keys, ServiceRole, true,
	})
	if diff := cmp.Diff(string(want), strings.TrimSpace(string(out))); diff != "" {
		t.Errorf("what the child has (-want +got):\n%s", diff)
	}
}

func TestChildWithoutCredential(t *testing.T) {
	t.Parallel()
	out, err := child(t, nil)
	if exit := new(exec.ExitError); !errors.As(err, &exit) || !strings.Contains(string(out), "descriptor 3") {
		t.Errorf("a child without a descriptor said %q (%v), want a refusal that names descriptor 3", out, err)
	}
}

func TestInheritRefuses(t *testing.T) {
	t.Parallel()
	edit := func(f func(m map[string]any)) []byte {
		b, _ := json.Marshal(collector)
		m := map[string]any{}
		_ = json.Unmarshal(b, &m)
		f(m)
		b, _ = json.Marshal(m)
		return b
	}
	for name, b := range map[string][]byte{
		"empty":          nil,
		"not JSON":       []byte("secret-word"),
		"unknown member": edit(func(m map[string]any) { m["superuser"] = true }),
		"no theme":       edit(func(m map[string]any) { delete(m, "theme") }),
		"bad theme":      edit(func(m map[string]any) { m["theme"] = "../practice" }),
		"unknown phase":  edit(func(m map[string]any) { m["phase"] = "everything" }),
		"no DSN":         edit(func(m map[string]any) { m["dsn"] = "" }),
		"no name":        edit(func(m map[string]any) { m["name"] = "" }),
		"too long":       edit(func(m map[string]any) { m["name"] = strings.Repeat("n", maxCredential) }),
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = w.Write(b); _ = w.Close() }()
		p, err := inheritFile(r)
		if err == nil || p != nil {
			t.Errorf("%s: inherited %v", name, p)
		} else if strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%s: the error quotes the credential: %v", name, err)
		}
	}
}

func TestCredentialStaysOutOfLogs(t *testing.T) {
	t.Parallel()
	p, err := Service(collector)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(collector), fmt.Sprintf("%+v", collector), fmt.Sprintf("%#v", collector), fmt.Sprint(p), fmt.Sprintf("%+v", p)} {
		if strings.Contains(s, "secret-word") {
			t.Errorf("printed with its secret: %s", s)
		}
	}
}

func TestServiceMay(t *testing.T) {
	t.Parallel()
	want := map[zoeklicht.Phase][]zoeklicht.Act{
		zoeklicht.Technical: {zoeklicht.ActSources, zoeklicht.ActCrawl, zoeklicht.ActHealth},
		zoeklicht.Analysis:  {zoeklicht.ActSources, zoeklicht.ActPropose, zoeklicht.ActHealth},
		zoeklicht.Retain:    {zoeklicht.ActSources, zoeklicht.ActHealth},
		zoeklicht.Auditing:  {zoeklicht.ActSources, zoeklicht.ActHealth, zoeklicht.ActAudit},
		zoeklicht.Recording: {zoeklicht.ActHealth},
	}
	for _, phase := range zoeklicht.Phases {
		c := collector
		c.Phase = phase
		p, err := Service(c)
		if err != nil {
			t.Fatal(err)
		}
		var got []zoeklicht.Act
		for _, act := range allActs {
			if p.May(act) {
				got = append(got, act)
			}
		}
		if diff := cmp.Diff(want[phase], got); diff != "" {
			t.Errorf("service of %s (-want +got):\n%s", phase, diff)
		}
		if p.Person() >= 0 || p.Check(time.Time{}) != nil {
			t.Errorf("service of %s: person %d, %v", phase, p.Person(), p.Check(time.Time{}))
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	longest := zoeklicht.ThemeName(strings.Repeat("a", 15) + "-" + strings.Repeat("b", 16))
	for name, ok := range map[zoeklicht.ThemeName]bool{
		"practice": true, "dark-web-2": true, longest: true,
		"": false, "a_b": false, "Practice": false, "-a": false, "a-": false, "a--b": false, "2a": false,
		"common": false, "access": false, longest + "b": false, "a b": false, `a"b`: false, "é": false,
	} {
		if err := CheckTheme(name); (err == nil) != ok {
			t.Errorf("CheckTheme(%q) = %v", name, err)
		}
	}
	seen := map[string]string{CommonRole: "common role"}
	databases := map[string]zoeklicht.ThemeName{CommonDatabase: "-"}
	for _, theme := range []zoeklicht.ThemeName{"practice", "a", "a-b", "ab", "a-audit", "a-technical", longest} {
		if was, ok := databases[DatabaseName(theme)]; ok {
			t.Errorf("themes %s and %s share database %s", was, theme, DatabaseName(theme))
		}
		databases[DatabaseName(theme)] = theme
		for _, phase := range zoeklicht.Phases {
			r := RoleName(theme, phase)
			who := string(theme) + "/" + string(phase)
			if seen[r] != "" || len(r) > 63 {
				t.Errorf("role %s of %s is %d bytes and was %q", r, who, len(r), seen[r])
			}
			seen[r] = who
		}
	}
	if got := RoleName("dark-web", zoeklicht.Technical); got != "zl_dark_web_technical" {
		t.Errorf("RoleName = %s", got)
	}
	if bytes.ContainsAny([]byte(RoleName(longest, zoeklicht.Operational)), "-\" ") {
		t.Error("a role's name needs quoting")
	}
}

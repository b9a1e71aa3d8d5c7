package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/cli"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/store"
)

// checkEscapes reads back what was escaped.
func checkEscapes(t *testing.T, s string) {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var before, after string
	if err := json.Unmarshal(b, &before); err != nil {
		t.Fatal(err)
	}
	escaped := cli.EscapeHidden(string(b))
	if err := json.Unmarshal([]byte(escaped), &after); err != nil || before != after {
		t.Errorf("%q became %s, which reads %q, %v", before, escaped, after, err)
	}
}

// expect holds a finding to a grade and to words that it has.
func expect(t *testing.T, f cli.Finding, grade cli.Grade, words ...string) {
	t.Helper()
	for _, w := range words {
		if f.Grade != grade || !strings.Contains(f.Is, w) {
			t.Errorf("got %+v, want %s with %q", f, grade, w)
		}
	}
	if (f.Grade == cli.OK) != (f.Do == "") {
		t.Errorf("%+v: what is good needs nothing done, and what is not needs something", f)
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	const tb = 1 << 40
	day := float64(1 << 30)
	expect(t, cli.CheckDisk(tb/2, tb, 0, 0.1, now), cli.OK, "50 %")
	expect(t, cli.CheckDisk(tb/2, tb, day, 0.1, now), cli.OK, "in 409 days, on 2028-01-05")
	expect(t, cli.CheckDisk(tb/2, tb, 1, 0.1, now), cli.OK, "more than ten years")
	expect(t, cli.CheckDisk(tb/10+20<<30, tb, day, 0.1, now), cli.Warn, "in 19 days")
	expect(t, cli.CheckDisk(tb/11, tb, day, 0.1, now), cli.Fail, "9 %")
	expect(t, cli.CheckDisk(0, 0, 0, 0.1, now), cli.Fail, "not known")

	expect(t, cli.CheckSchema("zl_practice", 3, 3), cli.OK, "version 3")
	expect(t, cli.CheckSchema("zl_practice", 2, 3), cli.Warn, "version 2")
	expect(t, cli.CheckSchema("zl_practice", 4, 3), cli.Fail, "version 4")

	expect(t, cli.CheckRights(&store.Health{}), cli.OK, "nothing else")
	expect(t, cli.CheckRights(&store.Health{Excess: []string{"a", "b", "c", "d"}}), cli.Fail, "must not: a, b, c and 1 more")
	expect(t, cli.CheckRights(&store.Health{Lacking: []string{"a"}}), cli.Fail, "must: a")

	expect(t, cli.CheckLag("analyse", 0), cli.OK, "everything")
	expect(t, cli.CheckLag("analyse", 1), cli.OK, "1 capture ")
	expect(t, cli.CheckLag("analyse", 20_000), cli.Warn, "20000")

	well := &store.Health{Now: now, Last: now.Add(-time.Hour)}
	expect(t, cli.CheckClock(now, well, true), cli.OK, "network")
	expect(t, cli.CheckClock(now, well, false), cli.Warn, "nothing keeps it right")
	expect(t, cli.CheckClock(now.Add(time.Minute), well, true), cli.Warn, "-1m0s off")
	expect(t, cli.CheckClock(now, &store.Health{Now: now, Last: now.Add(time.Hour)}, true), cli.Fail, "1h0m0s ahead")

	boxes := cli.CheckSandbox(5, nil)
	expect(t, boxes[0], cli.OK, "version 5")
	expect(t, boxes[1], cli.OK, "without a network")
	boxes = cli.CheckSandbox(0, errors.New("forbidden"))
	expect(t, boxes[0], cli.Warn, "none")
	expect(t, boxes[1], cli.Warn, "forbidden")

	approved := func(id zoeklicht.SourceID, by time.Time) zoeklicht.Source {
		return zoeklicht.Source{ID: id, State: zoeklicht.Approved, ReviewBy: by}
	}
	far, soon, past := approved("far", now.AddDate(1, 0, 0)), approved("soon", now.AddDate(0, 0, 3)), approved("past", now.AddDate(0, 0, -3))
	expect(t, cli.CheckReviews([]zoeklicht.Source{far, {ID: "new", State: zoeklicht.Proposed}}, now), cli.OK, "1 of 2")
	expect(t, cli.CheckReviews([]zoeklicht.Source{far, soon}, now), cli.Warn, "2 of 2 may be visited; to be reviewed soon: soon (on 2026-11-25)")
	expect(t, cli.CheckReviews([]zoeklicht.Source{far, past}, now), cli.Warn, "1 of 2 may be visited; lapsed: past (on 2026-11-19)")
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	if got := cli.Growth(&store.Health{}); got != 0 {
		t.Errorf("nothing captured grows by %v", got)
	}
	// 700 bytes of items and a tenth of the database in seven days.
	if got := cli.Growth(&store.Health{Captures: 100, Recent: 10, RecentBytes: 700, Size: 7000}); got != 200 {
		t.Errorf("got %v bytes a day, want 200", got)
	}
}

// vault is a folder of segments with one item in each of two.
func vault(t *testing.T) (blob.Folder, *keys.Ring, map[int64]int64, []store.Sample) {
	t.Helper()
	ring, err := keys.NewRing("practice", now)
	if err != nil {
		t.Fatal(err)
	}
	folder := blob.In(t.TempDir(), "practice", blob.Vault)
	committed := map[int64]int64{}
	var samples []store.Sample
	for i := range 2 {
		w, err := folder.Writer(blob.Config{}, ring.Public())
		if err != nil {
			t.Fatal(err)
		}
		id := zoeklicht.CaptureID{byte(i)}
		places, err := w.Append(t.Context(), id, []zoeklicht.Item{{Name: "page", Bytes: bytes.Repeat([]byte("x"), 500)}})
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		committed[places[0].Segment] = places[0].Offset + places[0].Length
		samples = append(samples, store.Sample{Capture: id, Name: "page", Place: places[0]})
	}
	return folder, ring, committed, samples
}

func TestCheckSegments(t *testing.T) {
	t.Parallel()
	folder, _, committed, _ := vault(t)
	first := filepath.Join(folder.Dir, "00000001.seg")
	check := func(deep int, grade cli.Grade, words string) {
		t.Helper()
		f, err := cli.CheckSegments(t.Context(), folder, committed, deep)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, f, grade, words)
	}
	check(-1, cli.OK, "2 segments, every row's bytes are there; read through 2 of them: 2 frames whole")
	check(1, cli.OK, "read through 1 of them: 1 frame whole")

	whole := committed[2]
	delete(committed, 2)
	check(-1, cli.OK, "1 frame whole; 580 B that no row knows are left alone")
	committed[2] = whole
	committed[3] = 100
	check(-1, cli.Fail, "there is no segment 00000003")
	delete(committed, 3)
	committed[2] = whole + 1000
	check(-1, cli.Fail, "segment 00000002 ends at")
	committed[2] = whole

	b, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b[committed[1]-10] ^= 1
	if err := os.WriteFile(first, b, 0o600); err != nil {
		t.Fatal(err)
	}
	check(-1, cli.Fail, "damaged: segment 00000001")
	check(1, cli.OK, "read through 1 of them")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cli.CheckSegments(ctx, folder, committed, -1); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestCheckKeys(t *testing.T) {
	t.Parallel()
	folder, right, _, samples := vault(t)
	dir := t.TempDir()
	other, err := keys.Create(dir, "practice", now)
	if err != nil {
		t.Fatal(err)
	}
	with := func(ring *keys.Ring) func(store.Sample) error {
		return func(s store.Sample) error {
			r, err := folder.Reader(ring)
			if err == nil {
				_, err = r.Read(t.Context(), s.Place, s.Capture, s.Name)
			}
			return err
		}
	}
	expect(t, cli.CheckKeys(dir, "practice", right, samples, with(right)), cli.OK, "tried on 2 segments")
	expect(t, cli.CheckKeys(dir, "practice", other, samples, with(other)), cli.Fail, "does not open segment 00000001")
	expect(t, cli.CheckKeys(dir, "practice", other, nil, nil), cli.OK, "1 key, the newest "+other.Public().ID().String())
	expect(t, cli.CheckKeys(t.TempDir(), "practice", nil, samples, nil), cli.Fail, "missing")
	if err := os.Chmod(keys.Path(dir, "practice"), 0o640); err != nil {
		t.Fatal(err)
	}
	expect(t, cli.CheckKeys(dir, "practice", other, nil, nil), cli.Fail, "mode 0640")
}

func TestCheckFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for mode, grade := range map[os.FileMode]cli.Grade{0o700: cli.OK, 0o750: cli.Fail, 0o701: cli.Fail} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		expect(t, cli.CheckFolder("keys folder", dir), grade, dir)
	}
	expect(t, cli.CheckFolder("keys folder", filepath.Join(dir, "none")), cli.Fail, "no such file")
}

func TestCheckThemes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pack := filepath.Join(dir, "garden")
	if err := os.MkdirAll(pack, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pack, "theme.yaml"), []byte("name: garden\ncolour: green\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{dir, pack, pack + "/"} {
		for _, asJSON := range []bool{false, true} {
			var answer bytes.Buffer
			err := cli.CheckThemes(given, &cli.Out{To: &answer, Err: io.Discard, JSON: asJSON})
			if zoeklicht.CodeOf(err) != zoeklicht.Invalid {
				t.Errorf("%s: %v", given, err)
			}
			want := filepath.Join(pack, "theme.yaml") + `:2:1: unknown key "colour"`
			if asJSON {
				want = `"file":"` + filepath.Join(pack, "theme.yaml") + `","line":2,"column":1`
			}
			if !strings.Contains(answer.String(), want) {
				t.Errorf("%s, JSON %v: no %q in\n%s", given, asJSON, want, answer.String())
			}
		}
	}
	if err := cli.CheckThemes(t.TempDir(), &cli.Out{}); zoeklicht.CodeOf(err) != zoeklicht.NotFound {
		t.Errorf("a folder without packs: %v", err)
	}
	var answer bytes.Buffer
	if err := cli.CheckThemes("../../themes", &cli.Out{To: &answer}); err != nil || answer.String() != "2 theme packs without a problem: practice, trafficking.\n" {
		t.Errorf("our own packs: %q, %v", answer.String(), err)
	}
}

func TestWriteNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "run.warc.gz")
	failed := errors.New("no more")
	half := func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return failed
	}
	if err := cli.WriteNew(path, half); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if err := cli.WriteNew(path, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := cli.WriteNew(path, half); zoeklicht.CodeOf(err) != zoeklicht.Conflict {
		t.Errorf("written over: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != "whole" {
		t.Errorf("got %q, %v", b, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are there, %v", len(left), err)
	}
	if info, err := left[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "password")
	for _, c := range []struct {
		body string
		mode os.FileMode
		want string
		code zoeklicht.Code
	}{
		{"correct horse\nand more\n", 0o600, "correct horse", ""},
		{"windows\r\n", 0o400, "windows", ""},
		{"\n", 0o600, "", zoeklicht.Invalid},
		{"seen by all\n", 0o644, "", zoeklicht.Invalid},
	} {
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(c.body), c.mode); err != nil {
			t.Fatal(err)
		}
		got, err := cli.PasswordFile(path)
		if got != c.want || zoeklicht.CodeOf(err) != c.code {
			t.Errorf("%q: %q, %v", c.body, got, err)
		}
	}
	if _, err := cli.PasswordFile(filepath.Join(dir, "none")); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("no file: %v", err)
	}
	if _, err := cli.ReadFile(dir); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("a folder: %v", err)
	}

	var asked bytes.Buffer
	p := cli.NewPrompt(strings.NewReader("old\nnew one"), &asked)
	old, err := p.Secret(t.Context(), "Present password")
	if err != nil || old != "old" {
		t.Errorf("got %q, %v", old, err)
	}
	fresh, err := p.NewSecret(t.Context(), "New password")
	if err != nil || fresh != "new one" {
		t.Errorf("got %q, %v", fresh, err)
	}
	if _, err := p.Ask(t.Context(), "And"); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("nobody answers: %v", err)
	}
	if want := "Present password: New password: And: "; asked.String() != want {
		t.Errorf("asked %q, want %q", asked.String(), want)
	}
	silent, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cli.NewPrompt(silent, io.Discard).Ask(ctx, "Name"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if cli.Terminal(&asked) {
		t.Error("a buffer is no terminal")
	}
}

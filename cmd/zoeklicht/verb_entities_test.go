package main

import (
	"strings"
	"testing"
)

// TestEntitiesVerb runs the verb as people do: a text in, objects with offsets out.
func TestEntitiesVerb(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args, in string
		code     int
		stdout   string
		stderr   string
	}{
		{"entities --json", "tel 06 0001 2345", exitDone, `{"type":"phone","raw":"06 0001 2345","start":4,"end":16,"value":"+31600012345","obfuscated":false,"valid":false}` + "\n", ""},
		{"entities --json --theme practice", "tel 06 0001 2345", exitDone, `"value":"+31600012345","obfuscated":false,"valid":true}`, ""},
		{"entities --json --region US", "tel zero 6 0001 2345", exitDone, "", ""},
		{"entities --region FR --lang en", "zéro six 39 98 00 12", exitDone, "written in disguise", ""},
		{"entities --lang nl", "", exitDone, "Er is niets gevonden.", ""},
		{"entities --json", "", exitDone, "", ""},
		{"entities --region ZZ", "x", exitFailed, "", `"ZZ" is no region`},
		{"entities --theme none", "x", exitUsage, "", `no theme "none"`},
		{"entities corrections", "", exitUsage, "", "--theme"},
		{"entities text", "x", exitUsage, "", "1 arguments were given"},
		{"entities --places /none/at/all", "x", exitFailed, "", "no such file"},
	} {
		var stdout, stderr strings.Builder
		code := run(t.Context(), strings.Fields(c.args), strings.NewReader(c.in), &stdout, &stderr)
		if code != c.code || !strings.Contains(stdout.String(), c.stdout) || c.stdout == "" && stdout.Len() > 0 || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%s < %q: exit %d, stdout %q, stderr %q", c.args, c.in, code, stdout.String(), stderr.String())
		}
	}
}

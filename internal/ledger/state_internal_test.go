package ledger

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestKlog: of what Tessera prints, what is wrong is a warning, and the rest is for
// debugging.
func TestKlog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(klogHandler{slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})}).With("a", 1).WithGroup("g")
	log.Info("publishCheckpoint: no space left on device")
	log.Info("publishCheckpoint: newCP: witness policy was not satisfied")
	log.Info("Initializing directory")
	log.Error("Integrate failed")
	var got []string
	for line := range strings.Lines(b.String()) {
		level, _, _ := strings.Cut(line[strings.Index(line, "level=")+len("level="):], " ")
		got = append(got, level)
	}
	if want := "WARN DEBUG DEBUG WARN"; strings.Join(got, " ") != want {
		t.Errorf("levels %v instead of %s in\n%s", got, want, b.String())
	}
	b.Reset()
	quiet := slog.New(klogHandler{slog.NewTextHandler(&b, nil)})
	if quiet.Info("Initializing directory"); b.Len() > 0 {
		t.Errorf("it prints %s", b.String())
	}
}

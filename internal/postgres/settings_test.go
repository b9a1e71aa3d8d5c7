package postgres

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestSettings(t *testing.T) {
	for name, text := range map[string]string{
		"server":    settings("/srv/it's", "/run/zoeklicht-1", "/srv/it's/log", false, true, 24<<30, 12<<30),
		"container": settings("/data", "/tmp/zoeklicht-1", "/data/log", false, false, 512*megabyte, 64*megabyte),
		"test":      settings("/data", "/tmp/zoeklicht-1", "/data/log", true, true, 8<<30, 4<<30),
	} {
		golden := filepath.Join("testdata", name+".conf")
		if *update {
			if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMachine(t *testing.T) {
	if m := machineMemory(); m < 64*megabyte || m > 1<<50 {
		t.Errorf("memory of this machine is %d bytes", m)
	}
	if strings.Contains(hba, "trust") || strings.Contains(hba, "host") {
		t.Errorf("pg_hba.conf lets in by other ways: %s", hba)
	}
}

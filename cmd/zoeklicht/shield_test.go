package main

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const shieldEnv = "ZOEKLICHT_SHIELD_TEST"

// TestShield confines a process as the collecting one is, and has it try what one
// that was taken over would try: keys, the cluster, another theme, the data folder.
func TestShield(t *testing.T) {
	data := os.Getenv(shieldEnv)
	vault := filepath.Join(data, "themes", "practice", "vault")
	if data != "" {
		var log bytes.Buffer
		quiet := slog.New(slog.NewTextHandler(&log, nil))
		if err := shield(quiet, filepath.Join(data, "keys", "practice.key", "vault")); err == nil {
			t.Error("a process without a folder goes on")
		}
		if err := shield(quiet, vault); err != nil {
			t.Fatal(err)
		}
		if log.Len() > 0 {
			t.Skipf("this kernel does not confine: %s", log.String())
		}
		for _, name := range []string{"keys/practice.key", "keys/db/zl_practice_analysis", "postgres/cluster/PG_VERSION", "themes/other/vault/00000001.seg"} {
			if _, err := os.ReadFile(filepath.Join(data, name)); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s could be read: %v", name, err)
			}
			if err := os.WriteFile(filepath.Join(data, name), []byte("x"), 0o600); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s could be written: %v", name, err)
			}
		}
		if _, err := os.ReadDir(data); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("the data folder could be listed: %v", err)
		}
		if err := os.WriteFile(filepath.Join(vault, "00000001.seg"), []byte("sealed"), 0o600); err != nil {
			t.Errorf("the vault cannot be written: %v", err)
		}
		if _, err := buildHash(); err != nil {
			t.Errorf("captures cannot name their binary: %v", err)
		}
		return
	}
	data = t.TempDir()
	for _, name := range []string{"keys/practice.key", "keys/db/zl_practice_analysis", "postgres/cluster/PG_VERSION", "themes/other/vault/00000001.seg", "themes/practice/vault/.keep"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestShield$", "-test.v")
	cmd.Env = append(os.Environ(), shieldEnv+"="+data)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "--- SKIP") {
		t.Skip("this kernel does not confine processes (Landlock)")
	}
}

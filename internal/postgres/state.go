package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is state.json: what has to be known about a cluster while its server
// does not run. It is written whole, under start.lock.
type state struct {
	// Home holds cluster, log and runtime; empty means Config.Dir itself.
	Home string `json:"home,omitempty"`
	// Made is the PostgreSQL that made the cluster. Its runtime is kept, because
	// an upgrade to another major version needs it to read the cluster.
	Made binary `json:"made"`
	// Runs is the PostgreSQL that ran it last.
	Runs binary `json:"runs"`
	// Socket is the folder of the UNIX socket. It lies outside Dir because a
	// socket's path may have 107 bytes at most. For is the Dir that it was drawn
	// for: a copy of Dir that runs beside it needs a folder of its own.
	Socket string `json:"socket"`
	For    string `json:"for"`
}

// binary is a folder with PostgreSQL's programs.
type binary struct {
	Major   int    `json:"major"`
	Version string `json:"version"` // "18.4"
	Bin     string `json:"bin"`     // relative to home for a runtime that we unpacked
}

func readState(dir string) (s state, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%s: %w", filepath.Join(dir, "state.json"), err)
	}
	return s, nil
}

func (s state) write(dir string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "state.json"), append(b, '\n'), 0o600)
}

// writeFile replaces a file by a rename, synced, so that after a crash the old
// or the new content is there and nothing in between.
func writeFile(path string, b []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename in a folder last.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

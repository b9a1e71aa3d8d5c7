package main

import (
	"log/slog"
	"os"

	"github.com/landlock-lsm/go-landlock/landlock"
)

// shield takes away from a collecting process all files but its vault and what name
// look-ups and certificates need: whoever takes it over reads no key, no cluster and
// no other theme. On a kernel without Landlock it does nothing, and doctor says so.
func shield(log *slog.Logger, vault string) {
	if err := os.MkdirAll(vault, 0o700); err != nil {
		log.Error("the vault's folder", "err", err)
		return
	}
	err := landlock.V5.BestEffort().RestrictPaths(
		landlock.RWDirs(vault),
		landlock.RODirs("/etc", "/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/proc/self").IgnoreIfMissing(),
		landlock.ROFiles("/proc/self/exe").IgnoreIfMissing(),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
	)
	if err != nil {
		log.Warn("this kernel cannot confine the collecting process to its vault", "err", err)
	}
}

package main

import (
	"log/slog"
	"os"

	"zoeklicht"

	"github.com/landlock-lsm/go-landlock/landlock"
)

// shield takes away from a collecting process all files but its vault and what name
// look-ups and certificates need: whoever takes it over reads no key, no cluster and
// no other theme. On a kernel without Landlock it does nothing, and doctor says so. After
// an error the process is not confined, and must not go on.
func shield(log *slog.Logger, vault string) error {
	if err := os.MkdirAll(vault, 0o700); err != nil {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the only folder that this process may reach cannot be made: %w", err).
			With("nothing was fetched or recorded", "make the data folder's disk writable")
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
	return nil
}

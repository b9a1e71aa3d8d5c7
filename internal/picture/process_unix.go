//go:build unix

package picture

import (
	"os/exec"
	"syscall"
)

// apart puts a child into a group of its own, so that a Ctrl-C meant for the
// parent lets it finish first.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

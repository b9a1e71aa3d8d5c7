package fetch

import "syscall"

// Control gives the guard that an approval puts into sockets.
func Control(a *Approval) func(string, string, syscall.RawConn) error { return a.control }

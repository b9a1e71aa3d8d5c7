package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"zoeklicht"
)

// port is part of the socket's name and of nothing else: each server has a
// folder of its own.
const port = 5432

// A socket's path ends at 107 bytes (sun_path), so it cannot lie in a data
// folder, which may be anywhere.
const longestSocket = 107

func socketFile(folder string) string {
	return filepath.Join(folder, fmt.Sprintf(".s.PGSQL.%d", port))
}

// socketFolder gives the folder for the socket: the one that was used before if
// it can be used again, else a new one in the first place that lets us. The
// name of a new one is drawn, so that nobody can be there first; an old one in
// a public place counts only while it is ours and closed to others.
func socketFolder(id identity, known string, places ...string) (string, error) {
	if known != "" && len(socketFile(known)) <= longestSocket {
		if private(known, id) {
			return known, nil
		}
		if os.Mkdir(known, 0o700) == nil && id.own(known) == nil {
			return known, nil // a restart of the machine emptied the place
		}
	}
	var last error
	for _, place := range places {
		folder, err := os.MkdirTemp(place, "zoeklicht-")
		if err == nil && len(socketFile(folder)) > longestSocket {
			os.Remove(folder)
			err = fmt.Errorf("%s is too long for a socket", folder)
		}
		if err == nil {
			return folder, id.own(folder)
		}
		last = err
	}
	return "", (&zoeklicht.Error{
		Code: zoeklicht.Unavailable, Err: last,
		What: fmt.Sprintf("no place for PostgreSQL's socket in any of %q", places),
	}).With("nothing was started", "make /tmp writable")
}

// socketPlaces are tried in this order. /run/user/<uid> is not among them: it
// goes away when the user signs out, and a server may outlive that. PostgreSQL
// touches its socket now and then, so cleaners of /tmp leave it alone.
var socketPlaces = []string{"/run", "/tmp"}

// private reports whether folder is a real folder of the identity's that nobody
// else can enter.
func private(folder string, id identity) bool {
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == id.uid
}

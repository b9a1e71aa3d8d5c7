package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/export/parcel"
)

// Verify is the verb that checks an evidence package, offline and without an
// installation.
type Verify struct {
	Package string // path of the file
	// Policy is the policy file that was deposited; nil takes the one in the package.
	Policy []byte
}

// Verdict is what came of all checks, the last line.
type Verdict struct {
	Package string `json:"package"`
	Policy  string `json:"policy"` // "deposited", or "inside": then it only agrees with itself
	Checks  int    `json:"checks"`
	Failed  int    `json:"failed"`
	Holds   bool   `json:"holds"`
}

// ageHead begins a file that is encrypted to somebody.
const ageHead = "age-encryption.org/v1\n"

// Run checks the package and prints a line for each check. The error is nil only if all
// of them hold.
func (v *Verify) Run(ctx context.Context, out *Out) error {
	file, err := os.Open(v.Package)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%w", err).With("nothing was changed", "")
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", v.Package)
	}
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%w", err).With("nothing was changed", "")
	}
	head := make([]byte, len(ageHead))
	if _, err := file.ReadAt(head, 0); err == nil && string(head) == ageHead {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%s is encrypted to a recipient", v.Package).
			With("nothing was changed", "the recipient decrypts it first: age --decrypt --identity KEYFILE --output package.zip FILE")
	}
	end := Verdict{Package: v.Package, Policy: "inside"}
	if v.Policy != nil {
		end.Policy = "deposited"
	}
	var broken error // what went wrong with printing
	err = parcel.Verify(ctx, file, info.Size(), v.Policy, func(c parcel.Check) {
		if end.Checks++; c.State == parcel.Fails {
			end.Failed++
		}
		broken = errors.Join(broken, v.line(&c, out))
	})
	if ctx.Err() != nil || broken != nil {
		return errors.Join(ctx.Err(), broken)
	}
	end.Holds = err == nil
	if out.JSON {
		return errors.Join(out.object(&end), err)
	}
	if err != nil {
		return err
	}
	if end.Policy == "inside" {
		return out.say("all %s hold, by the policy in the package: it agrees with itself. Give the deposited policy with --policy", count(end.Checks, "check"))
	}
	return out.say("all %s hold, by the policy that was deposited", count(end.Checks, "check"))
}

// line prints one check.
func (v *Verify) line(c *parcel.Check, out *Out) error {
	if out.JSON {
		return out.object(c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s  %-16s", c.State, c.Name)
	for _, part := range []string{c.Of, c.Text} {
		if part != "" {
			b.WriteString("  " + visible(part))
		}
	}
	_, err := io.WriteString(out.To, strings.TrimRight(b.String(), " ")+"\n")
	return err
}

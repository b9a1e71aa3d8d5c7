package access

import (
	"bytes"
	"slices"
	"time"

	"zoeklicht"
)

// Pass is the right to be in one theme, for one purpose, now. Opening a theme's
// store demands one, and each of the store's reads and writes asks it what its
// holder may do. It is immutable and safe for concurrent use. The zero Pass
// belongs to no one and opens nothing.
type Pass struct {
	person  zoeklicht.PersonID
	login   string
	name    string
	theme   zoeklicht.ThemeName
	phase   zoeklicht.Phase
	roles   []zoeklicht.Role // in the order of zoeklicht.Roles; empty for a service
	purpose string
	entered time.Time
	expires time.Time // zero for a service, which ends with its process
	dsn     string
	keys    []byte
}

// Person gives who holds the pass; a negative number is one of the platform's
// own processes (see ServicePerson).
func (p *Pass) Person() zoeklicht.PersonID { return p.person }

// Login gives the holder's sign-in name, empty for a service.
func (p *Pass) Login() string { return p.login }

// Name gives the holder's name as audit rows record it.
func (p *Pass) Name() string { return p.name }

// Theme gives the one theme that the pass opens.
func (p *Pass) Theme() zoeklicht.ThemeName { return p.theme }

// Phase gives the part of the processing that the pass belongs to, and with it
// the database role: Analysis for people at work, Auditing for people who read
// the audit trail, a process's own phase for a service.
func (p *Pass) Phase() zoeklicht.Phase { return p.phase }

// Purpose gives the task or case number that was stated, empty while none was.
func (p *Pass) Purpose() string { return p.purpose }

// Entered gives when the pass was given.
func (p *Pass) Entered() time.Time { return p.entered }

// Expires gives when the pass lapses: after Config.PassLife, and never later
// than the first of its grants. The zero time means that it is a service's and
// ends with the process.
func (p *Pass) Expires() time.Time { return p.expires }

// DSN gives the connection string of the theme's database, with the role and
// password of the pass's phase. It is meant for internal/store alone: whoever
// has it can do what that database role can.
func (p *Pass) DSN() string { return p.dsn }

// Keys gives the key material that a service inherited with its credential,
// nil for people: their keys stay with the process that serves them. Each call
// gives a copy.
func (p *Pass) Keys() []byte { return bytes.Clone(p.keys) }

// Roles gives the roles held in the theme, in the order of zoeklicht.Roles.
// Each call gives a copy. A service has none.
func (p *Pass) Roles() []zoeklicht.Role { return slices.Clone(p.roles) }

// Role gives the first of Roles, or ServiceRole for a service. What was done
// under which role is told better by RoleFor.
func (p *Pass) Role() zoeklicht.Role {
	switch {
	case p.service():
		return ServiceRole
	case len(p.roles) == 0:
		return ""
	}
	return p.roles[0]
}

// RoleFor gives the first role that allows an act, for the audit row of that
// act; empty when none does.
func (p *Pass) RoleFor(act zoeklicht.Act) zoeklicht.Role {
	if p.service() && serviceMay[p.phase][act] {
		return ServiceRole
	}
	for _, r := range p.roles {
		if r.May(act) {
			return r
		}
	}
	return ""
}

// May reports whether the holder may do an act here and now: Allow as a yes or
// no.
func (p *Pass) May(act zoeklicht.Act) bool { return p.Allow(act) == nil }

// Allow says why an act is not allowed: Denied when no role of the holder has
// it, Invalid when a purpose must be stated first. What shows people in the
// clear or takes data out needs a purpose, whatever the role.
func (p *Pass) Allow(act zoeklicht.Act) error {
	if p.RoleFor(act) == "" {
		return zoeklicht.Errorf(zoeklicht.Denied, "%q is not allowed to %s in theme %s", p.Role(), act, p.theme).
			With("nothing was shown or changed", "ask who manages the grants of this theme")
	}
	if needsPurpose[act] && p.purpose == "" {
		return zoeklicht.Errorf(zoeklicht.Invalid, "to %s needs a purpose", act).
			With("nothing was shown", "state the task or case number once, and go on")
	}
	return nil
}

// Check says whether the pass still holds at a moment: Denied for the zero Pass
// and for one that has lapsed or lies in the future.
func (p *Pass) Check(now time.Time) error {
	switch {
	case p == nil || p.person == 0 || p.theme == "":
		return zoeklicht.Errorf(zoeklicht.Denied, "there is no pass").With("nothing was opened", "")
	case p.service():
		return nil
	case now.Before(p.entered), !now.Before(p.expires):
		return zoeklicht.Errorf(zoeklicht.Denied, "the pass for theme %s has lapsed", p.theme).
			With("nothing was opened", "enter the theme again")
	}
	return nil
}

// String names the pass in logs. It leaves out everything secret.
func (p *Pass) String() string {
	if p == nil || p.person == 0 {
		return "no pass"
	}
	return string(p.theme) + "/" + string(p.phase) + " " + p.name
}

// GoString keeps the secrets out of %#v as well.
func (p *Pass) GoString() string { return "access.Pass{" + p.String() + "}" }

func (p *Pass) service() bool { return p.person < 0 }

// needsPurpose lists the acts that bring a person's number or picture in the
// clear, or data out of the house.
var needsPurpose = map[zoeklicht.Act]bool{
	zoeklicht.ActReveal: true,
	zoeklicht.ActExport: true,
}

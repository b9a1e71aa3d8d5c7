package access

import (
	"zoeklicht"
)

// ServiceRole is what stands in audit rows where one of the platform's own
// processes acted. It is no role of zoeklicht.Roles and cannot be granted.
const ServiceRole zoeklicht.Role = "service"

// Console is who acts at the machine itself, with the data folder in hand:
// `init`, `person reset`, the seeding of the practice theme.
const Console zoeklicht.PersonID = -1

// ServicePerson gives the number under which a phase's own process acts, and 0
// for a phase that does not exist.
func ServicePerson(phase zoeklicht.Phase) zoeklicht.PersonID {
	switch phase {
	case zoeklicht.Technical:
		return -2
	case zoeklicht.Analysis:
		return -3
	case zoeklicht.Operational:
		return -4
	case zoeklicht.Retain:
		return -5
	case zoeklicht.Auditing:
		return -6
	case zoeklicht.Recording:
		return -7
	}
	return 0
}

// serviceMay is what the platform's own processes may do by themselves, beyond
// the stage that their database role exists for. A process never searches,
// reveals, exports, vets or approves: people do.
var serviceMay = map[zoeklicht.Phase]map[zoeklicht.Act]bool{
	zoeklicht.Technical: {zoeklicht.ActSources: true, zoeklicht.ActCrawl: true, zoeklicht.ActHealth: true},
	zoeklicht.Analysis:  {zoeklicht.ActSources: true, zoeklicht.ActPropose: true, zoeklicht.ActHealth: true},
	zoeklicht.Retain:    {zoeklicht.ActSources: true, zoeklicht.ActHealth: true},
	zoeklicht.Auditing:  {zoeklicht.ActAudit: true, zoeklicht.ActSources: true, zoeklicht.ActHealth: true},
	zoeklicht.Recording: {zoeklicht.ActHealth: true},
}

// Service gives the pass of one of the platform's own processes. Whoever can
// show a credential holds the database role anyhow; the pass adds the name under
// which it is used and the acts that go with it.
func Service(c Credential) (*Pass, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Pass{
		person:  ServicePerson(c.Phase),
		name:    c.Name,
		theme:   c.Theme,
		phase:   c.Phase,
		purpose: string(c.Phase) + " processing",
		dsn:     c.DSN,
		keys:    append([]byte(nil), c.Keys...),
	}, nil
}

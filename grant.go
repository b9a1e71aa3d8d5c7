package zoeklicht

import "time"

// Role is what a person may do in one theme.
type Role string

// The roles. What each may do is Role.May.
const (
	Analyst       Role = "analyst"
	Specialist    Role = "specialist" // intelligence analyst: an analyst who also exports
	SourceManager Role = "source-manager"
	Prosecutor    Role = "prosecutor" // authorising officer
	Auditor       Role = "auditor"
	Operator      Role = "operator" // runs the machine; sees health, no content
)

// Roles in the order in which they are listed.
var Roles = []Role{Analyst, Specialist, SourceManager, Prosecutor, Auditor, Operator}

// Act is something that a role may or may not do.
type Act string

// The acts.
const (
	ActSearch  Act = "search"  // ask, read adverts, masked
	ActReveal  Act = "reveal"  // numbers and pictures in the clear
	ActExport  Act = "export"  // take captures out
	ActSources Act = "sources" // read the register
	ActPropose Act = "propose"
	ActVet     Act = "vet"
	ActApprove Act = "approve" // and suspend, reject, retire
	ActCrawl   Act = "crawl"   // start and stop runs
	ActHealth  Act = "health"
	ActAudit   Act = "audit"   // read the audit trail
	ActJudge   Act = "judge"   // classify, name versions, correct, work the list
	ActSeal    Act = "seal"    // take content out of sight
	ActDuty    Act = "duty"    // the urgent lane of what was sealed; no content
	ActCapture Act = "capture" // have a page captured now
	ActTrouble Act = "trouble" // read and answer reports that something is wrong
	// ActErase asks for a destruction, or approves another person's. A specialist knows
	// what a capture holds and meets what should not be there; the prosecutor answers for
	// the processing. Whoever runs the machine, manages sources or audits may not: they
	// see no content, and an auditor must not destroy what is to be audited.
	ActErase Act = "erase"
)

var may = map[Role]map[Act]bool{
	Analyst:       {ActJudge: true, ActSeal: true, ActCapture: true, ActSearch: true, ActReveal: true, ActSources: true, ActPropose: true, ActHealth: true},
	Specialist:    {ActErase: true, ActJudge: true, ActSeal: true, ActDuty: true, ActCapture: true, ActSearch: true, ActReveal: true, ActExport: true, ActSources: true, ActPropose: true, ActHealth: true},
	SourceManager: {ActCapture: true, ActTrouble: true, ActSources: true, ActPropose: true, ActVet: true, ActApprove: true, ActCrawl: true, ActHealth: true},
	Prosecutor:    {ActErase: true, ActSources: true, ActVet: true, ActApprove: true, ActHealth: true, ActAudit: true},
	Auditor:       {ActSources: true, ActHealth: true, ActAudit: true},
	Operator:      {ActTrouble: true, ActCrawl: true, ActHealth: true, ActSources: true},
}

// May reports whether the role may do an act. What is not listed is denied.
func (r Role) May(a Act) bool { return may[r][a] }

// Grant is a person's role in a theme, for a task, from and until.
type Grant struct {
	ID      int64
	Person  PersonID
	Theme   ThemeName
	Role    Role
	Task    string // what for, as the authorisation words it
	From    time.Time
	Until   time.Time
	By      PersonID
	Revoked time.Time
}

// Holds reports whether the grant is in force at t.
func (g *Grant) Holds(t time.Time) bool {
	return !t.Before(g.From) && t.Before(g.Until) && g.Revoked.IsZero()
}

// Phase is a separated part of the processing. Each has its own database role
// and credentials in each theme.
type Phase string

// The phases.
const (
	Technical   Phase = "technical"   // writes captures, cannot read analysis
	Analysis    Phase = "analysis"    // extract to assess, search, judge
	Operational Phase = "operational" // released signals only
	Retain      Phase = "retain"      // the only one that may delete
	Auditing    Phase = "audit"       // reads the audit trail and nothing else
	Recording   Phase = "record"      // fills the ledger; reads leaves and nothing else
)

// Phases in the order of processing.
var Phases = []Phase{Technical, Analysis, Operational, Retain, Auditing, Recording}

package wording

// How the ledger goes, on the home screen.
var ledgerTexts = map[Key]pair{
	"ledger.title":   {"Controleerbaar logboek", "Ledger"},
	"ledger.well":    {"bij", "up to date"},
	"ledger.busy":    {"loopt", "running"},
	"ledger.down":    {"wacht op een ander", "waits for somebody else"},
	"ledger.lacking": {"niet volledig ingericht", "not fully set up"},
	"ledger.silent":  {"meldt zich niet", "does not report"},

	"ledger.silent-explain": {"Het proces dat in het logboek schrijft, heeft zich het laatst gemeld op %s. Vastleggen gaat door; bewijs wacht tot het terug is.", "The process that writes to the ledger last reported on %s. Capturing goes on; proof waits until it is back."},
	"ledger.never":          {"Het proces dat in het logboek schrijft, heeft zich nog niet gemeld. Vastleggen gaat door; bewijs wacht.", "The process that writes to the ledger has not reported yet. Capturing goes on; proof waits."},
	"ledger.goes-on":        {"Vastleggen gaat door; het bewijs haalt dit vanzelf in.", "Capturing goes on; proof catches up by itself."},
	"ledger.published":      {"laatst door getuigen bevestigd %s", "last witnessed %s"},
	"ledger.stamped":        {"laatst gedateerd %s", "last dated %s"},
	"ledger.last-well":      {"laatst goed %s", "last well %s"},
	"ledger.never-well":     {"nog nooit goed", "never well yet"},
	"ledger.part-log":       {"Het logboek zelf", "The log itself"},
	"ledger.part-witnesses": {"Getuigen", "Witnesses"},
	"ledger.part-authority": {"Tijdstempeldienst", "Timestamping authority"},
	"ledger.lacks":          {"Er is er geen ingesteld:", "There is none configured:"},
}

var ledgerPlurals = map[Key]plural{
	"ledger.waiting":     {"%s blad wacht op een plaats", "%s bladen wachten op een plaats", "%s leaf waits for a place", "%s leaves wait for a place"},
	"ledger.unwitnessed": {"%s wacht op getuigen", "%s wachten op getuigen", "%s waits for witnesses", "%s wait for witnesses"},
}

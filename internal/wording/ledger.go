package wording

// How the ledger goes, on the home screen.
var ledgerTexts = map[Key]pair{
	"ledger.title":   {"Controleerbaar logboek", "Ledger"},
	"ledger.well":    {"bij", "up to date"},
	"ledger.busy":    {"loopt", "running"},
	"ledger.down":    {"wacht op een ander", "waits for somebody else"},
	"ledger.refused": {"een getuige weigert", "a witness refuses"},
	"ledger.broken":  {"kan niet schrijven", "cannot write"},
	"ledger.lacking": {"niet volledig ingericht", "not fully set up"},
	"ledger.silent":  {"meldt zich niet", "does not report"},

	"ledger.silent-explain":  {"Het proces dat in het logboek schrijft, heeft zich het laatst gemeld op %s. Vastleggen gaat door; bewijs wacht tot het terug is.", "The process that writes to the ledger last reported on %s. Capturing goes on; proof waits until it is back."},
	"ledger.never":           {"Het proces dat in het logboek schrijft, heeft zich nog niet gemeld. Vastleggen gaat door; bewijs wacht.", "The process that writes to the ledger has not reported yet. Capturing goes on; proof waits."},
	"ledger.goes-on":         {"Vastleggen gaat door; het bewijs haalt dit vanzelf in.", "Capturing goes on; proof catches up by itself."},
	"ledger.refused-explain": {"Vastleggen gaat door. Een getuige weigert: wachten helpt niet, en wat hij niet bevestigt, is niet door hem bewezen. De beheerder moet uitzoeken waarom (handleiding over getuigen, ‘Als hij weigert’).", "Capturing goes on. A witness refuses: waiting does not help, and what it does not confirm is not proved by it. The operator has to find out why (guide on witnesses, “When it refuses”)."},
	"ledger.broken-explain":  {"Vastleggen gaat door. Zolang het logboek niet geschreven kan worden, komt er geen nieuw bewijs; de beheerder moet dit verhelpen.", "Capturing goes on. As long as the ledger cannot be written there is no new proof; the operator has to mend this."},
	"ledger.why-away":        {"is niet bereikbaar", "cannot be reached"},
	"ledger.why-timeout":     {"antwoordt niet op tijd", "does not answer in time"},
	"ledger.why-odd":         {"antwoordt anders dan verwacht:", "answers other than expected:"},
	"ledger.why-larger":      {"weigert: kent onder deze naam een groter logboek, van %s bladen. Het platform is teruggezet uit een reservekopie, of het logboek is ingekort.", "refuses: it knows a larger log by this name, of %s leaves. The platform was restored from a backup, or its log was cut short."},
	"ledger.why-fork":        {"weigert: kent onder deze naam een ander logboek van dezelfde omvang. Het verleden van het logboek is veranderd.", "refuses: it knows another log of the same size by this name. The log’s past was changed."},
	"ledger.why-past":        {"weigert: het logboek zet niet voort wat de getuige onder deze naam kent. Het verleden van het logboek is veranderd.", "refuses: the log does not continue what the witness knows by this name. The log’s past was changed."},
	"ledger.why-unknown-log": {"weigert: kent geen logboek met deze naam. De getuige moet de sleutel ervan nog krijgen.", "refuses: it does not know a log by this name. The witness has yet to be given its key."},
	"ledger.why-unknown-key": {"weigert: kent de sleutel van het logboek niet. De sleutel is vernieuwd en de getuige weet dat nog niet.", "refuses: it does not know the log’s key. The key was rotated, and the witness has not been told."},
	"ledger.why-other-key":   {"ondertekent niet met de sleutel die het beleid noemt", "does not sign with the key that the policy names"},
	"ledger.published":       {"laatst door getuigen bevestigd %s", "last witnessed %s"},
	"ledger.stamped":         {"laatst gedateerd %s", "last dated %s"},
	"ledger.last-well":       {"laatst goed %s", "last well %s"},
	"ledger.never-well":      {"nog nooit goed", "never well yet"},
	"ledger.part-log":        {"Het logboek zelf", "The log itself"},
	"ledger.part-witnesses":  {"Getuigen", "Witnesses"},
	"ledger.part-authority":  {"Tijdstempeldienst", "Timestamping authority"},
	"ledger.lacks":           {"Er is er geen ingesteld:", "There is none configured:"},
}

var ledgerPlurals = map[Key]plural{
	"ledger.waiting":     {"%s blad wacht op een plaats", "%s bladen wachten op een plaats", "%s leaf waits for a place", "%s leaves wait for a place"},
	"ledger.unwitnessed": {"%s wacht op getuigen", "%s wachten op getuigen", "%s waits for witnesses", "%s wait for witnesses"},
}

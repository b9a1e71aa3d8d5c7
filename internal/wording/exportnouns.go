package wording

import "zoeklicht"

// JobState says how far long work has come.
func (w W) JobState(s zoeklicht.JobState) string { return words(w, jobStates, s) }

// JobStep says what long work does now.
func (w W) JobStep(s zoeklicht.JobStep) string { return words(w, jobSteps, s) }

// ExportForm names what leaves, and ExportFormHelp says what it is good for.
func (w W) ExportForm(f zoeklicht.ExportForm) string { return words(w, exportForms, f) }

// ExportFormHelp says what a form is good for.
func (w W) ExportFormHelp(f zoeklicht.ExportForm) string { return words(w, exportFormHelps, f) }

// ExportPictures says what becomes of pictures.
func (w W) ExportPictures(p zoeklicht.ExportPictures) string { return words(w, exportPictures, p) }

// ProofPart names what is still waiting of a proof.
func (w W) ProofPart(p zoeklicht.ProofPart) string { return words(w, proofParts, p) }

// Remark words what speaks for the other side.
func (w W) Remark(k zoeklicht.RemarkKind) string { return words(w, remarks, k) }

// Did words an act of the audit trail, as something done.
func (w W) Did(act string) string { return words(w, acts, act) }

var jobStates = map[zoeklicht.JobState]pair{
	zoeklicht.JobWaiting:   {"wacht op zijn beurt", "waits its turn"},
	zoeklicht.JobRunning:   {"bezig", "running"},
	zoeklicht.JobFinished:  {"klaar", "finished"},
	zoeklicht.JobFailed:    {"mislukt", "failed"},
	zoeklicht.JobCancelled: {"afgebroken", "cancelled"},
	zoeklicht.JobCut:       {"afgebroken door een herstart", "cut off by a restart"},
	zoeklicht.JobWithdrawn: {"ingetrokken", "withdrawn"},
}

var jobSteps = map[zoeklicht.JobStep]pair{
	zoeklicht.StepGather:  {"bijeenbrengen", "gathering"},
	zoeklicht.StepProve:   {"bewijs ophalen", "fetching proof"},
	zoeklicht.StepDraw:    {"rapport opmaken", "laying out the report"},
	zoeklicht.StepSign:    {"ondertekenen en dateren", "signing and dating"},
	zoeklicht.StepPack:    {"inpakken", "packing"},
	zoeklicht.StepEncrypt: {"versleutelen", "encrypting"},
	zoeklicht.StepRecord:  {"in het register schrijven", "entering in the register"},
}

var exportForms = map[zoeklicht.ExportForm]pair{
	zoeklicht.FormPackage:  {"bewijspakket", "evidence package"},
	zoeklicht.FormPDF:      {"rapport (PDF)", "report (PDF)"},
	zoeklicht.FormFindings: {"bevindingen (tekst)", "findings (text)"},
	zoeklicht.FormDOCX:     {"bevindingen (DOCX)", "findings (DOCX)"},
	zoeklicht.FormWARC:     {"vastleggingen (WARC)", "captures (WARC)"},
}

var exportFormHelps = map[zoeklicht.ExportForm]pair{
	zoeklicht.FormPackage:  {"Eén zip met het rapport, de vastlegging zelf en alles waarmee een deskundige haar zonder ons controleert.", "One zip with the report, the capture itself and all that an expert needs to check it without us."},
	zoeklicht.FormPDF:      {"Het ondertekende rapport alleen.", "The signed report alone."},
	zoeklicht.FormFindings: {"Platte tekst in de ik-vorm, om in een proces-verbaal te plakken.", "Plain text in the first person, to paste into an official record."},
	zoeklicht.FormDOCX:     {"Dezelfde bevindingen voor een tekstverwerker.", "The same findings for a word processor."},
	zoeklicht.FormWARC:     {"Alle vastleggingen van één bezoek, voor wie WARC leest.", "All captures of one visit, for who reads WARC."},
}

var exportPictures = map[zoeklicht.ExportPictures]pair{
	zoeklicht.PicturesOut:   {"weglaten; hun kenmerken blijven, zodat de rest te controleren is", "leave out; their hashes stay, so that the rest can be checked"},
	zoeklicht.PicturesAnnex: {"in een aparte bijlage, om te verzegelen", "in an annex of its own, to be sealed"},
	zoeklicht.PicturesIn:    {"in het rapport", "in the report"},
}

var proofParts = map[zoeklicht.ProofPart]pair{
	zoeklicht.PartIndex:      {"een plaats in het logboek", "a place in the log"},
	zoeklicht.PartCheckpoint: {"een ondertekend controlepunt dat het blad omvat", "a signed checkpoint that covers the leaf"},
	zoeklicht.PartWitness:    {"genoeg getuigen die het controlepunt mee ondertekenen", "enough witnesses that cosign the checkpoint"},
	zoeklicht.PartStamp:      {"een tijdstempel van elke dienst", "a timestamp of every authority"},
}

var remarks = map[zoeklicht.RemarkKind]pair{
	zoeklicht.RemarkNo:       {"Een lezer zag geen signalen", "A reader saw no signals"},
	zoeklicht.RemarkUnclear:  {"Een lezer kon het niet zeggen", "A reader could not tell"},
	zoeklicht.RemarkSafety:   {"Woorden waarmee wie zelfstandig werkt zich beschermt", "Wording by which independent workers protect themselves"},
	zoeklicht.RemarkNoSignal: {"Geen risico-indicator met gewicht sloeg aan", "No indicator with a weight fired"},
	zoeklicht.RemarkGap:      {"Het nummer was lang weg: mogelijk een andere gebruiker", "The number was away for long: possibly another user"},
	zoeklicht.RemarkMended:   {"Wat het platform las, is door een mens verbeterd", "What the platform read was corrected by a person"},
	zoeklicht.RemarkPictures: {"Afbeeldingen zijn niet verkregen", "Pictures could not be had"},
	zoeklicht.RemarkRun:      {"Dagen zonder volledig bezoek: wat ontbreekt, kan er zijn geweest", "Days without a complete visit: what is absent may have been there"},
	zoeklicht.RemarkAgainst:  {"Wat tegen het volgen van de bron is ingebracht", "What was said against watching the source"},
}

// acts are those of the audit trail that people do in a case; others are shown as they
// are.
var acts = map[string]pair{
	"search":          {"gezocht", "searched"},
	"result":          {"resultaat geopend", "opened a result"},
	"advert":          {"advertentie geopend", "opened an advert"},
	"capture":         {"herkomst bekeken", "looked at provenance"},
	"reveal":          {"nummers getoond", "showed numbers"},
	"reveal-number":   {"nummer getoond", "showed a number"},
	"reveal-entities": {"contactgegevens getoond", "showed contact details"},
	"reveal-picture":  {"afbeelding getoond", "showed a picture"},
	"number":          {"nummer opgezocht", "looked a number up"},
	"number-of":       {"nummer van een advertentie opgezocht", "looked up an advert’s number"},
	"number-list":     {"lijst nummers opgezocht", "looked up a list of numbers"},
	"worklist":        {"werklijst bekeken", "looked at the worklist"},
	"want":            {"vastleggen gevraagd", "asked for a capture"},
	"classify":        {"geclassificeerd", "classified"},
	"correct":         {"verbeterd", "corrected"},
	"name":            {"versie benoemd", "named a version"},
	"seal":            {"verzegeld", "sealed"},
	"evidence":        {"bewijs gelezen", "read evidence"},
	"export":          {"geëxporteerd", "exported"},
	"export-versions": {"versies gelezen om te exporteren", "read versions to export"},
	"exports":         {"register van exports bekeken", "looked at the register of exports"},
	"case":            {"zaak opgevraagd", "asked for the case"},
}

package wording

// Proposing a list of sites at once.
var manyTexts = map[Key]pair{
	"many.link":          {"Stel een lijst voor", "Propose a list"},
	"many.title":         {"Een lijst met sites voorstellen", "Propose a list of sites"},
	"many.explain":       {"Plak adressen, één op elke regel. U ziet eerst wat er nieuw, dubbel of onleesbaar is. Er wordt nergens verbinding mee gemaakt: elk voorstel wordt daarna getoetst.", "Paste addresses, one on each line. You first see what is new, repeated or unreadable. Nothing is connected to: each proposal is vetted afterwards."},
	"many.label":         {"Sites, één per regel", "Sites, one per line"},
	"many.help":          {"Hoogstens 200 regels. Pagina’s van één site tellen als één voorstel.", "At most 200 lines. Pages of one site count as one proposal."},
	"many.reason":        {"Reden voor alle voorstellen", "Reason for all proposals"},
	"many.reason-help":   {"Waar komt de lijst vandaan en waarom is kijken zinvol?", "Where does the list come from, and why is watching worthwhile?"},
	"many.priority":      {"Prioriteit, 1 eerst", "Priority, 1 first"},
	"many.preview":       {"Bekijk wat er wordt voorgesteld", "See what would be proposed"},
	"many.change":        {"Pas de lijst aan", "Change the list"},
	"many.nothing":       {"Plak ten minste één adres.", "Paste at least one address."},
	"many.limit":         {"Dit zijn %s regels; het kunnen er hoogstens %s zijn. Er is niets voorgesteld.", "These are %s lines; there can be %s at most. Nothing was proposed."},
	"many.no-address":    {"dit is geen adres van een site", "this is no address of a site"},
	"many.bad-scheme":    {"alleen adressen met http of https", "only addresses with http or https"},
	"many.with-password": {"een adres met naam of wachtwoord erin kan niet", "an address with a name or password in it is not possible"},
	"many.special":       {"dit adres ligt niet op het internet, maar op deze machine of een eigen netwerk", "this address is not on the internet, but on this machine or a network of its own"},
	"many.broken":        {"Halverwege ging er iets mis. Wat hieronder als voorgesteld staat, staat in het register; de rest niet. Stel die later opnieuw voor.", "Something went wrong halfway. What is said below to be proposed is in the register, the rest is not. Propose those again later."},
	"many.broke":         {"niet gelukt door een storing", "failed because of a fault"},
	"many.not-tried":     {"niet geprobeerd", "not tried"},
	"many.col-pasted":    {"Geplakt", "Pasted"},
	"many.col-site":      {"Site", "Site"},
	"many.col-what":      {"Wat ermee gebeurt", "What becomes of it"},
	"many.known":         {"staat al in het register:", "in the register already:"},
	"many.same":          {"dubbel: zelfde site als regel %s", "repeated: same site as line %s"},
	"many.is-new":        {"nieuw, wordt", "new, becomes"},
	"many.is-proposed":   {"voorgesteld", "proposed"},
	"many.with-reason":   {"Reden:", "Reason:"},
	"many.to-register":   {"Naar het register", "To the register"},
}

var manyPlurals = map[Key]plural{
	"many.would":    {"%s site kan worden voorgesteld", "%s sites kunnen worden voorgesteld", "%s site can be proposed", "%s sites can be proposed"},
	"many.proposed": {"%s site is voorgesteld", "%s sites zijn voorgesteld", "%s site was proposed", "%s sites were proposed"},
	"many.left":     {"%s regel valt af", "%s regels vallen af", "%s line is left out", "%s lines are left out"},
	"many.propose":  {"Stel %s site voor", "Stel %s sites voor", "Propose %s site", "Propose %s sites"},
}

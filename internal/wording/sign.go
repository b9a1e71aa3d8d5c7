package wording

// Who I am: signing in, choosing a theme, changing a password.
var signTexts = map[Key]pair{
	"sign.title":         {"Aanmelden", "Sign in"},
	"sign.login":         {"Naam om aan te melden", "Sign-in name"},
	"sign.password":      {"Wachtwoord", "Password"},
	"sign.do":            {"Aanmelden", "Sign in"},
	"sign.help":          {"Wachtwoord vergeten? De beheerder van deze installatie geeft u een nieuw.", "Forgotten your password? The administrator of this installation gives you a new one."},
	"sign.wrong":         {"De naam of het wachtwoord klopt niet. Er is niemand aangemeld.", "The name or the password is not right. Nobody was signed in."},
	"sign.toomany":       {"Er waren te veel pogingen. Wacht een minuut en probeer het opnieuw.", "There were too many attempts. Wait a minute and try again."},
	"sign.again":         {"Even terug naar Zoeklicht", "Back to Zoeklicht"},
	"sign.again-explain": {"U komt van een andere site. Uw aanmelding gaat niet vanzelf mee.", "You come from another site. Your sign-in does not come along by itself."},
	"sign.again-go":      {"Ga verder", "Go on"},

	"sign.themes":            {"Kies een thema", "Choose a theme"},
	"sign.until":             {"tot %s", "until %s"},
	"sign.no-themes":         {"U hebt geen toegang tot een thema", "You have no access to a theme"},
	"sign.no-themes-explain": {"Vraag een autorisatie aan bij de beheerder. Daarna ziet u hier uw thema's.", "Ask the administrator for an authorisation. Your themes will then be listed here."},

	"sign.account":     {"Wachtwoord wijzigen", "Change password"},
	"sign.must-change": {"Iemand anders heeft uw wachtwoord gemaakt. Kies eerst een eigen wachtwoord.", "Somebody else made your password. Choose your own first."},
	"sign.old":         {"Wachtwoord van nu", "Present password"},
	"sign.new":         {"Nieuw wachtwoord", "New password"},
	"sign.new-help":    {"Lang is beter dan moeilijk: een paar woorden achter elkaar is goed.", "Long is better than complicated: a few words in a row are fine."},
	"sign.repeat":      {"Nieuw wachtwoord, nog een keer", "New password, once more"},
	"sign.change":      {"Wijzig", "Change"},
	"sign.back":        {"Terug", "Back"},
	"sign.differ":      {"De twee nieuwe wachtwoorden zijn niet gelijk. Het oude geldt nog.", "The two new passwords differ. The old one still holds."},
	"sign.oldwrong":    {"Het wachtwoord van nu klopt niet. Het geldt nog.", "The present password is not right. It still holds."},
	"sign.weak":        {"Dit nieuwe wachtwoord kan niet. Het oude geldt nog.", "This new password will not do. The old one still holds."},
	"sign.changed":     {"Uw wachtwoord is gewijzigd. U bent op andere plekken afgemeld.", "Your password was changed. You were signed out elsewhere."},
}

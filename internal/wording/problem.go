package wording

// Error pages and forms that were refused. What kinds of failure there are is in
// codes and advices.
var problemTexts = map[Key]pair{
	"problem.title":         {"Melding", "Message"},
	"problem.form":          {"Verbeter dit en probeer het opnieuw", "Correct this and try again"},
	"problem.safe":          {"Wat veilig is", "What is safe"},
	"problem.all-safe":      {"Alles wat eerder is vastgelegd, is er nog.", "All that was recorded before is still there."},
	"problem.do":            {"Wat u kunt doen", "What you can do"},
	"problem.reference":     {"Nummer van deze melding", "Number of this message"},
	"problem.too-large":     {"Wat u stuurde is te groot: het kan hoogstens %s MB zijn. Er is niets mee gedaan.", "What you sent is too large: it can be %s MB at most. Nothing was done with it."},
	"problem.too-large-do":  {"Ga terug en stuur het in delen. Wat u plakte, staat daar nog.", "Go back and send it in parts. What you pasted still stands there."},
	"problem.unread":        {"Uw vraag kwam niet leesbaar aan. Er is niets mee gedaan.", "What you asked did not arrive readable. Nothing was done with it."},
	"problem.unread-do":     {"Kwam u hier via een koppeling? Controleer het adres, of typ uw vraag opnieuw.", "Did a link lead you here? Check the address, or type your question again."},
	"problem.unstorable":    {"Daar staan tekens in die niet bewaard kunnen worden, zoals een nul-teken. Er is niets mee gedaan.", "It has characters that cannot be kept, such as a NUL. Nothing was done with it."},
	"problem.unstorable-do": {"Ga terug en typ de tekst over, of plak die zonder opmaak.", "Go back and type the text, or paste it without formatting."},
	"problem.home":          {"Naar de startpagina", "To the start page"},
}

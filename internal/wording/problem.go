package wording

// Error pages and forms that were refused. What kinds of failure there are is in
// codes and advices.
var problemTexts = map[Key]pair{
	"problem.title":     {"Melding", "Message"},
	"problem.form":      {"Verbeter dit en probeer het opnieuw", "Correct this and try again"},
	"problem.safe":      {"Wat veilig is", "What is safe"},
	"problem.all-safe":  {"Alles wat eerder is vastgelegd, is er nog.", "All that was recorded before is still there."},
	"problem.do":        {"Wat u kunt doen", "What you can do"},
	"problem.reference": {"Nummer van deze melding", "Number of this message"},
	"problem.home":      {"Naar de startpagina", "To the start page"},
}

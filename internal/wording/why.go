package wording

// Why an advert deserves a look: rules that fired, and their sum.
var whyTexts = map[Key]pair{
	"why.score-high":   {"hoog", "high"},
	"why.score-medium": {"middel", "medium"},
	"why.score-low":    {"laag", "low"},
	"why.score-none":   {"geen punten", "no points"},
}

package zoeklicht

// Facet is a value that versions have, and how many of them have it.
type Facet struct {
	Value string
	Count int
}

// Facets are the values that a question can be narrowed to as of a moment, each
// list by count, largest first, and then by value.
type Facets struct {
	Sources []Facet // values are SourceIDs
	Places  []Facet
	Langs   []Facet // ISO 639-1
	Units   []Facet // police units
}

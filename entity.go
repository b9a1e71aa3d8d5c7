package zoeklicht

// EntityType names a kind of entity.
type EntityType string

// The entity types that are found today.
const (
	Phone EntityType = "phone"
)

// Entity is something found in a version's text, with its place in it.
type Entity struct {
	Type  EntityType `json:"type"`
	Raw   string     `json:"raw"`   // as written
	Start int        `json:"start"` // byte offsets in the text searched
	End   int        `json:"end"`
	Value string     `json:"value"` // normalised: E.164 for a phone
	// Obfuscated says that it was written to defeat machines.
	Obfuscated bool `json:"obfuscated"`
	Valid      bool `json:"valid"`
}

// Mask hides the middle of a value so that two sightings can be told apart and
// nobody can be called: "+31 6 •••• •482". Values of five runes and fewer are
// hidden whole.
func Mask(value string) string {
	r := []rune(value)
	if len(r) <= 5 {
		return "•••••"
	}
	out := make([]rune, 0, len(r))
	for i, c := range r {
		if i < 3 || i >= len(r)-2 {
			out = append(out, c)
		} else {
			out = append(out, '•')
		}
	}
	return string(out)
}

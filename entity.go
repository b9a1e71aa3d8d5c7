package zoeklicht

// EntityType names a kind of entity.
type EntityType string

// The entity types, with the form of their values.
const (
	Phone        EntityType = "phone"        // E.164: +31600012345
	Email        EntityType = "email"        // lower case: name@example.org
	Link         EntityType = "url"          // canonical, with its scheme
	Handle       EntityType = "handle"       // "service:name": telegram:name; ":name" where no service is named
	Price        EntityType = "price"        // "EUR 150/60min", "EUR 150" without a duration; two decimals only where there are cents
	Age          EntityType = "age"          // years, as stated: "24"
	Availability EntityType = "availability" // "24/7", or days and hours: "mo-fr 10:00-22:00"
	PlaceName    EntityType = "place"        // municipality codes, "GM0363"; "GM0363|GM0518" where the text leaves it open
)

// EntityTypes in the order in which screens show them.
var EntityTypes = []EntityType{Phone, Email, Handle, Link, Price, Age, Availability, PlaceName}

// Identifies reports whether entities of the type lead to a person: they are masked
// until asked for.
func (t EntityType) Identifies() bool {
	return t == Phone || t == Email || t == Handle || t == Link
}

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

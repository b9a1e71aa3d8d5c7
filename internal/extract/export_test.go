package extract

import "zoeklicht"

// OfField gives the entities in the value of a field.
func OfField(e *Entities, name, value string) []zoeklicht.Entity { return e.ofField(name, value) }

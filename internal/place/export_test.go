package place

import "slices"

// All gives every municipality, those that ended included, by code.
func (x *Index) All() []Municipality { return slices.Clone(x.all) }

package capture

import (
	"fmt"
	"slices"
)

// Forget gives the salts of a manifest with those of an item's lines set to zero, for an
// item that is destroyed; "" forgets all items. Without its salt a line tells nothing
// about its record, and the others verify as before. An item that the manifest does not
// have is an error.
func Forget(manifest, salts []byte, item string) ([]byte, error) {
	lines, err := parseManifest(manifest, salts)
	if err != nil {
		return nil, err
	}
	out, found := slices.Clone(salts), false
	for i, l := range lines {
		if item == "" || itemOf(l.name) == item {
			clear(out[i*saltSize : (i+1)*saltSize])
			found = true
		}
	}
	if !found {
		return nil, fmt.Errorf("the manifest has no item %.80q", item)
	}
	return out, nil
}

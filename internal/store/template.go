package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// templateWords is how many words a text must have for its being the same elsewhere to
// say anything.
const templateWords = 5

// Template names the text of a reading without its contact details, folded: 62 bits of
// its SHA-256. Two adverts with the same one say the same, whoever is to be called. A
// text of fewer than five words gives 0.
func Template(r *zoeklicht.Reading) int64 {
	whole := r.Title + "\n" + r.Body
	contacts := slices.DeleteFunc(slices.Clone(r.Entities), func(e zoeklicht.Entity) bool {
		return !e.Type.Identifies() || e.Start < 0 || e.Start >= e.End || e.End > len(whole)
	})
	slices.SortFunc(contacts, func(a, b zoeklicht.Entity) int { return cmp.Compare(a.Start, b.Start) })
	var b strings.Builder
	at := 0
	for _, e := range contacts {
		if e.Start > at {
			b.WriteString(whole[at:e.Start])
		}
		b.WriteByte(' ')
		at = max(at, e.End)
	}
	b.WriteString(whole[at:])
	folded := text.FoldString(b.String())
	if strings.Count(folded, " ") < templateWords-1 {
		return 0
	}
	sum := sha256.Sum256([]byte(folded))
	return int64(binary.BigEndian.Uint64(sum[:])>>1) | 1 // never 0
}

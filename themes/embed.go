// Package themes carries the theme packs: data, read by internal/theme.
//
// A pack is a folder named as its theme, with theme.yaml and recipes/*.yaml;
// the format is documented where it is read.
package themes

import "embed"

// Packs holds the packs, a folder each at its top.
//
//go:embed practice trafficking
var Packs embed.FS

//go:build embedpg && linux && amd64

package postgres

import _ "embed"

// Both files are made by make build and are not in the repository.
//
//go:embed dist/postgres-linux-amd64.tar.zst
var tarball []byte

//go:embed dist/postgres-linux-amd64.json
var manifest []byte

// carried gives the packed PostgreSQL inside this binary, and its manifest.
func carried() (tar, about []byte) { return tarball, manifest }

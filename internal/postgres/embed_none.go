//go:build !(embedpg && linux && amd64)

package postgres

// carried gives nothing: this binary was built without PostgreSQL, so that
// plain go build, go vet and editors work before make build has fetched one.
func carried() (tar, about []byte) { return nil, nil }

// Package frontier holds what decides which URL is fetched and when, apart from
// any database: the canonical form that makes two spellings of an address one
// page, the digest that tells whether a page changed, and the pace at which each
// host is asked. The queue itself and its leases are rows of the theme's
// database, in internal/store.
//
// What always holds:
//
//   - Canonical is idempotent, and never merges two addresses that a server may
//     serve differently for another reason than a session or a campaign: the
//     order of a query, empty values, letter case and a trailing slash stay.
//   - Digest is SHA-256 over the body with session values taken out. Both are
//     stored with captures, so neither may change its meaning: another rule would
//     make every page of an archive look changed.
//   - A Pacer lets a host be asked no more often than its delay, no more at once
//     than its bound, not before a time it asked for, and not at all while it is
//     down.
package frontier

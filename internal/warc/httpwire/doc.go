// Package httpwire reads HTTP/1.1 messages as they stood on the wire: heads,
// transfer codings and content codings. Fetch uses it on bytes that have just
// come in and capture on bytes that were stored years ago, so that both see the
// same body.
//
// Everything here reads hostile bytes. What holds:
//
//   - No function gives more than the bytes it was allowed, and none holds more
//     than that plus the windows of its decoders (8 MiB for zstd, 16 MiB for
//     brotli, 32 KiB for the others).
//   - Each of several stacked codings is held to the same bound, so that a bomb
//     inside a bomb ends as early as a single one.
//   - Damaged bytes give an error together with what could be decoded before
//     the damage; they never panic.
package httpwire

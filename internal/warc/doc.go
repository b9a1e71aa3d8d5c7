// Package warc writes and reads WARC 1.1 (ISO 28500:2017). It knows records and
// bytes, and nothing of captures, themes or keys.
//
// What a Writer writes is the same for the same records, to the byte: it adds
// no date, no identifier and no name of a machine. Each record is a gzip member
// of its own, so that members can be cut out, stored apart and put together
// again in any order.
//
// Digests are SHA-256 in lower-case hex, "sha256:<64 digits>", which is the form
// that gowarc and warcio agree on. WARC-Block-Digest is on every record.
// WARC-Payload-Digest is on a response only where all readers agree on what its
// payload is: the standard takes the transfer coding off first and so does
// gowarc, while warcio hashes what follows the head as it stands. So a chunked
// response, and one whose body is torn, has none; the field is optional, and a
// digest that one of two honest tools calls wrong is worse in court than none.
//
// A Reader takes hostile bytes: whatever it is given, it holds one head of at
// most 64 KiB and what the caller asks of a block, and says at which offset the
// bytes stop making sense.
package warc

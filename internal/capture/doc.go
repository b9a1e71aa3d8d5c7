// Package capture makes a visit durable: WARC records, a salted manifest, and
// the leaf that the ledger will hold. It also finds the way back, from stored
// items to pages and pictures, and checks a capture against its leaf.
//
// # Records and items
//
// A capture is a number of WARC 1.1 records, each a gzip member of its own. The
// field Zoeklicht-Capture of a record gives the capture's id and Zoeklicht-Item
// the record's name. Records are stored and encrypted together in items, so that
// an item can be destroyed or disclosed without the others:
//
//	item       records
//	page       redirect:<n>:request, redirect:<n>:response   hop n on the way to the page
//	           request, response                              the page
//	picture:n  image:<n>:redirect:<k>:request, …:response     hop k on the way to picture n
//	           image:<n>:request, image:<n>                   picture n: request and response
//	           image:<n>:context                              its DNS, TLS, peer, times, as JSON
//	context    dns, tls, redirects, context                   of the page, as JSON
//
// Requests and responses are the bytes on the wire. A record that would be empty
// is not written: there is no response where none came, no tls without TLS, no
// redirects without a redirect, no item for a picture that no byte was exchanged
// for. The context record lists every picture with what became of it, counts the
// redirects, and says why something is missing. The item context holds no digest of
// page or pictures in plain, which would recognise what was destroyed or withheld.
//
// A record's identifier is a UUID of version 8 made from the SHA-256 of
// "zoeklicht record 1", the capture's id and the record's name, each followed by
// a zero byte. JSON records have their own identifier as target URI, so that no
// index takes them for the page.
//
// # Manifest
//
// The manifest has a line for each record, "<name> <hash>\n", sorted as bytes.
// The hash is the SHA-256, in lower-case hex, of a salt of 32 random bytes
// followed by the record as it is after decompression: from the W of "WARC/1.1"
// to the CR LF CR LF at its end. A stranger who is given an item, the salts of its
// lines and the manifest needs gunzip and sha256sum. Each line has its own salt:
// a line whose salt was withheld or destroyed tells nothing about its record,
// not even to somebody who guesses it.
//
// # Leaf
//
// The leaf is these lines, and these bytes are what is stored and logged:
//
//	zoeklicht/capture/v1
//	id <capture id>
//	manifest <SHA-256 of the manifest, hex>
//	after <SHA-256 of the newest timestamp token held at the start, hex, or "none">
//	build <SHA-256 of the binary that made the capture, hex>
package capture

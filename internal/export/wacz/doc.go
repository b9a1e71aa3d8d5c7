// Package wacz writes captures as one WACZ 1.1.1 file, which ReplayWeb.page shows in any
// browser and which the tools of web archives read.
//
// A WACZ file is a zip with:
//
//	archive/data.warc.gz      a warcinfo record, then the captures' records as they were
//	                          sealed, byte for byte
//	pages/pages.jsonl         a line for each capture whose page is there
//	indexes/index.cdx.gz      a CDXJ line for each response, sorted, in gzip members of
//	                          1,024 lines each
//	indexes/index.idx         where those members begin
//	datapackage.json          each file above with its length and SHA-256
//	datapackage-digest.json   the SHA-256 of datapackage.json, signed
//
// Only responses are indexed. Records beside the page (DNS, TLS, context) have their own
// urn:uuid: address, so that none of them is taken for the page.
//
// The signature is the one that ReplayWeb.page calls anonymous: ECDSA on P-384 over the
// text "sha256:<hex>" of the digest, hashed by SHA-256, as r ‖ s in base64, with the public
// key beside it. It names a key and nobody: who holds the key is told elsewhere.
package wacz

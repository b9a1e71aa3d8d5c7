// Package pades finishes a PDF: it attaches files and signs the whole with a signature
// and a timestamp that stay in the document (PAdES-B-T, ETSI EN 319 142-1).
//
// What always holds for it:
//
//   - The pages that it is given are not touched. What it adds is one incremental update
//     at the end: new objects with numbers that the document does not have, and new
//     versions of two that it has, the catalog and the first page.
//   - The signature covers every byte of the file but its own value: its range begins
//     with the first byte and ends with the last.
//   - It takes documents in the form that go-pdf/fpdf writes (one cross-reference table,
//     no object streams), under a header of version 1.7 and without annotations on its
//     first page, and refuses what it does not recognise, rather than sign something broken.
//   - The same input gives the same bytes, but for the signature's value and the
//     timestamp's.
//
// # The signature
//
// The field Contents of the signature holds CMS SignedData in DER (RFC 5652) without
// content, with one signer and its certificates. Signed are the content's type, its
// digest, and the hash of the signer's certificate (RFC 5035); the time at which the
// signer says to have signed is the field M of the signature and, as PAdES has it, no
// signed attribute. That, and the injected clock, is why the structure is made here: the
// library at hand always adds that attribute, with the machine's time. The timestamp
// (RFC 3161) is an unsigned attribute over the SHA-256 of the signature's value.
package pades

// Package parcel writes the package in which evidence leaves, and verifies one: a zip that
// a court's expert checks years later, offline, with this program or with sha256sum,
// openssl and python3.
//
// # What is in it
//
//	report.pdf, findings.txt …      the documents that were given, as they were given
//	policy                          the logs, witnesses and authorities to trust (C2SP tlog-policy)
//	certificates/<name>.pem         of the authorities and of the organisation
//	captures/<id>/leaf              the five lines that the log holds
//	captures/<id>/manifest          name and salted hash of every record, in order
//	captures/<id>/salts             32 bytes for each line of the manifest, in its order;
//	                                zeros where the record is not in the package
//	captures/<id>/<record>.warc.gz  one record, a gzip member; "image:0" is image-0
//	captures/<id>/proof.tlog-proof  why the leaf stands in the log (C2SP tlog-proof)
//	records/<kind>-<id>/            leaf, content, salt, proof.tlog-proof of another leaf
//	checkpoints/<n>/checkpoint      the checkpoint that proofs lead to, with its signatures
//	checkpoints/<n>/<name>.tst      an RFC 3161 token over it
//	capture.wacz                    the same records, for ReplayWeb.page
//	parcel.json                     what is in it and what was left out, for machines
//	README.txt, VERIFY.txt, verify.py
//	SHA256SUMS, SHA256SUMS.sig      of all files before them; signed by the organisation
//	SHA256SUMS.sig.tst              an RFC 3161 token over that signature, if there is one
//
// parcel.json says the format. 2 is written; 1, without the last file and with other texts,
// is read as well.
//
// # What always holds
//
//   - Every byte counts. Files are stored without compression, headers have no times, no
//     comments and no extra fields, and the files stand in the order of SHA256SUMS: from its
//     files the zip can be written again, to the byte, and Verify does so. A bit that differs
//     anywhere is found.
//   - parcel.json has one form, to the byte, and the texts follow from it: what two programs
//     could read differently, or what whoever signs could say otherwise, is refused.
//   - What one key of the policy signed is believed within its time alone. The organisation
//     signs with a certificate that issued no other, valid when an authority saw the
//     signature; a key that ended is believed on what others saw before (see package ledger).
//   - What Verify finds, verify.py and VERIFY.txt find too, or say that they cannot.
//   - Any record may be left out. The manifest has its line all the same, whose salt is not
//     in the package, so that it tells nothing; the rest verifies.
//   - A capture that does not verify against its own leaf is not written.
//   - Memory is that of one capture, the documents, and some 200 bytes a file. The WACZ file
//     waits in a temporary file that has no name and is encrypted.
package parcel

// Package stamp gets timestamps from authorities (RFC 3161) and verifies them: that
// bytes with this SHA-256 existed at a time that somebody else vouches for.
//
// A token is believed when all of this holds, and refused otherwise:
//
//   - it is DER, a CMS SignedData of one signer over a TSTInfo of version 1;
//   - the imprint is the SHA-256 that was asked for;
//   - the signature is over signed attributes that name the content's type, its digest
//     (SHA-256, -384 or -512), and the signer's certificate (RFC 5035, RFC 5816);
//   - that certificate is in the token, is for timestamping and nothing else, marked as
//     critical, and may sign;
//   - from it a chain leads to one of the given roots, each link valid at the time in
//     the token, not merely today.
//
// What is not looked at: revocation. An authority publishes its lists; keep them with
// the roots if a token has to stand for longer than the authority does.
//
// A token as stored is the DER of the TimeStampToken (a CMS ContentInfo), without the
// response around it: what `openssl ts -verify -token_in` reads.
package stamp

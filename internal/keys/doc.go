// Package keys holds a theme's keys and everything that is sealed with them.
//
// The process that collects reads hostile bytes, so it can seal and cannot
// open: it is given the public key only, and whoever takes it over reads
// nothing that was collected before. Three layers make that cheap enough for
// thousands of items in a second, and let one item be destroyed without the
// others:
//
//	theme key      a key pair of X-Wing (ML-KEM-768 with X25519, HPKE's KEM 0x647a),
//	               because what is stored for years must outlast quantum computers.
//	               The private half is in the theme's key file and nowhere else.
//	segment key    256 bits, the exporter secret of one HPKE encapsulation (RFC 9180,
//	               base mode, HKDF-SHA256, export only). The encapsulation stands in
//	               the segment's header; the key itself lives in the memory of the
//	               process that writes the segment, and is derived again by one that
//	               holds the private key.
//	data key       256 random bits for each item, used once. It is stored wrapped by
//	               the segment key (AES-256-GCM, random nonce), apart from the item,
//	               in the item's row: deleting that row destroys the item wherever
//	               its ciphertext has been copied to.
//
// An item is AES-256-GCM under its data key, with a nonce of zeros (a data key
// seals one item). Item and wrapped key are both bound to the associated data
// that the caller gives: theme, segment, capture and name of the item.
//
// # Stored formats
//
// The key file, <data>/keys/<theme>.key, mode 0600, is one PEM block of type
// "ZOEKLICHT THEME KEY" for each key, oldest first; the last one seals, all of
// them open. The block's headers are Theme, Created (RFC 3339), Key-Id (first 8
// bytes of the SHA-256 of the public key, hex) and Suite; its bytes are the
// private key as HPKE serialises it, the seed of 32 bytes. A public key travels
// as a block of type "ZOEKLICHT THEME PUBLIC KEY" with the same headers.
//
// A sealed header is
//
//	"ZLK1" | key id (8) | KEM (2, big endian) | KDF (2) | length of enc (2) | enc | confirmation (16)
//
// The HPKE info string is "zoeklicht segment 1", the theme's name and the
// segment's label, each followed by a zero byte. Exporter contexts: "item key
// wrapping" (32 bytes) and "confirmation" (16 bytes); the latter tells a damaged
// header, or one under another label, from damaged items.
//
// # Keys for evidence
//
// They prove, and hide nothing; whoever has one can sign in the platform's name.
//
// <data>/keys/<theme>.log.key, mode 0600, has the keys that sign a theme's logs, each
// log its own, as PEM blocks, oldest first. A block of type "ZOEKLICHT LOG KEY" holds
// an Ed25519 seed of 32 bytes; one of type "ZOEKLICHT LOG PUBLIC KEY" the public half
// of a key that signs no more and whose private half was forgotten. The headers are
// Theme, Log (its origin, which is the name of the key), Created, Until (RFC 3339, when
// it stops signing; none for the newest) and Key-Id (the hash by which signed notes
// name it). The file is replaced as a whole.
//
// <data>/keys/wacz.key has an ECDSA key on P-384, as PKCS#8 in PEM, that signs WACZ
// files. <data>/keys/signing.pem has the organisation's certificate, those of its
// issuers, and its key as PKCS#8, all as PEM. That key may lie elsewhere instead, in a
// security module: then a program of the operator's makes the signatures, see NewOutside.
package keys

// Package witness is a small witness of logs (C2SP tlog-witness), for another
// organisation than the one whose logs it watches. It remembers the latest checkpoint
// of each log that it was told of, and cosigns a newer one if the log proves that it
// continues that one. It sees no leaf.
//
// What holds:
//
//   - Of two checkpoints of one log that the witness cosigned, the later continues the
//     earlier: nothing was changed, left out or moved. A smaller tree, or another one
//     of the same size, is refused, and the signed checkpoint, which convicts the log,
//     goes to the program's log.
//   - A cosignature leaves the witness after its checkpoint is on the disk, so that no
//     power cut makes the witness forget what it vouched for. State that cannot be
//     read stops it from starting; it never begins anew with a log that it knew.
//   - Requests for one log are answered one after another, and one process holds the
//     state.
//
// # HTTP
//
//	POST …/add-checkpoint  as https://c2sp.org/tlog-witness says
//	GET  …/                the witness's key and the latest checkpoint of each log, as text
//
// # Stored formats
//
// The folder of the state has "witness.key", mode 0600, one line with the key as signed
// notes encode it (PRIVATE+KEY+<name>+<hash>+<key>), "lock", and for each log the file
// <first 32 hex digits of the SHA-256 of its origin>.checkpoint: the checkpoint with
// the signature of the log and our cosignature, replaced as a whole.
package witness

// Package ledger is the append-only record of what the platform did: a tiled
// Merkle log for each theme and year, and the means to show a stranger, offline
// and years later, that a leaf stands in it.
//
// What holds:
//
//   - A leaf whose index Append gave is on the disk and stays at that index,
//     through kill -9 and power cuts. A leaf whose index it did not give may be
//     in the log as well; appending it once more does no harm, and of two equal
//     leaves the lower index counts.
//   - A checkpoint is published when the witnesses that the policy wants have
//     cosigned it, not before. While they are down, or refuse, appending goes on
//     and publication waits; it catches up by itself.
//   - A log that was built anew with one leaf changed, left out or moved has other
//     checkpoints. A witness has seen the first ones and does not cosign the
//     second, so they are never published. It is no error to append to such a log:
//     State says what the witness answered.
//   - One process appends to a log; a second one is refused. Everybody may read.
//   - Nothing here knows what a leaf means. Leaves hold salted hashes, so that they
//     open nothing once what they stand for is destroyed.
//
// # Stored formats
//
// The folder of a log is a C2SP tlog-tiles log (https://c2sp.org/tlog-tiles) as
// Tessera's POSIX storage keeps it: "checkpoint", "tile/<level>/<n>" and
// "tile/entries/<n>", partial ones below "<n>.p/", and ".state", which is
// Tessera's own. Beside them is the file "lock", held by the process that
// appends. Tiles and entries may be served as they are, over HTTP or from a
// copy: whoever has them can check every proof and the whole log.
//
// Hashes are those of RFC 6962 with SHA-256. Checkpoints are signed notes of C2SP
// tlog-checkpoint, whose origin is the name of the log's key; cosignatures are
// those of tlog-cosignature, version 1 (Ed25519). Policies are tlog-policy, and a
// proof is written as tlog-proof version 1, beside which leaf and timestamps
// travel.
//
// A capture's leaf has the format of package capture. All others are
//
//	zoeklicht/<kind>/v1
//	id <uuid>
//	content <SHA-256 of the salt's 32 bytes followed by the content, hex>
//	build <SHA-256 of the binary that made the record, hex>
//
// and these bytes are what is stored and logged.
//
// A folder may be copied while it is in use, file by file, in the order of their names:
// ".state", "checkpoint", "tile". Files may come and go meanwhile. Open makes a whole
// log of such a copy, of the size of its checkpoint at least.
//
// A log that was restored from a backup may lack leaves that its witnesses have seen,
// and is not published again under its name. Opened with another origin, and a key of
// that name, the same folder goes on as another log: leaves keep their indices, what
// was published stays provable under the old name, and witnesses begin anew.
package ledger

// Package retain destroys: what two people decided goes from the database, the segments and
// the database's own files, and stays gone when an older backup is put back.
//
// What holds:
//
//   - One person asks, another approves, both for a ground; the database refuses anything
//     else, and refuses to change or delete truth outside the transaction of an erasure.
//     What a case holds, and what was sealed, is refused.
//   - The order is: the list of erasures, the database, the files that jobs made of the
//     theme, the segments, the database's own files. From the commit on nobody can read what was destroyed, because its data keys
//     are gone; the steps after it remove noise. Each step can be made again, so a process
//     that is killed at any moment loses nothing: Finish goes on where it stopped.
//   - A capture's leaf, manifest and what is left of it verify as before. The salts of what
//     was destroyed are zero, so that its lines of the manifest tell nothing, and neither
//     do the capture's leaf and the leaf of the erasure.
//   - Counts stay exact: rows of captures and versions stay, blank, with a tombstone. A
//     result that was kept says what of it was destroyed, and under which ground.
//   - What a person typed in a question stays in the audit trail and in kept questions: it
//     is the record of what they did, and has a term of its own.
//
// # Stored format
//
// The list of erasures is the file erased.jsonl in the data folder: a store.Destroying as
// JSON on a line of its own for each erasure of any theme, written and synced before the
// commit. It names captures, items and people and holds no content. It is made to be kept
// outside of backups: Again carries out what it lists in a database that was restored
// from a backup made before.
package retain

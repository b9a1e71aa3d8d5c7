// Package job does long work beside the requests that ask for it: with progress, cancel,
// leave and return. It is fed with functions and knows nothing of what they make.
//
// What always holds:
//
//   - A job outlives the browser that asked for it, and its result outlives the process
//     that made it. Work does not: what goes on when a process ends is cut off, its owner
//     is told so, and what it had made is removed.
//   - A job is its owner's. To anybody else it does not exist, and neither does its file.
//   - At most Config.AtOnce jobs run at the same time, first come first served; how many
//     one person and all together may have unfinished is bounded as well.
//   - A result is encrypted to a key of its own (age, X25519), which lives in memory while
//     the result is made, and sealed in its record from when it is finished. So what a
//     process that was killed leaves is noise at once, and what a job that was forgotten
//     leaves, in a copy of the folder or on the disk, is noise to who has not the theme's
//     key and its record. Withdraw destroys all results, for when something was destroyed
//     that may be in them.
//   - Nobody gets a file before its Record function has returned: what leaves is in the
//     register first. From the moment at which recording begins the job cannot be
//     cancelled any more; a process that dies there may have recorded what nobody got,
//     never the other way round.
//   - Every ended job says how it ended, in the form of a zoeklicht.Error where it did
//     not finish. A panic in the work fails the job and nothing else.
//   - A file and its job go Config.Keep after the job ended, and at the next start if
//     nothing runs then.
//
// # Stored format
//
// In Config.Dir, which backups leave out, a job is <id>.rec, mode 0600, from before Run
// gives it until it is forgotten, and <id>.job is its result. A record is replaced as a
// whole. It is
//
//	"ZLJ1" | length of header (2, big endian) | header | wrapped key (60) | sealed
//
// where the header, the wrapped key and the sealed bytes are as package keys makes them
// with the theme's key, under the label "job/<id>", which is the associated data too.
// Sealed is JSON: the job, the order that it takes to have it done again, and, for a
// finished one, the key of its result. It holds no more of a person than the audit trail
// has: the owner's number, the purpose, and what was asked for; no content.
package job

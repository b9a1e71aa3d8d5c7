// Package job does long work beside the requests that ask for it: with progress, cancel,
// leave and return. It is fed with functions and knows nothing of what they make.
//
// What always holds:
//
//   - A job outlives the browser that asked for it and not the process: jobs are kept in
//     memory. What a process leaves behind is removed by the next one.
//   - A job is its owner's. To anybody else it does not exist, and neither does its file.
//   - At most Config.AtOnce jobs run at the same time, first come first served; how many
//     one person and all together may have unfinished is bounded as well.
//   - A result is one file in Config.Dir, "<id>.job", encrypted (age, X25519) to a key
//     that exists in this process's memory only, for this job only. When the job is
//     forgotten the key is; when the process dies all are. So erasing something in the
//     store does not leave it readable here, in a backup of the folder or on the disk.
//   - Nobody gets a file before its Record function has returned: what leaves is in the
//     register first. From the moment at which recording begins the job cannot be
//     cancelled any more; a process that dies there may have recorded what nobody got,
//     never the other way round.
//   - Every ended job says how it ended, in the form of a zoeklicht.Error where it did
//     not finish. A panic in the work fails the job and nothing else.
//   - A file and its job go Config.Keep after the job ended.
package job

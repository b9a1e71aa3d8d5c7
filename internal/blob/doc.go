// Package blob keeps sealed items in segments: files of about 64 MB that hold
// the items of many captures one after another, because one file for each would
// use up a disk's inodes in days. An item can be destroyed in its place.
//
// What holds:
//
//   - A place that Sync has confirmed is on the disk, and so are its segment's
//     name and key header: a power cut after Sync loses nothing, and one before
//     it loses only what nobody was told of.
//   - A segment is written by one process from its first byte to its last, and
//     never again: a writer begins a new one when it starts. The segment's key
//     exists in that process's memory only; a reader derives it from the header
//     with the theme's private key (see package keys).
//   - Nothing is ever repaired. Bytes that are not whole frames, at the end of a
//     segment or inside it, are reported by Scan and left alone, and so are whole
//     frames that no row of the database knows: they were appended by a process
//     that died before its commit, and their keys died with it.
//   - The data key of an item is not in the segment but in the item's Place,
//     which the caller stores. Without it the bytes are noise, to us as well.
//
// # Stored format
//
// A folder <data>/themes/<theme>/<kind> holds a file "lock" and segments
// 00000001.seg, 00000002.seg and so on; numbers may be missing. A segment is a
// head of 4096 bytes, and frames that each begin at a multiple of 64.
//
// The head is text, filled up with zeros:
//
//	zoeklicht segment 1
//	theme <theme>
//	kind <kind>
//	segment <number>
//	key <sealed header of package keys, base64>
//	crc <CRC-32C of the lines before, eight hex digits>
//
// A frame is a header of 64 bytes, numbers big endian, the sealed item, and
// zeros up to the next multiple of 64. The header thus never crosses a sector.
//
//	 0   4  "ZLf1"
//	 4   4  flags: 1 for erased
//	 8   8  length of the sealed item
//	16  16  capture id of the owner
//	32  16  first half of the SHA-256 of the item's name
//	48   4  CRC-32C of the sealed item; 0 when erased
//	52   8  zero
//	60   4  CRC-32C of the 60 bytes before
//
// The checksums recognise torn and rotten bytes without a key; that nobody
// changed them is what the seal proves. A Place spans header and sealed item.
//
// An item's associated data is "zoeklicht item 1", theme, kind, segment number,
// capture id and name, as text, each followed by a zero byte; its segment's
// label is <kind>/<number, eight digits>.
package blob

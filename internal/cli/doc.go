// Package cli is what the operator's verbs ask, check and print. It knows nothing of
// data folders, keys or servers: cmd/zoeklicht wires those and hands in the few
// methods that a verb needs.
//
// What always holds:
//
//   - Standard output has the answer and nothing else. Progress, notices and errors go
//     to standard error.
//   - With JSON asked for, an answer is one object, and a list is one object a line. The
//     names of fields stay as they are; fields may be added. A list that is empty is [],
//     a moment is in RFC 3339 and UTC, a moment that did not come is null.
//   - Text from a source is shown so that it cannot steer the terminal it is shown on:
//     control characters and those that change the direction of writing appear as their
//     code points, in JSON as escapes, which programs read back unchanged.
//   - Contact details stay masked as the store gave them, but for those that were
//     revealed one by one, each with its audit row.
//   - What is wrong with what a person gave is told all at once, as Problems, before
//     anything is changed.
package cli

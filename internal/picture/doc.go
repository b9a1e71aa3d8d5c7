// Package picture makes captured pictures safe to show: it decodes them in a child
// process that may use little memory and can reach neither files nor network, and
// encodes them anew, smaller and without metadata. The captured bytes stay in the
// vault; only the new form is ever shown.
//
// # What always holds
//
//   - No picture, whatever its bytes, ends the parent, fills its memory or makes
//     it wait longer than the time allowed. A child that dies or hangs takes its
//     picture with it (a Problem) and is replaced.
//   - Order of checks: bytes, format by its first bytes, declared size, then
//     decoding. What is declared is not believed: memory is limited by the kernel
//     (RLIMIT_DATA) and, before that, by Go's own limit.
//   - The shown form is JPEG, or PNG where the picture is transparent or small;
//     its longer side has Config.Side pixels at most; it is upright where the
//     picture says how it was held; and it is always the same for the same bytes.
//
// # The protocol
//
// The child is this very program, started with the hidden arguments of
// Config.Command; it calls Child. Parent and child speak through its standard
// input and output in frames: a length of four bytes, big-endian, and so many
// bytes. The first frame to the child holds the limits as JSON; each further one
// holds a picture. For each picture the child answers with two frames: an answer
// as JSON, and the shown form (empty where there is none). The child ends when its
// input does.
package picture

// Package fetch asks for one URL and gives the exchanges that followed, as they
// were on the wire. It holds what every driver obeys (approvals, the egress
// guard, redirects, caps, robots.txt); the drivers are folders of this room and
// pass the tests of fetchtest. fetch/http1 is the one that speaks HTTP/1.1 over
// its own connections.
//
// What always holds:
//
//   - Nothing is connected to that no approval in force covers: not for the URL
//     asked for, and on no redirect hop. The decision is made on the URL as the
//     WHATWG standard parses it, which is how browsers read it.
//   - The address that a socket is about to connect to is judged once more in
//     the socket itself, so a name that answers differently the second time
//     gains nothing. Special and private ranges are blocked, but for the
//     prefixes that the approval names, on the ports that it names.
//   - Nothing is carried from one exchange to the next but the connection: no
//     cookies, no referrer, no credentials unless the request gives them, and
//     user names and passwords in URLs are refused.
//   - Every bound (bytes, decoded bytes, time, silence, rate, head, redirects)
//     ends in an Exchange that says so and keeps what had come. Memory follows
//     the bounds, never what a server announces.
//
// An Exchange's Failure is empty exactly when the response came whole. With a
// Status other than 0 and a Failure, the response broke off: Truncated has the
// reason in the words of WARC-Truncated, and Response and Body hold what came.
// A status such as 404 or 503 is an answer and no failure here.
package fetch

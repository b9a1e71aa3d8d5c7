package frontier

// IsCanonical is the way without parsing.
var IsCanonical = isCanonical

// Parsed is Canonical without that way.
var Parsed = parsed

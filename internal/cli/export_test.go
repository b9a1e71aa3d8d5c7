package cli

// For the tests of what cannot be seen from outside.
var (
	Visible      = visible
	EscapeHidden = escapeHidden
)

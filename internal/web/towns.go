package web

// townName names a municipality by its code. What is none is shown as it is.
func townName(code string) string { return code }

package zoeklicht

// Typed is what somebody typed or pasted as telephone numbers, read. Commas, semicolons,
// tabs and line ends cut it into parts, and no number goes over a cut. Something was
// refused where there are no numbers: nothing typed is a refusal too.
type Typed struct {
	Numbers []TypedNumber // in the order in which they were typed
	Refused []NotANumber  // what has digits like a number's and cannot be one
}

// TypedNumber is one number that was typed.
type TypedNumber struct {
	Raw string // as typed
	// Values is what it may be, in E.164, the likeliest first: one at least, and one for each
	// of the theme's regions in which a national number can be.
	Values []string
}

// NotANumber is a part of what was typed that cannot be a telephone number.
type NotANumber struct {
	Raw    string // as typed
	Digits string // its digits, whatever they were written with, for a search for a part of a number
	Why    Unfit
}

// Unfit says why something cannot be a telephone number.
type Unfit string

// The reasons.
const (
	NoDigits    Unfit = "no-digits"    // nothing in it is a digit, or written for one
	TooShort    Unfit = "too-short"    // digits are missing
	TooLong     Unfit = "too-long"     // it has digits too many
	BankAccount Unfit = "bank-account" // an IBAN
	NoCountry   Unfit = "no-country"   // no country has the code after its plus or 00
	NoSuchPlan  Unfit = "no-such-plan" // no numbering plan has numbers like it
)

// Values gives what all the numbers may be, without doubles.
func (t *Typed) Values() (out []string) {
	seen := map[string]bool{}
	for _, n := range t.Numbers {
		for _, v := range n.Values {
			if !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

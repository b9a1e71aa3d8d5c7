package extract

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// region is a country's numbering, as far as it decides what is looked up.
type region struct {
	name   string
	code   int
	trunk  string // what stands before a national number; "" where nothing does
	sizes  uint32 // bit n: a national number, without the trunk, may have n digits
	mobile string // an example of a mobile number, without the trunk
}

func newRegion(name string, code int) region {
	r := region{name: name, code: code, trunk: phonenumbers.GetNddPrefixForRegion(name, true)}
	number := uint64(1)
	for n := 1; n <= maxDigits; n++ {
		number := &phonenumbers.PhoneNumber{CountryCode: pointer(code), NationalNumber: &number}
		switch phonenumbers.IsPossibleNumberWithReason(number) {
		case phonenumbers.IS_POSSIBLE, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
			r.sizes |= 1 << n
		}
		*number.NationalNumber *= 10
	}
	if x := phonenumbers.GetExampleNumberForType(name, phonenumbers.MOBILE); x != nil {
		r.mobile = phonenumbers.GetNationalSignificantNumber(x)
	}
	return r
}

func pointer(n int) *int32 {
	x := int32(n)
	return &x
}

// takes reports whether so many digits can be a national number without its trunk.
func (r *region) takes(n int) bool { return n <= maxDigits && r.sizes&(1<<n) != 0 }

// like reports whether a national number without its trunk has the form of a mobile
// number of the region: as many digits, and the same first.
func (r *region) like(number string) bool {
	return number != "" && len(number) == len(r.mobile) && number[0] == r.mobile[0]
}

// free reports whether the region's numbers have any length, so that whatever begins with a
// zero is one.
func (r *region) free() bool { return bits.OnesCount32(r.sizes) >= 9 }

// mobile reports whether a whole number has the form of a region's mobile numbers.
func (p *Phones) mobile(e164 string) bool {
	for i := range p.regions {
		if rest, ok := strings.CutPrefix(e164, "+"+strconv.Itoa(p.regions[i].code)); ok && p.regions[i].like(rest) {
			return true
		}
	}
	return false
}

// near reports whether a national number without its trunk is one of the region's mobile
// numbers but for digits too many, or one or two too few.
func (r *region) near(number string) bool {
	return number != "" && r.mobile != "" && number[0] == r.mobile[0] && len(number) != len(r.mobile) && len(number) >= len(r.mobile)-2
}

// national gives digits without the trunk; ok is false where it is missing.
func (r *region) national(digits string) (string, bool) {
	if r.trunk != "0" {
		return strings.TrimPrefix(digits, r.trunk), true
	}
	return strings.CutPrefix(digits, "0")
}

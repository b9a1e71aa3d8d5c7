package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"zoeklicht"
)

// The cost of argon2id, as the OWASP Password Storage Cheat Sheet lists it
// (19 MiB, two passes, one lane), with the salt and key lengths that RFC 9106
// asks for. A hash made at another cost is made anew at the next sign-in.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltLen     = 16
	keyLen      = 32
)

// Bounds on a password, in runes and in bytes. There are no rules about kinds
// of characters: length is what counts.
const (
	minPassword = 12
	maxPassword = 256
)

// hashPassword gives the PHC string of a password.
func hashPassword(password string) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails: see crypto/rand
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(derive(password, salt, argonTime, argonMemory, argonLanes, keyLen)))
}

// derive normalises first, because two keyboards may write one é differently.
func derive(password string, salt []byte, time, memory uint32, lanes uint8, n uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, time, memory, lanes, n)
}

// phc is a PHC string of argon2id, taken apart.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

// parsePHC reads what hashPassword wrote, today's cost or another one. A cost
// that nobody would choose is refused: it would stop the process.
func parsePHC(s string) (h phc, ok bool) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, false
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); n != 3 || err != nil {
		return h, false
	}
	if part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.lanes) {
		return h, false // more than the three figures
	}
	if h.memory < 8 || h.memory > 256*1024 || h.time < 1 || h.time > 10 || h.lanes < 1 || h.lanes > 4 {
		return h, false
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(part[4])
	h.key, err2 = base64.RawStdEncoding.Strict().DecodeString(part[5])
	ok = err1 == nil && err2 == nil && len(h.salt) >= 8 && len(h.salt) <= 64 && len(h.key) >= 16 && len(h.key) <= 64
	return h, ok
}

// checkPassword reports whether a password belongs to a PHC string, and whether
// that was made at a cost other than today's. A string that cannot be read
// belongs to no password.
func checkPassword(s, password string) (ok, stale bool) {
	h, ok := parsePHC(s)
	if !ok {
		return false, false
	}
	key := derive(password, h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
	ok = subtle.ConstantTimeCompare(key, h.key) == 1
	return ok, h.memory != argonMemory || h.time != argonTime || h.lanes != argonLanes || len(h.key) != keyLen
}

// CheckPassword says what is wrong with a password that someone chose for
// login: too short, too long, too common, or their own name.
func CheckPassword(login, password string) error {
	folded := strings.ToLower(norm.NFC.String(password))
	var problem string
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		problem = "is not text"
	case n < minPassword:
		problem = fmt.Sprintf("has %d characters, and needs at least %d", n, minPassword)
	case len(password) > maxPassword:
		problem = fmt.Sprintf("is longer than %d bytes", maxPassword)
	case login != "" && strings.Contains(folded, strings.ToLower(login)):
		problem = "contains the sign-in name"
	case common(folded):
		problem = "is one of the first that anyone would try"
	default:
		return nil
	}
	return zoeklicht.Errorf(zoeklicht.Invalid, "the password %s", problem).
		With("the old one still holds", "take a sentence or four random words")
}

// common reports whether a password of sufficient length is still among the
// first guesses: figures only, few different characters, a short piece
// repeated, or a stem that everybody takes with figures and marks around it.
func common(folded string) bool {
	distinct := map[rune]bool{}
	for _, r := range folded {
		distinct[r] = true
	}
	if len(distinct) < 5 {
		return true
	}
	for n := 1; n <= len(folded)/2; n++ {
		if strings.HasPrefix(strings.Repeat(folded[:n], len(folded)/n+1), folded) {
			return true
		}
	}
	return stemsOnly(letters(folded)) || stemsOnly(letters(unleet.Replace(folded)))
}

func stemsOnly(s string) bool {
	for _, stem := range commonStems {
		s = strings.ReplaceAll(s, stem, "")
	}
	return utf8.RuneCountInString(s) < 4
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

// unleet undoes the usual replacements of letters.
var unleet = strings.NewReplacer("@", "a", "0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "$", "s")

// commonStems are what is left of the most usual passwords once figures and
// marks are gone, in the languages of those who sign in here. Longer stems stand
// before the shorter ones that they contain.
var commonStems = []string{
	"password", "wachtwoord", "passwort", "passw", "welkom", "welcome", "geheim", "secret", "letmein", "qwertyuiop", "qwerty",
	"asdfghjkl", "zxcvbnm", "azerty", "abcdefghijklmnopqrstuvwxyz", "abcdefghij", "abcdef", "abcd", "abc", "iloveyou", "administrator", "admin",
	"beheerder", "beheer", "zoeklicht", "searchlight", "politie", "police", "justitie", "nederland", "holland", "amsterdam",
	"rotterdam", "feyenoord", "ajax", "football", "voetbal", "dragon", "monkey", "sunshine", "princess", "master", "changeme",
	"test", "demo", "user", "login", "winter", "lente", "zomer", "herfst", "summer", "spring", "autumn", "maandag", "januari",
}

// randomPhrase gives a password of 64 random bits that can be read over a
// telephone: four groups of consonant-vowel-consonant-vowel-consonant, 16 bits
// each.
func randomPhrase() string {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails: see crypto/rand
	var b strings.Builder
	for i := 0; i < len(seed); i += 2 {
		if i > 0 {
			b.WriteByte('-')
		}
		n := uint(seed[i])<<8 | uint(seed[i+1])
		b.WriteByte(consonants[n>>12&15])
		b.WriteByte(vowels[n>>10&3])
		b.WriteByte(consonants[n>>6&15])
		b.WriteByte(vowels[n>>4&3])
		b.WriteByte(consonants[n&15])
	}
	return b.String()
}

// bucket gives the first 32 bits of a text's SHA-256, see table sign_in.
func bucket(s string) int32 {
	sum := sha256.Sum256([]byte(s))
	return int32(uint32(sum[0])<<24 | uint32(sum[1])<<16 | uint32(sum[2])<<8 | uint32(sum[3]))
}

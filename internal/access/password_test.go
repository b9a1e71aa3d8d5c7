package access

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"zoeklicht"
)

func TestHash(t *testing.T) {
	t.Parallel()
	a, b := hashPassword("four dry words suffice"), hashPassword("four dry words suffice")
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %s and %s", a, b)
	}
	for password, want := range map[string]bool{
		"four dry words suffice": true, "four dry words suffice ": false, "": false, "Four dry words suffice": false,
	} {
		if ok, stale := checkPassword(a, password); ok != want || stale {
			t.Errorf("%q: ok %v, stale %v", password, ok, stale)
		}
	}
	// One é or two: the same password on two keyboards.
	if ok, _ := checkPassword(hashPassword("een caf\u00e9 aan zee"), "een cafe\u0301 aan zee"); !ok {
		t.Error("composed and decomposed letters make two passwords")
	}
}

// TestHashOfAnotherProgram checks against a hash that was put together here from
// its parts, at another cost.
func TestHashOfAnotherProgram(t *testing.T) {
	t.Parallel()
	salt := []byte("somesalt")
	b64 := base64.RawStdEncoding.EncodeToString
	phc := fmt.Sprintf("$argon2id$v=19$m=64,t=3,p=2$%s$%s", b64(salt), b64(argon2.IDKey([]byte("password"), salt, 3, 64, 2, 24)))
	if ok, stale := checkPassword(phc, "password"); !ok || !stale {
		t.Errorf("ok %v, stale %v", ok, stale)
	}
}

func TestBrokenHashBelongsToNobody(t *testing.T) {
	t.Parallel()
	good := hashPassword("x")
	edit := func(old, fresh string) string { return strings.Replace(good, old, fresh, 1) }
	for _, phc := range []string{
		"", "$", "x", "plain text", edit("argon2id", "argon2i"), edit("v=19", "v=16"), edit("m=19456", "m=0"), edit("m=19456", "m=4294967295"),
		edit("t=2", "t=0"), edit("t=2", "t=999"), edit("p=1", "p=0"), edit("p=1", "p=1,x=2"), edit("p=1", "p=01"), good + "$", good + "=", good[:len(good)-30],
	} {
		if ok, _ := checkPassword(phc, "x"); ok {
			t.Errorf("%q was accepted", phc)
		}
	}
}

func FuzzPHC(f *testing.F) {
	f.Add(hashPassword("x"))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parsePHC(s)
		if !ok {
			return
		}
		// Whatever is read is written the same way: nothing was passed over.
		b64 := base64.RawStdEncoding.EncodeToString
		again := fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", h.memory, h.time, h.lanes, b64(h.salt), b64(h.key))
		if strings.NewReplacer("\r", "", "\n", "").Replace(s) != again {
			t.Errorf("%q was read as %q", s, again)
		}
	})
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for password, ok := range map[string]bool{
		"four dry words suffice":     true,
		"dit is een goede zin":       true,
		"correct-horse-battery":      true,
		"vijf7appels8peren":          true,
		"kort":                       false,
		"elevenchars":                false, // 11
		"twelve chars":               true,
		"wachtwoord123":              false,
		"W@chtw00rd!!!!":             false,
		"Welkom2026!!!":              false,
		"P@ssw0rd1234":               false,
		"qwertyuiop[]":               false,
		"qwertyuiop123":              false,
		"123456789012":               false,
		"20260101-1234":              false,
		"aaaaaaaaaaaaaaaa":           false,
		"abababababab":               false,
		"abcxyzabcxyz":               false,
		"politie-politie":            false,
		"changeme changeme":          false,
		"k.jansen is de beste":       false, // the sign-in name
		"de K.JANSEN zelf":           false,
		"ünïcödé wörd":               true,
		"\xff\xfe not text at all":   false,
		strings.Repeat("woord ", 60): false,
	} {
		err := CheckPassword("k.jansen", password)
		if (err == nil) != ok || !ok && zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%q: %v", password, err)
		}
		if err != nil && len(password) > 3 && strings.Contains(err.Error(), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestRandomPhrase(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		p := randomPhrase()
		if seen[p] || len(p) != 23 || strings.Count(p, "-") != 3 {
			t.Fatalf("phrase %q", p)
		}
		seen[p] = true
		if err := CheckPassword("beheer", p); err != nil {
			t.Fatalf("%q: %v", p, err)
		}
	}
}

package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"zoeklicht"
)

// scramVerifier gives what PostgreSQL stores for a password (RFC 5803), so that
// the password itself never goes to the server in a statement, where a log
// could keep it. The password must be printable ASCII: anything else would have
// to be normalised just as each client does it.
func scramVerifier(password string) (string, error) {
	for _, r := range password {
		if r < ' ' || r > '~' {
			return "", zoeklicht.Errorf(zoeklicht.Invalid, "a role's password has a character outside printable ASCII")
		}
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return saltedVerifier(password, salt, 4096)
}

func saltedVerifier(password string, salt []byte, iterations int) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(mac("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]), b64(mac("Server Key"))), nil
}

package keys

import "regexp"

// tokenReturn is what a PKCS#11 module may answer (PKCS #11 v3.1, 5.1.6), and what that
// means to who keeps it going.
type tokenReturn struct {
	name, means, do string
	pin             bool // the PIN is wrong: trying again brings the token nearer to its lock
}

const (
	doPIN    = "correct the PIN before anything is tried again: a token locks after a few wrong ones"
	doToken  = "see that the module is connected, and that the command names the right module, slot or token"
	doKey    = "see that the command names the right key and a mechanism that the key is for: ECDSA, or RSA-PKCS"
	doModule = "see what the module's own log says"
)

// tokenReturns are the answers that are told. The rest of what a command says is not.
var tokenReturns = []tokenReturn{
	{"CKR_PIN_LOCKED", "the token is locked after too many wrong PINs", "have it unlocked with the security officer's PIN, and correct ours first", true},
	{"CKR_PIN_INCORRECT", "the token refuses the PIN", doPIN, true},
	{"CKR_PIN_INVALID", "the token refuses the PIN", doPIN, true},
	{"CKR_PIN_LEN_RANGE", "the PIN is too short or too long for the token", doPIN, true},
	{"CKR_PIN_EXPIRED", "the PIN has expired", "give the token a new PIN", true},
	{"CKR_USER_PIN_NOT_INITIALIZED", "the token has no user PIN yet", "set the token up with its own tools", true},
	{"CKR_USER_NOT_LOGGED_IN", "the token wants a PIN and got none", "see that the command signs in (pkcs11-tool: --login --pin env:" + PinVariable + ")", false},
	{"CKR_TOKEN_NOT_PRESENT", "the token is not there", doToken, false},
	{"CKR_TOKEN_NOT_RECOGNIZED", "the token is not one that the module knows", doToken, false},
	{"CKR_SLOT_ID_INVALID", "there is no such slot", doToken, false},
	{"CKR_DEVICE_REMOVED", "the token was taken away", doToken, false},
	{"CKR_DEVICE_ERROR", "the token has a fault", doModule, false},
	{"CKR_DEVICE_MEMORY", "the token has no memory left", doModule, false},
	{"CKR_SESSION_COUNT", "the token has no session left", "see what else uses the token", false},
	{"CKR_KEY_HANDLE_INVALID", "there is no such key", doKey, false},
	{"CKR_KEY_TYPE_INCONSISTENT", "the key is not for this mechanism", doKey, false},
	{"CKR_KEY_FUNCTION_NOT_PERMITTED", "the key may not sign", doKey, false},
	{"CKR_MECHANISM_INVALID", "the token does not know the mechanism", doKey, false},
	{"CKR_DATA_LEN_RANGE", "the token does not take a digest of this length", doKey, false},
	{"CKR_FUNCTION_FAILED", "the module could not do it", doModule, false},
	{"CKR_GENERAL_ERROR", "the module has a fault", doModule, false},
}

var tokenWord = regexp.MustCompile(`CKR_[A-Z_]+`)

// returned finds the answer in what a command said, the one that stands first in the list
// where there are several; nil where there is none.
func returned(said []byte) *tokenReturn {
	found := map[string]bool{}
	for _, word := range tokenWord.FindAll(said, -1) {
		found[string(word)] = true
	}
	for i := range tokenReturns {
		if found[tokenReturns[i].name] {
			return &tokenReturns[i]
		}
	}
	return nil
}

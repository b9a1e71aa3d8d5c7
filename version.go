package zoeklicht

import (
	"crypto/sha256"
	"encoding/binary"
	"sort"
	"strconv"
	"strings"
	"time"
)

// VersionID is the opaque row number of a version in its theme; results are
// lists of them.
type VersionID int64

// String gives it as addresses and forms have it.
func (id VersionID) String() string { return strconv.FormatInt(int64(id), 10) }

// Version is a distinct content of an advert: title, text, fields and set of
// pictures. It is never changed; seeing the same content again is a sighting.
type Version struct {
	ID       VersionID
	Advert   AdvertID
	Source   SourceID
	N        int // 1 for the first
	Seq      Seq // at which it became known
	SeenAt   time.Time
	LastSeen time.Time // newest sighting of this version, as of the question
	Capture  CaptureID
	URL      string
	Title    string
	Body     string
	// Price and Place are as the page has them, unless somebody corrected them by the moment
	// that was asked about: then they are what is right, and Fields as the page has them.
	Price string
	Place string
	// Municipality is the code of the place and Unit the police unit that it lies in, as
	// of the day it was seen; empty where the page leaves it open.
	Municipality string
	Unit         string
	Lang         string
	Fields       []FieldValue
	Entities     []Entity
	Pictures     []VersionPicture
	Digest       [32]byte
	Reader       string // what read it: "recipe practice-a/3" or "generic/1"
	// Destroyed is set instead of content where retention has removed it.
	Destroyed bool
	Rule      string // under which rule it was destroyed
	// Sealed is set instead of content where somebody sealed it.
	Sealed bool
}

// FieldValue is one field of an advert with where it was found.
type FieldValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"` // selector or path in the captured page
}

// VersionPicture is one picture of a version: a picture of the store, or why
// it is missing.
type VersionPicture struct {
	N       int       `json:"n"`
	URL     string    `json:"url"`
	Picture PictureID `json:"picture,omitempty"` // 0 when missing
	Failure Fail      `json:"failure,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	// Item is the name of the item in the version's capture.
	Item string `json:"item,omitempty"`
}

// Reading is what extraction made of one captured page.
type Reading struct {
	Capture   CaptureID
	Source    SourceID
	Key       string // the site's own number, or empty
	Canonical string
	Title     string
	Body      string
	Lang      string
	// Municipality and Unit are as in Version.
	Municipality string
	Unit         string
	Fields       []FieldValue
	Entities     []Entity
	Images       []string // absolute URLs in page order
	Reader       string
	Confidence   float64 // 1 for a recipe whose required fields are all there
	NotContent   NotContent
}

// Field gives the first value of a field, or "".
func (r *Reading) Field(name string) string {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// ContentDigest is what decides, with the set of pictures, whether a reading is a
// new version: SHA-256 over title, text and fields, with white space folded. Fields
// count in any order; phone numbers stand in the text.
func (r *Reading) ContentDigest() [32]byte {
	h := sha256.New()
	put := func(s string) {
		s = strings.Join(strings.Fields(s), " ")
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	put(r.Title)
	put(r.Body)
	fields := make([]string, 0, len(r.Fields))
	for _, f := range r.Fields {
		switch f.Name {
		case FieldTitle, FieldBody, FieldImages:
		default:
			fields = append(fields, f.Name+"="+strings.Join(strings.Fields(f.Value), " "))
		}
	}
	sort.Strings(fields)
	for _, f := range fields {
		put(f)
	}
	return [32]byte(h.Sum(nil))
}

// FieldMap gives the values of the fields that stand beside title, text and pictures, by
// their names; several values of one field with commas between them.
func (v *Version) FieldMap() map[string]string {
	m := map[string]string{}
	for _, f := range v.Fields {
		switch f.Name {
		case FieldTitle, FieldBody, FieldImages:
			continue
		}
		if m[f.Name] != "" {
			m[f.Name] += ", "
		}
		m[f.Name] += f.Value
	}
	return m
}

package parcel

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

const format = "zoeklicht/parcel/1"

// The names of files.
const (
	indexName  = "parcel.json"
	policyName = "policy"
	waczName   = "capture.wacz"
	readmeName = "README.txt"
	verifyName = "VERIFY.txt"
	scriptName = "verify.py"
	sumsName   = "SHA256SUMS"
	sigName    = "SHA256SUMS.sig"
	organName  = "organisation.pem"

	leafName     = "leaf"
	manifestName = "manifest"
	saltsName    = "salts"
	proofName    = "proof.tlog-proof"
	contentName  = "content"
	saltName     = "salt"
	noteName     = "checkpoint"
	recordEnd    = ".warc.gz"
	tokenEnd     = ".tst"
)

// index is parcel.json: what is in the package and what was left out. It stands before the
// sums and is signed with them; nothing is taken on its word alone.
type index struct {
	Format string `json:"format"`
	About
	Documents    []string          `json:"documents"`
	Certificates []string          `json:"certificates"`
	Captures     []indexCapture    `json:"captures"`
	Records      []indexRecord     `json:"records"`
	Checkpoints  []indexCheckpoint `json:"checkpoints"`
	WACZ         indexWACZ         `json:"wacz"`
}

type indexCapture struct {
	ID    string `json:"id"`
	At    string `json:"at"` // RFC 3339, UTC
	Title string `json:"title,omitempty"`
	// Records are the records in the package, in the order of the items, each with the item
	// that it is a part of.
	Records []indexPart `json:"records"`
	LeftOut []leftOut   `json:"left_out"`
	// Checkpoint is the number of the folder below checkpoints; 0 for a capture that is not
	// yet witnessed.
	Checkpoint int    `json:"checkpoint"`
	After      string `json:"after,omitempty"` // the file of the token that the leaf names
}

type indexPart struct {
	Name string `json:"name"` // of the line in the manifest
	Item string `json:"item"`
	File string `json:"file"`
}

type leftOut struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

type indexRecord struct {
	Kind       string `json:"kind"`
	ID         string `json:"id"`
	Checkpoint int    `json:"checkpoint"`
}

type indexCheckpoint struct {
	Origin string   `json:"origin"`
	Size   int64    `json:"size"`
	Tokens []string `json:"tokens"` // names of files beside the checkpoint
}

type indexWACZ struct {
	File      string `json:"file"`
	Responses int    `json:"responses"`
	Pages     int    `json:"pages"`
}

// The forms of names. What a package is asked to hold and what it is said to hold both
// pass them: no name leaves its folder.
func document(name string) bool {
	return regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.(pdf|txt|docx)$`).MatchString(name)
}

func certificate(name string) bool {
	return regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*\.pem$`).MatchString(name)
}

func recordFile(name string) string { return strings.ReplaceAll(name, ":", "-") + recordEnd }

func captureFolder(id string) string { return "captures/" + id + "/" }

func recordFolder(kind, id string) string { return "records/" + kind + "-" + id + "/" }

func checkpointFolder(n int) string { return fmt.Sprintf("checkpoints/%d/", n) }

// names gives every file that the index describes, in the order of the zip.
func (x *index) names() (out []string) {
	out = append(append(out, x.Documents...), policyName)
	for _, c := range x.Certificates {
		out = append(out, "certificates/"+c)
	}
	for i := range x.Captures {
		c := &x.Captures[i]
		dir := captureFolder(c.ID)
		out = append(out, dir+leafName, dir+manifestName, dir+saltsName)
		for _, r := range c.Records {
			out = append(out, dir+r.File)
		}
		if c.Checkpoint > 0 {
			out = append(out, dir+proofName)
		}
	}
	for _, r := range x.Records {
		dir := recordFolder(r.Kind, r.ID)
		out = append(out, dir+leafName, dir+contentName, dir+saltName)
		if r.Checkpoint > 0 {
			out = append(out, dir+proofName)
		}
	}
	for n, c := range x.Checkpoints {
		dir := checkpointFolder(n + 1)
		out = append(out, dir+noteName)
		for _, t := range c.Tokens {
			out = append(out, dir+t)
		}
	}
	return append(out, waczName, indexName, readmeName, verifyName, scriptName, sumsName, sigName)
}

func (x *index) marshal() ([]byte, error) {
	b, err := json.MarshalIndent(x, "", " ")
	return append(b, '\n'), err
}

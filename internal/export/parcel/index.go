package parcel

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The formats that Verify knows begin with formatHead; packages are written in the newest.
// 1 is that of packages before there were timestamps over SHA256SUMS.sig.
const (
	formatHead = "zoeklicht/parcel/"
	oldest     = 1
	newest     = 2
)

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
	datedName  = "SHA256SUMS.sig.tst"
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
var (
	documentForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.(pdf|txt|docx)$`)
	certificateForm = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*\.pem$`)
)

func recordFile(name string) string { return strings.ReplaceAll(name, ":", "-") + recordEnd }

func captureFolder(id string) string { return "captures/" + id + "/" }

func recordFolder(kind, id string) string { return "records/" + kind + "-" + id + "/" }

func checkpointFolder(n int) string { return fmt.Sprintf("checkpoints/%d/", n) }

// version gives the number of the format, 0 for one that is not known.
func (x *index) version() int {
	for n := oldest; n <= newest; n++ {
		if x.Format == formatHead+strconv.Itoa(n) {
			return n
		}
	}
	return 0
}

// names gives every file that the index describes, in the order of the zip. The token over
// SHA256SUMS.sig, which may stand after them, is not known when the index is written.
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

// marshal gives parcel.json, the one way in which an index is written.
func (x *index) marshal() ([]byte, error) {
	b, err := json.MarshalIndent(x, "", " ")
	return append(b, '\n'), err
}

// parseIndex reads parcel.json. It takes what marshal gives and nothing else: a field that
// is unknown, there twice or spelt otherwise would be read by one program and not by
// another.
func parseIndex(body []byte) (*index, error) {
	x := &index{}
	if err := json.Unmarshal(body, x); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if x.hollow() {
		return nil, errors.New("a list in it is null")
	}
	if x.version() == 0 {
		return nil, fmt.Errorf("its format is %.60q; this version of Zoeklicht knows %s%d to %d", x.Format, formatHead, oldest, newest)
	}
	again, err := x.marshal()
	if err != nil {
		return nil, err
	}
	for i := range min(len(again), len(body)) {
		if again[i] != body[i] {
			return nil, fmt.Errorf("at byte %d it is not written as it must be: a field is unknown, there twice or out of its place", i)
		}
	}
	if len(again) != len(body) {
		return nil, errors.New("it is not written as it must be: something stands after its end, or is missing there")
	}
	return x, nil
}

// hollow tells of a list that is null, which other programs do not take for an empty one.
func (x *index) hollow() bool {
	return x.Documents == nil || x.Certificates == nil || x.Captures == nil || x.Records == nil || x.Checkpoints == nil ||
		slices.ContainsFunc(x.Captures, func(c indexCapture) bool { return c.Records == nil || c.LeftOut == nil }) ||
		slices.ContainsFunc(x.Checkpoints, func(c indexCheckpoint) bool { return c.Tokens == nil })
}

package parcel

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zoeklicht"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// forgery is a package that must not hold.
type forgery struct {
	what string
	pack []byte
	// policy is the deposited one; nil for the world's.
	policy []byte
	want   string // the check of ours that fails, and those of ours that verify.py has as well
	// script and typed say why verify.py and VERIFY.txt cannot find it, in words that they
	// print; "" where they must.
	script, typed string
}

// Why some forgeries are out of reach of the typed commands, or of verify.py, as they say
// themselves. Each is signed by the organisation, which then answers for it.
const (
	forMachines = "parcel.json, which says for machines what was left out and why"
	inPDF       = "The signature in a PDF: verify.py, or pdfsig"
	inWACZ      = "capture.wacz, a second copy of the records to look at"
	ownTexts    = "only zoeklicht verify writes them again"
	ownWords    = "Out of its reach: the form of the zip, which unpacking passes over, and the words of README.txt and VERIFY.txt."
)

// edit changes the files of a package.
type edit func([]File) []File

// replace changes one file.
func replace(name string, with func([]byte) []byte) edit {
	return func(all []File) []File {
		i := slices.IndexFunc(all, func(f File) bool { return f.Name == name })
		all[i].Bytes = with(bytes.Clone(all[i].Bytes))
		return all
	}
}

// flip flips a bit.
func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// swap puts a text in the place of another, once.
func swap(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
}

// put replaces all of a file.
func put(body []byte) func([]byte) []byte { return func([]byte) []byte { return body } }

// without drops files.
func without(drop func(string) bool) edit {
	return func(all []File) []File { return slices.DeleteFunc(all, func(f File) bool { return drop(f.Name) }) }
}

// insert puts a file before another.
func insert(before string, f File) edit {
	return func(all []File) []File {
		return slices.Insert(all, slices.IndexFunc(all, func(o File) bool { return o.Name == before }), f)
	}
}

// all makes several edits, one after another.
func all(edits ...edit) edit {
	return func(files []File) []File {
		for _, e := range edits {
			files = e(files)
		}
		return files
	}
}

// of gives a file's bytes.
func of(files []File, name string) []byte {
	return files[slices.IndexFunc(files, func(f File) bool { return f.Name == name })].Bytes
}

// TestForgeries forges packages as somebody does who holds the organisation's key, and makes
// sums, signature and its time right again. Each of the three ways to check a package must
// find each of them, or say itself why it cannot.
func TestForgeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1, 300)
	w.captures[1].LeftOut = map[string]string{"picture:0": "a person is in it", "context": "of no use"}
	pack := w.packed(w.contents())
	ways := newWays(t, w, pack)
	ways.hold("the package", pack, w.policy)
	ways.hold("built again", w.rebuilt(files(t, pack), w.organKey), w.policy)
	forged := slices.Concat(edited(t, w, pack), swapped(t, w, pack), worlds(t, ways))
	for _, f := range forged {
		t.Run(f.what, func(t *testing.T) {
			t.Parallel()
			if f.policy == nil {
				f.policy = w.policy
			}
			ways.find(t, &f)
		})
	}
	t.Logf("%d forgeries", len(forged))
}

// edited are edits of one package.
func edited(t *testing.T, w *world, pack []byte) (out []forgery) {
	id, hidden := w.captures[0].Sealed.ID.String(), w.captures[1].Sealed.ID.String()
	dir, decision := "captures/"+id+"/", "records/source-decision-00000000-0000-4000-8000-000000000001/"
	for _, f := range []struct {
		what                string
		do                  edit
		want, script, typed string
	}{
		{"a record is edited", replace(dir+"response.warc.gz", flip(200)), checkManifest, "", ""},
		{"a record is packed again with more", replace(dir+"response.warc.gz", func(b []byte) []byte { return zipped(append(unzipped(t, b), "more"...)) }), checkManifest, "", ""},
		{"a salt is edited", replace(dir+"salts", flip(3)), checkManifest, "", ""},
		{"salts are too many", replace(dir+"salts", func(b []byte) []byte { return append(b, make([]byte, 32)...) }), checkManifest, "", ""},
		{"a salt of a record that was left out is there", replace("captures/"+hidden+"/salts", func(b []byte) []byte { return bytes.ReplaceAll(b, make([]byte, 32), bytes.Repeat([]byte{1}, 32)) }), checkManifest, "", ""},
		{"the manifest is edited", replace(dir+"manifest", swap("context ", "contexu ")), checkLeaf, "", ""},
		{"the leaf is edited", replace(dir+"leaf", swap("after ", "after  ")), checkLeaf, "", ""},
		{"the leaf is of another kind", replace(dir+"leaf", swap("capture/v1", "capture/v2")), checkLeaf, "", ""},
		{"the leaf is of another capture", replace(dir+"leaf", swap("id "+id, "id "+hidden)), checkLeaf, "", ""},
		{"the leaf's build is edited", replace(dir+"leaf", swap("build 0", "build 1")), checkInclusion, "", ""},
		{"the captures have changed names", all(replace(dir+"leaf", put(of(files(t, pack), "captures/"+hidden+"/leaf")))), checkLeaf, "", ""},
		{"the index in the proof is another", replace(dir+"proof.tlog-proof", swap("index 1\n", "index 2\n")), checkInclusion, "", ""},
		{"the proof has more than it needs", replace(dir+"proof.tlog-proof", swap("@v1\n", "@v1\nextra AAAA\n")), checkInclusion, "", ""},
		{"a response is forged, with a proof to a log of its own", forgedCapture(t, dir), checkInclusion, "", ""},
		{"the checkpoint is edited", replace("checkpoints/1/checkpoint", swap("\n4\n", "\n5\n")), checkCheckpoint, "", ""},
		{"the checkpoint lacks a witness", both(dir, hidden, decision, func(b []byte) []byte { return withoutLine(b, "court.invalid/witness") }), checkCheckpoint, "", ""},
		{"the checkpoint lacks its log", both(dir, hidden, decision, func(b []byte) []byte { return withoutLine(b, origin) }), checkCheckpoint, "", ""},
		{"a token is damaged", replace("checkpoints/1/tsa-one.tst", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), checkTimestamp, "", ""},
		{"a token is of another checkpoint", replace("checkpoints/2/tsa-one.tst", put(of(files(t, pack), "checkpoints/1/tsa-one.tst"))), checkTimestamp, "", ""},
		{"a checkpoint's tokens are not there", all(without(func(n string) bool { return strings.HasPrefix(n, "checkpoints/1/tsa") }), retold(t, func(x *index) { x.Checkpoints[0].Tokens = []string{} })), checkTimestamp, "", ""},
		{"another token after which it was made", retold(t, func(x *index) { x.Captures[0].After = "checkpoints/1/tsa-one.tst" }), checkAfter, "", forMachines},
		{"a decision is edited", replace(decision+"content", swap("approved", "rejected")), checkContent, "", ""},
		{"a decision's first byte is in its salt", all(replace(decision+"salt", func(b []byte) []byte { return append(b, 't') }), replace(decision+"content", func(b []byte) []byte { return b[1:] })), checkContent, "", ""},
		{"a decision's leaf has another line", replace(decision+"leaf", func(b []byte) []byte { return append(b, "more\n"...) }), checkContent, "", ""},
		{"a decision's leaf begins with another line", replace(decision+"leaf", func(b []byte) []byte { return append([]byte("more\n"), b...) }), checkContent, "", ""},
		{"the report is edited", replace("report.pdf", swap("/Count 1", "/Count 2")), checkReport, "", inPDF},
		{"the report has more after its signature", replace("report.pdf", func(b []byte) []byte { return append(b, "%more\n"...) }), checkReport, "", inPDF},
		{"the report has no signature", replace("report.pdf", put([]byte("%PDF-1.7\n"))), checkReport, "", inPDF},
		{"the WACZ file is damaged", replace("capture.wacz", flip(500)), checkWACZ, "", inWACZ},
		{"the WACZ file has a wrong signature", replace("capture.wacz", func(b []byte) []byte { return resigned(t, b) }), checkWACZSigned, "", inWACZ},
		{"the WACZ file has a file too many", replace("capture.wacz", func(b []byte) []byte { return rezipped(t, b, zip.Store, "more.txt") }), checkWACZ, "", inWACZ},
		{"the WACZ file has a file twice", replace("capture.wacz", func(b []byte) []byte { return rezipped(t, b, zip.Store, "pages/pages.jsonl") }), checkWACZ, "", inWACZ},
		{"the WACZ file is compressed", replace("capture.wacz", func(b []byte) []byte { return rezipped(t, b, zip.Deflate, "") }), checkWACZ, "", inWACZ},
		{"a file is missing", without(func(n string) bool { return n == dir+"image-0.warc.gz" }), checkContents, "", ""},
		{"a capture is missing", without(func(n string) bool { return strings.HasPrefix(n, dir) }), checkContents, "", forMachines},
		{"a record is missing and not told of", all(without(func(n string) bool { return n == dir+"image-0.warc.gz" }), retold(t, func(x *index) {
			x.Captures[0].Records = slices.DeleteFunc(x.Captures[0].Records, func(r indexPart) bool { return r.Name == "image:0" })
		})), checkManifest, "", ""},
		{"a record is missing and told of, its salt is not", all(without(func(n string) bool { return n == dir+"image-0.warc.gz" }), retold(t, func(x *index) {
			x.Captures[0].Records = slices.DeleteFunc(x.Captures[0].Records, func(r indexPart) bool { return r.Name == "image:0" })
			x.Captures[0].LeftOut = []leftOut{{"image:0", "lost"}}
		})), checkManifest, "", ""},
		{"a file is too many", insert("findings.txt", File{"more.txt", []byte("more")}), checkContents, "", forMachines},
		{"a module is beside verify.py", insert(sumsName, File{"hashlib.py", []byte("import os\nprint('all checks hold')\nos._exit(0)\n")}), checkContents, "", forMachines},
		{"a record is in a folder too many", insert("capture.wacz", File{dir + "more.warc.gz", []byte("more")}), checkContents, "", ""},
		{"files have changed places", func(all []File) []File { all[0], all[1] = all[1], all[0]; return all }, checkContents, "", forMachines},
		{"the index hides what was left out", replace(indexName, swap(`"a person is in it"`, `""`)), checkTexts, ownWords, forMachines},
		{"the index names another record as left out", retold(t, func(x *index) { x.Captures[1].LeftOut[2].Name = "image:7" }), checkManifest, "", forMachines},
		{"the index says another item", retold(t, func(x *index) { x.Captures[0].Records[0].Item = "picture:0" }), checkManifest, "", forMachines},
		{"the index says another log", retold(t, func(x *index) { x.Checkpoints[0].Origin = "example.org/other" }), checkCheckpoint, "", forMachines},
		{"the index says another size", retold(t, func(x *index) { x.Checkpoints[0].Size++ }), checkCheckpoint, "", forMachines},
		{"the index names a capture twice", retold(t, func(x *index) { x.Captures = append(x.Captures, x.Captures[0]) }), checkContents, "", forMachines},
		{"the index is of another format", retold(t, func(x *index) { x.Format = formatHead + "3" }), checkContents, "", forMachines},
		{"the index is of the format before", retold(t, func(x *index) { x.Format = formatHead + "1" }), checkContents, "", forMachines},
		{"the index is no JSON", replace(indexName, flip(0)), checkContents, "", forMachines},
		{"the index has a field twice", replace(indexName, swap(` "purpose"`, ` "purpose": "another case",`+"\n"+` "purpose"`)), checkContents, "", forMachines},
		{"the index has a field in capitals", replace(indexName, swap(` "theme"`, ` "Purpose": "another case",`+"\n"+` "theme"`)), checkContents, "", forMachines},
		{"the index has an unknown field", replace(indexName, swap(` "theme"`, ` "more": true,`+"\n"+` "theme"`)), checkContents, "", forMachines},
		{"the index has its fields in another order", replace(indexName, swap(`"responses": 3,`+"\n"+`  "pages": 2`, `"pages": 2,`+"\n"+`  "responses": 3`)), checkContents, "", forMachines},
		{"the index has another space", replace(indexName, swap(`": "`, `":  "`)), checkContents, "", forMachines},
		{"the index has null for a list", replace(indexName, swap(`"left_out": []`, `"left_out": null`)), checkContents, "", forMachines},
		{"the index has a number in words", replace(indexName, swap(`"checkpoint": 1`, `"checkpoint": true`)), checkContents, "", forMachines},
		{"the index ends later", replace(indexName, func(b []byte) []byte { return append(b, '\n') }), checkContents, "", forMachines},
		{"the index names a file above the package", retold(t, func(x *index) { x.Documents[0] = "../report.pdf" }), checkContents, "", forMachines},
		{"verify.py is another program", replace(scriptName, put([]byte("print('all checks hold')\n"))), checkTexts, "", ownTexts},
		{"README.txt says something else", replace(readmeName, put([]byte("anything\n"))), checkTexts, ownWords, ownTexts},
		{"VERIFY.txt says something else", replace(verifyName, put([]byte("echo all checks of VERIFY.txt hold\n"))), checkTexts, ownWords, ownTexts},
	} {
		out = append(out, forgery{what: f.what, pack: w.rebuilt(f.do(files(t, pack)), w.organKey), want: f.want, script: f.script, typed: f.typed})
	}
	return out
}

// swapped are parts of another installation's package, and signatures that are not the
// organisation's.
func swapped(t *testing.T, w *world, pack []byte) (out []forgery) {
	other := newWorld(t, 2, 1, 300)
	foreign := files(t, other.packed(other.contents()))
	dir, theirs := "captures/"+w.captures[0].Sealed.ID.String()+"/", "captures/"+other.captures[0].Sealed.ID.String()+"/"
	take := func(name string) func([]byte) []byte { return put(of(foreign, name)) }
	for _, f := range []struct {
		what        string
		do          edit
		want, typed string
	}{
		{"a record is swapped for another's", replace(dir+"image-0.warc.gz", take(theirs+"image-0.warc.gz")), checkManifest, ""},
		{"the proof leads to another log", replace(dir+"proof.tlog-proof", take(theirs+"proof.tlog-proof")), checkInclusion, ""},
		{"the checkpoint is of another log", replace("checkpoints/1/checkpoint", take("checkpoints/1/checkpoint")), checkCheckpoint, ""},
		{"a token is of an authority that nobody named", replace("checkpoints/1/tsa-one.tst", take("checkpoints/1/tsa-one.tst")), checkTimestamp, ""},
		{"the report is signed by somebody else", replace("report.pdf", take("report.pdf")), checkReport, inPDF},
		{"the WACZ file is another, and whole", replace("capture.wacz", take("capture.wacz")), checkWACZSame, inWACZ},
		{"a certificate is not that of the policy", replace("certificates/organisation.pem", take("certificates/organisation.pem")), checkContents, forMachines},
		{"the policy is another's", replace(policyName, take(policyName)), checkContents, forMachines},
	} {
		out = append(out, forgery{what: f.what, pack: w.rebuilt(f.do(files(t, pack)), w.organKey), want: f.want, typed: f.typed})
	}
	last := func(b []byte) []byte { b[len(b)-1] ^= 1; return b }
	return append(out,
		forgery{what: "signed by somebody else", pack: w.rebuilt(files(t, pack), other.organKey), want: checkSigned},
		forgery{what: "another installation's package", pack: other.rebuilt(foreign, other.organKey), want: checkSigned},
		forgery{what: "the signature is damaged", pack: finished(t, replace(sigName, last)(files(t, pack))), want: checkSigned},
		forgery{what: "the signature's token is damaged", pack: finished(t, replace(datedName, last)(files(t, pack))), want: checkDated},
		forgery{what: "the signature's token is of another signature", pack: finished(t, replace(datedName, take(datedName))(files(t, pack))), want: checkDated},
	)
}

// forgedCapture edits a response and makes all right that can be: manifest, leaf, and a
// proof that leads to a log with that leaf alone.
func forgedCapture(t *testing.T, dir string) edit {
	return func(all []File) []File {
		record := bytes.Replace(unzipped(t, of(all, dir+"response.warc.gz")), []byte("HTTP/1.1 200 OK"), []byte("HTTP/1.1 200 XX"), 1)
		names, err := lines(of(all, dir+"manifest"))
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.SplitAfter(string(of(all, dir+"manifest")), "\n")
		n := slices.Index(names, "response")
		rows[n] = fmt.Sprintf("response %x\n", sha256.Sum256(slices.Concat(of(all, dir+"salts")[n*saltSize:(n+1)*saltSize], record)))
		manifest := strings.Join(rows, "")
		leaf := strings.SplitAfter(string(of(all, dir+"leaf")), "\n")
		leaf[2] = fmt.Sprintf("manifest %x\n", sha256.Sum256([]byte(manifest)))
		body := []byte(strings.Join(leaf, ""))
		root := tlog.RecordHash(body)
		checkpoint := strings.SplitAfter(string(of(all, "checkpoints/1/checkpoint")), "\n")
		checkpoint[1], checkpoint[2] = "1\n", base64.StdEncoding.EncodeToString(root[:])+"\n"
		for name, b := range map[string][]byte{
			"response.warc.gz": zipped(record), "manifest": []byte(manifest), "leaf": body,
			"proof.tlog-proof": []byte("c2sp.org/tlog-proof@v1\nindex 0\n\n" + strings.Join(checkpoint, "")),
		} {
			all = replace(dir+name, put(b))(all)
		}
		return all
	}
}

// both changes a checkpoint and the proofs that hold it.
func both(dir, hidden, decision string, with func([]byte) []byte) edit {
	return all(replace("checkpoints/1/checkpoint", with), replace(dir+proofName, with), replace("captures/"+hidden+"/"+proofName, with), replace(decision+proofName, with))
}

// withoutLine drops a signature.
func withoutLine(b []byte, signer string) []byte {
	return bytes.Join(slices.DeleteFunc(bytes.SplitAfter(b, []byte("\n")), func(line []byte) bool {
		return bytes.HasPrefix(line, []byte("— "+signer+" "))
	}), nil)
}

// retold changes parcel.json and writes README.txt and VERIFY.txt anew.
func retold(t *testing.T, change func(*index)) edit {
	return func(files []File) []File {
		var x index
		if err := json.Unmarshal(of(files, indexName), &x); err != nil {
			t.Fatal(err)
		}
		change(&x)
		body, err := x.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if x.version() == 0 {
			return replace(indexName, put(body))(files)
		}
		return all(replace(indexName, put(body)), replace(readmeName, put(readme(&x))), replace(verifyName, put(instructions(&x))),
			replace(scriptName, put(script(x.version()))))(files)
	}
}

func unzipped(t *testing.T, b []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // into memory
	_ = z.Close()
	return out.Bytes()
}

// rezipped writes a WACZ file anew, with one more file of a name if that is not "".
func rezipped(t *testing.T, b []byte, method uint16, more string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	all := files(t, b)
	if more != "" {
		all = append(all, File{more, []byte("more")})
	}
	for _, f := range all {
		fw, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fw.Write(f.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// resigned gives a WACZ file whose signature is wrong.
func resigned(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	a := newArchive(&out)
	for _, f := range files(t, b) {
		if f.Name == "datapackage-digest.json" {
			at := bytes.Index(f.Bytes, []byte(`"signature": "`)) + len(`"signature": "`)
			f.Bytes[at] = map[bool]byte{true: 'B', false: 'A'}[f.Bytes[at] == 'A']
		}
		if err := a.add(f.Name, f.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// finished makes a package of files as they are.
func finished(t *testing.T, all []File) []byte {
	var out bytes.Buffer
	a := newArchive(&out)
	for _, f := range all {
		if err := a.add(f.Name, f.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// worlds are packages of installations in which somebody did what the policy does not
// allow: keys that were stolen, or are somebody else's.
func worlds(t *testing.T, ways *ways) (out []forgery) {
	early, late := at.Add(-1).Truncate(1e9).Format("2006-01-02T15:04:05Z"), at.Add(1e9).Format("2006-01-02T15:04:05Z")
	until := func(end string) string { return "# signs from 2026-01-01T00:00:00Z until " + end + "\n" }
	ended := func(line, end string) func(string) string {
		return func(policy string) string {
			i := strings.Index(policy, line)
			if before := strings.LastIndex(policy[:i-1], "\n") + 1; strings.HasPrefix(policy[before:], "# signs from ") {
				policy = policy[:before] + policy[i:]
				i = before
			}
			return policy[:i] + until(end) + policy[i:]
		}
	}
	organ := func(policy string) string {
		i := strings.Index(policy, "# organisation\n")
		return policy[i+len("# organisation\n"):]
	}
	for _, c := range []struct {
		what    string
		prepare func(w *world)
		change  func(w *world, policy string) string
		undated bool
		want    string // "" where it holds
	}{
		{"the log's key ended later", nil, func(_ *world, p string) string { return ended("log "+origin, late)(p) }, false, ""},
		{"the log's key was stolen", nil, func(_ *world, p string) string { return ended("log "+origin, early)(p) }, false, checkCheckpoint},
		{"a witness's key ended later", nil, func(_ *world, p string) string { return ended("witness court", late)(p) }, false, ""},
		{"a witness's key was stolen", nil, func(_ *world, p string) string { return ended("witness court", early)(p) }, false, checkCheckpoint},
		{"a stolen log, nobody asks for witnesses", nil, func(_ *world, p string) string {
			return strings.Replace(ended("log "+origin, early)(p), "quorum both", "quorum none", 1)
		}, false, checkCheckpoint},
		{"the organisation's key ended later", nil, func(_ *world, p string) string { return strings.Replace(p, organ(p), until(late)+organ(p), 1) }, false, ""},
		{"the organisation's key was stolen", nil, func(_ *world, p string) string { return strings.Replace(p, organ(p), until(early)+organ(p), 1) }, false, checkSigned},
		{"the organisation's key ended, and nothing is dated", nil, func(_ *world, p string) string {
			return strings.Replace(p, organ(p), until(late)+organ(p), 1)
		}, true, checkSigned},
		{"nothing is dated", nil, nil, true, ""},
		{"a certificate that is not valid yet", func(w *world) {
			w.organKey, w.organ = organisation(t, "Example police unit", at.Add(1e9), at.AddDate(5, 0, 0), nil, nil)
		}, nil, false, checkSigned},
		{"a certificate that has expired", func(w *world) {
			w.organKey, w.organ = organisation(t, "Example police unit", at.AddDate(-1, 0, 0), at.Add(-1e9), nil, nil)
		}, nil, false, checkSigned},
		{"a certificate that has expired, and nothing is dated", func(w *world) {
			w.organKey, w.organ = organisation(t, "Example police unit", at.AddDate(-1, 0, 0), at.Add(-1e9), nil, nil)
		}, nil, true, checkSigned},
		{"a certificate that is not for signatures", func(w *world) {
			w.organKey, w.organ = organisation(t, "Example police unit", at.AddDate(-1, 0, 0), at.AddDate(5, 0, 0), nil, &x509.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment})
		}, nil, false, checkSigned},
		{"signed by the issuer of the organisation's certificate", issued(t, true), nil, false, checkSigned},
		{"signed under an issuer", issued(t, false), nil, false, ""},
		{"not yet witnessed", func(w *world) { w.captures[0].Proof = nil }, nil, false, checkInclusion},
		{"a leaf of another form, in the log", func(w *world) { oddLeaf(w) }, nil, false, checkContent},
		{"a log that no witness saw", func(w *world) { w.fork(nil) }, nil, false, checkCheckpoint},
		{"a log that one of two witnesses saw", func(w *world) { w.fork(w.witness[:1]) }, nil, false, checkCheckpoint},
	} {
		w := newWorld(t, 1, 0, 0)
		if c.prepare != nil {
			c.prepare(w)
			w.deposit()
		}
		if c.change != nil {
			w.policy = []byte(c.change(w, string(w.policy)))
		}
		contents := w.contents()
		if c.undated {
			contents.Stamp = nil
		}
		pack := w.packed(contents)
		if c.what == "a leaf of another form, in the log" {
			pack = w.rebuilt(replace("records/source-decision-00000000-0000-4000-8000-000000000001/leaf", func([]byte) []byte { return w.leaves[len(w.leaves)-1] })(files(t, pack)), w.organKey)
		}
		if c.want == "" {
			ways.hold(c.what, pack, w.policy)
			continue
		}
		out = append(out, forgery{what: c.what, pack: pack, policy: w.policy, want: c.want})
	}
	return out
}

// issued gives the organisation a certificate that another one in the policy issued, and
// has that one's key sign the package if wrong.
func issued(t *testing.T, wrong bool) func(*world) {
	return func(w *world) {
		key, issuer := organisation(t, "Some authority", at.AddDate(-1, 0, 0), at.AddDate(5, 0, 0), nil, nil)
		w.organKey, w.organ = organisation(t, "Example police unit", at.AddDate(-1, 0, 0), at.AddDate(5, 0, 0), &issuedBy{issuer, key}, nil)
		w.chain = []*x509.Certificate{issuer}
		if wrong {
			w.signKey = key
		}
	}
}

// issuedBy is who issues a certificate.
type issuedBy struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// oddLeaf logs a leaf with a line too many beside what it stands for, and proves it.
func oddLeaf(w *world) {
	r := w.records[0]
	leaf := append(r.Leaf(), "more\n"...)
	w.append(leaf)
	checkpoint, tokens := w.publish()
	for i, c := range w.captures {
		c.Proof = w.prove(1+i, checkpoint, tokens)
	}
	w.records[0].Proof = w.prove(1+len(w.captures), checkpoint, tokens)
}

// fork rebuilds the log with other leaves, and publishes it with these witnesses.
func (w *world) fork(witnesses []note.Signer) {
	w.leaves, w.hashes, w.witness = w.leaves[:1], w.hashes[:1], witnesses
	for _, c := range w.captures {
		w.append(c.Sealed.Leaf)
	}
	w.append([]byte("another leaf\n"))
	checkpoint, tokens := w.publish()
	for i, c := range w.captures {
		c.Proof = w.prove(1+i, checkpoint, tokens)
	}
	w.records = nil
}

// ways are the three ways in which a package is checked, the program and the text taken
// from elsewhere.
type ways struct {
	t            *testing.T
	script, text string // paths
	said         []byte // VERIFY.txt
}

func newWays(t *testing.T, w *world, pack []byte) *ways {
	t.Helper()
	needs(t, "unzip", "sha256sum", "openssl", "python3", "gunzip", "awk")
	dir := t.TempDir()
	out := &ways{t: t, script: filepath.Join(dir, scriptName), text: filepath.Join(dir, verifyName)}
	all := files(t, pack)
	out.said = of(all, verifyName)
	for path, body := range map[string][]byte{
		out.script: of(all, scriptName),
		out.text:   bytes.Replace(out.said, []byte("POLICY=policy\n"), []byte("POLICY=$1\n"), 1),
	} {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// run checks a package by the script and by the text, and gives what they say.
func (y *ways) run(t *testing.T, pack, policy []byte) (script, typed string, scriptHolds, typedHolds bool) {
	t.Helper()
	dir := unpacked(t, pack)
	deposited := filepath.Join(t.TempDir(), "deposited")
	if err := os.WriteFile(deposited, policy, 0o600); err != nil {
		t.Fatal(err)
	}
	script, scriptHolds = run(t, t.TempDir(), "python3", "-I", y.script, deposited, dir)
	typed, typedHolds = run(t, dir, "sh", "-u", y.text, deposited)
	return script, typed, scriptHolds, typedHolds
}

// hold wants a package to hold in all three ways.
func (y *ways) hold(what string, pack, policy []byte) {
	y.t.Helper()
	if checks, err := verified(y.t, pack, policy); err != nil {
		y.t.Errorf("%s: %v\n%v", what, err, checks)
	}
	script, typed, a, b := y.run(y.t, pack, policy)
	if !a || strings.Contains(script, "FAILS") || !strings.HasSuffix(script, "all checks hold\n") {
		y.t.Errorf("%s, by verify.py:\n%s", what, script)
	}
	if !b || strings.Contains(typed, "FAILS") || !strings.HasSuffix(typed, "all checks of VERIFY.txt hold\n") {
		y.t.Errorf("%s, by VERIFY.txt:\n%s", what, typed)
	}
}

// find wants a forgery to be found in all three ways, or the reason why one cannot.
func (y *ways) find(t *testing.T, f *forgery) {
	checks, err := verified(t, f.pack, f.policy)
	if !slices.ContainsFunc(checks, func(c Check) bool { return c.State == Fails && c.Name == f.want }) || zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("by our program: %q does not fail: %v\n%v", f.want, err, checks)
	}
	if testing.Short() {
		return // the two others take a second each
	}
	script, typed, scriptHolds, typedHolds := y.run(t, f.pack, f.policy)
	for _, way := range []struct {
		name, out, reason string
		holds             bool
		reasons           []byte
	}{
		{"verify.py", script, f.script, scriptHolds, []byte(texted(t, y.script))},
		{"VERIFY.txt", typed, f.typed, typedHolds, y.said},
	} {
		switch {
		case way.reason == "" && (way.holds || !strings.Contains(way.out, "FAILS")):
			t.Errorf("by %s: it holds\n%s", way.name, way.out)
		case way.reason != "" && !way.holds:
			t.Errorf("by %s: it is found, and listed as out of reach\n%s", way.name, way.out)
		case way.reason != "" && !bytes.Contains(way.reasons, []byte(way.reason)):
			t.Errorf("%s does not say %q", way.name, way.reason)
		}
	}
}

func texted(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

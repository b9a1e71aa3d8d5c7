package export_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/export/wacz/wacztest"
	"zoeklicht/internal/practice"
	"zoeklicht/internal/search"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// changed gives the newest and the oldest version of an advert that changed and has
// pictures.
const changed = `SELECT v.id FROM version v WHERE v.advert = (
	SELECT v.advert FROM version v JOIN version_picture p ON p.version = v.id AND p.picture <> 0
	WHERE v.n > 1 GROUP BY v.advert ORDER BY v.advert LIMIT 1) ORDER BY v.n`

// TestPackage takes out a version, a comparison and a result as packages, and each form of
// a version. Every package verifies against the deposited policy.
func TestPackage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 21, Adverts: 60, NoBarriers: true}, 5)
	w.recorded()
	of := w.versions(changed)
	res, err := search.New(search.Config{}).Ask(t.Context(), w.Store.Person("case 2026-17", zoeklicht.Specialist), zoeklicht.Question{Text: "massage"}, time.Time{}, 0, 10)
	w.must(err)
	keeper, err := age.GenerateX25519Identity()
	w.must(err)
	for _, o := range []zoeklicht.ExportOrder{
		{Kind: zoeklicht.ExportVersion, Versions: of[:1], Form: zoeklicht.FormPackage, Pictures: zoeklicht.PicturesIn},
		{Kind: zoeklicht.ExportVersion, Versions: of[:1], Form: zoeklicht.FormPackage, Pictures: zoeklicht.PicturesAnnex, AnnexTo: []string{keeper.Recipient().String()}, Dossier: true, Lang: "en"},
		{Kind: zoeklicht.ExportComparison, Versions: of[:2], Form: zoeklicht.FormPackage, Pictures: zoeklicht.PicturesOut},
		{Kind: zoeklicht.ExportResult, Result: res.ID, Form: zoeklicht.FormPackage},
		{Kind: zoeklicht.ExportVersion, Versions: of[:1], Form: zoeklicht.FormPDF},
		{Kind: zoeklicht.ExportVersion, Versions: of[:1], Form: zoeklicht.FormFindings},
		{Kind: zoeklicht.ExportVersion, Versions: of[:1], Form: zoeklicht.FormDOCX},
	} {
		name := string(o.Kind) + " as " + string(o.Form) + ", pictures " + string(o.Pictures)
		b, e, err := w.order(o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%s: %s, %d bytes, %d versions, %d pictures", name, e.File, e.Bytes, e.Versions, e.Pictures)
		switch o.Form {
		case zoeklicht.FormPackage:
			for _, f := range w.verify(b) {
				t.Errorf("%s: %s", name, f)
			}
			if (o.Pictures == zoeklicht.PicturesOut) != (e.Pictures == 0) && o.Kind != zoeklicht.ExportResult {
				t.Errorf("%s: %d pictures", name, e.Pictures)
			}
			if o.Dossier {
				masked(t, w, of[0], b)
				annexed(t, b, keeper)
			} else {
				appended(t, b)
			}
			if !o.Dossier { // which holds no page to list
				readByOthers(t, w, b)
			}
		case zoeklicht.FormPDF:
			if !bytes.HasPrefix(b, []byte("%PDF-")) {
				t.Errorf("%s is no PDF", name)
			}
		case zoeklicht.FormFindings:
			if !strings.Contains(string(b), "case 2026-17") {
				t.Errorf("%s does not name the case:\n%s", name, b)
			}
		}
	}
	exported, err := w.Store.Person("case 2026-17", zoeklicht.Specialist).Exports(t.Context(), "case 2026-17")
	w.must(err)
	if len(exported) != 7 {
		t.Errorf("%d lines in the register, want 7", len(exported))
	}
}

// readByOthers has gowarc and npm's warcio read the captures of a package, digests compared.
func readByOthers(t *testing.T, w *world, b []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	w.must(err)
	f, err := z.Open("capture.wacz")
	w.must(err)
	body, err := io.ReadAll(f)
	w.must(err)
	wacztest.Read(t, body)
}

// masked holds a case file against the numbers of its version: none is in it in the clear.
func masked(t *testing.T, w *world, id zoeklicht.VersionID, b []byte) {
	t.Helper()
	sums := w.values(`SELECT encode(c.digest, 'hex') FROM version v JOIN capture c ON c.id = v.capture WHERE v.id = $1
		UNION SELECT encode(p.sha256, 'hex') FROM version_picture v JOIN picture p ON p.id = v.picture WHERE v.version = $1`, id)
	rows := w.values(`SELECT raw FROM entity WHERE version = $1 AND type = 'phone' AND raw <> '' UNION SELECT value FROM entity WHERE version = $1 AND type = 'phone'`, id)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	w.must(err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		packed := strings.HasSuffix(f.Name, "/context.warc.gz")
		if !strings.HasSuffix(f.Name, ".txt") && !strings.HasSuffix(f.Name, ".json") && !packed {
			continue
		}
		var r io.Reader
		r, err := f.Open()
		w.must(err)
		if packed {
			r, err = gzip.NewReader(r)
			w.must(err)
		}
		body, err := io.ReadAll(r)
		w.must(err)
		for _, v := range append(rows[:len(rows):len(rows)], sums...) {
			if bytes.Contains(body, []byte(v)) {
				t.Errorf("%s of a case file says %q", f.Name, v)
			}
		}
	}
	if slices.ContainsFunc(names, func(n string) bool {
		return strings.HasSuffix(n, "/response.warc.gz") || strings.Contains(n, "image-")
	}) {
		t.Errorf("a case file holds the page or its pictures: %q", names)
	}
	if !slices.Contains(names, "annex-encrypted.txt") || len(rows) == 0 {
		t.Errorf("%d numbers; files %q", len(rows), names)
	}
}

// annexed opens the annex of a package with its own key: it is the one that the report and
// the findings name, by the hash of what lies in the package and of what is in that.
func annexed(t *testing.T, b []byte, keeper *age.X25519Identity) {
	t.Helper()
	sealed := part(t, b, "annex-encrypted.txt")
	plain, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), keeper)
	if err != nil {
		t.Fatal(err)
	}
	annex, err := io.ReadAll(plain)
	if err != nil || !bytes.HasPrefix(annex, []byte("%PDF-")) {
		t.Errorf("in the annex: %d bytes, %v", len(annex), err)
	}
	findings := string(part(t, b, "findings.txt"))
	for _, body := range [][]byte{sealed, annex, part(t, b, "report.pdf")} {
		if sum := fmt.Sprintf("%x", sha256.Sum256(body)); !strings.Contains(findings, sum) {
			t.Errorf("the findings do not name an appendix by its hash %s", sum)
		}
	}
	if bytes.Contains(b, annex[:512]) {
		t.Error("the annex lies in the package in the clear")
	}
}

// appended holds the appendices that findings name against the files of the package.
func appended(t *testing.T, b []byte) {
	t.Helper()
	findings := string(part(t, b, "findings.txt"))
	_, after, _ := strings.Cut(findings, "BIJLAGEN")
	if strings.Contains(after, "Er gaan geen andere bestanden mee") {
		t.Error("the findings of a package say that nothing goes with them")
	}
	for _, name := range files(t, b) {
		if name == "report.pdf" || strings.HasPrefix(name, "captures/") && strings.HasSuffix(name, "/manifest") {
			want := fmt.Sprintf("%x", sha256.Sum256(part(t, b, name)))
			if i := strings.Index(after, name+":"); i < 0 || !strings.Contains(strings.SplitN(after[i:], "\n", 2)[0], want) {
				t.Errorf("the findings do not name %s with SHA-256 %s", name, want)
			}
		}
	}
}

// TestRecords: a package has the leaves that belong to its captures, with what they stand
// for; a case file none about people or other pages.
func TestRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 28, Adverts: 20}, 2)
	w.recorded()
	o := zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: w.versions(`SELECT v.id FROM version v JOIN assessment a ON a.version = v.id ORDER BY v.id LIMIT 1`), Form: zoeklicht.FormPackage}
	_, _, err := w.order(o)
	w.must(err)
	w.recorded()
	for _, dossier := range []bool{false, true} {
		o.Dossier = dossier
		b, _, err := w.order(o)
		w.must(err)
		for _, f := range w.verify(b) {
			t.Errorf("dossier %v: %s", dossier, f)
		}
		kinds := map[string]int{}
		for _, name := range files(t, b) {
			if rest, ok := strings.CutPrefix(name, "records/"); ok && strings.HasSuffix(name, "/content") {
				kinds[rest[:strings.Index(rest, "/")-37]]++
			}
		}
		for kind, personal := range map[string]bool{"source-decision": true, "export": true, "indicator-version": false} {
			if want := !dossier || !personal; (kinds[kind] > 0) != want {
				t.Errorf("dossier %v: %d records of kind %s; %v", dossier, kinds[kind], kind, kinds)
			}
		}
		if readme := string(part(t, b, "README.txt")); strings.Contains(readme, "gaan niet mee, omdat zij over medewerkers") != dossier {
			t.Errorf("dossier %v: README.txt on what is withheld:\n%s", dossier, readme)
		}
	}
}

func (w *world) values(sql string, args ...any) (out []string) {
	w.t.Helper()
	rows, err := w.Store.Owner.Query(w.t.Context(), sql, args...)
	w.must(err)
	for rows.Next() {
		var s string
		w.must(rows.Scan(&s))
		out = append(out, s)
	}
	w.must(rows.Err())
	return out
}

// TestUnwitnessed: what stands under no checkpoint yet leaves all the same, and says so;
// its package does not verify until it is made again later.
func TestUnwitnessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 22, Adverts: 30, NoBarriers: true}, 1)
	id := w.versions(`SELECT min(id) FROM version`)
	o := zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: id, Form: zoeklicht.FormPackage}
	b, _, err := w.order(o)
	w.must(err)
	failed := w.verify(b)
	if len(failed) == 0 || !slices.ContainsFunc(failed, func(f string) bool { return strings.HasPrefix(f, "inclusion") }) {
		t.Errorf("a package without proof: %q fail", failed)
	}
	if !bytes.Contains(b, []byte("nog niet bevestigd door een getuige")) {
		t.Error("the package does not say that it is not yet witnessed")
	}
	p, err := w.office.Proven(t.Context(), w.Store.Person("", zoeklicht.Analyst), w.capture(id[0]))
	w.must(err)
	if got := p.Waiting(); len(got) != 4 || p.File != nil {
		t.Errorf("waiting %v, a proof of %d bytes", got, len(p.File))
	}
	w.recorded()
	if b, _, err = w.order(o); err != nil {
		t.Fatal(err)
	}
	if failed := w.verify(b); len(failed) > 0 {
		t.Errorf("made again: %q", failed)
	}
	p, err = w.office.Proven(t.Context(), w.Store.Person("", zoeklicht.Analyst), w.capture(id[0]))
	w.must(err)
	if len(p.Waiting()) > 0 || p.File == nil || p.Cosigned() != 1 || p.NotAfter().IsZero() {
		t.Errorf("%+v", p)
	}
}

func (w *world) capture(id zoeklicht.VersionID) (c zoeklicht.CaptureID) {
	w.t.Helper()
	w.must(w.Store.Owner.QueryRow(w.t.Context(), `SELECT capture FROM version WHERE id = $1`, id).Scan(&c))
	return c
}

// TestRotation rotates the log's key in the middle: packages from before and after verify
// by the policy that was deposited before, as long as the old key signs too, and by the
// one after; once the old key has stopped, by the one after alone.
func TestRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 24, Adverts: 25, NoBarriers: true}, 1)
	w.recorded()
	pack := func(sql string) []byte {
		b, _, err := w.order(zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: w.versions(sql), Form: zoeklicht.FormPackage})
		w.must(err)
		return b
	}
	before, old := pack(`SELECT min(id) FROM version`), w.deposit()
	w.rotate()
	w.Day(4)
	w.Visit(t.Context())
	w.recorded()
	both, after := pack(`SELECT max(id) FROM version`), w.deposit()
	w.signers = w.signers[:1] // the overlap is over
	w.Day(8)
	w.Visit(t.Context())
	w.recorded()
	alone := pack(`SELECT max(id) FROM version`)
	for _, c := range []struct {
		name        string
		pack, by    []byte
		holds       bool
		depositedAt string
	}{
		{"from before", before, old, true, "before"},
		{"from before", before, after, true, "after"},
		{"from the overlap", both, old, true, "before"},
		{"from the overlap", both, after, true, "after"},
		{"by the new key alone", alone, after, true, "after"},
		{"by the new key alone", alone, old, false, "before"},
	} {
		if failed := w.verifyBy(c.pack, c.by); (len(failed) == 0) != c.holds {
			t.Errorf("a package %s, by the policy deposited %s: %q", c.name, c.depositedAt, failed)
		}
	}
}

// TestRecipients encrypts what leaves: only the recipient reads it, whatever its form.
func TestRecipients(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 25, Adverts: 20, NoBarriers: true}, 1)
	w.recorded()
	id, err := age.GenerateX25519Identity()
	w.must(err)
	for _, form := range zoeklicht.ExportForms {
		b, e, err := w.order(zoeklicht.ExportOrder{
			Kind: zoeklicht.ExportVersion, Versions: w.versions(`SELECT min(id) FROM version`), Form: form, Recipients: []string{id.Recipient().String()},
		})
		w.must(err)
		plain, err := age.Decrypt(bytes.NewReader(b), id)
		w.must(err)
		body, err := io.ReadAll(plain)
		w.must(err)
		if !e.Encrypted || !strings.HasSuffix(e.File, ".age") || len(body) == 0 || bytes.Contains(b, body[:min(len(body), 64)]) {
			t.Errorf("%s: %+v, %d bytes inside", form, e, len(body))
		}
		if form == zoeklicht.FormPackage {
			if failed := w.verify(body); len(failed) > 0 {
				t.Errorf("decrypted: %q", failed)
			}
		}
	}
}

// TestRefused: an order that cannot be filled says why, and nothing is registered.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Config{Seed: 23, Adverts: 20, NoBarriers: true}, 1)
	all := w.versions(`SELECT id FROM version ORDER BY id`)
	judge := w.Store.Person("case 2026-17", zoeklicht.Specialist)
	_, err := judge.Seal(t.Context(), all[0], zoeklicht.SealOther, zoeklicht.SealVersion)
	w.must(err)
	for _, c := range []struct {
		name  string
		order zoeklicht.ExportOrder
		code  zoeklicht.Code
	}{
		{"sealed", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[:1], Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"no version", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersions, Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"one to compare", zoeklicht.ExportOrder{Kind: zoeklicht.ExportComparison, Versions: all[1:2], Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"unknown", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: []zoeklicht.VersionID{1 << 40}, Form: zoeklicht.FormPDF}, zoeklicht.NotFound},
		{"no result", zoeklicht.ExportOrder{Kind: zoeklicht.ExportResult, Result: "r-0000000000", Form: zoeklicht.FormPDF}, zoeklicht.NotFound},
		{"no ground", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Ground: "Wpg 99", Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"pictures for suspects", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Dossier: true, Pictures: zoeklicht.PicturesIn, Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"an annex for nobody", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Pictures: zoeklicht.PicturesAnnex, Form: zoeklicht.FormPackage}, zoeklicht.Invalid},
		{"an annex for a PDF", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Pictures: zoeklicht.PicturesAnnex, AnnexTo: []string{"age1x"}, Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
		{"a recipient that is none", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Recipients: []string{"somebody"}, Form: zoeklicht.FormPackage}, zoeklicht.Invalid},
		{"two recipients in one", zoeklicht.ExportOrder{Kind: zoeklicht.ExportVersion, Versions: all[1:2], Recipients: []string{"somebody\nelse"}, Form: zoeklicht.FormPDF}, zoeklicht.Invalid},
	} {
		if _, _, err := w.order(c.order); zoeklicht.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want code %s", c.name, err, c.code)
		}
	}
	left, err := judge.Exports(t.Context(), "")
	w.must(err)
	if len(left) != 0 {
		t.Errorf("the register has %d lines", len(left))
	}
}

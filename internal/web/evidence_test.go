package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"zoeklicht"

	"github.com/google/go-cmp/cmp"
)

// TestEvidence takes things out and looks at proofs and cases as a browser without
// JavaScript does.
func TestEvidence(t *testing.T) {
	door := newDoor(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *testSite)
	}{
		{"export of a version", testExportVersion},
		{"export of a comparison", testExportComparison},
		{"export of several", testExportSeveral},
		{"export of a result", testExportResult},
		{"a form that is wrong", testExportWrong},
		{"what cannot leave", testExportGone},
		{"who exports", testWhoExports},
		{"jobs", testJobs},
		{"a job again", testJobAgain},
		{"files", testJobFile},
		{"register", testRegister},
		{"proofs", testProofs},
		{"proof of what is gone", testProofGone},
		{"parts of a proof", testProofFiles},
		{"case", testCase},
		{"cases that are none", testNoCase},
		{"ledger", testLedger},
		{"nothing below", testWithoutEvidence},
	} {
		t.Run(part.name, func(t *testing.T) {
			w := newWorld(amsterdam(t), 60)
			w.fillEvidence(t)
			part.test(t, newSite(t, door, w))
		})
	}
}

// exportOf is the form of an advert's versions, filled in.
func exportOf(kind string, more ...string) url.Values {
	v := url.Values{
		"advert": {"100005"}, "v": {"5"}, "kind": {kind}, "form": {"package"}, "lang": {"en"}, "pictures": {"out"}, "ground": {zoeklicht.GroundTheme},
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return v
}

// lastOrder gives what was asked for last.
func lastOrder(t *testing.T, s *testSite) zoeklicht.ExportOrder {
	t.Helper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if len(s.world.evidence.orders) == 0 {
		t.Fatal("nothing was asked for")
	}
	return s.world.evidence.orders[len(s.world.evidence.orders)-1]
}

func testExportVersion(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	v.get("/t/practice/adverts/100005").has(t, "/t/practice/exports/new?advert=100005&amp;v=5", "Exporteer deze versie", "Exporteer deze vergelijking")
	g := v.get("/t/practice/exports/new?advert=100005&v=5")
	g.has(t, "Advertentie 100005, versie 5", `value="version" checked`, `value="package" checked`, `value="out" checked`, `name="purpose"`, "verdachten lezen", "wordt bewaard in het register")
	// Without a purpose nothing leaves.
	g = v.post("/t/practice/exports", exportOf("version"))
	g.has(t, "Geef eerst een zaaknummer", "Er is niets geëxporteerd")
	if g.status != 422 || len(s.world.evidence.orders) != 0 {
		t.Fatalf("without a purpose: %d, %v", g.status, s.world.evidence.orders)
	}
	g = v.post("/t/practice/exports", exportOf("version", "purpose", "zaak 2026-0142", "dossier", "1", "recipients", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n\n age1ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp "))
	if !strings.HasPrefix(g.path, "/t/practice/exports/BEGUN") {
		t.Fatalf("it led to %s (%d)", g.path, g.status)
	}
	g.has(t, "Advertentie 100005, versie 5", "bezig", "U kunt deze pagina verlaten")
	want := zoeklicht.ExportOrder{
		Kind: zoeklicht.ExportVersion, Versions: []zoeklicht.VersionID{1000055}, Form: zoeklicht.FormPackage, Lang: "en", Dossier: true, Pictures: zoeklicht.PicturesOut, Ground: zoeklicht.GroundTheme,
		Recipients: []string{"age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "age1ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"},
	}
	if diff := cmp.Diff(want, lastOrder(t, s)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// The purpose is carried: it is not asked for again.
	g = v.get("/t/practice/exports/new?advert=100005&v=4")
	g.has(t, "zaak 2026-0142")
	g.hasNot(t, `id="purpose-export"`)
}

func testExportComparison(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	v.get("/t/practice/exports/new?advert=100005&v=5&with=2").has(t, `value="comparison" checked`, "De vergelijking van versie 2 met versie 5")
	v.post("/t/practice/exports", exportOf("comparison", "with", "2", "purpose", "zaak 2026-0142"))
	if o := lastOrder(t, s); o.Kind != zoeklicht.ExportComparison || !cmp.Equal(o.Versions, []zoeklicht.VersionID{1000052, 1000055}) {
		t.Errorf("%+v", o)
	}
	if g := v.get("/t/practice/exports/new?advert=100005&v=2&with=5"); g.status != 404 {
		t.Errorf("a newer version before an older: %d", g.status)
	}
	// The first version has nothing to compare with.
	v.get("/t/practice/exports/new?advert=100005&v=1").hasNot(t, `value="comparison"`)
	f := exportOf("comparison")
	f.Set("v", "1")
	v.post("/t/practice/exports", f).has(t, "Er is geen oudere versie")
}

func testExportSeveral(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	v.post("/t/practice/exports", exportOf("versions", "version", "5", "version", "1", "version", "5", "purpose", "zaak 2026-0142"))
	if o := lastOrder(t, s); o.Kind != zoeklicht.ExportVersions || !cmp.Equal(o.Versions, []zoeklicht.VersionID{1000051, 1000055}) {
		t.Errorf("%+v", o)
	}
	g := v.post("/t/practice/exports", exportOf("versions"))
	g.has(t, "Kies ten minste één versie", `value="versions" checked`)
	v.post("/t/practice/exports", exportOf("versions", "version", "77")).has(t, "Versie 77 kan niet mee")
}

func testExportResult(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	g := v.get("/t/practice/search?q=weekend")
	_, after, _ := strings.Cut(g.body, `href="/t/practice/exports/new?result=`)
	id, _, _ := strings.Cut(after, `"`)
	if !strings.HasPrefix(id, "r-") {
		t.Fatalf("the result leads to the export of %q", id)
	}
	v.get("/t/practice/exports/new?result="+id).has(t, id, "Precies de regels van het resultaat", "Hoogstens 1.000 per keer")
	f := url.Values{"result": {id}, "form": {"package"}, "lang": {"nl"}, "pictures": {"annex"}, "annex-to": {"age1ppppppppppppppppppppppppppppp"}, "ground": {zoeklicht.GroundTheme}, "purpose": {"zaak 2026-0142"}}
	v.post("/t/practice/exports", f).has(t, "Resultaat "+id)
	o := lastOrder(t, s)
	if o.Kind != zoeklicht.ExportResult || string(o.Result) != id || !o.AsOf.Equal(s.world.now) || o.Versions != nil || o.Pictures != zoeklicht.PicturesAnnex || len(o.AnnexTo) != 1 || o.Recipients != nil {
		t.Errorf("%+v", o)
	}
	if g := v.get("/t/practice/exports/new?result=r-nothing"); g.status != 404 {
		t.Errorf("a result that is not there: %d", g.status)
	}
	// More than one export holds is said beforehand, and not begun.
	small := newSite(t, s.door, s.world, func(c *Config) { c.ExportMost = 3 })
	v = small.as(t, "sven")
	n := len(s.world.evidence.orders)
	g = v.get("/t/practice/exports/new?result=" + id)
	g.has(t, "hoogstens 3 gaan in één export", "disabled>Begin")
	if g := v.post("/t/practice/exports", f); g.status != 422 || len(s.world.evidence.orders) != n {
		t.Errorf("too many were begun: %d", g.status)
	}
}

func testExportWrong(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	for _, c := range []struct{ field, value, want string }{
		{"kind", "everything", "Kies wat u exporteert."},
		{"form", "exe", "Kies een vorm."},
		{"lang", "fr", "Kies een taal."},
		{"pictures", "all", "Kies wat er met afbeeldingen gebeurt."},
		{"pictures", "annex", "Geef voor de aparte bijlage de sleutel"},
		{"ground", "because", "Kies een grond."},
		{"recipients", "AGE-SECRET-KEY-1", "is geen sleutel van een ontvanger"},
		{"recipients", strings.Repeat("age1qqqqqqqqqqqqqqqqqqqqqqqqq\n", 1) + many("age1%cqqqqqqqqqqqqqqqqqqqqqqqq\n", 21), "hoogstens 20 kan"},
		{"purpose", "x", "te kort voor een zaaknummer"},
	} {
		f := exportOf("version", "purpose", "zaak 2026-0142")
		f.Set(c.field, c.value)
		g := v.post("/t/practice/exports", f)
		g.has(t, c.want)
		if g.status != 422 {
			t.Errorf("%s=%q: %d", c.field, c.value, g.status)
		}
	}
	f := exportOf("version", "purpose", "zaak 2026-0142", "dossier", "1")
	f.Set("pictures", "in")
	v.post("/t/practice/exports", f).has(t, "In een dossier dat verdachten lezen staan geen afbeeldingen")
	// What the room below refuses is said with the form as it was.
	s.world.evidence.refuse = zoeklicht.Errorf(zoeklicht.Limit, "you have 5 unfinished jobs").With("nothing was begun", "wait until one is done")
	g := v.post("/t/practice/exports", exportOf("version", "recipients", "age1qqqqqqqqqqqqqqqqqqqqqqqqq"))
	g.has(t, "Er is niets begonnen", "you have 5 unfinished jobs", "age1qqqqqqqqqqqqqqqqqqqqqqqqq")
	if g.status != 422 || len(s.world.evidence.orders) != 0 {
		t.Errorf("%d, %v", g.status, s.world.evidence.orders)
	}
	if g := v.post("/t/practice/exports", url.Values{"advert": {"nothing"}}); g.status != 404 {
		t.Errorf("no advert: %d", g.status)
	}
}

// many repeats a text so many times with another letter each.
func many(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(text, "%c", string(rune('a'+i)), 1))
	}
	return b.String()
}

func testExportGone(t *testing.T, s *testSite) {
	vs := s.world.adverts[100005].Versions
	vs[0] = zoeklicht.Version{ID: vs[0].ID, Advert: 100005, N: 5, SeenAt: vs[0].SeenAt, Sealed: true}
	vs[2] = zoeklicht.Version{ID: vs[2].ID, Advert: 100005, N: 3, SeenAt: vs[2].SeenAt, Destroyed: true}
	v := s.as(t, "sven")
	v.get("/t/practice/adverts/100005").hasNot(t, "exports/new", "Bekijk het bewijs")
	if g := v.get("/t/practice/exports/new?advert=100005&v=5"); g.status != 404 {
		t.Errorf("a sealed version can be exported: %d", g.status)
	}
	g := v.get("/t/practice/exports/new?advert=100005&v=4")
	g.has(t, "Versie 5: verzegeld", "Versie 3: vernietigd")
	g.hasNot(t, `value="comparison"`, `name="version" value="5"`, `name="version" value="3"`)
	f := exportOf("versions", "version", "3", "purpose", "zaak 2026-0142")
	f.Set("v", "4")
	v.post("/t/practice/exports", f).has(t, "Versie 3 kan niet mee")
}

func testWhoExports(t *testing.T, s *testSite) {
	if g := s.as(t, "sven").get("/t/practice/cases"); g.status != 404 {
		t.Errorf("who exports reads the audit trail: %d", g.status)
	}
	for _, login := range []string{"anna", "bo", "bea"} {
		v := s.as(t, login)
		for _, path := range []string{"/t/practice/exports", "/t/practice/exports/new?advert=100005", "/t/practice/exports/MADE0000000000000000000003", "/t/practice/exports/MADE0000000000000000000003/file", "/t/practice/exports/progress", "/t/practice/cases", "/t/practice/cases?number=zaak+2026-0142"} {
			if g := v.get(path); g.status != 404 {
				t.Errorf("%s gets %s: %d", login, path, g.status)
			}
		}
		if g := v.post("/t/practice/exports", exportOf("version", "purpose", "zaak 2026-0142")); g.status != 404 {
			t.Errorf("%s exports: %d", login, g.status)
		}
		if g := v.post("/t/practice/exports/MADE0000000000000000000002/cancel", nil); g.status != 404 {
			t.Errorf("%s cancels: %d", login, g.status)
		}
		v.get("/t/practice/").hasNot(t, "/t/practice/exports", "/t/practice/cases")
	}
	s.as(t, "anna").get("/t/practice/adverts/100005").hasNot(t, "exports/new")
	s.as(t, "anna").get("/t/practice/search?q=weekend").hasNot(t, "exports/new")
	// Who audits sees what left and whole cases, and takes nothing out.
	v := s.as(t, "ada")
	g := v.get("/t/practice/exports")
	g.has(t, "Wat naar buiten ging", "zaak 2026-0077")
	g.hasNot(t, "Uw exports")
	if g := v.get("/t/practice/exports/new?advert=100005"); g.status != 404 {
		t.Errorf("an auditor exports: %d", g.status)
	}
	g = v.get("/t/practice/cases?number=zaak+2026-0142")
	g.has(t, "Wat voor de andere kant spreekt")
	g.hasNot(t, `href="/t/practice/adverts/`, "/proof")
}

func testJobs(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	g := v.get("/t/practice/exports")
	g.has(t, "Uw exports", "2 bezig", "wacht op zijn beurt", "Er is 1 export voor.", "bijeenbrengen", "412 van 1.000", "2,3 per seconde", `value="41"`,
		"zoeklicht-100005-3.zip", "nog 22\u00a0uur", "no timestamping authority answers", "the captures are safe", "try again later",
		"Er ging iets mis bij ons.", "U hebt het afgebroken.", "Er is geen bestand bewaard", `hx-get="/t/practice/exports/progress"`, "Wat klaar is blijft na een herstart",
		"afgebroken door een herstart", "Het platform stopte voordat dit klaar was", "ingetrokken", "In dit thema is iets vernietigd", "Begin opnieuw voor zaak 2026-0142")
	part := v.get("/t/practice/exports/progress")
	part.has(t, `id="jobs"`, "412 van 1.000")
	part.hasNot(t, "<html", "Wat naar buiten ging")
	one := v.get("/t/practice/exports/MADE0000000000000000000003")
	one.has(t, "Advertentie 100005, versie 3", "Alle exports en het register")
	one.hasNot(t, "Resultaat r-", "hx-get=\"/t/practice/exports/progress", "Wat naar buiten ging")
	for _, path := range []string{"/t/practice/exports/nothing", "/t/practice/exports/progress?job=nothing", "/t/practice/exports/nothing/file"} {
		if g := v.get(path); g.status != 404 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
	g = v.post("/t/practice/exports/MADE0000000000000000000002/cancel", nil)
	g.has(t, "Wordt afgebroken", "U hebt het afgebroken.")
	if g.path != "/t/practice/exports/MADE0000000000000000000002" {
		t.Errorf("cancelling leads to %s", g.path)
	}
	v.post("/t/practice/exports/MADE0000000000000000000003/cancel", url.Values{"next": {"/t/practice/exports"}}).has(t, "Dat kon niet meer", "Uw exports")
}

// testJobAgain: one press begins what was cut off once more, for the purpose that it had,
// whatever the reader works on now.
func testJobAgain(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	v.post("/t/practice/purpose", url.Values{"purpose": {"zaak 2026-0999"}})
	const at = "/t/practice/exports/MADE0000000000000000000007"
	v.get(at).has(t, "Begin opnieuw voor zaak 2026-0142", `action="`+at+`/again"`, `name="purpose" value="zaak 2026-0142"`)
	for _, id := range []string{"3", "4", "6"} { // finished, failed, cancelled by its owner
		v.get("/t/practice/exports/MADE000000000000000000000"+id).hasNot(t, "Begin opnieuw voor")
	}
	g := v.post(at+"/again", nil)
	g.has(t, "Het is niet opnieuw begonnen")
	if g.path != at || len(s.world.evidence.orders) != 0 {
		t.Errorf("for another purpose: %s, %v", g.path, s.world.evidence.orders)
	}
	s.world.evidence.refuse = zoeklicht.Errorf(zoeklicht.Limit, "you have 5 unfinished jobs")
	v.post(at+"/again", url.Values{"purpose": {"zaak 2026-0142"}}).has(t, "Het is niet opnieuw begonnen")
	s.world.evidence.refuse = nil
	g = v.post(at+"/again", url.Values{"purpose": {"zaak 2026-0142"}})
	g.has(t, "Resultaat r-7777777777", "bezig")
	if !strings.HasPrefix(g.path, "/t/practice/exports/BEGUN") {
		t.Errorf("it led to %s", g.path)
	}
	for _, path := range []string{at + "/again", "/t/practice/exports/nothing/again"} {
		if g := v.post(path, url.Values{"purpose": {"zaak 2026-0142"}}); g.status != 404 {
			t.Errorf("%s, which is not there any more: %d", path, g.status)
		}
	}
	if g := s.as(t, "anna").post(at+"/again", nil); g.status != 404 {
		t.Errorf("who may not export begins one again: %d", g.status)
	}
}

func testJobFile(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	g := v.get("/t/practice/exports/MADE0000000000000000000003/file")
	if g.body != exportedText || g.header.Get("Content-Disposition") != `attachment; filename="zoeklicht-100005-3.zip"` || g.header.Get("Content-Type") != "application/zip" ||
		g.header.Get("Content-Length") != "58" || g.header.Get("Cache-Control") != "no-store" || g.header.Get("No-Gzip-Compression") != "" {
		t.Errorf("%q %v", g.body, g.header)
	}
	if g := v.get("/t/practice/exports/MADE0000000000000000000002/file"); g.status != 409 {
		t.Errorf("the file of a job that runs: %d", g.status)
	}
	s.world.evidence.jobs[2].Until = time.Now().Add(-time.Minute)
	v.get("/t/practice/exports").hasNot(t, "MADE0000000000000000000003/file")
}

func testRegister(t *testing.T, s *testSite) {
	v := s.as(t, "sven")
	g := v.get("/t/practice/exports")
	g.has(t, "Geef hierboven een zaaknummer of taak op om het te zien", "Uw exports")
	g.hasNot(t, "zaak 2026-0077")
	v.post("/t/practice/purpose", url.Values{"purpose": {"zaak 2026-0142"}})
	g = v.get("/t/practice/exports")
	g.has(t, "zaak 2026-0077")
	g.hasNot(t, "/t/practice/cases")
	v = s.as(t, "petra")
	g = v.get("/t/practice/exports")
	g.has(t, "3 regels", "100050/2 100050/5", "versleuteld", "2 onderdelen ervan zijn hier later vernietigd", "in het logboek, plaats 871", "wacht op het logboek",
		"grond van het thema", "Wpg 9", "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35", "/t/practice/cases?number=zaak&#43;2026-0077")
	for range registerShown {
		s.world.evidence.left = append(s.world.evidence.left, s.world.evidence.left[2])
	}
	v.get("/t/practice/exports").has(t, "de nieuwste 200 regels")
	s.world.evidence.left, s.world.evidence.jobs = nil, nil
	v.get("/t/practice/exports").has(t, "nog niets geëxporteerd", "U hebt nu geen exports")
}

// proofOf gives the address of the proof of an advert's newest capture.
func (w *world) proofOf(id zoeklicht.AdvertID) string {
	return "/t/practice/captures/" + w.adverts[id].Versions[0].Capture.String() + "/proof"
}

func testProofs(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	v.get("/t/practice/adverts/100005").has(t, s.world.proofOf(100005)+"?advert=100005&amp;v=5", "Bekijk het bewijs")
	for id, want := range map[zoeklicht.AdvertID][]string{
		100005: {"Bewezen: in het logboek, met getuigen en tijdstempels", "De vastlegging begon na", "Zij bestond uiterlijk op", "klopt: zo staat zij in het controlepunt", "tsa-two.example", "Stap 9"},
		100006: {"het blad wacht op zijn plaats", "nog zonder plaats", "een plaats in het logboek", "nog geen onafhankelijke dienst gezegd"},
		100007: {"er is nog geen controlepunt met dit blad", "een ondertekend controlepunt"},
		100008: {"Nog niet door getuigen bevestigd", "klopt: zo staat zij", "genoeg getuigen"},
		100009: {"Door getuigen bevestigd, nog niet gedateerd", "een tijdstempel van elke dienst"},
		100010: {"Dit bewijs klopt niet", "meld dit aan de beheerder", "klopt niet: in het controlepunt staat een andere"},
		100011: {"Alleen in ons eigen logboek: zonder getuigen en zonder tijdstempel", "zegt alleen de beheerder", "Er is geen tijdstempeldienst ingesteld", "Onderdelen van deze vastlegging zijn vernietigd", "er was toen nog geen tijdstempel"},
	} {
		g := v.get(s.world.proofOf(id))
		g.has(t, want...)
		g.has(t, "<svg", "zoeklicht/capture/v1", "zoeklicht verify PACKAGE.zip")
		if id != 100010 {
			g.hasNot(t, "klopt niet")
		}
	}
	// Who lacks a part of it is told so, and not in the colour of what is well.
	bare := s.world.evidence.proofs[s.world.adverts[100011].Versions[0].Capture]
	bare.Witnesses = []zoeklicht.Witnessed{{Name: "witness.court.example", At: s.world.now}}
	v.get(s.world.proofOf(100011)).has(t, `state warn">In het logboek, met getuigen, maar zonder tijdstempel`)
	bare.Witnesses, bare.Authorities = nil, []zoeklicht.Dated{{Name: "tsa-one.example", At: s.world.now}}
	v.get(s.world.proofOf(100011)).has(t, `state warn">In het logboek en gedateerd, maar zonder getuigen`)
	// It leads back to the advert, and to no other place that an address may name.
	v.get(s.world.proofOf(100005)+"?advert=100005&v=5").has(t, `href="/t/practice/adverts/100005?v=5"`)
	v.get(s.world.proofOf(100005)+"?advert=x%22onclick&v=%22").hasNot(t, "Naar de advertentie")
	for _, path := range []string{"/t/practice/captures/nothing/proof", "/t/practice/captures/00000000-0000-0000-0000-000000000000/proof"} {
		if g := v.get(path); g.status != 404 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
	for _, login := range []string{"bo", "ada"} {
		if g := s.as(t, login).get(s.world.proofOf(100005)); g.status != 404 {
			t.Errorf("%s gets %d", login, g.status)
		}
	}
}

// testProofGone: of a capture that was destroyed the proof is of a leaf that opens nothing,
// and the page says that, why, and where the destruction stands.
func testProofGone(t *testing.T, s *testSite) {
	path := s.world.proofOf(100005)
	v := s.as(t, "sven")
	v.get(path).hasNot(t, `id="erased"`)
	e := &s.world.evidence
	for id, p := range e.proofs {
		was := *p
		p.Erased = true
		p.Erasures = []zoeklicht.ProvenErasure{{Items: []string{"picture:0"}, Ground: "order <12>", At: s.world.now, Leaf: 4710}, {Items: []string{"context", "page"}, Ground: "x", At: s.world.now, Leaf: -1}}
		if g := v.get(path); strings.Contains(path, id.String()) {
			g.has(t, "order &lt;12&gt;", "<code>picture:0</code>", "blad 4.711 van het logboek", "wacht nog op een plaats", "heeft alleen wat niet is vernietigd")
			g.hasNot(t, "opent niets: het bewijst", "heeft alles in zich")
			p.Gone = true
			g = v.get(path)
			g.has(t, "Vernietigd: alleen het blad", "opent niets: het bewijst", `class="state warn"`)
			g.hasNot(t, ">Bewezen")
		}
		*p = was
	}
}

func testProofFiles(t *testing.T, s *testSite) {
	v := s.as(t, "anna")
	at := s.world.proofOf(100005) + "/"
	p := s.world.evidence.proofs[s.world.adverts[100005].Versions[0].Capture]
	for name, want := range map[string][]byte{
		"leaf": p.Proof.Leaf, "proof.tlog-proof": p.File, "checkpoint": p.Proof.Checkpoint, "checkpoint-1.tst": p.Proof.Tokens[0].DER, "checkpoint-2.tst": p.Proof.Tokens[1].DER,
	} {
		g := v.get(at + name)
		if g.body != string(want) || g.header.Get("Content-Disposition") != `attachment; filename="`+name+`"` {
			t.Errorf("%s: %q %v", name, g.body, g.header)
		}
	}
	for _, path := range []string{at + "checkpoint-3.tst", at + "..", s.world.proofOf(100006) + "/checkpoint"} {
		if g := v.get(path); g.status != 404 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
	v.get(s.world.proofOf(100005)).has(t, "openssl ts -verify -data checkpoint -token_in -in checkpoint-2.tst")
}

func testCase(t *testing.T, s *testSite) {
	v := s.as(t, "petra")
	v.get("/t/practice/cases").has(t, "Zaaknummer, zoals het als doel is opgegeven")
	g := v.get("/t/practice/cases?number=zaak++2026-0142")
	g.has(t, "Zaak <bdi>zaak 2026-0142</bdi>", "peilmoment 22-11-2026", "3 vastleggingen.", "Vanzelf ingesteld door een export",
		"Practice site A", "geen advertentie", "bekeken, geëxporteerd", "gevraagd", s.world.proofOf(100005),
		"19 adressen van bezoek 29", "1 afbeelding van een vastlegging", "1 pagina", "geen verbinding",
		"onderdeel picture:0 van", "Test sven vroeg, C. Voorbeeld keurde goed", "de hele vastlegging", "vanzelf, na de termijn",
		"afbeelding getoond", "something-of-later", "Dit zijn de oudste 1.000",
		"2 dagen <bdi>Practice site C</bdi>", "<bdi>plaats</bdi>", "tegen het volgen van de bron", "Een lezer zag geen signalen", "the same text stands elsewhere", "mogelijk een andere gebruiker", "94 dagen", "1 afbeelding ")
	if n := strings.Count(g.body, "Een lezer zag geen signalen"); n != 1 {
		t.Errorf("remarks of one kind stand in %d places", n)
	}
	// The number as a purpose is offered, and an earlier moment is kept.
	v.post("/t/practice/purpose", url.Values{"purpose": {"zaak 2026-0142"}})
	v.get("/t/practice/cases").has(t, `value="zaak 2026-0142"`)
	v.get("/t/practice/cases?number=zaak+2026-0142&asof=2026-11-20T10:00").has(t, "peilmoment 20-11-2026", `name="asof" value="2026-11-20T10:00"`)
	s.world.evidence.cases["zaak 2026-0142"] = &zoeklicht.Case{Number: "zaak 2026-0142", Seen: s.world.evidence.cases["zaak 2026-0142"].Seen}
	v.get("/t/practice/cases?number=zaak+2026-0142").has(t, "Er is niets voor deze zaak vastgehouden", "Er is in die tijd niets gemist", "niets vernietigd", "niets geëxporteerd", "Dat bewijst niet dat er niets is")
}

func testNoCase(t *testing.T, s *testSite) {
	v := s.as(t, "petra")
	v.get("/t/practice/cases?number=zaak+2020-1").has(t, "Over deze zaak is niets vastgelegd", "Staat het misschien anders geschreven?", "Ook dit antwoord is vastgelegd")
	for number, want := range map[string]string{"": "te kort", "x": "te kort", "zaak%E2%80%AE1234": "niet te lezen", strings.Repeat("zaak+", 60): "te lang"} {
		g := v.get("/t/practice/cases?number=" + number)
		g.has(t, want)
		if g.status != 422 {
			t.Errorf("%q: %d", number, g.status)
		}
	}
}

// testLedger: whatever is down is said on the home screen, with what goes on all the same.
func testLedger(t *testing.T, s *testSite) {
	at := time.Date(2026, 11, 22, 8, 15, 30, 0, s.world.place)
	well := func() *zoeklicht.LedgerHealth {
		return &zoeklicht.LedgerHealth{Witnessed: at.Add(-time.Hour), Stamped: at.Add(-2 * time.Hour), Told: at, Now: at}
	}
	part := func(name string, state zoeklicht.LedgerState, detail string, ago time.Duration) zoeklicht.LedgerPart {
		p := zoeklicht.LedgerPart{Name: name, State: state, Detail: detail}
		if ago > 0 {
			p.Well = at.Add(-ago)
		}
		return p
	}
	for name, c := range map[string]struct {
		change func(*zoeklicht.LedgerHealth)
		want   []string
	}{
		"well": {func(*zoeklicht.LedgerHealth) {}, []string{`state ok">bij`, "laatst door getuigen bevestigd 22-11-2026\u00a007:15", "laatst gedateerd 22-11-2026\u00a006:15"}},
		"busy": {func(h *zoeklicht.LedgerHealth) { h.Waiting, h.Unwitnessed = 12, 1 }, []string{`state ok">loopt`, "12 bladen wachten op een plaats", "1 wacht op getuigen"}},
		"down": {func(h *zoeklicht.LedgerHealth) {
			h.Parts = []zoeklicht.LedgerPart{part(zoeklicht.PartAuthority+" tsa-one.example", zoeklicht.LedgerDown, "no connection", time.Hour), part(zoeklicht.PartLog, zoeklicht.LedgerWell, "", 1), part(zoeklicht.PartWitnesses, zoeklicht.LedgerDown, "", 0)}
		}, []string{"wacht op een ander", "Tijdstempeldienst</strong> <bdi>tsa-one.example</bdi>", "no connection", "laatst goed 22-11-2026\u00a007:15", "Getuigen</strong>", "nog nooit goed", "Vastleggen gaat door; het bewijs haalt dit vanzelf in."}},
		"lacking": {func(h *zoeklicht.LedgerHealth) {
			h.Parts = []zoeklicht.LedgerPart{part(zoeklicht.PartAuthority, zoeklicht.LedgerNone, "", 0), part(zoeklicht.PartWitnesses, zoeklicht.LedgerNone, "", 0)}
		}, []string{"niet volledig ingericht", "Er is er geen ingesteld: Tijdstempeldienst, Getuigen."}},
		"log down": {func(h *zoeklicht.LedgerHealth) {
			h.Parts = []zoeklicht.LedgerPart{part(zoeklicht.PartLog, zoeklicht.LedgerDown, "the disk is full", time.Minute)}
		}, []string{"Het logboek zelf</strong>: ", "the disk is full", "kan niet schrijven", "moet dit verhelpen"}},
		"refused": {func(h *zoeklicht.LedgerHealth) {
			w := part(zoeklicht.PartWitnesses, zoeklicht.LedgerRefused, "court: it knows a larger log by this name, of 541 leaves", time.Hour)
			w.Whys = []zoeklicht.LedgerWhy{{Who: "court", Reason: zoeklicht.ReasonLarger, Arg: "541"}, {Who: "notary", Reason: zoeklicht.ReasonTimeout}, {Who: "third", Reason: "new", Arg: "<b>"}}
			h.Parts = []zoeklicht.LedgerPart{w}
		}, []string{"een getuige weigert", "<bdi>court</bdi> weigert: kent onder deze naam een groter logboek, van 541 bladen.", "<bdi>notary</bdi> antwoordt niet op tijd", "&lt;b&gt;", "wachten helpt niet"}},
		"silent": {func(h *zoeklicht.LedgerHealth) { h.Told = at.Add(-5 * time.Minute) }, []string{"meldt zich niet", "heeft zich het laatst gemeld op 22-11-2026\u00a008:10"}},
		"never":  {func(h *zoeklicht.LedgerHealth) { h.Told = time.Time{} }, []string{"heeft zich nog niet gemeld"}},
	} {
		h := well()
		c.change(h)
		s.world.evidence.health = h
		g := s.as(t, "anna").get("/t/practice/progress")
		g.has(t, c.want...)
		if name == "refused" || name == "log down" {
			g.hasNot(t, "vanzelf in")
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
	s.as(t, "bea").get("/t/practice/").has(t, "Controleerbaar logboek")
}

func testWithoutEvidence(t *testing.T, s *testSite) {
	s.world.evidence.noExport = true
	v := newSite(t, s.door, s.world).as(t, "sven")
	for _, path := range []string{"/t/practice/exports", "/t/practice/exports/new?advert=100005", "/t/practice/exports/progress", "/t/practice/cases", s.world.proofOf(100005)} {
		if g := v.get(path); g.status != 404 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
	for _, path := range []string{"/t/practice/", "/t/practice/adverts/100005", "/t/practice/search?q=weekend"} {
		v.get(path).hasNot(t, "/exports", "/cases", "/proof", `id="ledger"`)
	}
}

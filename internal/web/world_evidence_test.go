package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
)

// evidenceWorld is what the made-up world knows of exports, proofs and cases.
type evidenceWorld struct {
	jobs     []zoeklicht.Job // newest first
	orders   []zoeklicht.ExportOrder
	left     []zoeklicht.Exported
	proofs   map[zoeklicht.CaptureID]*zoeklicht.Proven
	cases    map[string]*zoeklicht.Case
	refuse   error // what Export answers, when set
	health   *zoeklicht.LedgerHealth
	noExport bool // the dashboard stands on no exports, proofs and cases
}

const exportedText = "I looked at advert 100005 and saw what is described here.\n"

func (w *world) Export(_ context.Context, pass *access.Pass, o zoeklicht.ExportOrder, title string) (*zoeklicht.Job, error) {
	if err := pass.Allow(zoeklicht.ActExport); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.evidence.refuse != nil {
		return nil, w.evidence.refuse
	}
	j := zoeklicht.Job{ID: zoeklicht.JobID(fmt.Sprintf("BEGUN%021d", len(w.evidence.jobs))), Owner: pass.Person(), Kind: "export", Title: title, State: zoeklicht.JobRunning, Asked: time.Now(), Begun: time.Now()}
	w.evidence.jobs = append([]zoeklicht.Job{j}, w.evidence.jobs...)
	w.evidence.orders = append(w.evidence.orders, o)
	w.served(pass, "export %s", title)
	return &j, nil
}

// Again puts a new job in the place of one that may be begun again.
func (w *world) Again(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error) {
	old, err := w.Job(ctx, pass, id)
	if err != nil {
		return nil, err
	}
	if !old.Again || old.Purpose != pass.Purpose() {
		return nil, zoeklicht.Errorf(zoeklicht.Conflict, "it cannot be begun again")
	}
	j, err := w.Export(ctx, pass, zoeklicht.ExportOrder{}, old.Title)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.evidence.jobs = slices.DeleteFunc(w.evidence.jobs, func(k zoeklicht.Job) bool { return k.ID == id })
	}
	return j, err
}

func (w *world) Exported(_ context.Context, pass *access.Pass, n int) ([]zoeklicht.Exported, error) {
	if err := pass.Allow(zoeklicht.ActExport); err != nil && !pass.May(zoeklicht.ActAudit) {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.evidence.left[:min(n, len(w.evidence.left))]), w.fail
}

// Jobs gives those of the pass's holder, and those that fillEvidence made for anybody.
func (w *world) Jobs(_ context.Context, pass *access.Pass) (out []zoeklicht.Job, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.evidence.jobs {
		if j.Owner == pass.Person() || j.Owner == 0 {
			out = append(out, j)
		}
	}
	return out, w.fail
}

func (w *world) Job(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (*zoeklicht.Job, error) {
	list, err := w.Jobs(ctx, pass)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no job %s", id)
}

func (w *world) CancelJob(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) error {
	j, err := w.Job(ctx, pass, id)
	if err != nil {
		return err
	}
	if j.Over() {
		return zoeklicht.Errorf(zoeklicht.Conflict, "it has ended")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.evidence.jobs {
		if k := &w.evidence.jobs[i]; k.ID == id {
			k.State, k.Ended, k.Until = zoeklicht.JobCancelled, time.Now(), time.Now().Add(24*time.Hour)
			k.Problem = zoeklicht.Errorf(zoeklicht.Conflict, "cancelled by who began it")
		}
	}
	return nil
}

func (w *world) OpenJob(ctx context.Context, pass *access.Pass, id zoeklicht.JobID) (io.ReadCloser, *zoeklicht.JobFile, error) {
	j, err := w.Job(ctx, pass, id)
	if err != nil {
		return nil, nil, err
	}
	if j.File == nil {
		return nil, nil, zoeklicht.Errorf(zoeklicht.Conflict, "there is no file")
	}
	return io.NopCloser(strings.NewReader(exportedText)), j.File, nil
}

func (w *world) Proof(_ context.Context, _ *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Proven, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.evidence.proofs[id]
	if !ok {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no capture %s", id)
	}
	return p, w.fail
}

// LedgerHealth is that of a ledger that is up to date, unless a test says otherwise.
func (w *world) LedgerHealth(_ context.Context, pass *access.Pass) (*zoeklicht.LedgerHealth, error) {
	if err := pass.Allow(zoeklicht.ActHealth); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.evidence.health != nil {
		return w.evidence.health, nil
	}
	at := time.Date(2026, 11, 22, 8, 15, 30, 0, w.place)
	return &zoeklicht.LedgerHealth{Witnessed: at, Stamped: at, Told: at, Now: at}, nil
}

func (w *world) Case(_ context.Context, pass *access.Pass, number string, asOf time.Time) (*zoeklicht.Case, error) {
	if err := pass.Allow(zoeklicht.ActAudit); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.served(pass, "case %s", number)
	if asOf.IsZero() {
		asOf = w.now
	}
	c := zoeklicht.Case{Number: number}
	if known := w.evidence.cases[strings.ToLower(number)]; known != nil {
		c = *known
	}
	c.AsOf = asOf
	return &c, w.fail
}

// proofIn gives the proof of a version's capture, in the state that a test wants.
func (w *world) proofIn(t testing.TB, v *zoeklicht.Version, state zoeklicht.ProofPart) *zoeklicht.Proven {
	leaves := madeLeaves(1291)
	leaves[1234] = fmt.Appendf(nil, "zoeklicht/capture/v1\nid %s\nmanifest %x\nafter none\nbuild %x\n", v.Capture, sha256.Sum256([]byte("m")), sha256.Sum256([]byte("b")))
	p := &zoeklicht.Proven{
		Capture: v.Capture, At: v.SeenAt, Source: v.Source, Log: "zoeklicht.example/desk/practice/2026", Quorum: 2, NotBefore: v.SeenAt.Add(-11 * time.Minute),
		Witnesses:   []zoeklicht.Witnessed{{Name: "witness.university.example"}, {Name: "witness.court.example"}, {Name: "a-witness-with-a-long-name.organisation.example"}},
		Authorities: []zoeklicht.Dated{{Name: "tsa-one.example"}, {Name: "tsa-two.example"}},
	}
	p.Proof = zoeklicht.Proof{Leaf: leaves[1234], Index: -1}
	if state == zoeklicht.PartIndex {
		return p
	}
	p.Proof.Index = 1234
	if state == zoeklicht.PartCheckpoint {
		return p
	}
	p.Proof, p.Root = prove(t, leaves, 1234)
	p.Size, p.Proof.Checkpoint = 1291, []byte("zoeklicht.example/desk/practice/2026\n1291\n(root)\n\n— signature\n")
	p.Witnesses[0].At = v.SeenAt.Add(2 * time.Second)
	if state == zoeklicht.PartWitness {
		return p
	}
	p.Witnesses[1].At, p.Witnesses[2].At = v.SeenAt.Add(3*time.Second), v.SeenAt.Add(9*time.Second)
	p.File = []byte("c2sp.org/tlog-proof@v1\nindex 1234\n")
	p.Authorities[0] = zoeklicht.Dated{Name: "tsa-one.example", At: v.SeenAt.Add(time.Minute), Serial: "04c1f0"}
	p.Proof.Tokens = []zoeklicht.Token{{Authority: "tsa-one.example", At: v.SeenAt.Add(time.Minute), DER: []byte{0x30, 1}}}
	if state == zoeklicht.PartStamp {
		return p
	}
	p.Authorities[1] = zoeklicht.Dated{Name: "tsa-two.example", At: v.SeenAt.Add(2 * time.Minute), Serial: "99"}
	p.Proof.Tokens = append(p.Proof.Tokens, zoeklicht.Token{Authority: "tsa-two.example", At: v.SeenAt.Add(2 * time.Minute), DER: []byte{0x30, 2}})
	return p
}

// proofStates are the adverts whose captures fillEvidence proves, and how far.
var proofStates = map[zoeklicht.AdvertID]zoeklicht.ProofPart{
	100005: "", 100006: zoeklicht.PartIndex, 100007: zoeklicht.PartCheckpoint, 100008: zoeklicht.PartWitness, 100009: zoeklicht.PartStamp, 100010: "", 100011: "",
}

// fillEvidence makes jobs in every state, a register, proofs and a case.
func (w *world) fillEvidence(t testing.TB) {
	now := time.Now()
	file := &zoeklicht.JobFile{Name: "zoeklicht-100005-3.zip", Type: "application/zip", Bytes: int64(len(exportedText)), SHA256: sha256.Sum256([]byte(exportedText))}
	job := func(n int, title string, j zoeklicht.Job) zoeklicht.Job {
		j.ID, j.Kind, j.Title = zoeklicht.JobID(fmt.Sprintf("MADE%022d", n)), "export", title
		if j.Begun.IsZero() && j.State != zoeklicht.JobWaiting {
			j.Begun = now.Add(-3 * time.Minute)
		}
		if j.State != zoeklicht.JobWaiting && j.State != zoeklicht.JobRunning {
			j.Ended, j.Until = now.Add(-2*time.Minute), now.Add(22*time.Hour+30*time.Second)
		}
		j.Asked = now.Add(-4 * time.Minute)
		return j
	}
	w.evidence.jobs = []zoeklicht.Job{
		job(1, "Resultaat r-0123456789", zoeklicht.Job{State: zoeklicht.JobWaiting, Ahead: 1}),
		job(2, "Resultaat r-9876543210", zoeklicht.Job{State: zoeklicht.JobRunning, Done: 412, Total: 1000, Step: zoeklicht.StepGather}),
		job(3, "Advertentie 100005, versie 3", zoeklicht.Job{State: zoeklicht.JobFinished, File: file}),
		job(4, "Advertentie 100050, versie 2 vergeleken met 5", zoeklicht.Job{State: zoeklicht.JobFailed, Problem: zoeklicht.Errorf(zoeklicht.Unavailable, "no timestamping authority answers").With("the captures are safe", "try again later")}),
		job(5, "2 versies van advertentie 100009", zoeklicht.Job{State: zoeklicht.JobFailed, Problem: &zoeklicht.Error{Code: zoeklicht.Internal}}),
		job(7, "Resultaat r-7777777777", zoeklicht.Job{State: zoeklicht.JobCut, Purpose: "zaak 2026-0142", Again: true, Problem: zoeklicht.Errorf(zoeklicht.Unavailable, "stopped")}),
		job(8, "Resultaat r-8888888888", zoeklicht.Job{State: zoeklicht.JobWithdrawn, Purpose: "zaak 2026-0142", Again: true, Problem: zoeklicht.Errorf(zoeklicht.Conflict, "destroyed")}),
		job(6, "Resultaat r-5555555555", zoeklicht.Job{State: zoeklicht.JobCancelled, Problem: zoeklicht.Errorf(zoeklicht.Conflict, "cancelled by who began it")}),
	}
	w.evidence.jobs[3].Problem.What, w.evidence.jobs[3].Problem.Err = "no timestamping authority answers", nil
	w.evidence.left = []zoeklicht.Exported{
		{ID: 3, At: w.day(0, 7), Name: "Test sven", Case: "zaak 2026-0142", Ground: zoeklicht.GroundTheme, Form: zoeklicht.FormPackage, Kind: zoeklicht.ExportVersion, What: "100005/3", File: file.Name, Bytes: 1_882_331, SHA256: file.SHA256, Versions: 1, LeafIndex: -1},
		{ID: 2, At: w.day(3, 11), Name: "Test sven", Case: "zaak 2026-0142", Ground: "Wpg 9", Form: zoeklicht.FormPDF, Kind: zoeklicht.ExportComparison, What: "100050/2 100050/5", Bytes: 240_112, SHA256: sha256.Sum256([]byte("2")), Versions: 2, Pictures: 4, Encrypted: true, LeafIndex: 1288},
		{ID: 1, At: w.day(30, 16), Name: "A. Voorbeeld", Case: "zaak 2026-0077", Ground: "Wpg 8", Form: zoeklicht.FormFindings, Kind: zoeklicht.ExportResult, What: "r-0123456789", Bytes: 9_120, SHA256: sha256.Sum256([]byte("1")), Versions: 34, LeafIndex: 871, Erased: 2},
	}
	w.evidence.proofs = map[zoeklicht.CaptureID]*zoeklicht.Proven{}
	for id, state := range proofStates {
		v := &w.adverts[id].Versions[0]
		w.evidence.proofs[v.Capture] = w.proofIn(t, v, state)
	}
	w.evidence.proofs[w.adverts[100010].Versions[0].Capture].Root[0] ^= 1
	bare := w.evidence.proofs[w.adverts[100011].Versions[0].Capture]
	bare.Witnesses, bare.Quorum, bare.Authorities, bare.Proof.Tokens, bare.NotBefore, bare.Erased = nil, 0, nil, nil, time.Time{}, true
	w.fillCase()
}

// fillCase makes one case with everything in it.
func (w *world) fillCase() {
	a, b := &w.adverts[100005].Versions[0], &w.adverts[100008].Versions[0]
	w.evidence.cases = map[string]*zoeklicht.Case{"zaak 2026-0142": {
		Number: "zaak 2026-0142",
		Captured: []zoeklicht.CaseCapture{
			{Capture: a.Capture, At: a.SeenAt, Source: a.Source, Advert: 100005, Version: a.ID, N: a.N, Pictures: 2, LeafIndex: 1234, Exported: true},
			{Capture: b.Capture, At: b.SeenAt, Source: b.Source, Advert: 100008, Version: b.ID, N: b.N, LeafIndex: -1, Asked: true},
			{Capture: zoeklicht.CaptureID{7}, At: w.day(1, 9), Source: "practice-c", LeafIndex: 1240},
		},
		Missed: []zoeklicht.CaseMiss{
			{At: w.day(3, 4), Source: "practice-c", Run: 29, Fail: zoeklicht.FailConnect, Count: 19},
			{At: a.SeenAt, Source: a.Source, Capture: a.Capture, Advert: 100005, Fail: zoeklicht.FailStatus, Count: 1},
			{At: w.day(1, 23), Source: "practice-a", Fail: zoeklicht.FailTimeout, Count: 1},
		},
		Destroyed: []zoeklicht.CaseDestroyed{
			{At: w.day(2, 15), Capture: b.Capture, Advert: 100008, Item: "picture:0", Rule: "order 2026/17", Asked: "Test sven", By: "C. Voorbeeld", Leaf: 1287},
			{At: w.day(1, 3), Capture: zoeklicht.CaptureID{8}, Rule: "Wpg 8", Leaf: -1},
		},
		Seen: []zoeklicht.CaseLook{
			{First: w.day(3, 9), Last: w.day(3, 17), Name: "Test sven", Role: zoeklicht.Specialist, Act: "search", Times: 4, Rows: 96},
			{First: w.day(3, 10), Last: w.day(3, 10), Name: "Test sven", Role: zoeklicht.Specialist, Act: "reveal-picture", Times: 1, Rows: 1},
			{First: w.day(1, 10), Last: w.day(1, 11), Name: "A. Voorbeeld", Role: zoeklicht.Auditor, Act: "something-of-later", Times: 2, Rows: 0},
		},
		Exported: w.evidence.left[:2],
		Other: []zoeklicht.CaseRemark{
			{Kind: zoeklicht.RemarkGap, At: w.day(1, 4), Advert: 100005, Count: 94},
			{Kind: zoeklicht.RemarkNo, At: w.day(2, 12), Advert: 100005, N: a.N, Name: "B. Voorbeeld", Text: "the same text stands elsewhere"},
			{Kind: zoeklicht.RemarkSafety, At: a.SeenAt, Advert: 100005, N: a.N, Text: "Only by appointment"},
			{Kind: zoeklicht.RemarkPictures, At: a.SeenAt, Advert: 100005, N: a.N, Count: 1},
			{Kind: zoeklicht.RemarkNo, At: w.day(2, 13), Advert: 100008, N: b.N, Name: "C. Voorbeeld"},
			{Kind: zoeklicht.RemarkRun, At: w.day(1, 4), Text: "practice-c", Count: 2},
			{Kind: zoeklicht.RemarkMended, At: w.day(1, 5), Advert: 100005, N: a.N, Name: "B. Voorbeeld", Text: "place"},
			{Kind: zoeklicht.RemarkAgainst, At: w.day(77, 14), Name: "C. Voorbeeld", Text: "practice-a: many advertisers work independently"},
		},
		Hold: &zoeklicht.CaseHold{Since: w.day(3, 11), Captures: 3},
		More: []string{"seen"},
	}}
}

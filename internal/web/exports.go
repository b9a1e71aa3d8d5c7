package web

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"

	"github.com/klauspost/compress/gzhttp"
)

// registerShown is how many lines of the register one page has, and downloadTakes how
// long fetching a file may take.
const (
	registerShown = 200
	downloadTakes = time.Hour
)

// exportsPage is the reader's long work and the register of what left.
type exportsPage struct {
	page
	Jobs     *jobsView // nil for who may only see the register
	Register []exportedView
	Full     bool // the register has more than is shown
	Only     bool // one job alone
	Ask      bool // a purpose is to be stated before the register is read
}

// jobsView is the part that moves by itself.
type jobsView struct {
	Jobs    []jobView
	Going   int
	Refresh string
	Only    bool
}

// jobView is a job as the screen tells it. Jobs live by the wall's clock, so what is
// told of them is how long, not when.
type jobView struct {
	zoeklicht.Job
	To, Cancel, Fetch string
	Again             string        // where the same is begun once more, "" where it is not
	All               string        // where all of them are
	Took              time.Duration // since it began, or all that it took
	Remaining         time.Duration // 0 where it cannot be told
	Pace              float64
	Stays             time.Duration // until its file goes
	Going             bool
	Said              wording.Key // what to say of why it ended, "" where the problem has words
}

// exportedView is a line of the register.
type exportedView struct {
	zoeklicht.Exported
	CaseTo string
}

// exports shows all of it.
func (s *site) exports(q *request) error {
	d := exportsPage{page: q.page("export.list", "exports").fixed()}
	if !d.MayRegister() {
		return notThere()
	}
	if err := s.jobs(q, &d, ""); err != nil {
		return err
	}
	if err := s.register(q, &d); err != nil {
		return err
	}
	return q.show(http.StatusOK, "exports", d)
}

// register reads what left. Who sees it because they export states a purpose first.
func (s *site) register(q *request, d *exportsPage) error {
	if !d.RoleMay(zoeklicht.ActAudit) && q.pass.Purpose() == "" {
		d.Ask = true
		return nil
	}
	left, err := s.Exports.Exported(q.Context(), q.pass, registerShown+1)
	if err != nil {
		return hideUnlessSaid(err)
	}
	if d.Full = len(left) > registerShown; d.Full {
		left = left[:registerShown]
	}
	for _, l := range left {
		v := exportedView{Exported: l}
		if d.MayCase() {
			v.CaseTo = q.to("cases", "number", l.Case)
		}
		d.Register = append(d.Register, v)
	}
	return nil
}

// exportJob shows one job, and exportProgress the part that moves of one or all.
func (s *site) exportJob(q *request) error {
	d := exportsPage{page: q.page("export.list", "exports").fixed(), Only: true}
	if !d.MayExport() {
		return notThere()
	}
	if err := s.jobs(q, &d, q.PathValue("id")); err != nil {
		return err
	}
	return q.show(http.StatusOK, "exports", d)
}

func (s *site) exportProgress(q *request) error {
	d := exportsPage{page: page{q: q}}
	if !d.MayExport() {
		return notThere()
	}
	if err := s.jobs(q, &d, q.URL.Query().Get("job")); err != nil {
		return err
	}
	return q.show(http.StatusOK, "exports/jobs", d.Jobs)
}

// jobs reads the reader's jobs, or the one that is named.
func (s *site) jobs(q *request, d *exportsPage, only string) error {
	if !d.MayExport() {
		return nil
	}
	v := &jobsView{Refresh: q.to("exports/progress", "job", only), Only: only != ""}
	var list []zoeklicht.Job
	if v.Only {
		j, err := s.Jobs.Job(q.Context(), q.pass, zoeklicht.JobID(only))
		if err != nil {
			return hide(err)
		}
		list = append(list, *j)
	} else {
		var err error
		if list, err = s.Jobs.Jobs(q.Context(), q.pass); err != nil {
			return err
		}
	}
	now := s.Clock()
	for i := range list {
		j := q.job(&list[i], now)
		if j.Going {
			v.Going++
		}
		v.Jobs = append(v.Jobs, j)
	}
	d.Jobs = v
	return nil
}

// job words a job.
func (q *request) job(j *zoeklicht.Job, now time.Time) jobView {
	at := "exports/" + string(j.ID)
	v := jobView{Job: *j, To: q.to(at), All: q.to("exports"), Going: !j.Over(), Pace: j.Rate(now)}
	switch {
	case v.Going:
		v.Cancel = q.to(at + "/cancel")
		if !j.Begun.IsZero() {
			v.Took = now.Sub(j.Begun)
		}
		v.Remaining, _ = j.Left(now)
	default:
		v.Stays = max(0, j.Until.Sub(now))
		if !j.Begun.IsZero() {
			v.Took = j.Ended.Sub(j.Begun)
		}
	}
	if j.File != nil && v.Stays > 0 {
		v.Fetch = q.to(at + "/file")
	}
	if j.Again && (j.State == zoeklicht.JobCut || j.State == zoeklicht.JobWithdrawn) {
		v.Again = q.to(at + "/again") // how the others ended was for a reason
	}
	if p := j.Problem; p != nil {
		switch {
		case j.State == zoeklicht.JobCut:
			v.Said = "export.was-cut"
		case j.State == zoeklicht.JobWithdrawn:
			v.Said = "export.was-withdrawn"
		case j.State == zoeklicht.JobCancelled && p.Code == zoeklicht.Conflict:
			v.Said = "export.was-cancelled"
		case p.Code == zoeklicht.Internal:
			v.Said = "export.our-fault"
		}
	}
	return v
}

// Share is how far the job is, in hundredths; 0 where it does not know its total.
func (v jobView) Share() int {
	if v.Total <= 0 {
		return 0
	}
	return min(100, v.Done*100/v.Total)
}

// exportCancel ends a job.
func (s *site) exportCancel(q *request) error {
	if !(page{q: q}).MayExport() {
		return notThere()
	}
	err := s.Jobs.CancelJob(q.Context(), q.pass, zoeklicht.JobID(q.PathValue("id")))
	switch zoeklicht.CodeOf(err) {
	case "":
		q.note("export.cancelling")
	case zoeklicht.Conflict:
		q.note("export.not-cancelled")
	default:
		return hide(err)
	}
	return q.redirect(q.local(q.to("exports/" + q.PathValue("id"))))
}

// exportAgain begins an export once more that the platform cut off or withdrew, for the
// purpose that it had: the form states it.
func (s *site) exportAgain(q *request) error {
	if !(page{q: q}).MayExport() {
		return notThere()
	}
	if _, err := s.takePurpose(q); err != nil {
		return err
	}
	job, err := s.Exports.Again(q.Context(), q.pass, zoeklicht.JobID(q.PathValue("id")))
	switch zoeklicht.CodeOf(err) {
	case "":
		return q.redirect(q.to("exports/" + string(job.ID)))
	case zoeklicht.Invalid, zoeklicht.Limit, zoeklicht.Conflict:
		q.note("export.not-again")
		return q.redirect(q.to("exports/" + q.PathValue("id")))
	default:
		return hide(err)
	}
}

// exportFile sends what a job made, to be kept and not to be shown by the browser.
func (s *site) exportFile(q *request) error {
	if !(page{q: q}).MayExport() {
		return notThere()
	}
	body, file, err := s.Jobs.OpenJob(q.Context(), q.pass, zoeklicht.JobID(q.PathValue("id")))
	if err != nil {
		return hide(err)
	}
	defer func() { _ = body.Close() }()
	if err := http.NewResponseController(q.w).SetWriteDeadline(s.Clock().Add(downloadTakes)); err != nil {
		s.Log.DebugContext(q.Context(), "a download has the time of a page", slog.Any("err", err))
	}
	q.attach(file.Name, file.Type, file.Bytes)
	if _, err := io.Copy(q.w, body); err != nil {
		// The length that was promised is not reached, so the browser knows that it has
		// half a file.
		s.Log.WarnContext(q.Context(), "a download broke off", slog.String("ref", refOf(q.Context())), slog.Any("err", err))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// attach sets the headers of a file that is to be kept.
func (q *request) attach(name, mime string, n int64) {
	h := q.w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Length", strconv.FormatInt(n, 10))
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set(gzhttp.HeaderNoCompression, "1") // its length is known, and shown while it comes
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
}

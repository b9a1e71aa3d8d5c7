package web

import (
	"net/http"

	"zoeklicht"
)

// deskRoutes are the screens of the analyst's desk: the worklist, numbers, pages to
// capture now, reports that something is wrong. Those whose port is nil are not there.
func (s *site) deskRoutes(mux *http.ServeMux) {
	if s.Work != nil {
		mux.HandleFunc("POST /t/{theme}/unit", s.inTheme(s.chooseUnit))
		mux.HandleFunc("POST /t/{theme}/leads/{version}/step", s.inTheme(s.stepLead))
		mux.HandleFunc("GET /t/{theme}/next", s.inTheme(s.nextLead))
	}
	if s.Numbers != nil {
		mux.HandleFunc("GET /t/{theme}/numbers", s.inTheme(s.number))
		mux.HandleFunc("POST /t/{theme}/numbers", s.inTheme(s.number)) // from a list: in no address
		mux.HandleFunc("GET /t/{theme}/leads/{version}", s.inTheme(s.lead))
		mux.HandleFunc("POST /t/{theme}/leads/{version}/reveal", s.inTheme(s.revealLead))
		mux.HandleFunc("GET /t/{theme}/numbers/list", s.inTheme(s.listForm))
		mux.HandleFunc("POST /t/{theme}/numbers/list", s.inTheme(s.list))
		mux.HandleFunc("POST /t/{theme}/numbers/list.csv", s.inTheme(s.listCSV))
	}
	if s.Wants != nil {
		mux.HandleFunc("GET /t/{theme}/capture", s.inTheme(s.captureForm))
		mux.HandleFunc("POST /t/{theme}/capture", s.inTheme(s.captureNow))
		mux.HandleFunc("GET /t/{theme}/capture/{id}", s.inTheme(s.captured))
	}
	if s.Mender != nil {
		mux.HandleFunc("GET /t/{theme}/reports", s.inTheme(s.reports))
		mux.HandleFunc("POST /t/{theme}/reports", s.inTheme(s.report))
		mux.HandleFunc("POST /t/{theme}/reports/{id}", s.inTheme(s.answerReport))
	}
	mux.HandleFunc("GET /t/{theme}/sources/many", s.inTheme(s.manyForm))
	mux.HandleFunc("POST /t/{theme}/sources/many", s.inTheme(s.many))
}

// MayWork and the like say what the pages of a theme offer of the desk.
func (p page) MayWork() bool {
	return p.InTheme() && p.q.site.Work != nil && p.RoleMay(zoeklicht.ActJudge)
}

// MayNumbers reports whether numbers can be looked up.
func (p page) MayNumbers() bool {
	return p.InTheme() && p.q.site.Numbers != nil && p.RoleMay(zoeklicht.ActSearch)
}

// MayList reports whether lists of numbers can be looked up, once a purpose is stated.
func (p page) MayList() bool { return p.MayNumbers() && p.RoleMay(zoeklicht.ActReveal) }

// MayCapture reports whether a page can be captured now.
func (p page) MayCapture() bool {
	return p.InTheme() && p.q.site.Wants != nil && p.RoleMay(zoeklicht.ActCapture)
}

// MayReport reports whether there is somebody to tell that something is wrong.
func (p page) MayReport() bool { return p.InTheme() && p.q.site.Mender != nil }

// ReportTo is where something wrong on this page is reported: with the page's path, and
// nothing that was asked.
func (p page) ReportTo() string { return p.q.to("reports", "screen", p.q.URL.Path) }

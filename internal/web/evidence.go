package web

import (
	"net/http"

	"zoeklicht"
)

// evidenceRoutes are the screens about what leaves and what can be proven. Those whose
// port is nil are not there.
func (s *site) evidenceRoutes(mux *http.ServeMux) {
	if s.Exports != nil {
		mux.HandleFunc("GET /t/{theme}/exports", s.inTheme(s.exports))
		mux.HandleFunc("GET /t/{theme}/exports/new", s.inTheme(s.exportNew))
		mux.HandleFunc("POST /t/{theme}/exports", s.inTheme(s.exportBegin))
		mux.HandleFunc("GET /t/{theme}/exports/{id}", s.inTheme(s.exportJob))
		mux.HandleFunc("POST /t/{theme}/exports/{id}/cancel", s.inTheme(s.exportCancel))
		mux.HandleFunc("POST /t/{theme}/exports/{id}/again", s.inTheme(s.exportAgain))
	}
	if s.Proofs != nil {
		mux.HandleFunc("GET /t/{theme}/captures/{id}/proof", s.inTheme(s.proven))
		mux.HandleFunc("GET /t/{theme}/captures/{id}/proof/{file}", s.inTheme(s.provenFile))
	}
	if s.Cases != nil {
		mux.HandleFunc("GET /t/{theme}/cases", s.inTheme(s.caseFile))
	}
}

// MayExport reports whether the reader may take things out, once a purpose is stated.
func (p page) MayExport() bool {
	return p.InTheme() && p.q.site.Exports != nil && p.RoleMay(zoeklicht.ActExport)
}

// MayRegister reports whether the reader may see what left: who may export, and who
// audits.
func (p page) MayRegister() bool {
	return p.MayExport() || p.InTheme() && p.q.site.Exports != nil && p.RoleMay(zoeklicht.ActAudit)
}

// MayProof reports whether the reader may see the proof of a capture.
func (p page) MayProof() bool {
	return p.InTheme() && p.q.site.Proofs != nil && p.RoleMay(zoeklicht.ActSearch)
}

// MayCase reports whether the reader may ask what the record says about a case: it is
// read from the audit trail.
func (p page) MayCase() bool {
	return p.InTheme() && p.q.site.Cases != nil && p.RoleMay(zoeklicht.ActAudit)
}

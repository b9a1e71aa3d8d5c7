package web

import (
	"strings"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// ledgerView is how the ledger goes, in the part of the home screen that refreshes: a
// witness or an authority that is down holds nothing up, and is said.
type ledgerView struct {
	*zoeklicht.LedgerHealth
	Verdict wording.Key
	OK      bool
	Down    []ledgerPart
	Lacking []wording.Key // parts that there are none of
}

// ledgerPart is a part of recording that is down.
type ledgerPart struct {
	zoeklicht.LedgerPart
	Key       wording.Key
	Authority string // its name; "" for the other parts
}

// ledger reads how the ledger goes, nil where nothing tells that.
func (s *site) ledger(q *request) (*ledgerView, error) {
	if s.Ledger == nil {
		return nil, nil
	}
	h, err := s.Ledger.LedgerHealth(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	v := &ledgerView{LedgerHealth: h}
	for _, p := range h.Parts {
		part := ledgerPart{LedgerPart: p, Key: "ledger.part-log"}
		switch name, authority, _ := strings.Cut(p.Name, " "); name {
		case zoeklicht.PartWitnesses:
			part.Key = "ledger.part-witnesses"
		case zoeklicht.PartAuthority:
			part.Key, part.Authority = "ledger.part-authority", authority
		}
		switch p.State {
		case zoeklicht.LedgerDown:
			v.Down = append(v.Down, part)
		case zoeklicht.LedgerNone:
			v.Lacking = append(v.Lacking, part.Key)
		}
	}
	switch {
	case h.Silent():
		v.Verdict = "ledger.silent"
	case len(v.Down) > 0:
		v.Verdict = "ledger.down"
	case len(v.Lacking) > 0:
		v.Verdict = "ledger.lacking"
	case h.Waiting+h.Unwitnessed > 0:
		v.Verdict, v.OK = "ledger.busy", true
	default:
		v.Verdict, v.OK = "ledger.well", true
	}
	return v, nil
}

package web

import (
	"slices"
	"strconv"
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
	GoesOn  wording.Key   // what that means for proof
	Lacking []wording.Key // parts that there are none of
}

// ledgerPart is a part of recording that is down.
type ledgerPart struct {
	zoeklicht.LedgerPart
	Key       wording.Key
	Authority string // its name; "" for the other parts
}

// whyKey is the word of ours for a reason.
func whyKey(r zoeklicht.LedgerReason) wording.Key {
	switch r {
	case zoeklicht.ReasonAway:
		return "ledger.why-away"
	case zoeklicht.ReasonTimeout:
		return "ledger.why-timeout"
	case zoeklicht.ReasonLarger:
		return "ledger.why-larger"
	case zoeklicht.ReasonFork:
		return "ledger.why-fork"
	case zoeklicht.ReasonPast:
		return "ledger.why-past"
	case zoeklicht.ReasonUnknownLog:
		return "ledger.why-unknown-log"
	case zoeklicht.ReasonUnknownKey:
		return "ledger.why-unknown-key"
	case zoeklicht.ReasonOtherKey:
		return "ledger.why-other-key"
	}
	return "ledger.why-odd"
}

// ledgerWhy is a reason as the screen words it.
type ledgerWhy struct {
	Who     string
	Key     wording.Key
	Leaves  int    // of "larger"
	English string // what was answered, where no word of ours says it
}

// Said gives the reasons of a part in the reader's words; none where only its detail, in
// English, says them.
func (p ledgerPart) Said() []ledgerWhy {
	out := make([]ledgerWhy, len(p.Whys))
	for i, w := range p.Whys {
		out[i].Key = whyKey(w.Reason)
		switch out[i].Key {
		case "ledger.why-larger":
			out[i].Leaves, _ = strconv.Atoi(w.Arg) // our own number
		case "ledger.why-odd":
			out[i].English = w.Arg
		}
		if p.Authority != w.Who {
			out[i].Who = w.Who
		}
	}
	return out
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
		case zoeklicht.LedgerDown, zoeklicht.LedgerRefused:
			v.Down = append(v.Down, part)
		case zoeklicht.LedgerNone:
			v.Lacking = append(v.Lacking, part.Key)
		}
	}
	is := func(state zoeklicht.LedgerState, log bool) bool {
		return slices.ContainsFunc(v.Down, func(p ledgerPart) bool { return p.State == state && (p.Name == zoeklicht.PartLog) == log })
	}
	switch {
	case h.Silent():
		v.Verdict = "ledger.silent"
	case is(zoeklicht.LedgerRefused, false):
		v.Verdict, v.GoesOn = "ledger.refused", "ledger.refused-explain"
	case is(zoeklicht.LedgerDown, true):
		v.Verdict, v.GoesOn = "ledger.broken", "ledger.broken-explain"
	case len(v.Down) > 0:
		v.Verdict, v.GoesOn = "ledger.down", "ledger.goes-on"
	case len(v.Lacking) > 0:
		v.Verdict = "ledger.lacking"
	case h.Waiting+h.Unwitnessed > 0:
		v.Verdict, v.OK = "ledger.busy", true
	default:
		v.Verdict, v.OK = "ledger.well", true
	}
	return v, nil
}

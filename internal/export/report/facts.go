package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"zoeklicht"
	"zoeklicht/internal/place"
	"zoeklicht/internal/wording"
)

// moment writes a time as the reader's clock has it, with UTC beside it.
func moment(w wording.W, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.T("paper.moment", w.Moment(t), w.UTC(t))
}

// about lists what a report is: who made it, for what, as of when.
func (d *Document) about(w wording.W) []Fact {
	by := d.By
	if d.Role != "" {
		by += ", " + d.Role
	}
	asOf := moment(w, d.AsOf)
	if d.Seq > 0 {
		asOf += " · " + w.T("paper.seq", d.Seq)
	}
	return []Fact{
		{w.T("paper.id"), d.ID},
		{w.T("frame.theme"), d.Theme},
		{w.T("paper.ground"), d.Ground},
		{w.T("frame.purpose"), d.Purpose},
		{w.T("paper.by"), by},
		{w.T("paper.organisation"), d.Organisation},
		{w.T("frame.asof"), asOf},
		{w.T("paper.made"), moment(w, d.Made)},
		{w.T("paper.holds"), d.holds(w)},
		{w.T("paper.contacts"), map[bool]string{true: w.T("paper.masked"), false: w.T("paper.clear")}[d.Masked]},
		{w.T("paper.pictures"), d.picturesWord(w)},
		{w.T("paper.build"), d.Build},
	}
}

// holds counts what the report is about.
func (d *Document) holds(w wording.W) string {
	adverts, sources := map[zoeklicht.AdvertID]bool{}, map[zoeklicht.SourceID]bool{}
	for i := range d.Versions {
		adverts[d.Versions[i].Content.Advert] = true
		sources[d.Versions[i].Content.Source] = true
	}
	return strings.Join([]string{
		w.N("search.found-versions", len(d.Versions)), w.N("search.found-adverts", len(adverts)), w.N("paper.sources", len(sources)),
	}, ", ")
}

func (d *Document) picturesWord(w wording.W) string {
	switch d.Pictures {
	case PicturesIn:
		return w.T("paper.pictures-in")
	case PicturesAnnexed:
		return w.T("paper.pictures-annexed", AnnexID(d.ID))
	}
	if d.Masked {
		return w.T("paper.pictures-out-masked")
	}
	return w.T("paper.pictures-out")
}

// asked lists what a question asked for, one line for each part.
func (d *Document) asked(w wording.W, q *zoeklicht.Question) []Fact {
	var sources []string
	for _, s := range q.Sources {
		sources = append(sources, d.source(s))
	}
	var rules []string
	for _, id := range q.Indicators {
		rules = append(rules, d.ruleTitle(w, id))
	}
	states := map[string]wording.Key{"online": "search.online", "gone": "search.gone"}
	pictures := map[string]wording.Key{"with": "search.with", "without": "search.without", "missing": "search.missing"}
	answers := map[string]wording.Key{"none": "search.feedback-none", "yes": "search.feedback-yes", "no": "search.feedback-no", "unclear": "search.feedback-unclear"}
	word := func(m map[string]wording.Key, v string) string {
		if k, ok := m[v]; ok {
			return w.T(k)
		}
		return v
	}
	lang := q.Lang
	if lang != "" {
		lang = w.Language(lang)
	}
	all := []Fact{
		{w.T("search.words"), d.hidden(q.Text)},
		{w.T("search.from"), w.DayOf(q.From)},
		{w.T("search.to"), w.DayOf(q.To)},
		{w.T("search.source"), strings.Join(sources, ", ")},
		{w.T("search.place"), q.Place},
		{w.T("search.unit"), unit(q.Unit, w)},
		{w.T("search.phone"), d.hidden(q.Phone)},
		{w.T("search.lang"), lang},
		{w.T("search.state"), word(states, q.State)},
		{w.T("search.picture"), word(pictures, q.Picture)},
		{w.T("search.indicator"), strings.Join(rules, ", ")},
		{w.T("search.feedback"), word(answers, q.Feedback)},
	}
	if q.MinScore > 0 {
		all = append(all, Fact{w.T("search.risk"), w.T("search.risk-min", w.Points(q.MinScore))})
	}
	if q.Newest {
		all = append(all, Fact{w.T("search.versions"), w.T("search.newest-chip")})
	}
	all = slices.DeleteFunc(all, func(f Fact) bool { return f.Value == "" })
	if len(all) == 0 {
		all = []Fact{{w.T("paper.question"), w.T("paper.question-all")}}
	}
	return all
}

// hidden gives what was typed, without digits where the report is masked and they may be
// those of a number.
func (d *Document) hidden(typed string) string {
	digits := 0
	for _, c := range typed {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	if !d.Masked || digits < 6 {
		return typed
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return '•'
		}
		return c
	}, typed)
}

// ruleTitle names a rule.
func (d *Document) ruleTitle(w wording.W, id zoeklicht.IndicatorID) string {
	for i := range d.Rules {
		if d.Rules[i].ID == id {
			return d.Rules[i].Title.In(w.Lang())
		}
	}
	return string(id)
}

// counted says how large a result is and what left it since.
func (d *Document) counted(w wording.W) []Fact {
	r := d.Result
	size := w.NAtLeast("search.found-versions", r.Versions, r.More) + ", " + w.NAtLeast("search.found-adverts", r.Adverts, r.More)
	out := []Fact{
		{w.T("search.result"), string(r.ID)},
		{w.T("frame.asof"), moment(w, r.AsOf) + " · " + w.T("paper.seq", r.Seq)},
		{w.T("paper.asked"), moment(w, r.Asked)},
		{w.T("paper.asker"), cmp.Or(d.Asker, d.By)},
		{w.T("paper.found"), size},
	}
	since := []string{}
	if r.Destroyed > 0 {
		since = append(since, w.N("search.destroyed-since", r.Destroyed))
	}
	if r.Sealed > 0 {
		since = append(since, w.N("search.sealed-since", r.Sealed))
	}
	return append(out, Fact{w.T("paper.since"), strings.Join(since, " ")})
}

// identity lists what a version is and where it stood.
func (d *Document) identity(w wording.W, v *Version) []Fact {
	c := &v.Content
	seen := moment(w, c.SeenAt)
	if c.LastSeen.After(c.SeenAt) {
		seen = w.T("paper.seen-range", moment(w, c.SeenAt), moment(w, c.LastSeen))
	}
	if v.Sightings > 0 {
		seen += " · " + w.N("paper.sightings", v.Sightings)
	}
	advert := w.T("paper.advert", c.Advert, cmp.Or(v.Advert.Key, v.Advert.Canonical, "–"))
	var between string
	if !v.Advert.FirstSeen.IsZero() {
		between = w.T("paper.between", w.Moment(v.Advert.FirstSeen), w.Moment(v.Advert.LastSeen))
		if v.Advert.Gone() {
			between += " · " + w.T("advert.gone", v.Advert.GoneAt)
		}
	}
	var names []string
	for _, n := range v.Names {
		names = append(names, w.T("paper.named", n.Name, n.Person, n.At))
	}
	lang := c.Lang
	if lang != "" {
		lang = w.Language(lang)
	}
	return []Fact{
		{w.T("search.source"), d.source(c.Source)},
		{w.T("search.col-advert"), advert},
		{w.T("paper.advert-seen"), between},
		{w.T("search.col-versions"), w.T("paper.version-of", c.N, c.ID)},
		{w.T("paper.version-seen"), seen},
		{w.T("paper.names"), strings.Join(names, "; ")},
		{w.T("advert.address"), c.URL},
		{w.T("search.lang"), lang},
		{w.T("search.place"), c.Place},
		{w.T("search.unit"), unit(c.Unit, w)},
		{w.T("paper.reader"), c.Reader},
		{w.T("paper.text-hash"), fmt.Sprintf("%x", sha256.Sum256(exactText(c))) + d.maskedNote(w)},
		{w.T("paper.capture"), c.Capture.String()},
	}
}

// maskedNote says behind what is made of a text that it is made of the masked one.
func (d *Document) maskedNote(w wording.W) string {
	if !d.Masked {
		return ""
	}
	return " · " + w.T("paper.masked")
}

// proofWord says in a sentence how far a proof has come.
func proofWord(w wording.W, s ProofState) string {
	switch s {
	case ProofWitnessed:
		return w.T("paper.proof-witnessed")
	case ProofLogged:
		return w.T("paper.proof-logged")
	}
	return w.T("paper.proof-waiting")
}

// place lists where in the ledger a leaf stands, and who confirmed that.
func (p *Proof) place(w wording.W) (out []Fact) {
	if p.State != ProofWaiting {
		out = append(out,
			Fact{w.T("paper.log"), p.Log},
			Fact{w.T("paper.log-index"), fmt.Sprint(p.Index)},
		)
	}
	if p.State == ProofWitnessed {
		out = append(out,
			Fact{w.T("paper.log-size"), fmt.Sprint(p.Size)},
			Fact{w.T("paper.log-root"), fmt.Sprintf("%x", p.Root)},
			Fact{w.T("paper.witnesses"), strings.Join(p.Witnesses, ", ")},
		)
	}
	return out
}

// proof says how far a proof has come, and between which moments what it proves was made.
func proof(w wording.W, p *Proof) []Fact {
	var stamps []string
	for _, t := range p.Tokens {
		stamps = append(stamps, w.T("paper.stamp", t.Authority, moment(w, t.At)))
	}
	if len(stamps) == 0 {
		stamps = []string{w.T("paper.none")}
	}
	before := w.T("paper.not-before-none")
	if !p.After.IsZero() {
		before = moment(w, p.After)
	}
	return []Fact{
		{w.T("paper.proof-state"), proofWord(w, p.State)},
		{w.T("paper.stamps"), strings.Join(stamps, "; ")},
		{w.T("paper.not-before"), before},
	}
}

// missing lists what belongs to the subject and is not in the report: what the document
// names, and what follows from how it was made.
func (d *Document) missing(w wording.W) []Absent {
	out := slices.Clone(d.Absent)
	if res := d.Result; res != nil {
		for _, f := range d.counted(w) {
			if f.Label == w.T("paper.since") && f.Value != "" {
				out = append(out, Absent{w.T("paper.result"), f.Value})
			}
		}
		older := 0
		for i := range res.Rows {
			older += max(res.Rows[i].Matches-1, 0)
		}
		if older > 0 {
			out = append(out, Absent{w.T("search.col-versions"), w.N("paper.older", older)})
		}
		if n := res.Adverts - len(res.Rows); n > 0 {
			out = append(out, Absent{w.T("paper.rows"), w.N("paper.rows-more", n)})
		}
		inside := d.inside()
		n := 0
		for i := range res.Rows {
			if v := &res.Rows[i].Version; !inside[v.ID] && !v.Destroyed && !v.Sealed {
				n++
			}
		}
		if n > 0 {
			out = append(out, Absent{w.T("paper.rows"), w.N("paper.rows-only", n)})
		}
	}
	var kept, failed, undisclosed int
	for i := range d.Versions {
		v := &d.Versions[i]
		for k := range v.Pictures {
			if x := &v.Pictures[k]; x.SHA256 == [32]byte{} {
				failed++
			} else if d.Pictures != PicturesIn || x.Read == nil {
				kept++
			}
		}
		if v.Provenance == nil {
			undisclosed++
		}
	}
	where := ""
	if d.Pictures != PicturesIn {
		where = " " + capital(d.picturesWord(w)) + "."
	}
	for _, x := range []struct {
		n         int
		what, why string
	}{
		{failed, w.T("paper.pictures"), w.N("paper.missing-failed", failed)},
		{kept, w.T("paper.pictures"), w.N("paper.missing-pictures", kept) + where},
		{undisclosed, w.T("paper.provenance"), w.N("paper.missing-provenance", undisclosed)},
	} {
		if x.n > 0 {
			out = append(out, Absent{x.what, x.why})
		}
	}
	if d.Masked {
		out = append(out, Absent{w.T("paper.contacts"), w.T("paper.missing-masked")})
	}
	return out
}

// inside tells which versions the report has in full.
func (d *Document) inside() map[zoeklicht.VersionID]bool {
	out := map[zoeklicht.VersionID]bool{}
	for i := range d.Versions {
		out[d.Versions[i].Content.ID] = true
	}
	return out
}

// unit names a police unit by its code; one that is not known stays a code.
func unit(code string, w wording.W) string {
	u, err := place.UnitOf(code)
	if err != nil {
		return code
	}
	return u.Name.In(w.Lang())
}

package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"zoeklicht"
	"zoeklicht/internal/text"
	"zoeklicht/internal/wording"
)

// block is a part of the findings: what both forms of them are made of.
type block struct {
	kind  blockKind
	label string // of a fact
	text  string
}

type blockKind int

const (
	title   blockKind = iota
	heading           // of a part
	step              // of one version within a part
	para
	fact  // label and text
	quote // a text of a source; its line feeds count
)

// Findings gives the findings as plain text in UTF-8, in the first person, to be pasted
// into an official record: what was asked and of when the answer is, what was seen, with
// hashes and ground, what is missing, and which appendices go with it. What the record's
// author must add stands in square brackets.
func Findings(d *Document) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	last := title
	for i, x := range findings(d) {
		t := spell(x.text, sayable)
		if i > 0 && (x.kind != fact || last != fact) {
			line("")
		}
		switch x.kind {
		case heading:
			line(strings.ToUpper(t))
		case fact:
			line("- " + words(spell(x.label, sayable)) + ": " + strings.ReplaceAll(t, "\n", "\n  "))
		case quote:
			for q := range strings.SplitSeq(t, "\n") {
				line(strings.TrimRight("    "+q, " "))
			}
		default:
			line(t)
		}
		last = x.kind
	}
	return []byte(b.String()), nil
}

// words folds white space: what is said in one line.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// sayable reports whether a character can stand in plain text: what is seen, in any
// script, emoji too.
func sayable(r rune) bool { return unicode.IsGraphic(r) }

// findings makes the blocks.
func findings(d *Document) []block {
	f := &finder{d: d, w: d.words()}
	f.opening()
	f.question()
	if d.Compare {
		f.comparison()
	}
	if len(d.Versions) > 0 {
		f.add(heading, f.w.T("paper.f-seen"))
		if !d.Masked {
			f.add(para, f.w.T("paper.f-seen-intro"))
		} else {
			f.add(para, f.w.T("paper.f-seen-intro")+" "+f.w.T("paper.masked")+".")
		}
	}
	for i := range d.Versions {
		f.version(i+1, &d.Versions[i])
	}
	f.closing()
	return f.out
}

type finder struct {
	d   *Document
	w   wording.W
	out []block
}

func (f *finder) add(kind blockKind, text string) {
	f.out = append(f.out, block{kind: kind, text: text})
}

func (f *finder) fact(label, text string) {
	if text != "" {
		f.out = append(f.out, block{fact, label, text})
	}
}

// opening says who did what, when and on which ground.
func (f *finder) opening() {
	d, w := f.d, f.w
	f.add(title, w.T("paper.f-title", d.ID))
	f.add(para, w.T("paper.f-draft"))
	if d.Practice {
		f.add(para, w.T("paper.practice"))
	}
	f.add(para, w.T("paper.f-me", d.By, cmp.Or(d.Role, w.T("paper.f-role"))))
	f.add(para, w.T("paper.f-exported", moment(w, d.Made), cmp.Or(d.Organisation, w.T("paper.f-organisation")), d.Theme, d.Purpose, d.Ground))
	f.add(para, w.T("paper.f-asof", moment(w, d.AsOf)))
}

// question says what was asked and how much was found.
func (f *finder) question() {
	res := f.d.Result
	if res == nil {
		return
	}
	f.add(heading, f.w.T("paper.question"))
	if f.d.Asker == "" {
		f.add(para, f.w.T("paper.f-asked", moment(f.w, res.Asked)))
	} else {
		f.add(para, f.w.T("paper.f-asked-other", f.d.Asker, moment(f.w, res.Asked)))
	}
	for _, x := range f.d.asked(f.w, &res.Question) {
		f.fact(x.Label, x.Value)
	}
	f.add(para, f.w.T("paper.f-result", string(res.ID),
		f.w.NAtLeast("search.found-versions", res.Versions, res.More), f.w.NAtLeast("search.found-adverts", res.Adverts, res.More)))
	if res.More {
		f.add(para, f.w.T("paper.result-floor"))
	}
	for _, row := range res.Rows {
		v := &row.Version
		said := words(v.Title)
		switch {
		case v.Destroyed:
			said = f.w.T("search.destroyed")
		case v.Sealed:
			said = f.w.T("seal.short")
		}
		said = f.w.T("paper.version-title", v.Advert, v.N, cmp.Or(said, f.w.T("paper.untitled")))
		if row.Matches > 1 {
			said += " (" + f.w.N("paper.f-older", row.Matches-1) + ")"
		}
		f.fact(f.w.T("paper.f-row", row.Position), said)
	}
}

// comparison says what differs between two versions.
func (f *finder) comparison() {
	old, now := &f.d.Versions[0].Content, &f.d.Versions[1].Content
	f.add(heading, f.w.T("paper.compare", old.N, now.N))
	f.add(para, f.w.T("paper.f-compared", old.Advert, old.N, moment(f.w, old.SeenAt), now.Advert, now.N, moment(f.w, now.SeenAt)))
	f.add(para, f.w.T("paper.compare-legend"))
	for _, part := range []struct{ name, old, now string }{
		{zoeklicht.FieldTitle, old.Title, now.Title}, {zoeklicht.FieldBody, old.Body, now.Body},
	} {
		f.add(step, capital(f.w.Field(part.name)))
		if part.old == part.now {
			f.add(para, f.w.T("paper.same"))
			continue
		}
		f.add(quote, f.difference(part.old, part.now))
	}
	a, b := old.FieldMap(), now.FieldMap()
	for _, name := range fieldNames(old, now) {
		if a[name] != b[name] {
			nothing := f.w.T("advert.nothing")
			f.fact(f.w.Field(name), f.w.T("paper.was")+" "+cmp.Or(a[name], nothing)+"] "+f.w.T("paper.became")+" "+cmp.Or(b[name], nothing)+"]")
		}
	}
	if gone, came := pictureChanges(old, now); gone+came > 0 {
		f.fact(capital(f.w.T("advert.pictures-word")), f.w.N("advert.pictures-removed", gone)+"; "+f.w.N("advert.pictures-added", came))
	}
}

// difference words how a text became another.
func (f *finder) difference(old, now string) string {
	var b strings.Builder
	all := text.Diff(old, now)
	for i, e := range all {
		if e.Op == text.Same {
			b.WriteString(e.Text)
			continue
		}
		before, open, core, after := bracket(f.w, e, i+1 < len(all) && all[i+1].Op == text.Added)
		b.WriteString(before + open + core + "]" + after)
	}
	return b.String()
}

// version says what one version is and holds.
func (f *finder) version(n int, v *Version) {
	w, c := f.w, &v.Content
	f.add(step, w.T("paper.f-version", n, c.Advert, c.N, f.d.source(c.Source)))
	for _, x := range f.d.identity(w, v) {
		f.fact(x.Label, x.Value)
	}
	for _, x := range c.Fields {
		switch x.Name {
		case zoeklicht.FieldTitle, zoeklicht.FieldBody, zoeklicht.FieldImages:
		default:
			if x.Name != zoeklicht.FieldPlace || x.Value != c.Place {
				f.fact(capital(w.Field(x.Name)), x.Value)
			}
		}
	}
	if len(v.Pictures) > 0 {
		missing := 0
		for i := range v.Pictures {
			if v.Pictures[i].SHA256 == [32]byte{} {
				missing++
			}
		}
		f.fact(capital(w.T("advert.pictures-word")), w.T("paper.f-pictures", len(v.Pictures)-missing, missing))
		for i := range v.Pictures {
			x := &v.Pictures[i]
			said := []string{f.d.fate(w, x, false)}
			if sum := f.d.pictureHash(v, x); sum != "" {
				said = append(said, f.d.hashWord(w)+" "+sum)
			}
			f.fact(w.T("paper.f-picture", i+1), strings.Join(append(said, x.URL), " · "))
		}
	}
	f.add(para, w.T("paper.f-text"))
	f.add(quote, c.Title+"\n"+c.Body)
	f.hits(v)
	for _, x := range v.Feedback {
		if x.Undone.IsZero() {
			f.add(para, w.T("paper.f-feedback", x.Name, w.Moment(x.At), w.Answer(x.Answer), x.Reason))
		}
	}
	f.proof(v)
}

// hits says which rules fired, and what else they may mean.
func (f *finder) hits(v *Version) {
	w, a := f.w, v.Assessment
	switch {
	case a == nil:
		f.add(para, w.T("paper.not-assessed"))
		return
	case len(a.Hits) == 0:
		f.add(para, w.T("why.nothing"))
		return
	}
	f.add(para, w.T("paper.f-hits"))
	for i := range a.Hits {
		h := &a.Hits[i]
		said := w.T("why.rule-gone")
		if rule := f.d.rule(h); rule != nil {
			said = w.Grade(rule.Grade) + ". " + w.T("why.else") + ": " + rule.FalsePositives.In(w.Lang())
		}
		if words := firedWords(v, h); len(words) > 0 {
			said = w.T("why.words") + " " + strings.Join(words, ", ") + ". " + capital(said)
		}
		f.fact(f.d.ruleTitle(w, h.Indicator)+" ("+w.T("why.rule-version", string(h.Indicator), h.Rule)+")", said)
	}
}

// proof gives the hashes and what the ledger says.
func (f *finder) proof(v *Version) {
	w := f.w
	f.add(para, w.T("paper.f-proof", v.Content.Capture.String()))
	if v.Provenance != nil {
		c := &v.Provenance.Capture
		f.fact(w.T("advert.captured"), moment(w, c.At))
		if n := len(v.Provenance.Hops); n > 0 {
			f.fact(w.T("paper.peer"), v.Provenance.Hops[n-1].Peer)
		}
		f.fact(w.T("paper.digest"), f.d.pageDigest(c))
		if len(c.Leaf) > 0 {
			f.fact(w.T("paper.leaf-hash"), fmt.Sprintf("%x", sha256.Sum256(c.Leaf)))
		}
	}
	for _, x := range append(proof(w, &v.Proof), v.Proof.place(w)...) {
		f.fact(x.Label, x.Value)
	}
}

// closing says what is missing, what goes with it, and leaves room to sign.
func (f *finder) closing() {
	w := f.w
	f.add(heading, w.T("paper.absent"))
	missing := f.d.missing(w)
	if len(missing) == 0 {
		f.add(para, w.T("paper.absent-none"))
	}
	for _, a := range missing {
		f.fact(a.What, a.Why)
	}
	f.add(heading, w.T("paper.f-check"))
	if f.d.Masked {
		f.add(para, w.T("paper.f-check-masked"))
	} else {
		f.add(para, w.T("paper.f-check-how"))
	}
	f.add(heading, w.T("paper.appendices"))
	if len(f.d.Appendices) == 0 {
		f.add(para, w.T("paper.appendices-none"))
	}
	for _, a := range f.d.Appendices {
		said := a.What
		if a.SHA256 != [32]byte{} {
			said += fmt.Sprintf("; SHA-256 %x", a.SHA256)
		}
		f.fact(a.Name, said)
	}
	f.add(para, w.T("paper.f-signed", moment(w, f.d.Made)))
}

package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/text"
)

// deskWorld is what the made-up world knows of people's work: who claimed what, which
// unit they read, what they asked to have captured and what they reported.
type deskWorld struct {
	claims  map[zoeklicht.Subject]zoeklicht.Claim
	before  map[zoeklicht.Subject]zoeklicht.Claim // the step before
	units   map[zoeklicht.PersonID]string
	wanted  []zoeklicht.Wanted
	trouble []zoeklicht.Trouble
	looked  map[zoeklicht.Subject][]zoeklicht.Look
	gap     time.Duration // that every number's card tells
	absent  bool          // the dashboard stands on no desk

	corrections []zoeklicht.Correction
}

// codeOf gives the municipality and unit of a made-up advert's town.
func codeOf(town string) (code, unit string) {
	switch town {
	case "Utrecht":
		return "GM0344", "midden-nederland"
	case "Den Haag":
		return "GM0518", "den-haag"
	case "Arnhem":
		return "GM0202", "oost-nederland"
	case "Zwolle":
		return "GM0193", "oost-nederland"
	case "Breda":
		return "GM0758", "zeeland-west-brabant"
	case "’s-Hertogenbosch":
		return "GM0796", "oost-brabant"
	}
	return "", ""
}

// phoneIn gives a version's first number, nil where it has none.
func phoneIn(v *zoeklicht.Version) *zoeklicht.Entity {
	for i := range v.Entities {
		if e := &v.Entities[i]; e.Type == zoeklicht.Phone && e.Valid {
			return e
		}
	}
	return nil
}

// leads makes the rows of the worklist: one for each number, or advert without one.
func (w *world) leads() []zoeklicht.Lead {
	by := map[zoeklicht.Subject]*zoeklicht.Lead{}
	for _, a := range w.adverts {
		v := &a.Versions[0]
		subject, shown := zoeklicht.AdvertSubject(a.ID), ""
		if e := phoneIn(v); e != nil {
			subject, shown = zoeklicht.PhoneSubject(e.Value), zoeklicht.Mask(e.Value)
		}
		if gone(v) {
			continue
		}
		var hits []zoeklicht.Hit
		score := 0.0
		if as := w.assess(v); as != nil {
			hits, score = as.Hits, as.Score
		}
		code, unit := codeOf(v.Place)
		l := by[subject]
		if l == nil {
			l = &zoeklicht.Lead{Subject: subject, Masked: shown, First: a.FirstSeen, Last: a.LastSeen, Score: -1}
			by[subject] = l
		}
		l.Adverts++
		l.Versions += len(a.Versions)
		l.New = l.New || v.SeenAt.After(w.day(2, 8))
		if a.FirstSeen.Before(l.First) {
			l.First = a.FirstSeen
		}
		if a.LastSeen.After(l.Last) {
			l.Last = a.LastSeen
		}
		if score > l.Score || score == l.Score && v.ID > l.Version {
			m := masked(*v)
			l.Version, l.Advert, l.Title, l.Place, l.Unit, l.Score, l.Hits = v.ID, a.ID, m.Title, code, unit, score, hits
		}
	}
	out := make([]zoeklicht.Lead, 0, len(by))
	for _, l := range by {
		if c, ok := w.desk.claims[l.Subject]; ok {
			l.Claim = &c
		}
		l.Looked = w.desk.looked[l.Subject]
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b zoeklicht.Lead) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), b.Last.Compare(a.Last), cmp.Compare(b.Version, a.Version))
	})
	return out
}

func (w *world) Leads(_ context.Context, pass *access.Pass, q zoeklicht.LeadQuery, page, n int) (*zoeklicht.LeadList, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return nil, w.fail
	}
	out := &zoeklicht.LeadList{Query: q, AsOf: w.now, Since: w.day(2, 8)}
	var rows []zoeklicht.Lead
	for _, l := range w.leads() {
		mine := l.Claim != nil && l.Claim.Person == pass.Person()
		kind := zoeklicht.ClaimKind("")
		if l.Claim != nil && l.Claim.Kind != zoeklicht.Released {
			kind = l.Claim.Kind
		}
		held := kind == zoeklicht.Claimed || kind == zoeklicht.Handed
		todo := kind == "" || held && mine
		if kind == zoeklicht.Handed && mine {
			out.Handed++
		}
		show := map[string]bool{
			"handed": kind == zoeklicht.Handed && mine,
			"":       todo, "mine": held && mine, "parked": kind == zoeklicht.Parked && mine,
			"others": (held || kind == zoeklicht.Parked) && !mine, "finished": kind == zoeklicht.Finished,
		}
		if held && mine {
			out.Mine++
		}
		if q.Unit != "" && l.Unit != q.Unit {
			continue
		}
		if todo {
			if out.All++; l.New {
				out.New++
			}
		}
		if show[q.Show] && (!q.New || l.New) {
			rows = append(rows, l)
		}
	}
	handed := func(l zoeklicht.Lead) int {
		return rank(l.Claim != nil && l.Claim.Kind == zoeklicht.Handed && l.Claim.Person == pass.Person())
	}
	slices.SortStableFunc(rows, func(a, b zoeklicht.Lead) int { return handed(b) - handed(a) })
	out.Shown = len(rows)
	from := min(len(rows), (page-1)*n)
	out.Leads = rows[from:min(len(rows), from+n)]
	w.served(pass, "worklist %q: %d rows", q.Unit, len(out.Leads))
	return out, nil
}

func (w *world) NextLead(ctx context.Context, pass *access.Pass, after zoeklicht.VersionID, at, within int) (*zoeklicht.Lead, int, error) {
	unit, _ := w.Unit(ctx, pass)
	list, err := w.Leads(ctx, pass, zoeklicht.LeadQuery{Unit: unit}, 1, 1e6)
	if err != nil {
		return nil, 0, err
	}
	from := min(at, len(list.Leads))
	rows := list.Leads[from:min(len(list.Leads), from+within)]
	i := 1 + slices.IndexFunc(rows, func(l zoeklicht.Lead) bool { return l.Version == after })
	if i >= len(rows) {
		return nil, 0, nil
	}
	return &rows[i], from + i, nil
}

// subjectOf finds the row that a version names.
func (w *world) subjectOf(id zoeklicht.VersionID) (zoeklicht.Subject, error) {
	for _, a := range w.adverts {
		for i := range a.Versions {
			if v := &a.Versions[i]; v.ID == id {
				if e := phoneIn(v); e != nil {
					return zoeklicht.PhoneSubject(e.Value), nil
				}
				return zoeklicht.AdvertSubject(a.ID), nil
			}
		}
	}
	return "", zoeklicht.Errorf(zoeklicht.NotFound, "no version %d", id)
}

func (w *world) Step(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, c zoeklicht.Claim) error {
	if err := pass.Allow(zoeklicht.ActJudge); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	subject, err := w.subjectOf(id)
	if err != nil {
		return err
	}
	if c.Kind == zoeklicht.Undone {
		if w.desk.claims[subject].Giver != pass.Person() {
			return zoeklicht.Errorf(zoeklicht.Conflict, "not yours")
		}
		w.desk.claims[subject], w.desk.before[subject] = w.desk.before[subject], zoeklicht.Claim{}
		return nil
	}
	if now, ok := w.desk.claims[subject]; ok && now.Person != pass.Person() && now.Giver != pass.Person() && (now.Kind == zoeklicht.Claimed || now.Kind == zoeklicht.Handed) {
		return zoeklicht.Errorf(zoeklicht.Conflict, "%s holds it", now.Name)
	}
	c.Subject, c.At, c.By, c.Giver = subject, w.now, pass.Name(), pass.Person()
	if c.Kind != zoeklicht.Handed {
		c.Person, c.Name = pass.Person(), pass.Name()
	}
	if w.desk.before == nil {
		w.desk.before = map[zoeklicht.Subject]zoeklicht.Claim{}
	}
	w.desk.before[subject], w.desk.claims[subject] = w.desk.claims[subject], c
	w.served(pass, "%s %d", c.Kind, id)
	return nil
}

func (w *world) Colleagues(context.Context, *access.Pass) ([]zoeklicht.Person, error) {
	return []zoeklicht.Person{{ID: 901, Name: "B. Voorbeeld"}, {ID: 902, Name: "C. Voorbeeld"}}, nil
}

func (w *world) Unit(_ context.Context, pass *access.Pass) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.desk.units[pass.Person()], nil
}

func (w *world) SetUnit(_ context.Context, pass *access.Pass, unit string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.desk.units[pass.Person()] = unit
	return nil
}

// numberIn reads a made-up number in the spellings that tests use.
func numberIn(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, strings.NewReplacer("o", "0", "zero", "0").Replace(text.FoldString(s)))
	for _, p := range []string{"0031", "31", "0"} {
		if rest, ok := strings.CutPrefix(digits, p); ok && len(rest) == 9 && rest[0] == '6' {
			return "+31" + rest
		}
	}
	return ""
}

// Read reads made-up numbers; internal/extract does it for people.
func (w *world) Read(_ *access.Pass, typed string) (t zoeklicht.Typed) {
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return strings.ContainsRune(",;\n\t", r) }) {
		part = strings.TrimSpace(part)
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text.FoldString(part))
		no := zoeklicht.NotANumber{Raw: part, Digits: digits}
		switch value := numberIn(part); {
		case value != "":
			t.Numbers = append(t.Numbers, zoeklicht.TypedNumber{Raw: part, Values: []string{value}})
			continue
		case digits == "":
			no.Why = zoeklicht.NoDigits
		case strings.HasPrefix(part, "NL91"):
			no.Why = zoeklicht.BankAccount
		case strings.HasPrefix(part, "+999"):
			no.Why = zoeklicht.NoCountry
		case len(digits) < 10:
			no.Why = zoeklicht.TooShort
		case len(digits) > 10:
			no.Why = zoeklicht.TooLong
		default:
			no.Why = zoeklicht.NoSuchPlan
		}
		t.Refused = append(t.Refused, no)
	}
	if len(t.Numbers)+len(t.Refused) == 0 {
		t.Refused = []zoeklicht.NotANumber{{Raw: typed, Why: zoeklicht.NoDigits}}
	}
	return t
}

func (w *world) cardOf(value string, asOf time.Time) *zoeklicht.NumberCard {
	c := &zoeklicht.NumberCard{Value: value, AsOf: asOf, Looked: w.desk.looked[zoeklicht.PhoneSubject(value)]}
	if asOf.IsZero() {
		c.AsOf = w.now
	}
	spelt, src, places, units := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, a := range w.adverts {
		row := zoeklicht.Row{Advert: *a}
		row.Advert.Versions = nil
		for i := range a.Versions {
			v := &a.Versions[i]
			if v.SeenAt.After(c.AsOf) || !slices.ContainsFunc(v.Entities, func(e zoeklicht.Entity) bool { return e.Value == value }) {
				continue
			}
			code, unit := codeOf(v.Place)
			spelt[phoneIn(v).Raw]++
			src[string(v.Source)]++
			places[code]++
			units[unit]++
			if c.Versions++; c.First.IsZero() || v.SeenAt.Before(c.First) {
				c.First = v.SeenAt
			}
			if v.LastSeen.After(c.Last) {
				c.Last = v.LastSeen
			}
			if row.Matches++; row.Matches == 1 {
				row.Version = masked(*v)
				row.Snippet = text.Snippet(row.Version.Body, text.Query{}, 200)
			}
		}
		if row.Matches > 0 {
			if c.Adverts++; !a.Gone() {
				c.Online++
			}
			c.Newest = append(c.Newest, row)
		}
	}
	c.Spellings, c.Sources, c.Places, c.Units = tally(spelt), tally(src), tally(places), tally(units)
	if c.Adverts > 0 {
		c.Gap = w.desk.gap
		c.Names = []zoeklicht.Counted{{Value: "Sam", Count: 2}}
	}
	if claim, ok := w.desk.claims[zoeklicht.PhoneSubject(value)]; ok {
		c.Claim = &claim
	}
	slices.SortFunc(c.Newest, func(a, b zoeklicht.Row) int { return cmp.Compare(b.Version.ID, a.Version.ID) })
	return c
}

func tally(m map[string]int) (out []zoeklicht.Counted) {
	for v, n := range m {
		out = append(out, zoeklicht.Counted{Value: v, Count: n})
	}
	slices.SortFunc(out, func(a, b zoeklicht.Counted) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func (w *world) Number(_ context.Context, pass *access.Pass, asked string, asOf time.Time) (*zoeklicht.NumberCard, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	read := w.Read(pass, asked)
	if len(read.Numbers) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.Invalid, "this is no number")
	}
	value := read.Values()[0]
	for _, v := range read.Values() {
		if w.cardOf(v, asOf).Adverts > 0 {
			value = v
			break
		}
	}
	c := w.cardOf(value, asOf)
	c.Asked = asked
	w.served(pass, "number %s: %d adverts", value, c.Adverts)
	return c, w.fail
}

func (w *world) NumberOf(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, reveal bool, asOf time.Time) (*zoeklicht.NumberCard, error) {
	if err := pass.Allow(zoeklicht.ActReveal); reveal && err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	subject, err := w.subjectOf(id)
	if err != nil || subject.Phone() == "" {
		return nil, cmp.Or(err, error(zoeklicht.Errorf(zoeklicht.NotFound, "no number")))
	}
	c := w.cardOf(subject.Phone(), asOf)
	if !reveal {
		c.Value = zoeklicht.Mask(c.Value)
		for i := range c.Spellings {
			c.Spellings[i].Value = zoeklicht.Mask(c.Spellings[i].Value)
		}
	}
	w.served(pass, "number of %d: revealed %t", id, reveal)
	return c, nil
}

func (w *world) List(_ context.Context, pass *access.Pass, lines []string, asOf time.Time) ([]zoeklicht.Known, error) {
	if err := pass.Allow(zoeklicht.ActReveal); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []zoeklicht.Known
	hits := 0
	for i, l := range lines {
		k, read := zoeklicht.Known{Line: i + 1, Raw: l}, w.Read(pass, l)
		if len(read.Numbers) == 0 {
			k.Why = read.Refused[0].Why
		} else {
			all := read.Values()
			n := max(0, slices.IndexFunc(all, func(v string) bool { return w.cardOf(v, asOf).Adverts > 0 }))
			k.Value, k.Also = all[n], slices.Delete(slices.Clone(all), n, n+1)
			c := w.cardOf(k.Value, asOf)
			k.Adverts, k.Online, k.First, k.Last = c.Adverts, c.Online, c.First, c.Last
		}
		if k.Adverts > 0 {
			hits++
		}
		out = append(out, k)
	}
	w.served(pass, "list of %d: %d known", len(lines), hits)
	return out, nil
}

func (w *world) Want(_ context.Context, pass *access.Pass, address string) (*zoeklicht.Wanted, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := zoeklicht.Wanted{ID: int64(len(w.desk.wanted) + 1), URL: address, Person: pass.Name(), Asked: w.now}
	for _, s := range w.sources {
		if s.State == zoeklicht.Approved && strings.HasPrefix(address, s.Home) {
			k.Source = s.ID
		}
	}
	w.desk.wanted = append(w.desk.wanted, k)
	w.served(pass, "want %d", k.ID)
	return &k, nil
}

func (w *world) Wanted(_ context.Context, _ *access.Pass, id int64) (*zoeklicht.Wanted, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id < 1 || id > int64(len(w.desk.wanted)) {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "nobody asked for %d", id)
	}
	k := w.desk.wanted[id-1]
	return &k, nil
}

// mayAnswer reports whether the holder of a pass answers reports.
func mayAnswer(pass *access.Pass) bool { return pass.May(zoeklicht.ActTrouble) }

func (w *world) Report(_ context.Context, pass *access.Pass, screen, what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.desk.trouble = append(w.desk.trouble, zoeklicht.Trouble{
		ID: int64(len(w.desk.trouble) + 1), Person: pass.Name(), At: w.now, Screen: screen, Text: what, State: zoeklicht.TroubleNew, Since: w.now,
	})
	return nil
}

func (w *world) Reports(_ context.Context, pass *access.Pass) ([]zoeklicht.Trouble, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []zoeklicht.Trouble
	for _, t := range w.desk.trouble {
		if t.Person == pass.Name() || mayAnswer(pass) {
			out = append(out, t)
		}
	}
	return out, w.fail
}

func (w *world) AnswerReport(_ context.Context, pass *access.Pass, id int64, state zoeklicht.TroubleState, answer string) error {
	if err := pass.Allow(zoeklicht.ActTrouble); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if id < 1 || id > int64(len(w.desk.trouble)) {
		return zoeklicht.Errorf(zoeklicht.NotFound, "no report %d", id)
	}
	t := &w.desk.trouble[id-1]
	t.State, t.Answer, t.By, t.Since = state, answer, pass.Name(), w.now
	return nil
}

// fillDesk makes work that has begun: rows claimed, parked and looked at by others, a
// page that was asked for, and reports.
func (w *world) fillDesk() {
	leads := w.leads()
	for i, l := range leads {
		switch i {
		case 1, 4:
			w.desk.looked[l.Subject] = []zoeklicht.Look{{Person: 901, Name: "B. Voorbeeld", At: w.day(1, 9)}, {Person: 902, Name: "C. Voorbeeld", At: w.day(2, 15)}}
		case 2:
			w.desk.claims[l.Subject] = zoeklicht.Claim{Subject: l.Subject, Kind: zoeklicht.Claimed, Person: 901, Name: "B. Voorbeeld", At: w.day(1, 10)}
		case 6:
			w.desk.claims[l.Subject] = zoeklicht.Claim{Subject: l.Subject, Kind: zoeklicht.Parked, Person: 902, Name: "C. Voorbeeld", At: w.day(1, 10), Until: w.day(-3, 8), Note: "waits for an answer"}
		case 7:
			w.desk.claims[l.Subject] = zoeklicht.Claim{Subject: l.Subject, Kind: zoeklicht.Finished, Person: 901, Name: "B. Voorbeeld", At: w.day(1, 10)}
		}
	}
	w.desk.wanted = []zoeklicht.Wanted{
		{ID: 1, URL: "https://practice-a.example/adverts/5003", Source: "practice-a", Person: "A. Voorbeeld", Asked: w.day(0, 7), Taken: w.day(0, 7), Done: w.day(0, 7), Advert: 100004},
		{ID: 2, URL: "https://practice-a.example/adverts/9999", Source: "practice-a", Person: "A. Voorbeeld", Asked: w.day(0, 7), Taken: w.day(0, 7)},
		{ID: 3, URL: "https://practice-a.example/adverts/1", Source: "practice-a", Person: "A. Voorbeeld", Asked: w.day(0, 7), Taken: w.day(0, 7), Done: w.day(0, 7), Failure: zoeklicht.FailStatus, Detail: "404 Not Found"},
		{ID: 4, URL: "https://elsewhere.example/list/1", Person: "A. Voorbeeld", Asked: w.day(0, 7)},
	}
	w.desk.trouble = []zoeklicht.Trouble{
		{ID: 1, Person: "Test anna", At: w.day(1, 9), Screen: "/t/practice/adverts/100005", Text: "The place of this advert is wrong: it says Breda.", State: zoeklicht.TroubleNew, Since: w.day(1, 9)},
		{ID: 2, Person: "Test alles", At: w.day(3, 9), Screen: "/t/practice/", Text: "The list does not show what I parked.", State: zoeklicht.TroubleMended, Answer: "Mended: choose “Parked” above the list.", By: "Test bea", Since: w.day(2, 11)},
	}
}

func (w *world) Corrections(_ context.Context, _ *access.Pass, id zoeklicht.AdvertID) (out []zoeklicht.Correction, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.desk.corrections {
		if v := w.find(c.Version); v != nil && v.Advert == id && c.Undone.IsZero() {
			if c.Entity.Type.Identifies() && c.Entity.Value != "" {
				c.Entity.Value, c.Entity.Raw = zoeklicht.Mask(c.Entity.Value), zoeklicht.Mask(c.Entity.Raw)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func (w *world) Correct(_ context.Context, pass *access.Pass, id zoeklicht.VersionID, n int, t zoeklicht.EntityType, right zoeklicht.Right) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := zoeklicht.Correction{ID: int64(len(w.desk.corrections) + 1), Version: id, Entity: zoeklicht.Entity{Type: t}, Right: right.Value, Person: pass.Name(), At: w.now}
	v := w.find(id)
	if v == nil || n >= len(v.Entities) {
		return zoeklicht.Errorf(zoeklicht.NotFound, "no entity %d of version %d", n, id)
	}
	if n >= 0 {
		c.Entity = v.Entities[n]
	}
	w.desk.corrections = append(w.desk.corrections, c)
	return nil
}

func (w *world) UndoCorrection(_ context.Context, _ *access.Pass, id int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id < 1 || id > int64(len(w.desk.corrections)) {
		return zoeklicht.Errorf(zoeklicht.NotFound, "no correction %d", id)
	}
	w.desk.corrections[id-1].Undone = w.now
	return nil
}

package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/text"
)

// world is the rooms below the dashboard, in memory: two themes, three sources, and
// adverts whose texts are made up. Who enters, and with what rights, is not part of
// it: tests use the real door.
type world struct {
	mu       sync.Mutex
	place    *time.Location
	now      time.Time
	sources  map[zoeklicht.SourceID]*zoeklicht.Source
	order    []zoeklicht.SourceID
	recipes  map[zoeklicht.SourceID]string
	runs     []zoeklicht.Run // newest first
	adverts  map[zoeklicht.AdvertID]*zoeklicht.Advert
	results  map[zoeklicht.ResultID]kept
	audit    []string // what was served, to whom, for which purpose
	fail     error    // what everything answers, when set
	failAt   int      // which proposal finds the register away, 0 for none
	pageSize int
	desk     deskWorld
	said     // what readers said about adverts
	evidence evidenceWorld
}

type kept struct {
	q     zoeklicht.Question
	asOf  time.Time
	asked time.Time
	// versions are those that were known when it was asked; nil means all.
	versions map[zoeklicht.VersionID]bool
}

func newWorld(place *time.Location, adverts int) *world {
	w := &world{
		place:   place,
		now:     time.Date(2026, 11, 22, 8, 15, 30, 0, place),
		sources: map[zoeklicht.SourceID]*zoeklicht.Source{}, recipes: map[zoeklicht.SourceID]string{},
		adverts: map[zoeklicht.AdvertID]*zoeklicht.Advert{}, results: map[zoeklicht.ResultID]kept{},
		pageSize: 25,
		said:     said{names: map[zoeklicht.VersionID]zoeklicht.VersionName{}, unassessed: map[zoeklicht.AdvertID]bool{}},
		desk: deskWorld{
			claims: map[zoeklicht.Subject]zoeklicht.Claim{}, units: map[zoeklicht.PersonID]string{}, looked: map[zoeklicht.Subject][]zoeklicht.Look{},
		},
	}
	w.fillSources()
	for i := range adverts {
		w.addAdvert(i)
	}
	return w
}

// day gives a moment so many days before now, at an hour.
func (w *world) day(back, hour int) time.Time {
	return time.Date(w.now.Year(), w.now.Month(), w.now.Day()-back, hour, 9, 41, 123456000, w.place)
}

func (w *world) fillSources() {
	answers := zoeklicht.Considerations{
		Public:        "Yes: every page can be read without an account.",
		Real:          "Yes: numbers were called by the supervising officer and answered.",
		Need:          "Adverts move here from elsewhere; no other source shows where to.",
		Proportionate: "Only adverts are read; profiles of readers are outside the scope.",
		Against:       "Many advertisers work independently and are not of interest.",
	}
	add := func(id, title string, state zoeklicht.SourceState, review time.Time, priority int, d ...zoeklicht.Decision) {
		s := &zoeklicht.Source{
			ID: zoeklicht.SourceID(id), Title: title, Home: "https://" + id + ".example/", State: state,
			Scope:    zoeklicht.Scope{Hosts: []string{id + ".example"}, Paths: []string{"/adverts/"}, PictureHosts: []string{"img." + id + ".example"}},
			Priority: priority, Expected: "About 400 new adverts a week, a third with a phone number.", ReviewBy: review,
			Considerations: answers, Recipe: 1,
		}
		for i := range d {
			d[i].Source = s.ID
			s.Decisions = append(s.Decisions, d[i])
		}
		w.sources[s.ID] = s
		w.order = append(w.order, s.ID)
		w.recipes[s.ID] = "source: " + id + "\nversion: 1\ntemplate: list and detail\nlisting:\n  match: ^/adverts/\\?page=\n  links: a.advert\nadvert:\n  match: ^/adverts/[0-9]+$\n"
	}
	step := func(k zoeklicht.DecisionKind, who zoeklicht.PersonID, name string, back int, reason, answer string) zoeklicht.Decision {
		return zoeklicht.Decision{Kind: k, Person: who, PersonName: name, At: w.day(back, 14), Reason: reason, Answer: answer, ReviewBy: w.day(-120, 0), Considerations: answers, Recipe: 1}
	}
	full := []zoeklicht.Decision{
		step(zoeklicht.Propose, 900, "A. Voorbeeld", 80, "Named in three reports of last month.", ""),
		step(zoeklicht.Vet, 901, "B. Voorbeeld", 78, "Looked at twenty adverts and at the operator.", "Thank you; it is being decided on."),
		step(zoeklicht.Approve, 902, "C. Voorbeeld", 77, "Proportionate within this scope, for half a year.", ""),
		step(zoeklicht.Recast, 901, "B. Voorbeeld", 76, "First recipe.", ""),
	}
	add("practice-a", "Practice site A", zoeklicht.Approved, w.day(-120, 0), 1, full...)
	add("practice-b", "Practice site B", zoeklicht.Approved, w.day(-12, 0), 2, slices.Clone(full)...)
	add("practice-c", "Practice site C", zoeklicht.Approved, w.day(3, 0), 2, slices.Clone(full)...)
	add("practice-d", "Practice site D", zoeklicht.Proposed, time.Time{}, 3, slices.Clone(full[:1])...)
	add("practice-e", "Practice site E", zoeklicht.Vetted, time.Time{}, 3, slices.Clone(full[:2])...)
	w.runs = []zoeklicht.Run{
		{
			ID: 31, Source: "practice-a", Begun: w.now.Add(-4*time.Minute - 12*time.Second), URLs: 640, Captured: 407, Waiting: 212,
			Failed: map[zoeklicht.Fail]int{zoeklicht.FailTimeout: 3, zoeklicht.FailStatus: 14}, Pictures: 88, Missing: 5, Bytes: 48_211_004, Adverts: 180, New: 12,
		},
		{
			ID: 30, Source: "practice-b", Begun: w.day(0, 4), Ended: w.day(0, 4).Add(14 * time.Minute), URLs: 520, Captured: 511,
			Failed: map[zoeklicht.Fail]int{zoeklicht.FailNotContent: 9}, Pictures: 301, Missing: 11, Outside: 4, Bytes: 91_000_312, Expected: 240, Adverts: 240, New: 31, Seen: 209, Gone: 6, Complete: true,
		},
		{
			ID: 29, Source: "practice-c", Begun: w.day(3, 4), Ended: w.day(3, 4).Add(40 * time.Second), URLs: 31, Captured: 12,
			Failed: map[zoeklicht.Fail]int{zoeklicht.FailConnect: 19}, Bytes: 400_211, Expected: 90, Adverts: 8, Stopped: "the source does not answer",
		},
		{ID: 22, Source: "practice-a", Begun: w.day(1, 4), Ended: w.day(1, 4).Add(16 * time.Minute), URLs: 655, Captured: 655, Pictures: 290, Bytes: 72_334_011, Expected: 300, Adverts: 300, New: 22, Seen: 278, Complete: true},
	}
}

var (
	madeTowns  = []string{"Utrecht", "Den Haag", "Arnhem", "Zwolle", "Breda", "’s-Hertogenbosch"}
	madeTitles = []string{"Relaxing massage in %s", "Massage by appointment, %s", "Ontspanning in %s", "Quiet practice in %s"}
	madeLines  = []string{
		"Relaxing massage by appointment.", "Quiet neighbourhood, easy to park.", "Bel voor een afspraak, ook in het weekend.",
		"New in town for a few days only.", "Please do not call after ten in the evening.", "Only by telephone, no messages.",
	}
)

// phoneOf is a number that nobody can have.
func phoneOf(n int) (raw, value string) {
	return fmt.Sprintf("06 000%d %04d", n%10, (n*37)%10000), fmt.Sprintf("+316000%d%04d", n%10, (n*37)%10000)
}

func (w *world) addAdvert(i int) {
	id := zoeklicht.AdvertID(100001 + i)
	src := w.order[i%3]
	a := &zoeklicht.Advert{ID: id, Source: src, Key: fmt.Sprint(5000 + i), Canonical: fmt.Sprintf("https://%s.example/adverts/%d", src, 5000+i)}
	n := 1 + i%5
	start := (i * 7) % 60
	town := madeTowns[(i*5)%len(madeTowns)]
	for v := 1; v <= n; v++ {
		raw, value := phoneOf(i + v/3)
		if v == 4 {
			town = madeTowns[(i*5+1)%len(madeTowns)]
		}
		title := fmt.Sprintf(madeTitles[i%len(madeTitles)], town)
		parts := []string{madeLines[i%6], madeLines[(i+v)%6], "Call " + raw + ".", madeLines[(i+2)%6]}
		if v >= 2 {
			parts = append(parts, madeLines[(i+4)%6])
		}
		seen := w.day(max(0, start-(v-1)*2), 4).Add(time.Duration(i) * time.Second)
		lang := []string{"nl", "en", "de"}[i%3]
		ver := w.version(a, v, title, strings.Join(parts, "\n"), seen)
		ver.Municipality, ver.Unit = codeOf(town)
		ver.Price, ver.Place, ver.Lang = fmt.Sprintf("€ %d", 60+10*((i+v/2)%6)), town, lang
		at := strings.Index(title+"\n"+ver.Body, raw)
		ver.Entities = []zoeklicht.Entity{{Type: zoeklicht.Phone, Raw: raw, Start: at, End: at + len(raw), Value: value, Valid: true, Obfuscated: i%11 == 0}}
		if at := strings.Index(title, town); at >= 0 {
			code, _ := codeOf(town)
			ver.Entities = append(ver.Entities, zoeklicht.Entity{Type: zoeklicht.PlaceName, Raw: town, Start: at, End: at + len(town), Value: code, Valid: true})
		}
		ver.Fields = []zoeklicht.FieldValue{
			{Name: zoeklicht.FieldTitle, Value: title, From: "h1.title"},
			{Name: zoeklicht.FieldBody, Value: ver.Body, From: "div.text"},
			{Name: zoeklicht.FieldPrice, Value: ver.Price, From: "dl.facts dd:nth-of-type(1)"},
			{Name: zoeklicht.FieldPlace, Value: town, From: "dl.facts dd:nth-of-type(2)"},
			{Name: zoeklicht.FieldPhones, Value: raw, From: "a.call"},
		}
		switch i % 4 {
		case 0:
			ver.Pictures = []zoeklicht.VersionPicture{
				{N: 0, URL: "https://img/1", Picture: zoeklicht.PictureID(1 + i), Item: "picture:0"},
				{N: 1, URL: fmt.Sprintf("https://img/2?%d", v), Picture: zoeklicht.PictureID(9000 + i*10 + v), Item: "picture:1"},
				{N: 2, URL: "https://img/3", Failure: zoeklicht.FailStatus, Detail: "403 Forbidden, 3 attempts"},
			}
		case 1:
			ver.Pictures = []zoeklicht.VersionPicture{{N: 0, URL: "https://elsewhere/1", Failure: zoeklicht.FailOutside}}
		}
		a.Versions = append([]zoeklicht.Version{ver}, a.Versions...)
	}
	a.FirstSeen, a.LastSeen = a.Versions[n-1].SeenAt, w.day(0, 4).Add(time.Duration(i)*time.Second)
	if i%7 == 3 && start > 6 {
		a.LastSeen = a.Versions[0].SeenAt.Add(20 * time.Hour)
		a.GoneAt = a.LastSeen.AddDate(0, 0, 2)
	}
	w.adverts[id] = a
}

// addLong adds an advert with more versions and more text than a screen holds.
func (w *world) addLong(i int) {
	w.addAdvert(i)
	a := w.adverts[zoeklicht.AdvertID(100001+i)]
	a.Versions = nil
	for n := 1; n <= 40; n++ {
		var b strings.Builder
		for l := range 200 {
			fmt.Fprintf(&b, "%s Treatment %d of the list costs %d euro.\n", madeLines[l%6], l, 50+(l+n)%7)
		}
		a.Versions = append([]zoeklicht.Version{w.version(a, n, "A long list of treatments", b.String(), w.day(41-n, 4))}, a.Versions...)
	}
}

func (w *world) version(a *zoeklicht.Advert, n int, title, body string, seen time.Time) zoeklicht.Version {
	v := zoeklicht.Version{
		ID: zoeklicht.VersionID(int64(a.ID)*10 + int64(n)), Advert: a.ID, Source: a.Source, N: n, SeenAt: seen, LastSeen: seen.Add(20 * time.Hour),
		URL: a.Canonical, Title: title, Body: body, Reader: "recipe " + string(a.Source) + "/1",
	}
	sum := sha256.Sum256([]byte(title + body))
	copy(v.Capture[:], sum[:16])
	v.Digest = sum
	return v
}

func (w *world) served(pass *access.Pass, what string, args ...any) {
	w.audit = append(w.audit, fmt.Sprintf(what, args...)+" by "+pass.Name()+" for "+cmp.Or(pass.Purpose(), "nothing"))
}

// masked does to a version what the store does to all that it serves.
func masked(v zoeklicht.Version) zoeklicht.Version {
	whole := v.Title + "\n" + v.Body
	var out strings.Builder
	at := 0
	entities := slices.Clone(v.Entities)
	for i := range entities {
		e := &entities[i]
		if !e.Type.Identifies() {
			continue // before the numbers, in these texts
		}
		out.WriteString(whole[at:e.Start])
		start := out.Len()
		out.WriteString(zoeklicht.Mask(e.Raw))
		at = e.End
		e.Start, e.End, e.Raw, e.Value = start, out.Len(), zoeklicht.Mask(e.Raw), zoeklicht.Mask(e.Value)
	}
	out.WriteString(whole[at:])
	title := strings.SplitN(out.String(), "\n", 2)[0]
	v.Title, v.Body, v.Entities = title, out.String()[len(title)+1:], entities
	v.Fields = slices.Clone(v.Fields)
	for i := range v.Fields {
		if v.Fields[i].Name == zoeklicht.FieldPhones {
			v.Fields[i].Value = zoeklicht.Mask(v.Fields[i].Value)
		}
	}
	return v
}

func (w *world) Theme(_ context.Context, name zoeklicht.ThemeName) (*zoeklicht.Theme, error) {
	switch name {
	case "practice":
		return &zoeklicht.Theme{
			Name: name, Practice: true, Locale: w.place, Regions: []string{"NL"}, PhonePatterns: []string{`^\+31600\d{6}$`}, Title: zoeklicht.Text{NL: "Oefenthema", EN: "Practice theme"},
			Purpose: zoeklicht.Text{NL: "Leren werken met Zoeklicht.", EN: "Learning to work with Zoeklicht."}, Ground: zoeklicht.Text{NL: "Geen persoonsgegevens: alles is verzonnen.", EN: "No personal data: everything is made up."}, Indicators: wordRules,
		}, nil
	case "other":
		return &zoeklicht.Theme{Name: name, Practice: true, Locale: w.place, Title: zoeklicht.Text{NL: "Ander thema", EN: "Other theme"}}, nil
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no theme %s", name)
}

func (w *world) Now(context.Context, *access.Pass) (time.Time, error) { return w.now, nil }

func (w *world) Search(_ context.Context, pass *access.Pass, q zoeklicht.Question, asOf time.Time, page int) (*zoeklicht.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if asOf.IsZero() {
		asOf = w.now
	}
	if _, err := text.ParseQuery(q.Text); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v %s", q, asOf))
	id := zoeklicht.ResultID(fmt.Sprintf("r-%010x", binary.BigEndian.Uint64(sum[:])>>24))
	if _, ok := w.results[id]; !ok {
		k := kept{q, asOf, w.now, map[zoeklicht.VersionID]bool{}}
		for _, a := range w.adverts {
			for i := range a.Versions {
				k.versions[a.Versions[i].ID] = true
			}
		}
		w.results[id] = k
	}
	return w.answer(pass, id, page)
}

func (w *world) Result(_ context.Context, pass *access.Pass, id zoeklicht.ResultID, page int) (*zoeklicht.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.results[id]; !ok {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "there is no result %s", id)
	}
	return w.answer(pass, id, page)
}

func (w *world) answer(pass *access.Pass, id zoeklicht.ResultID, page int) (*zoeklicht.Result, error) {
	if w.fail != nil {
		return nil, w.fail
	}
	k := w.results[id]
	words, err := text.ParseQuery(k.q.Text)
	if err != nil {
		return nil, err
	}
	r := &zoeklicht.Result{ID: id, Question: k.q, AsOf: k.asOf, Asked: k.asked}
	days, units := map[string]int{}, map[string]int{}
	var rows []zoeklicht.Row
	for _, a := range w.adverts {
		row := zoeklicht.Row{Advert: *a}
		row.Advert.Versions = nil
		for _, v := range a.Versions {
			if v.SeenAt.After(k.asOf) || k.versions != nil && !k.versions[v.ID] || !w.matches(k.q, words, a, &v) {
				continue
			}
			units[v.Unit]++
			days[v.SeenAt.In(w.place).Format(time.DateOnly)]++
			r.Versions++
			if row.Matches++; row.Matches == 1 {
				row.Version, row.Assessment = masked(v), w.assess(&v)
			}
		}
		if row.Matches > 0 {
			row.Snippet = text.Snippet(row.Version.Body, words, 220)
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b zoeklicht.Row) int {
		return cmp.Or(b.Version.SeenAt.Compare(a.Version.SeenAt), cmp.Compare(b.Version.ID, a.Version.ID))
	})
	for i := range rows {
		rows[i].Position = i + 1
		if rows[i].Version.Sealed {
			r.Sealed++
		}
	}
	r.Adverts = len(rows)
	r.Days, r.Units = w.countDays(days, k.asOf), tally(units)
	from := min(len(rows), (page-1)*w.pageSize)
	r.Rows = rows[from:min(len(rows), from+w.pageSize)]
	w.served(pass, "result %s: %d rows", id, len(r.Rows))
	return r, nil
}

func (w *world) countDays(days map[string]int, asOf time.Time) (out []zoeklicht.DayCount) {
	first := "9"
	for d := range days {
		first = min(first, d)
	}
	if len(days) == 0 {
		return nil
	}
	t, _ := time.Parse(time.DateOnly, first)
	for ; t.Format(time.DateOnly) <= asOf.In(w.place).Format(time.DateOnly); t = t.AddDate(0, 0, 1) {
		d := t.Format(time.DateOnly)
		out = append(out, zoeklicht.DayCount{Day: d, Count: days[d], NoRun: t.Day() == 9 || t.Day() == 10})
	}
	return out
}

func (w *world) matches(q zoeklicht.Question, words text.Query, a *zoeklicht.Advert, v *zoeklicht.Version) bool {
	if v.Sealed {
		return w.keepSealed
	}
	folded := " " + text.FoldString(v.Title+"\n"+v.Body) + " "
	for _, s := range append(slices.Clone(words.Words), words.Phrases...) {
		if !strings.Contains(folded, " "+s+" ") {
			return false
		}
	}
	for _, s := range append(slices.Clone(words.NotWords), words.NotPhrases...) {
		if strings.Contains(folded, " "+s+" ") {
			return false
		}
	}
	day := v.SeenAt.In(w.place).Format(time.DateOnly)
	switch {
	case q.From != "" && day < q.From, q.To != "" && day > q.To,
		len(q.Sources) > 0 && !slices.Contains(q.Sources, v.Source),
		q.Place != "" && v.Place != q.Place, q.Lang != "" && v.Lang != q.Lang,
		q.State == "gone" && !a.Gone(), q.State == "online" && a.Gone(),
		q.Newest && v.N != len(a.Versions),
		!w.judged(q, v),
		q.Picture == "with" && len(v.Pictures) == 0, q.Picture == "without" && len(v.Pictures) > 0:
		return false
	}
	if q.Phone != "" {
		digits := strings.TrimPrefix(strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, q.Phone), "0")
		return slices.ContainsFunc(v.Entities, func(e zoeklicht.Entity) bool { return strings.Contains(e.Value, digits) })
	}
	return true
}

func (w *world) Facets(context.Context, *access.Pass, time.Time) (*zoeklicht.Facets, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := [4]map[string]int{{}, {}, {}, {}}
	for _, a := range w.adverts {
		for _, v := range a.Versions {
			counts[0][string(v.Source)]++
			counts[1][v.Place]++
			counts[2][v.Lang]++
			counts[3][v.Unit]++
		}
	}
	list := func(m map[string]int) (out []zoeklicht.Facet) {
		for v, n := range m {
			if v != "" {
				out = append(out, zoeklicht.Facet{Value: v, Count: n})
			}
		}
		slices.SortFunc(out, func(a, b zoeklicht.Facet) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		return out
	}
	return &zoeklicht.Facets{Sources: list(counts[0]), Places: list(counts[1]), Langs: list(counts[2]), Units: list(counts[3])}, nil
}

func (w *world) News(_ context.Context, pass *access.Pass, n int) (time.Time, *zoeklicht.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := w.pageSize
	defer func() { w.pageSize = size }()
	w.pageSize = n
	since := w.day(2, 8)
	w.results["news"] = kept{q: zoeklicht.Question{From: since.Format(time.DateOnly)}, asOf: w.now, asked: w.now}
	r, err := w.answer(pass, "news", 1)
	if len(w.adverts) == 0 {
		since = time.Time{}
	}
	return since, r, err
}

func (w *world) Advert(_ context.Context, pass *access.Pass, id zoeklicht.AdvertID, asOf time.Time) (*zoeklicht.Advert, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.adverts[id]
	if !ok || w.fail != nil {
		return nil, cmp.Or(w.fail, error(zoeklicht.Errorf(zoeklicht.NotFound, "no advert %d", id)))
	}
	out := *a
	out.Versions = nil
	for _, v := range a.Versions {
		if asOf.IsZero() || !v.SeenAt.After(asOf) {
			if !gone(&v) {
				v = masked(v)
			}
			out.Versions = append(out.Versions, v)
		}
	}
	if len(out.Versions) == 0 {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no advert %d then", id)
	}
	w.served(pass, "advert %d", id)
	return &out, nil
}

func (w *world) Reveal(_ context.Context, pass *access.Pass, id zoeklicht.VersionID) (*zoeklicht.Version, error) {
	if err := pass.Allow(zoeklicht.ActReveal); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.adverts {
		for _, v := range a.Versions {
			if v.ID == id {
				w.served(pass, "reveal %d", id)
				return &v, nil
			}
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no version %d", id)
}

func (w *world) PictureShown(_ context.Context, pass *access.Pass, v zoeklicht.VersionID, n int) ([]byte, string, error) {
	if err := pass.Allow(zoeklicht.ActReveal); err != nil {
		return nil, "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if found := w.find(v); found == nil || gone(found) {
		return nil, "", zoeklicht.Errorf(zoeklicht.NotFound, "no picture of version %d", v)
	}
	w.served(pass, "picture %d/%d", v, n)
	return testPicture(n), "image/png", nil
}

func (w *world) Capture(_ context.Context, _ *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Capture, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.adverts {
		for _, v := range a.Versions {
			if v.Capture == id {
				return &zoeklicht.Capture{
					ID: id, Source: v.Source, URL: v.URL + "?sid=0123", Canonical: v.URL, FinalURL: v.URL, Status: 200, At: v.SeenAt, Digest: v.Digest,
					Pictures: 2, Missing: 1, Bytes: 18233, Leaf: []byte("leaf " + id.String()), LeafIndex: -1,
					Manifest: []byte("context 5f1d\npage 91aa\npicture:0 77e0\n"),
					Items:    map[string]zoeklicht.Place{"page": {Segment: 12, Offset: 104857, Length: 9120}, "context": {Segment: 12, Offset: 113977, Length: 811}, "picture:0": {Segment: 12, Offset: 114788, Length: 40213}},
				}, nil
			}
		}
	}
	return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no capture")
}

func (w *world) Sources(context.Context, *access.Pass) ([]zoeklicht.Source, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []zoeklicht.Source
	for _, id := range w.order {
		s := *w.sources[id]
		s.Decisions = nil
		out = append(out, s)
	}
	return out, w.fail
}

func (w *world) Standing(ctx context.Context, pass *access.Pass) ([]zoeklicht.Source, error) {
	return w.Sources(ctx, pass)
}

func (w *world) Source(_ context.Context, _ *access.Pass, id zoeklicht.SourceID) (*zoeklicht.Source, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.sources[id]
	if !ok {
		return nil, zoeklicht.Errorf(zoeklicht.NotFound, "no source %s", id)
	}
	out := *s
	out.Decisions = slices.Clone(s.Decisions)
	return &out, nil
}

func (w *world) Propose(_ context.Context, pass *access.Pass, src *zoeklicht.Source, d zoeklicht.Decision) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failAt == 1 {
		return zoeklicht.Errorf(zoeklicht.Unavailable, "the register is away")
	}
	w.failAt = max(0, w.failAt-1)
	if w.sources[src.ID] != nil {
		return zoeklicht.Errorf(zoeklicht.Conflict, "taken")
	}
	s := *src
	w.sources[s.ID] = &s
	w.order = append(w.order, s.ID)
	return w.add(&s, pass, d)
}

func (w *world) Decide(_ context.Context, pass *access.Pass, d zoeklicht.Decision) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sources[d.Source]
	if s == nil {
		return zoeklicht.Errorf(zoeklicht.NotFound, "no source")
	}
	if n := len(s.Decisions); d.Kind == zoeklicht.Approve && s.Decisions[n-1].Person == pass.Person() {
		return zoeklicht.Errorf(zoeklicht.Conflict, "the same person vetted it")
	}
	s.State = map[zoeklicht.DecisionKind]zoeklicht.SourceState{
		zoeklicht.Vet: zoeklicht.Vetted, zoeklicht.Approve: zoeklicht.Approved, zoeklicht.Suspend: zoeklicht.Suspended,
		zoeklicht.Reject: zoeklicht.Rejected, zoeklicht.Retire: zoeklicht.Retired,
	}[d.Kind]
	if !d.ReviewBy.IsZero() {
		s.ReviewBy = d.ReviewBy
	}
	if d.Kind == zoeklicht.Vet {
		s.Considerations = d.Considerations
	}
	return w.add(s, pass, d)
}

func (w *world) add(s *zoeklicht.Source, pass *access.Pass, d zoeklicht.Decision) error {
	d.Person, d.PersonName, d.At = pass.Person(), pass.Name(), w.now
	s.Decisions = append(s.Decisions, d)
	return nil
}

func (w *world) Recipe(_ context.Context, _ *access.Pass, id zoeklicht.SourceID, _ int) (string, error) {
	return w.recipes[id], nil
}

func (w *world) Latest(context.Context, *access.Pass) ([]zoeklicht.Run, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []zoeklicht.Run
	for _, r := range w.runs {
		if !slices.ContainsFunc(out, func(o zoeklicht.Run) bool { return o.Source == r.Source }) {
			out = append(out, r)
		}
	}
	return out, w.fail
}

func (w *world) Of(_ context.Context, _ *access.Pass, id zoeklicht.SourceID, n int) ([]zoeklicht.Run, error) {
	var out []zoeklicht.Run
	for _, r := range w.runs {
		if r.Source == id && len(out) < n {
			out = append(out, r)
		}
	}
	return out, nil
}

func (w *world) Start(_ context.Context, pass *access.Pass, id zoeklicht.SourceID) error {
	w.served(pass, "start %s", id)
	return nil
}

func (w *world) Stop(_ context.Context, pass *access.Pass, id zoeklicht.SourceID) error {
	w.served(pass, "stop %s", id)
	return nil
}

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// numberPage is the card of a number, or the form to ask for one.
type numberPage struct {
	page
	Asked  string // as typed
	Errors formErrors
	Card   *cardView
}

// cardView is what is known of a number, to be read aloud.
type cardView struct {
	zoeklicht.NumberCard
	Number  string // as the heading has it: in groups, or masked
	Known   bool
	Typed   bool // asked for in full: what it is stands on the screen already
	Others  []otherTyped
	Masked  bool   // reached through an advert, and not revealed
	Reveal  string // where revealing is asked for
	Lead    string // the version that names it, where it was reached through one
	Gap     int    // days out of sight, 0 for no gap worth telling
	Sources []counted
	Towns   []counted
	Units   []counted
	Map     *unitMap
	Rows    []rowView
	More    int        // adverts that are not listed
	Search  *emptyView // what was searched, where nothing was found
}

// otherTyped is something else that was typed together with a card's number: another
// number, or what cannot be one.
type otherTyped struct {
	Raw string
	To  string      // its own card, for a number
	Why wording.Key // why it is none, for what cannot be one
}

// counted is a value as people read it, and how often it occurs.
type counted struct {
	Name  string
	Count int
}

// number answers what is known of a number in any spelling.
func (s *site) number(q *request) error {
	d := numberPage{page: q.page("number.title", "numbers"), Asked: strings.TrimSpace(q.FormValue("q"))}
	if !d.MayNumbers() {
		return notThere()
	}
	if d.Asked == "" {
		return q.show(http.StatusOK, "number", d)
	}
	typed := s.Numbers.Read(q.pass, d.Asked)
	if len(typed.Numbers) == 0 {
		d.Errors = formErrors{{Field: "number", What: unfits[typed.Refused[0].Why]}}
		d.Asked = cut(d.Asked, maxTyped)
		return q.show(http.StatusUnprocessableEntity, "number", d)
	}
	card, err := s.Numbers.Number(q.Context(), q.pass, d.Asked, q.asOf.At)
	if err != nil {
		return err
	}
	if d.Card, err = s.card(q, card); err != nil {
		return err
	}
	d.Card.Typed, d.Card.Others = true, q.others(&typed, card.Value)
	return q.show(http.StatusOK, "number", d)
}

// maxTyped bounds what is given back of a typed number, in characters.
const maxTyped = 200

// unfits are why something typed cannot be a number, and what to do then. That is a third
// answer beside "known" and "not known": nothing was looked up.
var unfits = map[zoeklicht.Unfit]wording.Key{
	zoeklicht.NoDigits:    "number.no-digits",
	zoeklicht.TooShort:    "number.few-digits",
	zoeklicht.TooLong:     "number.many-digits",
	zoeklicht.BankAccount: "number.bank-account",
	zoeklicht.NoCountry:   "number.no-country",
	zoeklicht.NoSuchPlan:  "number.not-valid",
}

// shortUnfits are the same in a few words.
var shortUnfits = map[zoeklicht.Unfit]wording.Key{
	zoeklicht.NoDigits:    "list.no-number",
	zoeklicht.TooShort:    "list.too-short",
	zoeklicht.TooLong:     "list.too-long",
	zoeklicht.BankAccount: "list.bank-account",
	zoeklicht.NoCountry:   "list.no-country",
	zoeklicht.NoSuchPlan:  "list.no-such-plan",
}

// others gives what else was typed with the number that a card is about.
func (q *request) others(t *zoeklicht.Typed, value string) (out []otherTyped) {
	own := false
	for _, n := range t.Numbers {
		if slices.Contains(n.Values, value) && !own {
			own = true
			continue
		}
		out = append(out, otherTyped{Raw: n.Raw, To: q.to("numbers", "q", n.Raw)})
	}
	for _, r := range t.Refused {
		out = append(out, otherTyped{Raw: cut(r.Raw, maxTyped), Why: shortUnfits[r.Why]})
	}
	return out
}

// lead is the card of the number of a version: masked, unless this session asked for it.
func (s *site) lead(q *request) error {
	d := numberPage{page: q.page("number.title", "numbers")}
	if !d.MayNumbers() {
		return notThere()
	}
	id, err := versionOf(q)
	if err != nil {
		return err
	}
	clear := q.pass.Allow(zoeklicht.ActReveal) == nil && slices.Contains(s.shown(q.Context(), q.theme.Name), numberThing(id))
	card, err := s.Numbers.NumberOf(q.Context(), q.pass, id, clear, q.asOf.At)
	if err != nil {
		return hide(err)
	}
	if d.Card, err = s.card(q, card); err != nil {
		return err
	}
	d.Card.Masked = !clear
	if !clear {
		d.Card.Number = card.Value // as the store masked it
	}
	d.Card.Lead = strconv.FormatInt(int64(id), 10)
	d.Card.Reveal = q.to("leads/" + d.Card.Lead + "/reveal")
	return q.show(http.StatusOK, "number", d)
}

func numberThing(id zoeklicht.VersionID) string { return "n:" + strconv.FormatInt(int64(id), 10) }

// revealLead takes the wish to see the number of a card in the clear, or to hide it
// again, with the purpose if none was stated yet.
func (s *site) revealLead(q *request) error {
	if !(page{q: q}).MayNumbers() {
		return notThere()
	}
	id, err := versionOf(q)
	if err != nil {
		return err
	}
	back := q.to("leads/" + strconv.FormatInt(int64(id), 10))
	problem, err := s.takePurpose(q)
	if err != nil {
		return err
	}
	if problem == "" {
		switch err := q.pass.Allow(zoeklicht.ActReveal); zoeklicht.CodeOf(err) {
		case "":
		case zoeklicht.Invalid:
			problem = "frame.purpose-first"
		default:
			return err
		}
	}
	if problem != "" {
		q.note(problem)
		return q.redirect(back)
	}
	s.setShown(q.Context(), q.theme.Name, q.FormValue("hide") == "", []string{numberThing(id)})
	return q.redirect(back)
}

// card words what is known of a number.
func (s *site) card(q *request, c *zoeklicht.NumberCard) (*cardView, error) {
	v := &cardView{NumberCard: *c, Number: spoken(c.Value), Known: !c.First.IsZero()}
	standing, err := s.Register.Standing(q.Context(), q.pass)
	if err != nil {
		return nil, err
	}
	names := titles(standing)
	if !v.Known {
		v.Search, err = s.empty(q, zoeklicht.Question{Phone: c.Asked})
		return v, err
	}
	for _, n := range c.Sources {
		name := names[zoeklicht.SourceID(n.Value)]
		if name == "" {
			name = n.Value
		}
		v.Sources = append(v.Sources, counted{name, n.Count})
	}
	for _, n := range c.Places {
		v.Towns = append(v.Towns, counted{townName(n.Value), n.Count})
	}
	for _, n := range c.Units {
		v.Units = append(v.Units, counted{unitName(n.Value, q.words), n.Count})
	}
	v.Map = mapUnits(c.Units, q.words)
	if c.Gap >= zoeklicht.OtherUserAfter {
		v.Gap = int(c.Gap / (24 * time.Hour))
	}
	v.Rows = q.rows(&zoeklicht.Result{Rows: c.Newest}, names)
	for i := range v.Rows {
		v.Rows[i].Position, v.Rows[i].Matches = i+1, 0
	}
	v.More = max(0, c.Adverts-len(c.Newest))
	return v, nil
}

// Said gives the first few of a list of places, for a sentence.
func (v *cardView) Said() []counted { return v.Towns[:min(len(v.Towns), 3)] }

// spoken groups the digits of a number in E.164 as people say them: "+31 6 0001 2345".
// The country's digits are told apart where the plan is known; elsewhere groups of
// three or four from the end will do.
func spoken(e164 string) string {
	rest, plus := strings.CutPrefix(e164, "+")
	if !plus || len(rest) < 8 {
		return e164
	}
	var head string
	switch {
	case strings.HasPrefix(rest, "316"):
		head, rest = "+31 6", rest[3:]
	case strings.HasPrefix(rest, "1"):
		head, rest = "+1", rest[1:]
	default:
		head, rest = "+"+rest[:2], rest[2:]
	}
	var groups []string
	for len(rest) > 5 {
		groups = append([]string{rest[len(rest)-4:]}, groups...)
		rest = rest[:len(rest)-4]
	}
	if rest != "" {
		groups = append([]string{rest}, groups...)
	}
	return head + " " + strings.Join(groups, " ")
}

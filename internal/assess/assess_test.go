package assess_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/assess"
)

var lexicons = []zoeklicht.Lexicon{
	{Name: "calm", Words: map[string][]string{"en": {"calm", "calm room", "quiet", "room with tea"}, "nl": {"rustig", "quiet", "crème"}}},
	{Name: "tea", Words: map[string][]string{"en": {"tea", "24/7"}}},
}

// indicator makes an active rule that weighs a point.
func indicator(id zoeklicht.IndicatorID, condition string, change ...func(*zoeklicht.Indicator)) zoeklicht.Indicator {
	in := zoeklicht.Indicator{
		ID: id, Version: 1, Status: zoeklicht.ActiveRule, Condition: condition, Weight: 1, Lexicons: []string{"calm", "tea"},
	}
	for _, f := range change {
		f(&in)
	}
	return in
}

func compile(t testing.TB, cfg assess.Config, in ...zoeklicht.Indicator) *assess.Rules {
	t.Helper()
	r, err := assess.New(in, lexicons, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// entity finds raw in the input's text.
func entity(in *assess.Input, kind zoeklicht.EntityType, raw, value string, hidden bool) {
	start := strings.Index(in.Title+"\n"+in.Body, raw)
	in.Entities = append(in.Entities, zoeklicht.Entity{
		Type: kind, Raw: raw, Value: value, Start: start, End: start + len(raw), Obfuscated: hidden, Valid: true,
	})
}

// TestHit: what one condition sees, and where it says that it saw it.
func TestHit(t *testing.T) {
	t.Parallel()
	advert := assess.Input{
		Version: 7, Title: "A Quiet studio", Body: "Calm room, with CRE\u0300ME and tea. Open 24/7 for 60 min at € 50; age 30. Call 0-6 000 12345 or 06 0001 2346.",
		Beside: zoeklicht.Beside{Adverts: 5, Sources: 2, Cities: 4, Names: 3, Ages: 2, Versions: 6, TextElsewhere: 1, PictureElsewhere: 9}, MedianPrice: 100.5,
	}
	entity(&advert, zoeklicht.Phone, "0-6 000 12345", "+31600012345", true)
	entity(&advert, zoeklicht.Phone, "06 0001 2346", "+31600012346", false)
	entity(&advert, zoeklicht.Phone, "06 0001 2346", "+31600012346", false)
	entity(&advert, zoeklicht.Price, "60 min at € 50", "EUR 50/60min", false)
	advert.Entities = append(advert.Entities,
		zoeklicht.Entity{Type: zoeklicht.Price, Value: "EUR 40/30min", Valid: true},
		zoeklicht.Entity{Type: zoeklicht.Price, Value: "EUR 40", Valid: true}, zoeklicht.Entity{Type: zoeklicht.Price, Value: "USD 9/60min", Valid: true},
		zoeklicht.Entity{Type: zoeklicht.Phone, Value: "+3160", Valid: false}, zoeklicht.Entity{Type: zoeklicht.Email, Value: "a@example.org", Valid: true},
		zoeklicht.Entity{Type: zoeklicht.Handle, Value: ":a", Valid: true}, zoeklicht.Entity{Type: zoeklicht.Link, Value: "https://example.org/", Valid: true},
		zoeklicht.Entity{Type: zoeklicht.PlaceName, Value: "GM0363", Valid: true}, zoeklicht.Entity{Type: zoeklicht.PlaceName, Value: "GM0518", Valid: true},
		zoeklicht.Entity{Type: zoeklicht.PlaceName, Value: "GM0599"})
	entity(&advert, zoeklicht.Age, "30", "30", false)
	entity(&advert, zoeklicht.Availability, "24/7", "24/7", false)
	for _, tc := range []struct {
		condition, trace string // no trace: no hit
		where            []string
	}{
		{"words.calm >= 3", "words.calm = 3 >= 3", []string{"Quiet/quiet", "Calm room/calm room", "CRE\u0300ME/creme"}},
		{"words.calm >= 4", "", nil},
		{"words.tea == 2", "words.tea = 2", []string{"tea/tea", "24/7/24 7"}},
		{"words.calm > 9 || words.tea > 1", "words.calm = 3, words.tea = 2 > 1", []string{"Quiet/quiet", "Calm room/calm room", "CRE\u0300ME/creme", "tea/tea", "24/7/24 7"}},
		{"phones == 2", "phones = 2", []string{"0-6 000 12345/", "06 0001 2346/"}},
		{"disguised >= 1", "disguised = 1 >= 1", []string{"0-6 000 12345/"}},
		{"beside.cities >= 3 && beside.adverts <= 50", "beside.cities = 4 >= 3, beside.adverts = 5 <= 50", nil},
		{"beside.sources + beside.names + beside.ages + beside.versions == 13", "beside.sources = 2, beside.names = 3, beside.ages = 2, beside.versions = 6", nil},
		{"beside.text_elsewhere == 1 && beside.picture_elsewhere > 8", "beside.text_elsewhere = 1, beside.picture_elsewhere = 9 > 8", nil},
		{"price.hour < 0.6 * price.median", "price.hour = 50, price.median = 100.5", []string{"60 min at € 50/"}},
		{"prices.exists(p, p > 75.0)", "prices = [50.00, 80.00]", []string{"60 min at € 50/"}},
		{"ages.all(a, a == 30) && ages.size() == 1", "ages = [30]", []string{"30/"}},
		{"always", "always = true", []string{"24/7/"}},
		{"emails + handles + links == 3 && places == 2", "emails = 1, handles = 1, links = 1, places = 2", nil},
		{"length > 50", "length = " + itoa(utf8.RuneCountInString(advert.Title+"\n"+advert.Body)) + " > 50", nil},
		{"!always", "", nil},
	} {
		got, err := compile(t, assess.Config{}, indicator("x", tc.condition)).Assess(advert)
		if err != nil {
			t.Errorf("%s: %v", tc.condition, err)
			continue
		}
		if (len(got.Hits) == 1) != (tc.trace != "") {
			t.Errorf("%s: hits %+v", tc.condition, got.Hits)
			continue
		}
		if tc.trace == "" {
			continue
		}
		hit := got.Hits[0]
		var where []string
		for _, o := range hit.Where {
			where = append(where, (advert.Title + "\n" + advert.Body)[o.Start:o.End]+"/"+o.Word)
		}
		if hit.Trace != tc.trace || !cmp.Equal(where, tc.where) || hit.Version != 7 || hit.Rule != 1 || got.Score != 1 {
			t.Errorf("%s: trace %q, want %q; where %q, want %q; %+v", tc.condition, hit.Trace, tc.trace, where, tc.where, got)
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// TestRefused: what does not compile is named, all of it at once.
func TestRefused(t *testing.T) {
	t.Parallel()
	_, err := assess.New([]zoeklicht.Indicator{
		indicator("cut-short", "words.calm >="),
		indicator("no-lexicon", "words.warm >= 1"),
		indicator("not-listed", "true", func(in *zoeklicht.Indicator) { in.Lexicons = []string{"warm"} }),
		indicator("nationality", `nationality == "x"`),
		indicator("language", `lang == "nl"`),
		indicator("number", "phones + 1"),
		indicator("types", `phones == "one"`),
		indicator("third", "true", func(in *zoeklicht.Indicator) { in.Weight = 0.3 }),
		indicator("deep", strings.Repeat("(", 200)+"true"+strings.Repeat(")", 200)),
		indicator("long", strings.Repeat("true || ", 1000)+"true"),
		indicator("fine", "phones >= 1"),
	}, lexicons, assess.Config{})
	var problems assess.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error %v", err)
	}
	want := map[zoeklicht.IndicatorID]string{
		"cut-short": "line 1, character 14: Syntax error", "no-lexicon": "undeclared reference to 'words.warm'", "not-listed": `there is no lexicon "warm"`,
		"nationality": "undeclared reference to 'nationality'", "language": "undeclared reference to 'lang'",
		"number": "gives int where true or false is wanted", "types": "no matching overload", "third": "weight 0.3 is no quarter",
		"deep": "recursion", "long": "size",
	}
	for _, p := range problems {
		if says := want[p.Indicator]; says == "" || !strings.Contains(p.What, says) || strings.Contains(p.What, "\n") {
			t.Errorf("%s: %q, want %q", p.Indicator, p.What, says)
		}
		delete(want, p.Indicator)
	}
	if len(want) > 0 {
		t.Errorf("not refused: %v", want)
	}
}

// TestCostly: a costly condition is stopped and named, and the others go on.
func TestCostly(t *testing.T) {
	t.Parallel()
	many := assess.Input{Version: 3, Title: "Prices", Body: "many"}
	for i := range 10_000 {
		many.Entities = append(many.Entities, zoeklicht.Entity{Type: zoeklicht.Price, Value: "EUR " + itoa(i+1) + "/60min", Valid: true})
	}
	r := compile(
		t, assess.Config{}, indicator("costly", "prices.all(a, prices.all(b, prices.all(c, a + b + c > 0.0)))"),
		indicator("cheap", "prices.all(a, a > 0.0)"), indicator("fails", "ages[5] == 1"),
	)
	got, err := r.Assess(many)
	var stopped *assess.Stopped
	if !errors.As(err, &stopped) || len(stopped.Rules) != 2 || stopped.Version != 3 ||
		stopped.Rules[0].Indicator != "costly" || !strings.Contains(err.Error(), "costs more than 10000") ||
		stopped.Rules[1].Indicator != "fails" || !strings.Contains(err.Error(), "index out of bounds") {
		t.Errorf("error %v", err)
	}
	if len(got.Hits) != 1 || got.Hits[0].Indicator != "cheap" || got.Score != 1 {
		t.Errorf("%+v", got)
	}
}

// TestInForce: only active rules fire, in their days, and only they make the set.
func TestInForce(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	of := func(from, until time.Time) func(*zoeklicht.Indicator) {
		return func(in *zoeklicht.Indicator) { in.From, in.Until = from, until }
	}
	status := func(s zoeklicht.IndicatorStatus) func(*zoeklicht.Indicator) {
		return func(in *zoeklicht.Indicator) { in.Status = s }
	}
	in := []zoeklicht.Indicator{
		indicator("always", "true"), indicator("draft", "true", status(zoeklicht.Draft)), indicator("retired", "true", status(zoeklicht.RetiredRule)),
		indicator("march", "true", of(day, day.AddDate(0, 1, 0))), indicator("from-march", "true", of(day, time.Time{})),
	}
	r := compile(t, assess.Config{}, in...)
	for at, want := range map[time.Time]string{
		day: "always from-march march", day.Add(-1): "always", day.AddDate(0, 1, 0): "always from-march", {}: "always",
		day.AddDate(0, 1, 0).Add(-1): "always from-march march",
	} {
		got, err := r.Assess(assess.Input{SeenAt: at})
		var ids []string
		for _, h := range got.Hits {
			ids = append(ids, string(h.Indicator))
		}
		if err != nil || strings.Join(ids, " ") != want {
			t.Errorf("at %s: %v, %v; want %s", at, ids, err, want)
		}
	}
	set := r.Set()
	if len(set) != 12 || strings.Trim(set, "0123456789abcdef") != "" {
		t.Errorf("set %q", set)
	}
	in[1].Version = 2 // a draft
	if got := compile(t, assess.Config{}, in...).Set(); got != set {
		t.Error("a draft made another set")
	}
	for name, change := range map[string]func(*zoeklicht.Indicator){
		"version": func(in *zoeklicht.Indicator) { in.Version = 2 }, "content": func(in *zoeklicht.Indicator) { in.SHA256[0]++ }, "status": status(zoeklicht.RetiredRule),
	} {
		changed := append([]zoeklicht.Indicator(nil), in...)
		change(&changed[0])
		if got := compile(t, assess.Config{}, changed...).Set(); got == set {
			t.Errorf("another %s made the same set", name)
		}
	}
}

// TestSum: for 10,000 adverts at random, the score is the sum of what is shown, in any
// order, and the same when it is computed again.
func TestSum(t *testing.T) {
	t.Parallel()
	pack := load(t, "trafficking")
	r := rules(t, pack, assess.Config{})
	again := rules(t, pack, assess.Config{})
	weight := map[zoeklicht.IndicatorID]float64{}
	for _, in := range pack.Indicators {
		weight[in.ID] = in.Weight
	}
	rng := rand.New(rand.NewPCG(3, 5))
	most := 0
	for range 10_000 {
		in := random(rng, pack.Lexicons)
		got, err := r.Assess(in)
		if err != nil {
			t.Fatal(err)
		}
		sum, backwards := 0.0, 0.0
		for i, h := range got.Hits {
			sum += h.Weight
			backwards += got.Hits[len(got.Hits)-1-i].Weight
			if h.Weight != weight[h.Indicator] || i > 0 && h.Weight > got.Hits[i-1].Weight || h.Trace == "" {
				t.Fatalf("hit %+v after %+v", h, got.Hits[:i])
			}
		}
		most = max(most, len(got.Hits))
		if sum != got.Score || backwards != got.Score {
			t.Fatalf("score %v, sum %v, backwards %v", got.Score, sum, backwards)
		}
		if second, err := again.Assess(in); err != nil || !cmp.Equal(got, second) {
			t.Fatalf("again: %v\n%s", err, cmp.Diff(got, second))
		}
	}
	if most < 8 {
		t.Errorf("no advert had more than %d hits: the adverts are too poor to prove anything", most)
	}
}

// random makes an advert of words that lexicons have and words that none has.
func random(rng *rand.Rand, lexicons []zoeklicht.Lexicon) assess.Input {
	in := assess.Input{Title: "Relaxing massage by appointment", MedianPrice: float64(rng.IntN(3)) * 50}
	var b strings.Builder
	for range rng.IntN(30) {
		b.WriteString([]string{"tea", "een rustige kamer", "Öl", "🌿", "06", "ﬁne", "²"}[rng.IntN(7)] + " ")
		l := lexicons[rng.IntN(len(lexicons))]
		words := l.Words[[]string{"nl", "en", "de", "pl", "ro", "es"}[rng.IntN(6)]]
		b.WriteString(strings.ToUpper(words[rng.IntN(len(words))]) + []string{". ", ", ", " ", "…\n"}[rng.IntN(4)])
	}
	in.Body = b.String()
	count := func() int { return rng.IntN(5) * rng.IntN(5) }
	in.Beside = zoeklicht.Beside{
		Adverts: count(), Sources: count(), Cities: count(), Names: count(), Ages: count(), Versions: count(), TextElsewhere: count(), PictureElsewhere: count(),
	}
	for range rng.IntN(4) {
		in.Entities = append(in.Entities,
			zoeklicht.Entity{Type: zoeklicht.Phone, Value: "+3160001234" + itoa(rng.IntN(9)), Start: 0, End: 8, Valid: true, Obfuscated: rng.IntN(2) == 0},
			zoeklicht.Entity{Type: zoeklicht.Age, Value: itoa(18 + rng.IntN(30)), Valid: true},
			zoeklicht.Entity{Type: zoeklicht.Price, Value: "EUR " + itoa(20+rng.IntN(100)) + "/60min", Valid: true})
	}
	return in
}

// TestBadInput: empty, huge and strange texts are assessed like any other.
func TestBadInput(t *testing.T) {
	t.Parallel()
	r := rules(t, load(t, "trafficking"), assess.Config{})
	for name, in := range map[string]assess.Input{
		"empty":            {},
		"one word":         {Title: "Massage"},
		"right to left":    {Title: "\u202eegassam\u202c", Body: "تدليك للاسترخاء 24/7 بموعد مسبق, anything goes"},
		"mixed scripts":    {Title: "Массаж masaż 按摩", Body: "Jоnge (with a Cyrillic o) Ｙｏｕｎｇ ᎩᎾ 𝐉𝐨𝐧𝐠"},
		"not UTF-8":        {Title: "\xff\xfe", Body: "jong\x80 jonge \xe2\x82"},
		"1 MB of one word": {Body: strings.Repeat("jong ", 1<<20/5)},
		"1 MB unbroken":    {Body: strings.Repeat("x", 1<<20)},
		"1 MB of starts":   {Body: strings.Repeat("geen betaling vooraf aan alles is ", 1<<20/34)},
		"bad offsets":      {Title: "a", Entities: []zoeklicht.Entity{{Type: zoeklicht.Phone, Value: "+31600012345", Valid: true, Obfuscated: true, Start: 900, End: 999}}},
	} {
		got, err := r.Assess(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, h := range got.Hits {
			if len(h.Where) > 100 {
				t.Errorf("%s: %s has %d offsets", name, h.Indicator, len(h.Where))
			}
			for _, o := range h.Where {
				if raw := in.Title + "\n" + in.Body; o.Start < 0 || o.End > len(raw) || o.Start >= o.End {
					t.Errorf("%s: %s points at %+v of %d bytes", name, h.Indicator, o, len(raw))
				}
			}
		}
		if name == "empty" && len(got.Hits) > 0 {
			t.Errorf("hits in nothing: %+v", got.Hits)
		}
	}
}

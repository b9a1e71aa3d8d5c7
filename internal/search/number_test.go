package search_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/extract"
	"zoeklicht/internal/search"
	"zoeklicht/internal/store/storetest"

	gocmp "github.com/google/go-cmp/cmp"
)

// spellings of one number.
var spellings = []string{
	"0600012345", "06-0001 2345", "+31 6 0001 2345", "0031 6 00012345", "31600012345", "(06) 000 123 45", "+31 (0)6 00 01 23 45",
	"０６ ０００１ ２３４５", "06.00.01.23.45", "tel. 06/00012345",
	"nul zes nul nul nul een twee drie vier vijf", "06 zero zero zero 1 2 three 45", "O6-OOO1-2345", "0⃣6⃣ 0001 2️⃣345",
}

// TestSpellings: a number has one card, however it is typed.
func TestSpellings(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	newWorld(rand.New(rand.NewPCG(1, 1))).write(t, th)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	phones, err := extract.NewPhones([]string{"NL", "FR", "US"}, []string{`\+316000\d{5}`})
	if err != nil {
		t.Fatal(err)
	}
	engine := search.New(search.Config{Regions: []string{"NL", "FR", "US"}, Typed: phones.Typed})
	var first *zoeklicht.NumberCard
	for _, asked := range spellings {
		card, err := engine.Number(ctx, analyst, asked, time.Time{})
		if err != nil {
			t.Fatalf("%q: %v", asked, err)
		}
		if card.Asked != asked || card.Value != "+31600012345" || card.Adverts == 0 {
			t.Fatalf("%q: %+v", asked, card)
		}
		if card.Asked = ""; first == nil {
			first = card
		}
		if diff := gocmp.Diff(first, card); diff != "" {
			t.Errorf("%q has another card (-first +this):\n%s", asked, diff)
		}
	}
	list, err := engine.Numbers(ctx, analyst, append(spellings, "", "  "), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(spellings) {
		t.Errorf("%d rows of %d lines", len(list), len(spellings))
	}
	for i, k := range list {
		if k.Line != i+1 || k.Raw != spellings[i] || k.Value != first.Value || k.Adverts != first.Adverts || k.Online != first.Online {
			t.Errorf("%+v", k)
		}
	}
	for _, asked := range append(spellings, "06 ooo 12345", "0 6 O O O I 2 3 4 S", "+31600012345;ext=5") {
		res, err := engine.Ask(ctx, analyst, zoeklicht.Question{Phone: asked}, time.Time{}, 0, 100)
		if err != nil {
			t.Fatalf("filter %q: %v", asked, err)
		}
		if res.Versions != first.Versions {
			t.Errorf("filter %q gives %d versions, the card %d", asked, res.Versions, first.Versions)
		}
	}
	for _, asked := range []string{"number", "12", "NL91ABNA0417164300"} {
		if _, err := engine.Ask(ctx, analyst, zoeklicht.Question{Phone: asked}, time.Time{}, 0, 1); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("filter %q: %v", asked, err)
		}
	}
	for _, asked := range []string{"", "number", "060001", strings.Repeat("1", 30), strings.Repeat("06 ", 100)} {
		if _, err := engine.Number(ctx, analyst, asked, time.Time{}); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%q: %v", asked, err)
		}
	}
}

// TestSeveralNumbers: a line of several numbers is answered by the one that is known, and
// one that holds none says why.
func TestSeveralNumbers(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	newWorld(rand.New(rand.NewPCG(3, 3))).write(t, th)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	phones, err := extract.NewPhones([]string{"NL"}, []string{`\+316000\d{5}`})
	if err != nil {
		t.Fatal(err)
	}
	engine := search.New(search.Config{Regions: []string{"NL"}, Typed: phones.Typed})
	lines := []string{"06 ooo9 9999, 06 0001 2345", "06 0009 9999; 06 0009 9998", "06 0001 234", "NL91ABNA0417164300", strings.Repeat("06 ", 100)}
	list, err := engine.Numbers(ctx, analyst, lines, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range list {
		got = append(got, fmt.Sprintf("%s%v %v %s", k.Value, k.Also, k.Adverts > 0, k.Why))
	}
	want := []string{"+31600012345[+31600099999] true ", "+31600099999[+31600099998] false ", "[] false too-short", "[] false bank-account", "[] false too-long"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	card, err := engine.Number(ctx, analyst, lines[0], time.Time{})
	if err != nil || card.Value != "+31600012345" || card.Adverts == 0 {
		t.Errorf("%+v, %v", card, err)
	}
}

// TestRubbish: a pasted list has a row for each line, whatever stands in it.
func TestRubbish(t *testing.T) {
	t.Parallel()
	th, ctx := storetest.New(t), t.Context()
	newWorld(rand.New(rand.NewPCG(2, 2))).write(t, th)
	analyst := th.Person("case 7", zoeklicht.Analyst)
	engine := search.New(search.Config{})
	lines := []string{"06 0001 2345", "", "name;number", "\xff\xfe", strings.Repeat("é", 5000), "+31600054321", "'; DROP TABLE version; --", "06 0007 7777", "123"}
	list, err := engine.Numbers(ctx, analyst, lines, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range list {
		got = append(got, fmt.Sprintf("%d %q %v", k.Line, k.Value, k.Adverts > 0))
		if len(k.Raw) > 210 {
			t.Errorf("line %d is given back with %d bytes", k.Line, len(k.Raw))
		}
	}
	want := []string{
		`1 "+31600012345" true`, `2 "" false`, `3 "" false`, `4 "" false`, `5 "" false`, `6 "+31600054321" true`,
		`7 "" false`, `8 "+31600077777" false`, `9 "" false`,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := engine.Numbers(ctx, analyst, make([]string, 1001), time.Time{}); err != nil {
		t.Errorf("1,001 empty lines: %v", err) // they end the list
	}
	long := make([]string, 1001)
	long[1000] = "06 0001 2345"
	if _, err := engine.Numbers(ctx, analyst, long, time.Time{}); zoeklicht.CodeOf(err) != zoeklicht.Limit {
		t.Errorf("1,001 lines: %v", err)
	}
}

package extract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

// read writes what was read of something typed: the likeliest value of each number, and
// what was refused.
func read(p *extract.Phones, s string) string {
	t := p.Typed(s)
	var out []string
	for _, n := range t.Numbers {
		out = append(out, n.Raw+"="+n.Values[0])
	}
	for _, n := range t.Refused {
		out = append(out, n.Raw+"!"+n.Digits+" "+string(n.Why))
	}
	return strings.Join(out, " | ")
}

func TestTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want string }{
		// One number, in any spelling.
		{"06 0001 2345", "06 0001 2345=+31600012345"},
		{"  +31 (0) 6 0001 2345 ", "+31 (0) 6 0001 2345=+31600012345"},
		{"31600012345", "31600012345=+31600012345"},
		{"0031600012345", "0031600012345=+31600012345"},
		{"612345678", "612345678=+31612345678"},
		{"tel. 06/00012345", "06/00012345=+31600012345"},
		{"nul zes nul nul nul een twee drie vier vijf", "nul zes nul nul nul een twee drie vier vijf=+31600012345"},
		{"06 ooo 10321", "06 ooo 10321=+31600010321"},
		{"0 6 O O O I O 3 2 I", "0 6 O O O I O 3 2 I=+31600010321"},
		{"O6 OOO l0 321", "O6 OOO l0 321=+31600010321"},
		{"06 ooo1 o321", "06 ooo1 o321=+31600010321"},
		{"bel 06 0001 2345 is goed", "06 0001 2345=+31600012345"},
		{"1. 06 0001 2345", "06 0001 2345=+31600012345"},
		// Foreign ones stay foreign.
		{"+33 6 39 98 01 23", "+33 6 39 98 01 23=+33639980123"},
		{"+33 (0)6 39 98 01 23", "+33 (0)6 39 98 01 23=+33639980123"},
		{"0033639980123", "0033639980123=+33639980123"},
		{"+1 212-555-0123", "+1 212-555-0123=+12125550123"},
		// Links, and what RFC 3966 puts behind a number.
		{"+31600010321;ext=5", "+31600010321=+31600010321"},
		{"tel:+31600010321;ext=5", "tel:+31600010321=+31600010321"},
		{"06 0001 0321 ext. 5", "06 0001 0321=+31600010321"},
		{"https://wa.me/31600012345", "https://wa.me/31600012345=+31600012345"},
		// Several.
		{"06 ooo1 o321, 06 0001 0400", "06 ooo1 o321=+31600010321 | 06 0001 0400=+31600010400"},
		{"0600012345;0600012346\n0600012347\t0600012348", "0600012345=+31600012345 | 0600012346=+31600012346 | 0600012347=+31600012347 | 0600012348=+31600012348"},
		{"06 0001 2345 06 0001 2346", "06 0001 2345=+31600012345 | 06 0001 2346=+31600012346"},
		{"06 0001 2345 of +33 6 39 98 01 23", "06 0001 2345=+31600012345 | +33 6 39 98 01 23=+33639980123"},
		{"Anna (32), 06 0001 2345", "06 0001 2345=+31600012345"},
		{"06 0001 2345, 06 0001 032", "06 0001 2345=+31600012345 | 06 0001 032!060001032 too-short"},
		{"06 0001 2345 2 keer gebeld", "06 0001 2345=+31600012345"},
		// Cannot exist.
		{"06 0001 032", "06 0001 032!060001032 too-short"},
		{"06 0001 03211", "06 0001 03211!06000103211 too-long"},
		{"06 0001 2345 1", "06 0001 2345 1!06000123451 too-long"},
		{"06 0001, 2345", "06 0001!060001 too-short | 2345!2345 too-short"},
		{"+31 6 1234567", "+31 6 1234567!3161234567 too-short"},
		{"010 123 456", "010 123 456!010123456 too-short"},
		{"NL91ABNA0417164300", "NL91ABNA0417164300!910417164300 bank-account"},
		{"iban nl91 abna 0417 1643 00", "iban nl91 abna 0417 1643 00!910417164300 bank-account"},
		{"+999 123 456 789", "+999 123 456 789!999123456789 no-country"},
		{"112", "112!112 too-short"},
		{"22-11-2026", "22-11-2026!22112026 no-such-plan"},
		{"0000000000", "0000000000!0000000000 no-such-plan"},
		{strings.Repeat("12", 30), strings.Repeat("12", 30) + "!" + strings.Repeat("12", 30) + " too-long"},
		{"is", "is! no-digits"},
		{"Anna", "Anna! no-digits"},
		{"", "! no-digits"},
	} {
		if got := read(finder(t, "NL"), c.typed); got != c.want {
			t.Errorf("%q: %s, want %s", c.typed, got, c.want)
		}
	}
}

// With several regions a national number is what it can be in each; that of another country
// is no way out for a Dutch one with a digit too few or too many.
func TestTypedOfSeveralRegions(t *testing.T) {
	t.Parallel()
	p := finder(t, extract.CommonRegions...)
	for typed, want := range map[string][]string{
		"06 0001 2345":      {"+31600012345", "+49600012345", "+33600012345"},
		"06 39 98 01 23":    {"+31639980123", "+49639980123", "+33639980123"},
		"+31 6 0001 2345":   {"+31600012345"},
		"(212) 555-0123":    {"+12125550123"},
		"06 0001 032":       nil,
		"06 0001 2345 1":    nil,
		"06 0001 2345 2100": nil,
	} {
		read := p.Typed(typed)
		got := read.Values()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", typed, d)
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, s := range []string{"06 ooo 10321", "+33 (0)6 39 98 01 23; ext=5", "NL91ABNA0417164300,06 0001 2345", "plus plus 31", "00 00 (0)", "double double 6\t", "(+(+31", "\xff06", "wa.me/31600012345"} {
		f.Add(s)
	}
	p := finder(f, "NL", "BE", "DE", "US")
	f.Fuzz(func(t *testing.T, s string) {
		read := p.Typed(s)
		if len(read.Numbers)+len(read.Refused) == 0 {
			t.Errorf("%q: neither numbers nor a reason", s)
		}
		for _, n := range read.Numbers {
			if len(n.Values) == 0 || !strings.Contains(s, n.Raw) {
				t.Fatalf("%q: %+v", s, n)
			}
			for _, v := range n.Values {
				if again := p.Typed(v); fmt.Sprint(again.Values()) != fmt.Sprint([]string{v}) {
					t.Errorf("%q: %s is read again as %+v", s, v, again)
				}
			}
		}
		for _, n := range read.Refused {
			if n.Why == "" || n.Why == zoeklicht.BankAccount && len(n.Raw) < 15 {
				t.Errorf("%q: %+v", s, n)
			}
		}
	})
}

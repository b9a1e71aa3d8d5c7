package text_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"zoeklicht/internal/text"
)

// showDiff writes what was removed as [-…-] and what was added as {+…+}.
func showDiff(edits []text.Edit) string {
	var b strings.Builder
	for _, e := range edits {
		switch e.Op {
		case text.Removed:
			b.WriteString("[-" + e.Text + "-]")
		case text.Added:
			b.WriteString("{+" + e.Text + "+}")
		default:
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, old, new, want string }{
		{"both empty", "", "", ""},
		{"equal", "Relaxing massage", "Relaxing massage", "Relaxing massage"},
		{"all new", "", "Relaxing massage", "{+Relaxing massage+}"},
		{"all gone", "Relaxing massage", "", "[-Relaxing massage-]"},
		{"nothing in common", "Relaxing massage", "Parkeren gratis", "[-Relaxing massage-]{+Parkeren gratis+}"},
		{"one word", "a quiet studio", "a bright studio", "a [-quiet-]{+bright+} studio"},
		{"added in the middle", "a studio", "a quiet studio", "a {+quiet +}studio"},
		{"phone is one word", "Bel 06-000 123 45 nu", "Bel 06-000 123 46 nu", "Bel [-06-000 123 45-]{+06-000 123 46+} nu"},
		{"price is one word", "nu € 80,- per uur", "nu € 85,50 per uur", "nu [-€ 80,--]{+€ 85,50+} per uur"},
		{"price with its currency behind", "80 euro per uur", "90 euro per uur", "[-80 euro-]{+90 euro+} per uur"},
		{"address is one word", "zie https://voorbeeld.example/a?b=1.", "zie https://voorbeeld.example/a?b=2.", "zie [-https://voorbeeld.example/a?b=1-]{+https://voorbeeld.example/a?b=2+}."},
		{"words in a row read as one change", "een rustige kleine kamer", "een lichte grote kamer", "een [-rustige kleine-]{+lichte grote+} kamer"},
		{"moved", "a b c d e", "b c d e a", "[-a -]b c d e{+ a+}"},
		{"only the case", "Massage", "massage", "[-Massage-]{+massage+}"},
		{"repeated words", "x x x x", "x x x", "x x x[- x-]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			edits := text.Diff(tc.old, tc.new)
			if got := showDiff(edits); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			checkDiff(t, tc.old, tc.new, edits)
		})
	}
}

// checkDiff checks what Diff promises.
func checkDiff(t *testing.T, old, new string, edits []text.Edit) {
	t.Helper()
	var was, is strings.Builder
	for i, e := range edits {
		if e.Text == "" {
			t.Error("an empty edit")
		}
		if i > 0 && (edits[i-1].Op == e.Op || edits[i-1].Op == text.Added && e.Op == text.Removed) {
			t.Errorf("%s stands after %s", e.Op, edits[i-1].Op)
		}
		if e.Op != text.Added {
			was.WriteString(e.Text)
		}
		if e.Op != text.Removed {
			is.WriteString(e.Text)
		}
	}
	if was.String() != old {
		t.Errorf("same and removed are %q, not %q", was.String(), old)
	}
	if is.String() != new {
		t.Errorf("same and added are %q, not %q", is.String(), new)
	}
}

// Edits of a random text: the difference is not larger than what was done.
func TestDiffIsSmall(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		old := make([]string, 40)
		for i := range old {
			old[i] = []string{"een", "de", "kamer", "rust", "uur", "deur", "thee", "tijd"}[rng.IntN(8)]
		}
		new := append([]string(nil), old...)
		changes := rng.IntN(4)
		for range changes {
			new[rng.IntN(len(new))] = "anders"
		}
		edits := text.Diff(strings.Join(old, " "), strings.Join(new, " "))
		checkDiff(t, strings.Join(old, " "), strings.Join(new, " "), edits)
		added := 0
		for _, e := range edits {
			if e.Op == text.Added {
				added += len(strings.Fields(e.Text))
			}
		}
		if added > changes {
			t.Errorf("%d words were changed, %d are shown as added: %s", changes, added, showDiff(edits))
		}
	}
}

// Texts of 1 MB made to be costly: no word stands once.
func TestDiffOfHugeTexts(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	noise := func() string {
		var b strings.Builder
		for b.Len() < 1<<20 {
			b.WriteByte("ab"[rng.IntN(2)])
			b.WriteByte(' ')
		}
		return b.String()
	}
	a, b := noise(), noise()
	checkDiff(t, a, b, text.Diff(a, b))
	long := strings.Repeat("x", 1<<20)
	checkDiff(t, long, long+"y", text.Diff(long, long+"y"))
}

func FuzzDiff(f *testing.F) {
	f.Add("Bel 06-000 123 45, €80", "Bel +31 6 000 12345, €85 euro")
	f.Add("a\xff b", "(((((1 2 3")
	f.Add("http://www.", "www.h +")
	f.Fuzz(func(t *testing.T, old, new string) { checkDiff(t, old, new, text.Diff(old, new)) })
}

func BenchmarkDiff(b *testing.B) {
	old := benchTexts["dutch"][:3000]
	new := strings.Replace(old, "12345", "54321", 3)
	b.Run("advert", func(b *testing.B) {
		for b.Loop() {
			text.Diff(old, new)
		}
	})
	noise := func(seed uint64) string {
		rng := rand.New(rand.NewPCG(seed, seed))
		return strings.Map(func(r rune) rune { return []rune("ab ")[rng.IntN(3)] }, strings.Repeat("x", 1<<20))
	}
	x, y := noise(1), noise(2)
	b.Run("1MB of noise", func(b *testing.B) {
		for b.Loop() {
			text.Diff(x, y)
		}
	})
}

package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
	"zoeklicht/internal/text"
)

// show writes spans with [ ] around what is marked.
func show(spans []zoeklicht.Span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Mark {
			b.WriteString("[" + s.Text + "]")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func query(t testing.TB, s string) text.Query {
	t.Helper()
	q, err := text.ParseQuery(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestMark(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, raw, query, want string }{
		{"nothing asked", "Relaxing massage", "", "Relaxing massage"},
		{"empty text", "", "massage", ""},
		{"word", "Relaxing Massage.", "massage", "Relaxing [Massage]."},
		{"whole words only", "massages massage", "massage", "massages [massage]"},
		{"marks and case", "Één CRÈME", "creme een", "[Één] [CRÈME]"},
		{"phrase over punctuation", "Nieuw!  Hier, nieuw hier", `"nieuw hier"`, "[Nieuw!  Hier], [nieuw hier]"},
		{"phrase is whole words", "vernieuw hier nieuw hiermee", `"nieuw hier"`, "vernieuw hier nieuw hiermee"},
		{"phrase after a false start", "aa aa ab", `"aa ab"`, "aa [aa ab]"},
		{"word inside a phrase", "nieuw hier", `hier "nieuw hier"`, "[nieuw hier]"},
		{"exclusions are not marked", "massage hotel", "massage -hotel", "[massage] hotel"},
		{"zero width inside", "mas\u200bsage", "massage", "[mas\u200bsage]"},
		{"opening hours", "open 24/7", "24/7", "open [24/7]"},
		{"disguised letters", "𝐌𝐚𝐬𝐬𝐚𝐠𝐞 hier", "massage", "[𝐌𝐚𝐬𝐬𝐚𝐠𝐞] hier"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := show(text.Mark(tc.raw, query(t, tc.query))); got != tc.want {
				t.Errorf("Mark(%q, %q) = %q, want %q", tc.raw, tc.query, got, tc.want)
			}
		})
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Ontspannen in het centrum. ", 20) +
		"Nieuw: een massage op afspraak,\n\nook 's avonds.  " +
		strings.Repeat("Parkeren voor de deur. ", 20) + "Massage."
	for _, tc := range []struct {
		name, raw, query string
		width            int
		want             string
	}{
		{"short text, whole", "Relaxing  massage\nby appointment", "massage", 80, "Relaxing [massage] by appointment"},
		{"no match, beginning", "Relaxing massage by appointment", "hotel", 20, "Relaxing massage by…"},
		{"nothing asked", "Relaxing massage by appointment", "", 8, "Relaxing…"},
		{"most terms together", long, `massage "op afspraak" avonds`, 60, "…een [massage] [op afspraak], ook 's [avonds]. Parkeren voor de…"},
		{"at the end", long, "deur massage", 40, "…de [deur]. Parkeren voor de [deur]. [Massage]."},
		{"narrow", long, "afspraak", 1, "…[afspraak]…"},
		{"one long word", strings.Repeat("a", 100), "", 10, "aaaaaaaaaa…"},
		{"empty", "", "massage", 10, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := show(text.Snippet(tc.raw, query(t, tc.query), tc.width)); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	got := text.Merge([]text.Range{{8, 9}, {1, 4}, {3, 5}, {5, 6}, {7, 7}})
	if d := cmp.Diff([]text.Range{{1, 6}, {8, 9}}, got); d != "" {
		t.Error(d)
	}
}

func FuzzMark(f *testing.F) {
	f.Add("Nieuw! Hier, een massage op afspraak", `massage "nieuw hier"`, 20)
	f.Add("½ \u0301\u202e foto's ﬁ", "2 fi s", 3)
	f.Add("a\xff b", "a b", 1)
	f.Fuzz(func(t *testing.T, raw, asked string, width int) {
		q, err := text.ParseQuery(asked)
		if err != nil {
			return
		}
		var whole strings.Builder
		for _, s := range text.Mark(raw, q) {
			if s.Text == "" {
				t.Errorf("an empty span")
			}
			whole.WriteString(s.Text)
		}
		if whole.String() != raw {
			t.Errorf("the marked text is %q, not %q", whole.String(), raw)
		}
		width = max(1, min(width, 500))
		n, longest := 0, 0
		for _, s := range text.Snippet(raw, q, width) {
			if strings.ContainsAny(s.Text, "\n\t\r") {
				t.Errorf("a line break in %q", s.Text)
			}
			n += utf8.RuneCountInString(s.Text)
			if s.Mark {
				longest = max(longest, utf8.RuneCountInString(s.Text))
			}
		}
		if n > max(width, longest)+2 {
			t.Errorf("the snippet has %d runes where %d were asked", n, width)
		}
	})
}

func BenchmarkSnippet(b *testing.B) {
	raw := benchTexts["dutch"][:2000]
	q := query(b, `zoe "op afspraak" bereikbaar`)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		text.Snippet(raw, q, 200)
	}
}

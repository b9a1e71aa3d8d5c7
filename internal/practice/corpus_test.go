package practice

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoeklicht"
)

// The planted terms have exactly the frequencies that are documented.
func TestCorpusFrequencies(t *testing.T) {
	t.Parallel()
	const n = 40_000
	c, err := NewCorpus(99, n)
	if err != nil {
		t.Fatal(err)
	}
	terms := []Planted{Tenth, OtherTenth, Hundredth, OtherHundredth, Rare, OtherRare}
	counts := map[string]int{}
	words, signals := 0, 0
	for _, v := range c.All() {
		if len(v.Signals) > 0 {
			signals++
		}
		text := v.Title + " " + v.Body
		words += strings.Count(text, " ")
		has := func(s string) bool { return strings.Contains(text, s) }
		for _, p := range terms {
			if has(p.Term) {
				counts[p.Term]++
			}
		}
		for name, hit := range map[string]bool{
			"tenths":         has(Tenth.Term) && has(OtherTenth.Term),
			"phrase":         has(Tenth.Term + " " + OtherTenth.Term),
			"hundredth+rare": has(Hundredth.Term) && has(Rare.Term),
			"lang " + v.Lang: true,
		} {
			if hit {
				counts[name]++
			}
		}
	}
	for _, p := range terms {
		if counts[p.Term] != n/p.Per {
			t.Errorf("%s in %d of %d, want %d", p.Term, counts[p.Term], n, n/p.Per)
		}
	}
	for name, want := range map[string]int{"tenths": n / 100, "phrase": n / 200, "hundredth+rare": n / 20_000} {
		if counts[name] != want {
			t.Errorf("%s in %d, want %d", name, counts[name], want)
		}
	}
	for _, lang := range []string{"nl", "en", "de"} {
		if counts["lang "+lang] < n/10 {
			t.Errorf("%d in %s", counts["lang "+lang], lang)
		}
	}
	if signals < n/60 || signals > n/40 {
		t.Errorf("%d of %d say a signal", signals, n)
	}
	if mean := words / n; mean < 70 || mean > 110 {
		t.Errorf("%d words on average", mean)
	}
}

func TestCorpusIsAFunctionOfSeedAndNumber(t *testing.T) {
	t.Parallel()
	c, err := NewCorpus(5, 999)
	if err != nil {
		t.Fatal(err)
	}
	again, err := NewCorpus(5, 999)
	if err != nil {
		t.Fatal(err)
	}
	sites := map[int]string{}
	versions := map[int]int{}
	day := 0
	for i, v := range c.All() {
		if diff := cmp.Diff(v, again.At(i)); diff != "" {
			t.Fatal(diff)
		}
		if v.Day < day || v.Day >= CorpusDays {
			t.Errorf("version %d on day %d after day %d", i, v.Day, day)
		}
		if sites[v.Advert] != "" && sites[v.Advert] != v.Site {
			t.Errorf("advert %d moved from %s to %s", v.Advert, sites[v.Advert], v.Site)
		}
		if versions[v.Advert]++; versions[v.Advert] != v.N {
			t.Errorf("advert %d: version %d is called %d", v.Advert, versions[v.Advert], v.N)
		}
		day, sites[v.Advert] = v.Day, v.Site
	}
	if c.Len() != 999 || len(sites) != 250 {
		t.Errorf("%d versions of %d adverts", c.Len(), len(sites))
	}
	if _, err := NewCorpus(1, 0); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
		t.Errorf("an empty corpus: %v", err)
	}
}

// Word k is drawn about as often as its weight says.
func TestZipf(t *testing.T) {
	t.Parallel()
	z := newZipf(1000)
	sum := 0.0
	for k := range 1000 {
		sum += 1 / float64(k+3)
	}
	r := seeded(7)
	const draws = 400_000
	counts := make([]int, 1000)
	for range draws {
		counts[z.draw(&r)]++
	}
	for _, k := range []int{0, 1, 10, 100, 500} {
		want := draws / float64(k+3) / sum
		if got := float64(counts[k]); got < want*0.8 || got > want*1.2 {
			t.Errorf("word %d drawn %.0f times, want about %.0f", k, got, want)
		}
	}
}

func BenchmarkCorpus(b *testing.B) {
	c, err := NewCorpus(1, 1_000_000)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v := c.At(i % c.Len())
		b.SetBytes(int64(len(v.Body)))
	}
}

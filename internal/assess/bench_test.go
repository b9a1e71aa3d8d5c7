package assess_test

import (
	"math/rand/v2"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/assess"
)

// BenchmarkAssess applies every rule of the trafficking pack to adverts of about 1 kB
// with a hit or more. The entities are there already.
func BenchmarkAssess(b *testing.B) {
	pack := load(b, "trafficking")
	r := rules(b, pack, assess.Config{})
	rng := rand.New(rand.NewPCG(1, 1))
	inputs, bytes := make([]assess.Input, 256), 0
	for i := range inputs {
		inputs[i] = random(rng, pack.Lexicons)
		for len(inputs[i].Body) < 900 {
			inputs[i].Body += "Kom tot rust in een warme kamer, met thee na afloop en tijd om bij te komen. "
		}
		bytes += len(inputs[i].Title) + 1 + len(inputs[i].Body)
	}
	b.SetBytes(int64(bytes / len(inputs)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := r.Assess(inputs[n%len(inputs)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "versions/s")
}

// BenchmarkWords finds the words of all lexicons in 1 MB, with one rule that fires not.
func BenchmarkWords(b *testing.B) {
	pack := load(b, "trafficking")
	r, err := assess.New([]zoeklicht.Indicator{{
		ID: "x", Version: 1, Status: zoeklicht.ActiveRule, Lexicons: []string{"trust"}, Condition: "words.trust > 1000",
	}}, pack.Lexicons, assess.Config{})
	if err != nil {
		b.Fatal(err)
	}
	rng, body := rand.New(rand.NewPCG(1, 1)), ""
	for len(body) < 1<<20 {
		body += random(rng, pack.Lexicons).Body + "Kom tot rust in een warme kamer, met thee na afloop en tijd om bij te komen. "
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := r.Assess(assess.Input{Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}

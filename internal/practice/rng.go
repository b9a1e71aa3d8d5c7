package practice

// rng is a splitmix64 generator. The world is a function of its seed: instead
// of one generator that everything draws from in turn, each fact seeds its own
// from what it is about (seed, slot, life, purpose), so that any advert can be
// told on any day without telling the others first.
type rng uint64

// seeded makes the generator of one fact.
func seeded(parts ...uint64) rng {
	var h uint64 = 0x9e3779b97f4a7c15
	for _, p := range parts {
		h = mix(h ^ mix(p+0x9e3779b97f4a7c15))
	}
	return rng(h)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return mix(uint64(*r))
}

// intn draws from 0 to n-1.
func (r *rng) intn(n int) int { return int((r.next() >> 33) * uint64(n) >> 31) }

// chance is true once in so many thousand.
func (r *rng) chance(permille int) bool { return r.intn(1000) < permille }

func pick[T any](r *rng, from []T) T { return from[r.intn(len(from))] }

package frontier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoeklicht"
	"zoeklicht/internal/frontier"
)

var (
	fine    = frontier.Outcome{Status: 200}
	broke   = frontier.Outcome{Status: 500}
	tooMany = frontier.Outcome{Status: 429}
	silent  = frontier.Outcome{Failure: zoeklicht.FailConnect}
)

// pace runs a test on a simulated clock with a pacer whose chance is fixed: every
// wait is the longest that it can be.
func pace(t *testing.T, cfg frontier.PacerConfig, test func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if cfg.Rand == nil {
			cfg.Rand = func() float64 { return 1 }
		}
		p := frontier.NewPacer(cfg)
		// ask asks ads.example once and gives how long it had to wait.
		ask := func(o frontier.Outcome) time.Duration {
			t.Helper()
			begun := time.Now()
			release, err := p.Wait(t.Context(), "ads.example")
			if err != nil {
				t.Fatal(err)
			}
			release(o)
			return time.Since(begun)
		}
		test(t, ask, p)
	})
}

func waits(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got != want {
		t.Errorf("%s: waited %v, want %v", what, got, want)
	}
}

func TestPacerDelay(t *testing.T) {
	pace(t, frontier.PacerConfig{}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
		waits(t, "first", ask(fine), 0)
		waits(t, "second", ask(fine), time.Second)
		time.Sleep(400 * time.Millisecond)
		waits(t, "some of it is over", ask(fine), 600*time.Millisecond)
		time.Sleep(time.Hour)
		waits(t, "long after", ask(fine), 0)
		p.Set("ads.example", 5*time.Second, 1)
		waits(t, "what was promised before", ask(fine), time.Second)
		waits(t, "another delay", ask(fine), 5*time.Second)
		p.Set("ads.example", 0, 1)
		ask(fine)
		waits(t, "no delay", ask(fine), 0)
		p.Set("ads.example", -1, 0)
		waits(t, "odd settings", ask(fine), 0)
		release, err := p.Wait(t.Context(), "other.example")
		if err != nil {
			t.Fatal(err)
		}
		release(fine)
		waits(t, "another host is no matter", ask(fine), 0)
	})
}

// The delay is from beginning to beginning, and a slow answer does not let two
// be under way.
func TestPacerInFlight(t *testing.T) {
	for _, inFlight := range []int{1, 3} {
		t.Run(fmt.Sprint(inFlight), func(t *testing.T) {
			pace(t, frontier.PacerConfig{Delay: time.Second, InFlight: inFlight}, func(t *testing.T, _ func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
				var mu sync.Mutex
				under, most := 0, 0
				var begun []time.Time
				var wg sync.WaitGroup
				for range 12 {
					wg.Go(func() {
						release, err := p.Wait(t.Context(), "ads.example")
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						under++
						most = max(most, under)
						begun = append(begun, time.Now())
						mu.Unlock()
						time.Sleep(2500 * time.Millisecond)
						mu.Lock()
						under--
						mu.Unlock()
						release(fine)
						release(fine) // a second time is no matter
					})
				}
				wg.Wait()
				if most != inFlight {
					t.Errorf("%d under way at once, bound %d", most, inFlight)
				}
				for i := 1; i < len(begun); i++ {
					if gap := begun[i].Sub(begun[i-1]); gap < time.Second {
						t.Errorf("request %d began %v after the one before", i, gap)
					}
				}
			})
		})
	}
}

func TestPacerBacksOff(t *testing.T) {
	pace(t, frontier.PacerConfig{Delay: time.Millisecond}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, _ *frontier.Pacer) {
		ask(broke)
		waits(t, "one failure says little", ask(broke), time.Millisecond)
		for i, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			want := time.Duration(seconds) * time.Second
			o := broke
			if i == 7 {
				o = fine
			}
			waits(t, "in a row", ask(o), want)
		}
		waits(t, "it answers again", ask(tooMany), time.Millisecond)
		waits(t, "busy counts at once", ask(tooMany), time.Second)
		waits(t, "and doubles", ask(fine), 2*time.Second)
		ask(silent)
		waits(t, "one silence", ask(frontier.Outcome{Failure: zoeklicht.FailOutside}), time.Millisecond)
		waits(t, "what was never asked says nothing", ask(frontier.Outcome{Failure: zoeklicht.FailTimeout}), time.Millisecond)
		waits(t, "two silences", ask(frontier.Outcome{Status: 200, Failure: zoeklicht.FailDisconnect}), time.Second)
		waits(t, "an answer torn", ask(frontier.Outcome{Status: 200, Failure: zoeklicht.FailTooLarge}), 2*time.Second)
		waits(t, "an answer is an answer", ask(frontier.Outcome{Status: 404}), time.Millisecond)
		waits(t, "and so is not found", ask(fine), time.Millisecond)
	})
}

func TestPacerSpreadsBackoff(t *testing.T) {
	chance := 0.0
	pace(t, frontier.PacerConfig{Delay: -1, Rand: func() float64 { return chance }}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, _ *frontier.Pacer) {
		ask(tooMany)
		waits(t, "least", ask(tooMany), time.Second/2)
		waits(t, "least", ask(fine), time.Second)
		chance = 0.5
		ask(tooMany)
		waits(t, "middle", ask(fine), 3*time.Second/4)
	})
}

func TestPacerRetryAfter(t *testing.T) {
	pace(t, frontier.PacerConfig{Delay: -1}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
		ask(frontier.Outcome{Status: 429, RetryAfter: 90 * time.Second})
		waits(t, "as it asked", ask(frontier.Outcome{Status: 200, RetryAfter: 7 * time.Second}), 90*time.Second)
		waits(t, "with any status", ask(frontier.Outcome{Status: 503, RetryAfter: time.Millisecond}), 7*time.Second)
		waits(t, "never shorter than our own", ask(fine), time.Second)
		ask(frontier.Outcome{Status: 503, RetryAfter: time.Hour})
		_, err := p.Wait(t.Context(), "ads.example")
		var down *frontier.DownError
		if !errors.As(err, &down) || down.Host != "ads.example" || !down.Until.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("beyond its patience: %v", err)
		}
		time.Sleep(time.Hour)
		waits(t, "afterwards", ask(fine), 0)
		waits(t, "as if nothing had been", ask(fine), 0)
	})
}

func TestPacerDown(t *testing.T) {
	for _, test := range []struct {
		name    string
		outcome frontier.Outcome
		after   int
	}{{"silent", silent, 8}, {"failing", broke, 16}} {
		t.Run(test.name, func(t *testing.T) {
			pace(t, frontier.PacerConfig{}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
				isDown := func(want bool) {
					t.Helper()
					release, err := p.Wait(t.Context(), "ads.example")
					var down *frontier.DownError
					if errors.As(err, &down) != want {
						t.Fatalf("%v, want down %v", err, want)
					}
					if err == nil {
						release(frontier.Outcome{})
					}
				}
				ask(fine)
				for range test.after - 1 {
					ask(test.outcome)
				}
				isDown(false)
				ask(test.outcome)
				isDown(true)
				time.Sleep(15*time.Minute - 1)
				isDown(true)
				time.Sleep(time.Nanosecond)
				ask(test.outcome) // one tries it
				isDown(true)
				time.Sleep(15 * time.Minute)
				ask(fine)
				isDown(false)
				for range test.after - 1 {
					ask(test.outcome)
				}
				isDown(false) // it counts from the beginning again
			})
		})
	}
}

// After a host was down, one request tries it and the others wait for what comes
// of it.
func TestPacerTriesWithOne(t *testing.T) {
	for _, works := range []bool{true, false} {
		t.Run(fmt.Sprint("works ", works), func(t *testing.T) {
			pace(t, frontier.PacerConfig{Delay: -1, InFlight: 4, DownAfter: 1}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
				ask(silent)
				time.Sleep(time.Hour)
				release, err := p.Wait(t.Context(), "ads.example")
				if err != nil {
					t.Fatal(err)
				}
				results := make(chan error, 3)
				for range 3 {
					go func() {
						_, err := p.Wait(t.Context(), "ads.example")
						results <- err
					}()
				}
				synctest.Wait()
				if len(results) != 0 {
					t.Error("more than one tries the host")
				}
				if works {
					release(fine)
				} else {
					release(silent)
				}
				for range 3 {
					if err := <-results; (err == nil) != works {
						t.Errorf("the others: %v, want let pass %v", err, works)
					}
				}
			})
		})
	}
}

func TestPacerContext(t *testing.T) {
	pace(t, frontier.PacerConfig{}, func(t *testing.T, ask func(frontier.Outcome) time.Duration, p *frontier.Pacer) {
		ask(fine)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := p.Wait(ctx, "ads.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want its deadline", err)
		}
		if _, err := p.Wait(ctx, "other.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want its deadline", err)
		}
		waits(t, "who gave up took no place", ask(fine), 700*time.Millisecond)
		release, err := p.Wait(t.Context(), "ads.example")
		if err != nil {
			t.Fatal(err)
		}
		ended, end := context.WithCancel(t.Context())
		got := make(chan error)
		go func() {
			_, err := p.Wait(ended, "ads.example")
			got <- err
		}()
		synctest.Wait()
		end()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want it cancelled", err)
		}
		release(fine)
		time.Sleep(time.Minute)
		waits(t, "the place is free", ask(fine), 0)
	})
}

func BenchmarkPacer(b *testing.B) {
	p := frontier.NewPacer(frontier.PacerConfig{Delay: -1})
	b.ReportAllocs()
	for b.Loop() {
		release, err := p.Wait(b.Context(), "ads.example")
		if err != nil {
			b.Fatal(err)
		}
		release(fine)
	}
}

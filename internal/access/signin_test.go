package access_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
)

func TestSignInSaysTheSame(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	accesstest.Person(t, d, "admin1", true)
	gone := accesstest.Person(t, d, "gone", false)
	accesstest.Person(t, d, "here", false)
	must[*zoeklicht.Person](t)(d.InsertPerson(ctx, access.NewPerson{Login: "bare", Name: "Without a password", Lang: "nl"}, false))
	if err := d.Disable(ctx, access.Console, gone.ID, "left"); err != nil {
		t.Fatal(err)
	}
	var first string
	for i, try := range []struct{ login, password string }{
		{"here", "wrong"},
		{"nobody", accesstest.Password},
		{"gone", accesstest.Password},
		{"gone", "wrong"},
		{"bare", ""},
		{"", ""},
		{"here' OR 1=1 --", "x\x00y"},
		{"he\x00re", "x"},
		{"\xff\xfe", "\xff"},
		{strings.Repeat("long", 10_000), strings.Repeat("p", 10_000)},
	} {
		_, err := d.SignIn(ctx, try.login, try.password, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		wantCode(t, try.login, err, zoeklicht.Denied)
		if first == "" {
			first = err.Error()
		}
		if err == nil || err.Error() != first {
			t.Errorf("%.20q/%.20q: %q differs from %q", try.login, try.password, err, first)
		}
	}
}

func TestSignInEvents(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	p := accesstest.Person(t, d, "here", false)
	setup := must[[]access.SignInEvent](t)(d.SignIns(ctx, 100))
	v6 := netip.MustParseAddr("2001:db8::1")
	_, _ = d.SignIn(ctx, "here", "wrong", home)
	_, _ = d.SignIn(ctx, "typed my password here", "x", v6)
	got1, err := d.SignIn(ctx, "HERE", accesstest.Password, netip.MustParseAddr("::ffff:192.0.2.7"))
	if err != nil {
		t.Fatal(err)
	}
	events := must[[]access.SignInEvent](t)(d.SignIns(ctx, 100))
	events = events[:len(events)-len(setup)]
	slices.Reverse(events)
	want := []access.SignInEvent{
		{At: c.now(), Login: "here", Person: p.ID, Address: "192.0.2.7", Outcome: access.WrongPassword},
		{At: c.now(), Address: "2001:db8::1", Outcome: access.UnknownLogin},
		{At: c.now(), Login: "here", Person: p.ID, Address: "192.0.2.7", Outcome: access.SignedIn},
	}
	for i := range events {
		events[i].ID = 0
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	// LastSeen is that of the sign-in before.
	c.forward(time.Hour)
	got2 := must[*zoeklicht.Person](t)(d.SignIn(ctx, "here", accesstest.Password, home))
	if !got1.LastSeen.IsZero() || !got2.LastSeen.Equal(c.now().Add(-time.Hour)) {
		t.Errorf("last seen %s, then %s", got1.LastSeen, got2.LastSeen)
	}
}

// TestSignInRenewsOldHashes: a hash made at another cost is made anew while the
// password is at hand, and the password still holds.
func TestSignInRenewsOldHashes(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	p := accesstest.Person(t, d, "here", false)
	b64 := base64.RawStdEncoding.EncodeToString
	old := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", b64([]byte("somesalt")),
		b64(argon2.IDKey([]byte(accesstest.Password), []byte("somesalt"), 1, 64, 1, 32)))
	if _, err := d.Pool().Exec(ctx, "UPDATE credential SET hash = $2 WHERE person = $1", p.ID, old); err != nil {
		t.Fatal(err)
	}
	stored := func() (hash string) {
		if err := d.Pool().QueryRow(ctx, "SELECT hash FROM credential WHERE person = $1", p.ID).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	_, err := d.SignIn(ctx, "here", "wrong", home)
	wantCode(t, "a wrong password", err, zoeklicht.Denied)
	if stored() != old {
		t.Error("a wrong password renewed the hash")
	}
	for range 2 {
		if _, err := d.SignIn(ctx, "here", accesstest.Password, home); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stored(), "$m=19456,t=2,p=1$") {
			t.Errorf("the hash is still %s", stored())
		}
	}
}

// TestDelay walks through the growth of the delay, a second before and at each
// edge.
func TestDelay(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	accesstest.Person(t, d, "here", false)
	wrong := func() zoeklicht.Code {
		_, err := d.SignIn(t.Context(), "here", "wrong", home)
		return zoeklicht.CodeOf(err)
	}
	for range 3 {
		if got := wrong(); got != zoeklicht.Denied {
			t.Fatalf("a free attempt: %q", got)
		}
	}
	for i, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		c.forward(time.Duration(seconds-1) * time.Second)
		if got := wrong(); got != zoeklicht.Limit {
			t.Fatalf("failure %d, a second too early: %q", 3+i, got)
		}
		if _, err := d.SignIn(t.Context(), "here", accesstest.Password, home); zoeklicht.CodeOf(err) != zoeklicht.Limit {
			t.Fatalf("failure %d, the right password too early: %v", 3+i, err)
		}
		c.forward(time.Second)
		if got := wrong(); got != zoeklicht.Denied {
			t.Fatalf("failure %d, at the edge: %q", 3+i, got)
		}
	}
	c.forward(time.Minute)
	if _, err := d.SignIn(t.Context(), "here", accesstest.Password, home); err != nil {
		t.Fatalf("the right password in time: %v", err)
	}
	if got := wrong(); got != zoeklicht.Denied {
		t.Errorf("an attempt after success: %q", got)
	}
}

// TestDelayKeepsNobodyOut: somebody who hammers from anywhere but a person's own
// network does not slow that person down, and slows down for the login and for
// the network hammered from.
func TestDelayKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	d, c := open(t)
	ctx := t.Context()
	accesstest.Person(t, d, "here", false)
	must[*zoeklicht.Person](t)(d.SignIn(ctx, "here", accesstest.Password, home))
	read := 0
	for i := range 40 {
		from := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		_, err := d.SignIn(ctx, "here", "wrong", from)
		if zoeklicht.CodeOf(err) == zoeklicht.Denied {
			read++
		}
	}
	if read != 10 {
		t.Errorf("%d of 40 attempts from 40 addresses were read, want 10", read)
	}
	if _, err := d.SignIn(ctx, "here", accesstest.Password, netip.MustParseAddr("203.0.113.9")); zoeklicht.CodeOf(err) != zoeklicht.Limit {
		t.Errorf("from a place never seen, meanwhile: %v", err)
	}
	if _, err := d.SignIn(ctx, "here", accesstest.Password, home); err != nil {
		t.Errorf("from home, meanwhile: %v", err)
	}

	// One network trying many names, that of our person among them.
	read = 0
	for range 40 {
		if _, err := d.SignIn(ctx, "nobody"+strings.Repeat("x", read), "wrong", home); zoeklicht.CodeOf(err) == zoeklicht.Denied {
			read++
		}
	}
	if read != 20 {
		t.Errorf("%d of 40 attempts from one address were read, want 20", read)
	}
	if _, err := d.SignIn(ctx, "here", accesstest.Password, home); err != nil {
		t.Errorf("beside somebody who hammers: %v", err)
	}
	c.forward(time.Hour + time.Second)
	if _, err := d.SignIn(ctx, "nobody", "wrong", home); zoeklicht.CodeOf(err) != zoeklicht.Denied {
		t.Errorf("an hour later: %v", err)
	}
}

// TestDelayCountsIPv6ByNetwork: one subscriber has a whole /64.
func TestDelayCountsIPv6ByNetwork(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	for i := range 4 {
		_, err := d.SignIn(t.Context(), "nobody", "wrong", netip.MustParseAddr("2001:db8:1:2::"+string(rune('1'+i))))
		if want := map[bool]zoeklicht.Code{true: zoeklicht.Denied, false: zoeklicht.Limit}[i < 3]; zoeklicht.CodeOf(err) != want {
			t.Errorf("attempt %d: %v, want %s", i, err, want)
		}
	}
	_, err := d.SignIn(t.Context(), "nobody", "wrong", netip.MustParseAddr("2001:db8:1:3::1"))
	wantCode(t, "another network", err, zoeklicht.Denied)
}

// TestDelayUnderParallelAttempts: attempts at the same moment do not slip past
// the count.
func TestDelayUnderParallelAttempts(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	var mu sync.Mutex
	codes := map[zoeklicht.Code]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := d.SignIn(t.Context(), "nobody", "wrong", home)
			mu.Lock()
			defer mu.Unlock()
			codes[zoeklicht.CodeOf(err)]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[zoeklicht.Code]int{zoeklicht.Denied: 3, zoeklicht.Limit: 17}, codes); diff != "" {
		t.Errorf("20 attempts at once (-want +got):\n%s", diff)
	}
}

package access_test

import (
	"net/netip"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/access"
	"zoeklicht/internal/access/accesstest"
)

// TestConfirm: the password of the person decides, attempts count as those of signing in do,
// and who signs in next is told of no sign-in that there was not.
func TestConfirm(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx := t.Context()
	p, other := accesstest.Person(t, d, "here", false), accesstest.Person(t, d, "other", false)
	if err := d.Confirm(ctx, p.ID, accesstest.Password); err != nil {
		t.Fatal(err)
	}
	if got, err := d.SignIn(ctx, "here", accesstest.Password, netip.Addr{}); err != nil || !got.LastSeen.Equal(p.LastSeen) {
		t.Errorf("last seen is %v, not %v: %v", got.LastSeen, p.LastSeen, err)
	}
	wantCode(t, "another's password", d.Confirm(ctx, other.ID, "another "+accesstest.Password), zoeklicht.Denied)
	events := must[[]access.SignInEvent](t)(d.SignIns(ctx, 1))
	if len(events) != 1 || events[0].Outcome != access.WrongPassword {
		t.Errorf("the attempt is recorded as %+v", events)
	}
	for range 20 {
		_ = d.Confirm(ctx, other.ID, "guess")
	}
	wantCode(t, "after many guesses", d.Confirm(ctx, other.ID, accesstest.Password), zoeklicht.Limit)
	wantCode(t, "nobody", d.Confirm(ctx, 9999, accesstest.Password), zoeklicht.NotFound)
	chosen, err := d.ResetPassword(ctx, access.Console, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a password that somebody else chose", d.Confirm(ctx, p.ID, chosen), zoeklicht.Denied)
	if err := d.Disable(ctx, access.Console, p.ID, "left"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "who left", d.Confirm(ctx, p.ID, chosen), zoeklicht.Denied)
}

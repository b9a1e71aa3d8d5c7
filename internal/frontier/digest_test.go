package frontier_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"zoeklicht/internal/frontier"
)

// visit is a page as a site with sessions in its links gives it, once by all the
// ways in which they get into a page.
const visit = `<!doctype html><html><head><script>var next="/list?page=2\u0026s=@@\u0026x=1";
var cfg={"sid":"@@","page":2,'PHPSESSID' : '@@'};</script></head><body>
<a href="/ad/1?s=@@">Relaxing massage by appointment</a> <a href="/ad/2?a=1&amp;s=@@&amp;b=2">06 0001 2345</a>
<a href='/ad/3;jsessionid=@@?x=1'>x</a><a href=/ad/4?s=@@>y</a> <a href="/login?back=%2Fad%3Fs%3D@@%26page%3D2">z</a>
<a href="/out?u=http%3a%2f%2fads.example%2f%3fsid%3d@@%26y">o</a><a href="/ad/5?PHPSESSID=@@#top">h</a>
<form><input type="hidden" name="session_id" value="@@"><input name="s" type="hidden"
	value='@@'></form> <a href="\/ad\/6?s=@@\"">q</a> <a href="/x?x\x3d1\x26s\x3d@@">r</a>
</body></html>`

const (
	one = "k3v9q0r7t5y1u8i2o4p6"
	two = "0123456789abcdef,A-B.node1!7%2B%3D"
)

func as(id string) []byte { return []byte(strings.ReplaceAll(visit, "@@", id)) }

func TestDigestForgetsTheSession(t *testing.T) {
	t.Parallel()
	if got, want := string(frontier.WithoutSession(as(one), recipe)), strings.ReplaceAll(visit, "@@", ""); got != want {
		t.Errorf("left\n%s\nwant\n%s", got, want)
	}
	if frontier.Digest(as(one), recipe) != frontier.Digest(as(two), recipe) {
		t.Errorf("two visits differ:\n%s\n%s", frontier.WithoutSession(as(one), recipe), frontier.WithoutSession(as(two), recipe))
	}
	changed := bytes.Replace(as(two), []byte("06 0001 2345"), []byte("06 0001 2346"), 1)
	if frontier.Digest(as(one), recipe) == frontier.Digest(changed, recipe) {
		t.Error("another phone number is no change")
	}
}

func TestDigestKeepsTheRest(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "s", "s=", "=", `"`, `""`, `"s"`, `"s":`, `"s":"`, "?s=&x", "%3D", "s%3D", `\u003d`, `x\u003d1`, "price=50&size=1", "sid=12345", "?sid=massage-amsterdam", "is=1&xs=2",
		`<a class="s" href="/x">`, `<input name="sid" value="12345">`, `{"session":"k3v9q0r7t5y1u8i2o4p6"}`, "<p>s = 5</p>", `name="s">value="1"`,
		strings.Repeat("a", 200) + "=1", "utm_source=x", "50%s=",
	} {
		if got := frontier.WithoutSession([]byte(body), recipe); string(got) != body {
			t.Errorf("%q became %q", body, got)
		}
		if frontier.Digest([]byte(body), recipe) != sha256.Sum256([]byte(body)) {
			t.Errorf("%q: a digest of something else", body)
		}
	}
}

func TestWithoutSessionLeavesItsInput(t *testing.T) {
	t.Parallel()
	body := as(one)
	frontier.WithoutSession(body, recipe)
	if !bytes.Equal(body, as(one)) {
		t.Error("the page was changed where it lies")
	}
}

// FuzzDigest holds that Digest is that of WithoutSession, that this only takes
// bytes out and takes nothing out of its own answer but what the taking joined,
// and that whatever a session's value is, the page is the same.
func FuzzDigest(f *testing.F) {
	f.Add(visit, "abc")
	f.Add(`"s":"x"s="y`, "%3D%26")
	f.Add(`\u0026s\u003ds%3Ds=s;s=`, "")
	f.Add(`<input name="s" x value=value=s=1`, "-")
	f.Fuzz(func(t *testing.T, page, id string) {
		body := []byte(page)
		left := frontier.WithoutSession(body, recipe)
		if frontier.Digest(body, recipe) != sha256.Sum256(left) {
			t.Fatalf("the digest of %q is not that of %q", body, left)
		}
		i := 0
		for _, c := range body {
			if i < len(left) && left[i] == c {
				i++
			}
		}
		if i != len(left) {
			t.Fatalf("%q became %q", body, left)
		}
		plain := strings.Map(func(r rune) rune {
			if r < 0x80 && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.,!", r)) {
				return r
			}
			return -1
		}, id)
		plain = "k" + plain[:min(len(plain), 400)]
		with := func(v string) []byte { return fmt.Appendf(nil, `<a href="/x?PHPSESSID=%s&amp;a=1">%s</a>`, v, "page") }
		if frontier.Digest(with(plain), nil) != frontier.Digest(with(one), nil) {
			t.Fatalf("session %q shows", plain)
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	var page bytes.Buffer
	page.WriteString("<!doctype html><html><body>\n")
	for i := range 100 {
		fmt.Fprintf(&page, `<div class="ad" id="ad-%d"><a class="title" href="/ad/%d?page=1&amp;s=%s">Relaxing massage by appointment</a>`+
			`<img src="/img/%d.jpg" alt="" width="120"><p>By appointment, in a quiet street near the station. 06 0001 %04d</p></div>`+"\n", i, i, one, i, i)
	}
	body := page.Bytes()
	for name, digest := range map[string]func() [32]byte{
		"session": func() [32]byte { return frontier.Digest(body, recipe) },
		"sha256":  func() [32]byte { return sha256.Sum256(body) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				digest()
			}
		})
	}
}

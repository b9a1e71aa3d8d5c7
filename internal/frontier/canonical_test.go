package frontier_test

import (
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/frontier"
)

var recipe = []string{"s", "Sess[x]"}

func TestCanonical(t *testing.T) {
	t.Parallel()
	const id = "k3v9q0r7t5y1u8i2o4p6"
	for _, test := range []struct{ raw, want string }{
		{"http://ads.example/", "http://ads.example/"},
		{"http://ads.example", "http://ads.example/"},
		{" HTTP://ADS.Example:80/\n", "http://ads.example/"},
		{"https://ads.example:443/x", "https://ads.example/x"},
		{"https://ads.example:80/x", "https://ads.example:80/x"},
		{"http://ads.example:08080/", "http://ads.example:8080/"},
		{"http://ads.example./x", "http://ads.example/x"},
		{"http://ads.example..:8080/x", "http://ads.example:8080/x"},
		{"http://127.1/", "http://127.0.0.1/"},
		{"http://0x7f.1.:8080/", "http://127.0.0.1:8080/"},
		{"http://[2A00:0:0::1]/", "http://[2a00::1]/"},
		{"http://MÜNCHEN.example/", "http://xn--mnchen-3ya.example/"},
		{"http:\\\\ads.example\\a\\b", "http://ads.example/a/b"},

		{"http://ads.example/a/./b/../c", "http://ads.example/a/c"},
		{"http://ads.example/a/%2E%2e/c", "http://ads.example/c"},
		{"http://ads.example/a//b/", "http://ads.example/a//b/"},
		{"http://ads.example/A/b", "http://ads.example/A/b"},
		{"http://ads.example/%7euser/%41%2d%2f%3f", "http://ads.example/~user/A-%2F%3F"},
		{"http://ads.example/café?plaats=Den Haag", "http://ads.example/caf%C3%A9?plaats=Den%20Haag"},
		{"http://ads.example/%zz%%34%31", "http://ads.example/%zz%%341"},
		{"http://ads.example/.well-known/x", "http://ads.example/.well-known/x"},
		{"http://ads.example/x#part", "http://ads.example/x"},
		{"http://ads.example/x#", "http://ads.example/x"},
		{"http://ads.example/x?", "http://ads.example/x"},
		{"http://ads.example/x?#y", "http://ads.example/x"},
		{"http://ads.example/x??", "http://ads.example/x??"},
		{"http://ads.example/?b=2&a=1&&c", "http://ads.example/?b=2&a=1&&c"},
		{"http://ads.example/?a=%3a%41+b", "http://ads.example/?a=%3AA+b"},

		{"http://ads.example/?s=1&id=2", "http://ads.example/?id=2"},
		{"http://ads.example/?id=2&S=", "http://ads.example/?id=2"},
		{"http://ads.example/?id=2&s", "http://ads.example/?id=2"},
		{"http://ads.example/?%73=1&ss=2&xs=3", "http://ads.example/?ss=2&xs=3"},
		{"http://ads.example/?s=1", "http://ads.example/"},
		{"http://ads.example/?Sess%5Bx%5D=1&sess[X]=2&y=3", "http://ads.example/?Sess%5Bx%5D=1&y=3"},
		{"http://ads.example/a;s=1/b;s=2;v=3", "http://ads.example/a/b;v=3"},
		{"http://ads.example/?phpsessid=1&a=2", "http://ads.example/?a=2"},
		{"http://ads.example/x;jsessionid=0A1B.node1?a=2", "http://ads.example/x?a=2"},
		{"http://ads.example/x;JSESSIONID=0A1B", "http://ads.example/x"},
		{"http://ads.example/?a=2&osCsid=3&CFID=4&CFTOKEN=5", "http://ads.example/?a=2"},
		{"http://ads.example/?sid=" + id + "&a=2", "http://ads.example/?a=2"},
		{"http://ads.example/?session_id=" + id, "http://ads.example/"},
		{"http://ads.example/?sid=12345&a=2", "http://ads.example/?sid=12345&a=2"},
		{"http://ads.example/?sid=massage-amsterdam-centrum", "http://ads.example/?sid=massage-amsterdam-centrum"},
		{"http://ads.example/?session=" + id, "http://ads.example/?session=" + id},
		{"http://ads.example/?utm_source=x&a=1&UTM_Campaign=y&gclid=z", "http://ads.example/?a=1"},
		{"http://ads.example/x;utm_source=y", "http://ads.example/x;utm_source=y"},
		{"http://ads.example/(S(lit3py55t21z5v55vlm25s55))/ad.aspx", "http://ads.example/ad.aspx"},
		{"http://ads.example/(A(x)S(y)F(z))", "http://ads.example/"},
		{"http://ads.example/(S())/(massage)/(Ss(x))", "http://ads.example/(S())/(massage)/(Ss(x))"},
		{"http://ads.example/a/..;s=1/b", "http://ads.example/b"}, // what is left is a dot segment
	} {
		got, err := frontier.Canonical(test.raw, recipe)
		if err != nil || got != test.want {
			t.Errorf("Canonical(%q) = %q, %v; want %q", test.raw, got, err, test.want)
		}
		if again, err := frontier.Canonical(got, recipe); err != nil || again != got {
			t.Errorf("and again: %q, %v", again, err)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "/relative", "ads.example", "ftp://ads.example/", "javascript:void(0)", "mailto:a@ads.example", "data:,x", "file:///etc",
		"http://", "http://./", "http://[::1", "http://ads example/", "http://ads.example:99999/", "http://user@ads.example/", "http://:pass@ads.example/",
		"http://1.2.3.4.5/", "http://256.256.256.256/", "http://xn--a/", "http://ads.example/" + strings.Repeat("x", 9000), "http://%00/", "http://a%2fb/",
	} {
		if got, err := frontier.Canonical(raw, nil); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("Canonical(%.60q) = %q, %v; want it refused as invalid", raw, got, err)
		}
	}
}

// FuzzCanonical holds that Canonical is idempotent, that its answer has no
// fragment and no session, and that the way without parsing says the same as
// parsing does.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"http://ads.example/a;s=1/..;s=2/%2e%2e?x=1&s=2#f", "https://a.b:8443/x?utm_source=1&sid=k3v9q0r7t5y1u8i2o4p6", "http://[::ffff:1.2.3.4]:80/%%341",
		"http://a.b./(S(x))/(A(y)F(z))?&&=&", "HTTP:\\\\0x7f.1\\%zz", "http://a.b/%25%32%35", "http://1.2.3.4../", "http://faß.example/%C3%9f?ß", "https://a.9x:443/?", "http://a-b.c0:80/'",
		"http://ads.example/\t/;;s=/;", "http://a.b:1/..;s", "http://a.b/x?s&s=&S=1&%53=2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if whole, err := frontier.Parsed(raw, recipe); frontier.IsCanonical(raw, recipe) && (err != nil || whole != raw) {
			t.Fatalf("%q was taken as it is, and parses to %q, %v", raw, whole, err)
		}
		got, err := frontier.Canonical(raw, recipe)
		if err != nil {
			return
		}
		if again, err := frontier.Canonical(got, recipe); err != nil || again != got {
			t.Fatalf("%q gives %q, and that gives %q, %v", raw, got, again, err)
		}
		if strings.Contains(got, "#") || !strings.HasPrefix(got, "http") {
			t.Fatalf("%q gives %q", raw, got)
		}
		_, query, _ := strings.Cut(got, "?")
		for p := range strings.SplitSeq(query, "&") {
			if name, _, _ := strings.Cut(p, "="); strings.EqualFold(name, "s") || strings.EqualFold(name, "phpsessid") {
				t.Fatalf("%q gives %q, with a session", raw, got)
			}
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	for name, raw := range map[string]string{
		"plain":   "https://www.ads.example/advertenties/amsterdam/massage-12345.html?page=2&sort=new",
		"session": "https://www.ads.example/advertenties/amsterdam/massage-12345.html?page=2&PHPSESSID=k3v9q0r7t5y1u8i2o4p6",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := frontier.Canonical(raw, recipe); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

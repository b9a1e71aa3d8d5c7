package extract_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

const plainRecipe = `
source: plain
listing: {match: ^/l, links: a}
advert: {match: ^/, fields: {title: {select: h1}, body: {select: body, do: [text]}}}
`

func TestCharsets(t *testing.T) {
	t.Parallel()
	enc := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	latin, greek, jp := charmap.Windows1252, charmap.Windows1253, japanese.ShiftJIS
	const name = "Zoë – één €80"
	for _, tc := range []struct{ name, header, body, want string }{
		{"utf-8 by header", "text/html; charset=utf-8", "<h1>" + name, name},
		{"utf-8 by nothing", "text/html", "<h1>" + name, name},
		{"no content type", "", "<h1>" + name, name},
		{"latin by header", "text/html; charset=iso-8859-1", "<h1>" + enc(latin, name), name},
		{"latin by meta", "text/html", `<meta charset="windows-1252"><h1>` + enc(latin, name), name},
		{"latin by nothing", "text/html", "<h1>" + enc(latin, name), name},
		{"header before meta", "text/html; charset=windows-1253", `<meta charset="windows-1252"><h1>` + enc(greek, "Ζωή"), "Ζωή"},
		{"mark before header", "text/html; charset=iso-8859-1", "\xef\xbb\xbf<h1>" + name, name},
		{"utf-16 by mark", "text/html", "\xff\xfe" + enc(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "<h1>"+name), name},
		{"utf-16, the other end", "text/html; charset=utf-8", "\xfe\xff" + enc(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "<h1>"+name), name},
		{"late meta", "text/html", "<!--" + strings.Repeat("x", 3000) + `--><meta http-equiv=content-type content="text/html; charset=shift_jis"><h1>` + enc(jp, "東京"), "東京"},
		{"says utf-8 and is latin", "text/html; charset=utf-8", "<h1>" + enc(latin, name), name},
		{"says utf-8, meta knows", "text/html; charset=utf-8", `<meta charset="windows-1253"><h1>` + enc(greek, "Ζωή από την Αθήνα"), "Ζωή από την Αθήνα"},
		{"says latin and is utf-8", "text/html; charset=iso-8859-1", "<h1>" + name, name},
		{"utf-8 with a stray byte", "text/html; charset=utf-8", "<h1>" + name + "\xff", name + "\ufffd"},
		{"unknown charset", "text/html; charset=klingon", "<h1>" + name, name},
		{"nul", "text/html", "<h1>a\x00b", "ab"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := page("https://x.example/", tc.body)
			p.Header = http.Header{}
			if tc.header != "" {
				p.Header.Set("Content-Type", tc.header)
			}
			if got := compile(t, plainRecipe, extract.Options{}).Read(p); got.Title != tc.want {
				t.Errorf("%q, want %q (%s)", got.Title, tc.want, got.NotContent)
			}
		})
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, html, want string }{
		{"paragraphs", "<p>a</p>\n<p>b <b>c</b>d</p>", "a\nb cd"},
		{"line breaks", "a<br>b<br/><br>c<br><br><br>d", "a\nb\nc\nd"},
		{"white space", " a \n\t b&nbsp;c\u2003d ", "a b c d"},
		{"spaces over elements", "<p><b> a </b> <i> b</i></p>", "a b"},
		{"no spaces between inline elements", "0<span>6</span>-<b>1</b>", "06-1"},
		{"list", "<ul><li>a<li>b</ul>c", "a\nb\nc"},
		{"table", "<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"},
		{"definition", "<dl><dt>Plaats<dd>Zwolle</dl>", "Plaats\nZwolle"},
		{"verbatim", "<pre>a  b\n\n\n\nc</pre>", "a b\nc"},
		{"not shown", `a<script>x</script><style>y</style><template>z</template><noscript>n</noscript><b hidden>h</b><b style="Display : none">i</b><svg><text>s</text></svg><select><option>o</select>`, "an"},
		{"entities", "&euro;&#8203;5 &lt;b&gt;", "€\u200b5 <b>"},
		{"nested blocks", "<div><div><div>a</div></div></div><div>b</div>", "a\nb"},
		{"empty", "<p></p><br>", ""},
		{"comment", "a<!-- b -->c", "ac"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rec := strings.ReplaceAll(plainRecipe, "select: body", "select: div#x")
			got := compile(t, rec, extract.Options{}).Read(page("https://x.example/", `<h1>t</h1><div id=x>`+tc.html+`</div>`))
			if got.Body != tc.want {
				t.Errorf("%q, want %q", got.Body, tc.want)
			}
		})
	}
}

// Pages made to exhaust whoever reads them. None takes long, none panics; what
// text they have is still found where that is possible.
func TestBadPages(t *testing.T) {
	t.Parallel()
	rep := strings.Repeat
	for _, tc := range []struct{ name, body, title string }{
		{"deep", rep("<div>", 100_000) + "<h1>diep</h1>", "diep"},
		{"deep and closed", rep("<div>", 1000) + rep("</div>", 1000) + "<h1>diep</h1>", "diep"},
		{"deep tables", rep("<table><tr><td>", 20_000) + "<h1>diep</h1>", "diep"},
		{"formatting", rep("<b><p>", 20_000) + "<h1>diep</h1>", "diep"},
		{"different formatting", formatting(5000) + "<h1>diep</h1>", "diep"},
		{"attributes", "<h1 " + rep("a=b ", 100_000) + ">titel</h1>", "titel"},
		{"one long attribute", `<h1 title="` + rep("x", 1<<20) + `">titel</h1>`, "titel"},
		{"megabyte of text", "<h1>titel</h1><p>" + rep("Ontspannende massage. ", 50_000), "titel"},
		{"megabyte without a space", "<h1>titel</h1><p>" + rep("x", 1<<20), "titel"},
		{"long title", "<h1>" + rep("titel ", 10_000) + "</h1>", "titel titel"},
		{"unclosed", "<h1>titel<p class='", "titel"},
		{"end tags only", rep("</p></div></b>", 50_000), ""},
		{"comment without end", "<h1>titel</h1><!--" + rep("-", 100_000), "titel"},
		{"ten thousand links", "<h1>titel</h1>" + rep(`<a href="/l/1">x</a>`, 10_000), "titel"},
		{"json-ld nested", `<h1>titel</h1><script type="application/ld+json">` + rep("[", 50_000) + "</script>", "titel"},
		{"cdata, foreign", "<h1>titel</h1><svg><![CDATA[x]]><math><mi></svg>", "titel"},
		{"frameset", "<frameset><frame src=a></frameset>", ""},
		{"only a bang", "<!", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			for _, r := range []*extract.Reader{compile(t, plainRecipe, extract.Options{Regions: []string{"NL"}}), extract.Generic(extract.Options{})} {
				p := page("https://x.example/advert-1234.html", tc.body)
				got := r.Read(p)
				r.Links(p)
				p.URL = "https://x.example/l"
				r.Links(p)
				if !strings.HasPrefix(got.Title, tc.title) {
					t.Errorf("title is %.40q, want %q (%s)", got.Title, tc.title, got.NotContent)
				}
				if len(got.Title) > 2048 || len(got.Body) > 512<<10 {
					t.Errorf("title of %d and body of %d bytes", len(got.Title), len(got.Body))
				}
			}
			t.Logf("%d bytes took %v", len(tc.body), time.Since(began).Round(time.Millisecond))
		})
	}
}

func formatting(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("<p><b id=" + strings.Repeat("i", i%50) + ">")
	}
	return b.String()
}

func TestIsPicture(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, mime, body string
		want             bool
	}{
		{"jpeg", "", "\xff\xd8\xff\xe0", true},
		{"png as text", "text/plain", "\x89PNG\r\n\x1a\n", true},
		{"webp", "", "RIFF\x00\x00\x00\x00WEBPVP8 ", true},
		{"tiff", "", "II*\x00\x08\x00\x00\x00", true},
		{"avif", "", "\x00\x00\x00\x1cftypavif\x00\x00", true},
		{"unknown and says so", "image/x-new", "\x00\x01\x02\x03\x04\x80\x81", true},
		{"page that says picture", "image/jpeg", "<!DOCTYPE html><p>weg", false},
		{"text that says picture", "image/jpeg; q=1", "not found", false},
		{"page", "text/html", "<p>", false},
		{"nothing", "image/jpeg", "", false},
	} {
		if got := extract.IsPicture(tc.mime, []byte(tc.body)); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	v := &zoeklicht.Visit{Task: zoeklicht.Task{Canonical: "https://x.example/1"}, Chain: []*zoeklicht.Exchange{
		{URL: "https://x.example/1?s=2", Status: 302},
		{URL: "https://x.example/2", Status: 200, Body: []byte("<h1>t"), Truncated: "time", Header: http.Header{"A": {"b"}}},
	}}
	p := extract.PageOf(v)
	if p.URL != "https://x.example/2" || p.Canonical != "https://x.example/1" || p.Status != 200 || p.Truncated != "time" || string(p.Body) != "<h1>t" || p.Header.Get("A") != "b" {
		t.Errorf("%+v", p)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("https://board.example/ad/1", "text/html", boardAdvert)
	f.Add("https://api.example/api/ad/1", "application/json", `{"ad":{"title":"a","photos":[{"url":"b"}]}}`)
	f.Add("https://x.example/l", "text/html; charset=utf-16", "\xff\xfe<\x00h\x001\x00>\x00")
	f.Add("::", "", strings.Repeat("<div>", 600)+"<base href='//['><h1>")
	f.Add("https://x.example/", "text/html", `<script type="application/ld+json">{"@graph":[{"@type":["Product"],"name":[1],"offers":{"price":"€ 1"}}]}</script><title>404 | x</title><input type=password>`)
	readers := []*extract.Reader{
		compile(f, boardRecipe, extract.Options{Regions: []string{"NL"}}), compile(f, apiRecipe, extract.Options{}),
		extract.Generic(extract.Options{Regions: []string{"NL", "US"}, Languages: []string{"nl"}}),
	}
	f.Fuzz(func(t *testing.T, url, mime, body string) {
		p := extract.Page{URL: url, Status: 200, Header: http.Header{"Content-Type": {mime}}, Body: []byte(body)}
		for _, r := range readers {
			got := r.Read(p)
			said := got.Title + "\n" + got.Body
			if !utf8.ValidString(said) || strings.ContainsRune(said, 0) {
				t.Errorf("text is not clean: %q", said)
			}
			for _, e := range got.Entities {
				if e.End > 0 && said[e.Start:e.End] != e.Raw {
					t.Errorf("%+v does not stand in %q", e, said)
				}
			}
			for _, f := range got.Fields {
				if !utf8.ValidString(f.Value) || strings.ContainsRune(f.Value, 0) || f.From == "" {
					t.Errorf("%+v", f)
				}
			}
			links := r.Links(p)
			for _, u := range append(append(append(got.Images, links.Adverts...), links.Listings...), links.Others...) {
				if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") || strings.Contains(u, "#") {
					t.Errorf("address %q", u)
				}
			}
		}
	})
}

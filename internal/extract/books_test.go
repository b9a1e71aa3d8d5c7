package extract_test

import (
	"bufio"
	_ "embed"
	"html"
	"os"
	"strings"
	"testing"

	"zoeklicht"
	"zoeklicht/internal/extract"
)

//go:embed testdata/books.yaml
var booksRecipe string

// truth reads the true values of a field: page number, how many, values.
func truth(t testing.TB, field string) map[string][]string {
	t.Helper()
	f, err := os.Open(shared(t, "pages/books/book-booksamillion-"+field+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if p := strings.Split(s.Text(), "\t"); len(p) > 2 {
			for _, v := range p[2:] {
				v = html.UnescapeString(strings.TrimPrefix(strings.TrimSpace(v), ": "))
				out[p[0]] = append(out[p[0]], strings.Join(strings.Fields(v), " "))
			}
		}
	}
	return out
}

// Real pages of a real shop, read by a recipe that was written for them.
func TestBooks(t *testing.T) {
	t.Parallel()
	pages := untar(t, shared(t, "pages/books/pages.tar.gz"))
	titles, isbns, publishers, authors := truth(t, "title"), truth(t, "isbn_13"), truth(t, "publisher"), truth(t, "author")
	r := compile(t, booksRecipe, extract.Options{})
	right := map[string]int{}
	for name, body := range pages {
		id := strings.TrimSuffix(name, ".htm")
		got := r.Read(page("http://127.0.0.1:8000/"+name, string(body)))
		check := func(field, have string, want []string) {
			for _, w := range want {
				if have == w {
					right[field]++
					return
				}
			}
			if field == "title" || field == "isbn" {
				t.Logf("%s: %s is %q, want %q", name, field, have, want)
			}
		}
		check("title", got.Title, titles[id])
		check("isbn", got.Field("isbn"), isbns[id])
		check("publisher", got.Field("publisher"), publishers[id])
		check("author", got.Field("author"), authors[id])
		if got.Key == id && got.Confidence == 1 && got.NotContent == "" {
			right["whole"]++
		}
		if got.Lang == "en" {
			right["language"]++
		}
		if len(got.Body) > 50 {
			right["body"]++
		}
		if len(got.Images) == 1 && strings.HasPrefix(got.Images[0], "http://images.booksamillion.com/") {
			right["image"]++
		}
		for _, e := range got.Entities {
			if e.Type == zoeklicht.Phone {
				t.Errorf("%s: %q was taken for a phone number", name, e.Raw)
			}
		}
		if p := got.Field(zoeklicht.FieldPrice); p != "" {
			right["price"]++
		}
		if d := got.Field(zoeklicht.FieldDate); len(d) == len("2006-01-02") {
			right["date"]++
		}
	}
	t.Logf("of %d pages: %v", len(pages), right)
	for _, field := range []string{"title", "isbn", "whole", "image"} {
		if right[field]*100 < len(pages)*99 {
			t.Errorf("%s: %d of %d right, fewer than 99 %%", field, right[field], len(pages))
		}
	}
}

// The same pages without a recipe.
func TestBooksWithoutRecipe(t *testing.T) {
	t.Parallel()
	pages := untar(t, shared(t, "pages/books/pages.tar.gz"))
	titles := truth(t, "title")
	r := extract.Generic(extract.Options{})
	title, body, image, content := 0, 0, 0, 0
	written := compile(t, booksRecipe, extract.Options{})
	for name, b := range pages {
		p := page("http://127.0.0.1:8000/"+name, string(b))
		got, want := r.Read(p), written.Read(p)
		if strings.HasPrefix(got.Title, titles[strings.TrimSuffix(name, ".htm")][0]) {
			title++
		}
		if len(want.Body) > 60 && strings.Contains(squeeze(got.Body), squeeze(want.Body)[:50]) {
			body++
		}
		if len(got.Images) > 0 {
			image++
		}
		if got.NotContent == "" {
			content++
		} else {
			t.Errorf("%s: %s", name, got.NotContent)
		}
	}
	t.Logf("of %d pages: %d titles begin right, %d bodies hold the text, %d have a picture, %d content", len(pages), title, body, image, content)
	if title*100 < len(pages)*90 || body*100 < len(pages)*80 {
		t.Errorf("too few")
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func BenchmarkRead(b *testing.B) {
	pages := untar(b, shared(b, "pages/books/pages.tar.gz"))
	for _, x := range []struct {
		name string
		r    *extract.Reader
	}{
		{"recipe", compile(b, booksRecipe, extract.Options{Regions: []string{"NL"}})},
		{"generic", extract.Generic(extract.Options{Regions: []string{"NL"}})},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.r.Read(page("http://127.0.0.1:8000/0000.htm", string(pages["0000.htm"])))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}

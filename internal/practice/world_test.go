package practice

import (
	"bytes"
	"flag"
	"fmt"
	"hash/fnv"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"zoeklicht"
)

var update = flag.Bool("update", false, "write the golden files anew")

func world(t testing.TB, cfg Config) *World {
	t.Helper()
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// content is everything that makes a version of an advert.
func content(a *Advert) string {
	var b strings.Builder
	fmt.Fprintln(&b, a.Title, a.Body, a.PriceText, a.Place, a.Studio, a.Phone, a.PhoneText)
	for _, p := range a.Pictures {
		fmt.Fprintln(&b, p.Host, p.Path, p.Trouble)
	}
	return b.String()
}

// A content that was left never returns, changes exactly with the revisions,
// and Changed is the day of the last change.
func TestContentsNeverReturn(t *testing.T) {
	t.Parallel()
	w := world(t, Config{Seed: 3, Adverts: 400})
	changes := map[facet]int{}
	for slot := range w.cfg.Adverts {
		w.eachLife(slot, func(l life) bool {
			seen := map[string]bool{}
			last, lastRev, changed := "", revisions{}, l.from
			for day := max(0, l.from); day < l.to; day++ {
				a, rev := w.advert(l, day), w.revisionsAt(l, day)
				now := content(a)
				switch {
				case last == "":
					changed = a.Changed
				case (now != last) != (rev != lastRev):
					t.Errorf("advert %d day %d: content changed %v, revisions %v to %v", a.Number, day, now != last, lastRev, rev)
				case now != last:
					changed = day
					for f := range facets {
						changes[f] += rev[f] - lastRev[f]
					}
				}
				if a.Changed != changed {
					t.Errorf("advert %d day %d: changed on %d, want %d", a.Number, day, a.Changed, changed)
				}
				if now != last && seen[now] {
					t.Errorf("advert %d day %d: a content returned", a.Number, day)
				}
				seen[now], last, lastRev = true, now, rev
			}
			return l.to < 100
		})
	}
	for f := range facets {
		if changes[f] < 20 {
			t.Errorf("facet %d changed %d times in all: too few to be a test", f, changes[f])
		}
	}
}

// The number of adverts stays about the same, and adverts appear, vanish for
// good, and go away and return.
func TestPopulationIsSteady(t *testing.T) {
	t.Parallel()
	w := world(t, Config{Seed: 5, Adverts: 2000})
	var before map[int]bool
	ever := map[int]bool{}
	appeared, left, returned := 0, 0, 0
	for day := range 60 {
		online := map[int]bool{}
		for a := range w.Online(day) {
			online[a.Number] = true
		}
		if n := len(online); n < 1720 || n > 1880 {
			t.Errorf("day %d: %d of 2000 online", day, n)
		}
		for n := range online {
			switch {
			case before == nil || before[n]:
			case ever[n]:
				returned++
			default:
				appeared++
			}
			ever[n] = true
		}
		for n := range before {
			if !online[n] {
				left++
			}
		}
		before = online
	}
	if appeared < 1000 || left < 1000 || returned < 200 {
		t.Errorf("in 60 days %d appeared, %d left, %d returned", appeared, left, returned)
	}
}

// The world of a seed is the same for ever. A change of words, sites or draws
// shows here, and is then written down with -update.
func TestWorldIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, cfg := range []Config{{Seed: 1, Adverts: 120}, {Seed: 2, Adverts: 120}, {Seed: 1, Adverts: 121}} {
		for _, day := range []int{0, 7, 30} {
			h := fnv.New64a()
			n := 0
			for a := range world(t, cfg).Online(day) {
				h.Write([]byte(content(a)))
				n++
				if n == 1 {
					fmt.Fprintf(&got, "seed %d adverts %d day %d: %s: %s\n", cfg.Seed, cfg.Adverts, day, a.Site, a.Title)
				}
			}
			fmt.Fprintf(&got, "\t%d online, contents %016x\n", n, h.Sum64())
		}
	}
	golden := filepath.Join("testdata", "worlds.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("worlds (-want +got):\n%s", diff)
	}
}

// A number belongs to one advertiser, and all numbers are ones that nobody has.
func TestPhones(t *testing.T) {
	t.Parallel()
	nobody := regexp.MustCompile(`^\+316000[0-9]{5}$`)
	w := world(t, Config{Seed: 9, Adverts: 3000})
	owner := map[string]string{}
	shared := 0
	for slot := range w.cfg.Adverts {
		w.eachLife(slot, func(l life) bool {
			for day := max(0, l.from); day < l.to; day += 3 {
				a := w.advert(l, day)
				who := fmt.Sprint("slot ", slot)
				switch {
				case a.plan.kind == agency:
					who = "agency"
				case a.Group >= 0:
					who = fmt.Sprint("group ", a.Group)
					shared++
				}
				if !nobody.MatchString(a.Phone) {
					t.Fatalf("advert %d: phone %q", a.Number, a.Phone)
				}
				if other := owner[a.Phone]; other != "" && other != who {
					t.Errorf("%s belongs to %s and %s", a.Phone, other, who)
				}
				owner[a.Phone] = who
			}
			return l.to < 60
		})
	}
	if shared == 0 {
		t.Error("no groups met")
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	want := []string{
		"06 0001 2345", "06-00012345", "0600012345", "+31 6 0001 2345", "0031 6 00012345",
		"+31 (0)6 0001 2345", "06.00.01.23.45", "06 - 00 01 23 45", "+31600012345",
	}
	var got []string
	for i := range spellings {
		got = append(got, spell("600012345", i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every way of disguising a number, in the words of each language.
func TestDisguises(t *testing.T) {
	t.Parallel()
	w := world(t, Config{})
	want := []string{
		"nul zes nul nul nul een twee drie acht vijf", "nul 6 nul 0 nul 1 twee 3 acht 5",
		"nul-zes-nul-nul-nul-een-twee-drie-acht-vijf", "(0)(6)(0)(0)(0)(1)(2)(3)(8)(5)", "0 6 0 0 0 1 2 3 8 5",
		"0-6 0*0-0.1*2~3-8 5", "O6OOOl23BS", "0🌸6☀0🌸0🌸0☀1✨2🌿3🌸8✨5",
		"0\ufe0f\u20e36\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e35\ufe0f\u20e3",
		"０６０００１２３８５", "0\u200b6\u200b0\u200b0\u200b0\u200b1\u200b2\u200b3\u200b8\u200b5", "⓪⑥⓪⓪⓪①②③⑧⑤",
	}
	var got []string
	for style := range int(disguises) {
		r := seeded(uint64(style))
		got = append(got, disguise("0600012385", style, w.languages["nl"], &r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{
		"en": "zero six nine", "de": "null sechs neun", "pl": "zero sześć dziewięć", "ro": "zero șase nouă", "es": "cero seis nueve",
	} {
		r := seeded()
		if got := disguise("069", inWords, w.languages[name], &r); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for style := range plainDisguises {
		r := seeded()
		for _, c := range disguise("0600012385", style, w.languages["de"], &r) {
			if _, ok := charmap.Windows1252.EncodeRune(c); !ok {
				t.Errorf("way %d has %q, which kiosk cannot show", style, c)
			}
		}
	}
}

// Groups share numbers, pictures and text, over more than one site.
func TestGroups(t *testing.T) {
	t.Parallel()
	w := world(t, Config{Seed: 21, Adverts: 1000})
	groups := map[int][]*Advert{}
	grouped, all := 0, 0
	for a := range w.Online(3) {
		all++
		if a.Group >= 0 {
			grouped++
			groups[a.Group] = append(groups[a.Group], a)
		}
	}
	if grouped*100 < all*5 || grouped*100 > all*20 {
		t.Errorf("%d of %d adverts are in groups", grouped, all)
	}
	phones, keys, texts, sites := 0, 0, 0, 0
	for _, g := range groups {
		for i, a := range g {
			for _, b := range g[:i] {
				if a.Phone == b.Phone {
					phones++
				}
				if slices.ContainsFunc(a.Pictures, func(p Picture) bool {
					return slices.ContainsFunc(b.Pictures, func(q Picture) bool { return p.Key == q.Key })
				}) {
					keys++
				}
				if a.Body[0] == b.Body[0] {
					texts++
				}
				if a.Site != b.Site {
					sites++
				}
			}
		}
	}
	if min(phones, keys, texts, sites) < 5 {
		t.Errorf("pairs that share a phone %d, a picture %d, a paragraph %d, and lie on two sites %d", phones, keys, texts, sites)
	}
}

// What kiosk shows can be written in windows-1252, and no text has an unfilled
// slot.
func TestTexts(t *testing.T) {
	t.Parallel()
	w := world(t, Config{Seed: 2, Adverts: 3000})
	langs, signs := map[string]int{}, 0
	for a := range w.Online(12) {
		langs[a.Site+" "+a.Lang]++
		text := a.Title + joined(a.Body) + a.PriceText + a.Place + a.Studio + a.Payment
		if strings.ContainsAny(text, "{}") || a.Title == "" || len(a.Body) == 0 {
			t.Errorf("advert %d: %q", a.Number, text)
		}
		for _, c := range text {
			if _, ok := charmap.Windows1252.EncodeRune(c); !ok {
				signs++
				if a.Site == "kiosk" {
					t.Errorf("advert %d on kiosk has %q", a.Number, c)
				}
			}
		}
		if got := strings.Contains(text, a.PhoneText); got != a.PhoneInBody {
			t.Errorf("advert %d: phone in the text %v, said %v", a.Number, got, a.PhoneInBody)
		}
		if !a.PhoneInBody && !a.PhoneInField {
			t.Errorf("advert %d has its phone nowhere", a.Number)
		}
	}
	if signs == 0 {
		t.Error("no advert has a sign beyond windows-1252")
	}
	for _, want := range []string{"admarkt nl", "stadsgids nl", "stadsgids en", "kiosk nl", "kiosk de", "kiosk en", "wellkompass de", "wellkompass en", "corso en", "corso pl", "corso ro", "corso es"} {
		if langs[want] == 0 {
			t.Errorf("no advert on %s", want)
		}
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	w := world(t, Config{Seed: 4})
	r := seeded(1)
	formats := map[string]int{}
	for range 300 {
		key := r.next()
		b := w.PictureBytes(key)
		img, format, err := image.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("key %x: %v", key, err)
		}
		formats[format]++
		if !strings.HasSuffix(pictureName(key), map[string]string{"png": ".png", "jpeg": ".jpg"}[format]) {
			t.Errorf("%s is a %s", pictureName(key), format)
		}
		if len(b) < 1000 || len(b) > 45_000 || img.Bounds().Dx() < 96 {
			t.Errorf("key %x: %d bytes, %v", key, len(b), img.Bounds())
		}
		if !bytes.Equal(b, w.PictureBytes(key)) {
			t.Errorf("key %x gives different bytes", key)
		}
		if back, ok := pictureKey(pictureName(key)); !ok || back != key {
			t.Errorf("key %x read back as %x", key, back)
		}
	}
	if formats["jpeg"] < 15 || formats["png"] < 200 {
		t.Errorf("formats %v", formats)
	}
}

func TestAlbumIsBounded(t *testing.T) {
	t.Parallel()
	a := newAlbum()
	a.bytes = albumBytes - 10 // nearly full
	first := a.jpeg(8)
	if a.bytes != len(first) || len(a.kept) != 1 {
		t.Errorf("%d bytes, %d pictures kept", a.bytes, len(a.kept))
	}
	if again := a.jpeg(8); &again[0] != &first[0] {
		t.Error("made twice")
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{Adverts: -1}, {Adverts: maxAdverts + 1}, {Day: -1}, {Day: maxDay + 1}} {
		if _, err := New(cfg); zoeklicht.CodeOf(err) != zoeklicht.Invalid {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func TestLanguageFilesAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := loadLanguage("xx"); err == nil {
		t.Error("a language without a file was loaded")
	}
	if _, err := cut("a {slot without end"); err == nil {
		t.Error("an open slot was taken")
	}
	lang := &language{name: "nl", fill: map[string][]template{"title": {{"", "nothing", ""}}}}
	if err := lang.check("nl.txt"); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("a slot that nothing fills: %v", err)
	}
	lang = world(t, Config{}).languages["nl"]
	for section, want := range map[string]string{"plural-voice": "no section", "digits": "0 words"} {
		less := *lang
		less.phrases = maps.Clone(lang.phrases)
		delete(less.phrases, section)
		if err := less.checkPhrases("nl.txt"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", section, err)
		}
	}
	less := *lang
	less.sentences = less.sentences[:30]
	if err := less.check("nl.txt"); err == nil || !strings.Contains(err.Error(), "30 sentences") {
		t.Errorf("with too few sentences: %v", err)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1.000", 13333: "13.333", 1234567: "1.234.567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/netip"
	"strings"
	"testing"
	"time"

	"zoeklicht"
)

var (
	seen     = time.Date(2026, 11, 20, 7, 15, 12, 0, time.UTC)
	amsterdm = time.FixedZone("CET", 3600)
)

// sample makes a document of n versions of one advert, the texts being those of a small
// cycle in several languages.
func sample(t testing.TB, lang string, n int) *Document {
	t.Helper()
	d := &Document{
		ID: "x-2026-0017", Lang: lang, Place: amsterdm,
		Organisation: "Practice unit", Theme: "Mensenhandel (oefening)", Practice: true,
		Purpose: "Zaak 2026-000123", Ground: "Wpg 9, oefening", By: "A. Analist", Role: "intelligence-specialist",
		Made: seen.Add(50 * time.Hour), AsOf: seen.Add(48 * time.Hour), Seq: 4711, Build: strings.Repeat("ab", 32),
		Sources: map[zoeklicht.SourceID]string{"practice-a": "Oefensite A"},
		Rules:   []zoeklicht.Indicator{sampleRule()},
		Absent:  []Absent{{"Advertentie 9, versie 1", "vernietigd volgens de regel “oefening, 30 dagen”"}},
		Appendices: []Appendix{
			{"capture.wacz", "de vastlegging om af te spelen", sha256.Sum256([]byte("wacz"))},
			{"VERIFY.txt", "hoe dit na te gaan is", sha256.Sum256([]byte("verify"))},
		},
	}
	for i := range n {
		d.Versions = append(d.Versions, sampleVersion(i+1))
	}
	return d
}

func sampleRule() zoeklicht.Indicator {
	return zoeklicht.Indicator{
		ID: "number-in-many-places", Version: 2, Title: zoeklicht.Text{NL: "Nummer op veel plaatsen", EN: "Number in many places"},
		Rationale:      zoeklicht.Text{NL: "Hetzelfde nummer in vier of meer gemeenten binnen een week kan wijzen op iemand die wordt rondgereden.", EN: "The same number in four or more municipalities within a week can point at somebody who is driven around."},
		FalsePositives: zoeklicht.Text{NL: "Zelfstandigen die op tournee zijn; een bureau dat zijn telefoon deelt.", EN: "Independent workers on tour; an agency that shares its telephone."},
		Sources:        []string{"Synthetic reference 1"}, Grade: zoeklicht.Expert, Weight: 2, Level: zoeklicht.LevelMedium,
		Condition: "beside.cities >= 4", SHA256: sha256.Sum256([]byte("rule")),
	}
}

// bodies are texts as sources have them, by language.
var bodies = []struct{ lang, title, body string }{
	{"nl", "Ontspannende massage op afspraak", "Rustige praktijk in het centrum, ’s avonds alleen op afspraak. Bel 06 000 123 45 voor een afspraak; 60 minuten voor €65.\n\nKoffie en thee staan klaar. Privé én discreet, geen haast."},
	{"pl", "Relaksujący masaż po uzgodnieniu", "Spokojny gabinet w centrum. Proszę dzwonić między dziewiątą a szóstą: 06 000 123 45. Zażółć gęślą jaźń – próba liter ŁÓDŹ ĆMA ŃĘ."},
	{"ro", "Masaj de relaxare cu programare", "Cabinet liniștit în centru, numai cu programare. Sunați între orele nouă și șase: ÎNTÂI, ȘTIINȚĂ, ăâîșț."},
	{"bg", "Релаксиращ масаж с уговорка", "Тихо студио в центъра, само с предварителна уговорка. Обадете се между девет и шест часа: ЖЪЩЮЯ ѝ."},
	{"el", "Χαλαρωτικό μασάζ κατόπιν ραντεβού", "Ήσυχος χώρος στο κέντρο, μόνο με ραντεβού. Τηλεφωνήστε από τις εννέα έως τις έξι: ΆΈΉΊΌΎΏ ϊΐϋΰ."},
	{"nl", "Massage met bloemen 🌷😀", "Nieuw in de stad ☎ ❤️ 👩‍🦰. Bel nul zes 000 12345 ✨✨✨✨✨ tot zo!"},
}

func sampleVersion(i int) Version {
	b := bodies[(i-1)%len(bodies)]
	c := zoeklicht.Version{
		ID: zoeklicht.VersionID(1000 + i), Advert: 42, Source: "practice-a", N: i, Seq: 4000, SeenAt: seen, LastSeen: seen.Add(26 * time.Hour),
		Capture: zoeklicht.CaptureID{0xc0, 0xff, 0xee, byte(i >> 8), byte(i), 0x40, 0x40, 0x40, 0x80}, URL: "http://127.0.0.1:8391/aanbod/101.html?sid=1", Lang: b.lang,
		Title: b.title, Body: b.body, Price: "65", Place: "Zwolle", Municipality: "GM0193", Unit: "Oost-Nederland", Reader: "recipe practice-a/3",
		Fields: []zoeklicht.FieldValue{
			{Name: zoeklicht.FieldTitle, Value: b.title, From: "h1"},
			{Name: zoeklicht.FieldPrice, Value: "€65", From: "dl.facts > dd:nth-child(2)"},
			{Name: zoeklicht.FieldPlace, Value: "Zwolle", From: "span.place"},
		},
		Pictures: []zoeklicht.VersionPicture{{N: 0, URL: "http://127.0.0.1:8391/foto/1.jpg", Picture: 7, Item: "picture:0"}},
	}
	v := Version{
		Content: c, Advert: zoeklicht.Advert{ID: 42, Source: "practice-a", Key: "101", FirstSeen: seen.Add(-72 * time.Hour), LastSeen: seen.Add(26 * time.Hour)},
		Sightings: 3,
		Feedback: []zoeklicht.Feedback{
			{Version: c.ID, Answer: zoeklicht.No, Reason: "werkt zichtbaar zelfstandig", Name: "B. Lezer", At: seen.Add(30 * time.Hour)},
			{Version: c.ID, Answer: zoeklicht.Yes, Reason: "teruggenomen", Name: "C. Lezer", At: seen, Undone: seen.Add(time.Hour)},
		},
		Pictures: []Picture{
			{VersionPicture: c.Pictures[0], SHA256: sha256.Sum256([]byte("picture")), Width: 640, Height: 480},
			{VersionPicture: zoeklicht.VersionPicture{N: 1, URL: "http://127.0.0.1:8391/foto/2.jpg", Failure: zoeklicht.FailStatus, Detail: "HTTP 404"}},
		},
		Provenance: sampleProvenance(&c),
		Proof: Proof{
			State: ProofWitnessed, Log: "zoeklicht.invalid/practice/mensenhandel/2026", Index: 12345, Size: 20480, Root: sha256.Sum256([]byte("root")),
			Witnesses: []string{"witness-a.example.invalid", "witness-b.example.invalid"},
			Tokens:    []zoeklicht.Token{{Authority: "tsa-a", At: seen.Add(4 * time.Minute)}}, After: seen.Add(-7 * time.Minute),
		},
	}
	if at := strings.Index(c.Body, "afspraak"); at >= 0 {
		at += len(c.Title) + 1
		v.Assessment = &zoeklicht.Assessment{Version: c.ID, Set: "k3j9x0a1b2c3", Score: 2, Hits: []zoeklicht.Hit{
			{Version: c.ID, Indicator: "number-in-many-places", Rule: 2, Weight: 2, Where: []zoeklicht.Offset{{Start: at, End: at + len("afspraak"), Word: "afspraak"}}, Trace: "cities = 4"},
		}}
	}
	return v
}

func sampleProvenance(c *zoeklicht.Version) *Provenance {
	manifest := []byte(fmt.Sprintf("context %x\nimage:0 %x\nrequest %x\nresponse %x\n", sha256.Sum256([]byte("a")), sha256.Sum256([]byte("p")), sha256.Sum256([]byte("b")), sha256.Sum256([]byte("c"))))
	leaf := fmt.Sprintf("zoeklicht/capture/v1\nid %s\nmanifest %x\nafter none\nbuild %s\n", c.Capture, sha256.Sum256(manifest), strings.Repeat("cd", 32))
	hop := Hop{
		URL: c.URL, Method: "GET", Status: 200, Driver: "http/1", Started: c.SeenAt, Duration: 183 * time.Millisecond,
		Peer: "127.0.0.1:8391", Local: "127.0.0.1:51042", Sent: 312, Received: 18231, ServerDate: "Fri, 20 Nov 2026 07:15:12 GMT",
		ClockOffset: 12 * time.Millisecond, OffsetKnown: true, Caching: []string{"Via: 1.1 practice", "Age: 0"},
		DNS: &zoeklicht.DNSFacts{Host: "127.0.0.1", Resolver: "literal", Answers: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, At: c.SeenAt},
		TLS: &zoeklicht.TLSFacts{ServerName: "practice.invalid", Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", ALPN: "http/1.1", Problem: "self-signed", Chain: [][]byte{[]byte("no certificate")}},
	}
	first := hop
	first.Status, first.Location, first.TLS = 302, c.URL, nil
	return &Provenance{
		Capture: zoeklicht.Capture{
			ID: c.Capture, Source: c.Source, Run: 88, Kind: zoeklicht.KindAdvert, URL: c.URL, FinalURL: c.URL, Status: 200, At: c.SeenAt,
			Digest: sha256.Sum256([]byte("page")), Pictures: 1, Missing: 1, Manifest: manifest, Leaf: []byte(leaf), LeafIndex: 12345,
		},
		Context: zoeklicht.Context{
			Theme: "practice", Ground: "Wpg 9, oefening", Source: c.Source, Approval: 12, Run: 88, Cause: "schedule", Exit: "direct",
			Build: strings.Repeat("cd", 32), Config: strings.Repeat("ef", 32), Recipe: "practice-a/3", Robots: "none",
			UserAgent: "Zoeklicht/1 (practice)", Language: "nl", Clock: "simulated",
		},
		Hops: []Hop{first, hop}, More: []Fact{{"Viewport", "1280 × 800"}},
	}
}

// given reads a picture that is there.
func given(b []byte) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return b, nil }
}

// withPictures gives a version's pictures bytes to show.
func withPictures(t testing.TB, d *Document) *Document {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 0x80, 0xff})
		}
	}
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, m, nil); err != nil {
		t.Fatal(err)
	}
	// Another width: fpdf stores pictures of one width in an order of its own.
	if err := png.Encode(&p, m.SubImage(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	for i := range d.Versions {
		x := &d.Versions[i].Pictures[0]
		x.Read = given(j.Bytes())
		if i%2 == 1 {
			x.Read = given(p.Bytes())
		}
	}
	return d
}

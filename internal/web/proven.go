package web

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/wording"
)

// provenPage is the proof of a capture: in a sentence, as a picture, as a table, and as
// files to check elsewhere.
type provenPage struct {
	page
	*zoeklicht.Proven
	Status wording.Key
	Whole  bool // nothing waits, and it holds
	Dead   bool // nothing of the capture is left
	Bare   bool // nothing waits because nobody else vouches for it
	Broken bool // it does not lead to its root
	Waits  []zoeklicht.ProofPart
	Rungs  []rung
	Leafs  [32]byte // hash of the leaf in the tree
	Parts  []provenPart
	Drawn  *drawing
	From   string // the advert that the reader came from, "" for none
}

// provenPart is a part of the proof as a file.
type provenPart struct {
	Name string
	What wording.Key
	To   string
	body []byte
}

// proven shows the proof of a capture.
func (s *site) proven(q *request) error {
	d := provenPage{page: q.page("proof.title", "search").fixed()}
	if !d.MayProof() {
		return notThere()
	}
	if err := s.readProven(q, &d); err != nil {
		return err
	}
	p := d.Proven
	d.Leafs = sha256.Sum256(append([]byte{0}, p.Proof.Leaf...))
	if len(p.Proof.Checkpoint) > 0 {
		var root [32]byte
		var ok bool
		d.Rungs, root, ok = climb(&p.Proof, p.Size)
		d.Broken = !ok || root != p.Root
	}
	d.Waits = p.Waiting()
	d.Status = status(p, d.Broken)
	d.Whole = d.Status == "proof.is-whole"
	d.Bare = !d.Whole && !d.Broken && len(d.Waits) == 0
	if d.Dead = p.Gone && !d.Broken; d.Dead { // the proof is of a leaf that opens nothing
		d.Status, d.Whole, d.Bare = "proof.is-gone", false, false
	}
	d.Drawn = draw(&d)
	if n, err := strconv.ParseInt(q.URL.Query().Get("advert"), 10, 64); err == nil && n > 0 && d.MaySearch() {
		d.From = q.to("adverts/"+strconv.FormatInt(n, 10), "v", number(q.URL.Query().Get("v")))
	}
	return q.show(http.StatusOK, "proven", d)
}

// number gives a typed whole number as it is, and nothing for anything else.
func number(s string) string {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// readProven reads the proof that the address names, and the files that it comes in.
func (s *site) readProven(q *request, d *provenPage) error {
	id, err := zoeklicht.ParseCaptureID(q.PathValue("id"))
	if err != nil {
		return notThere()
	}
	if d.Proven, err = s.Proofs.Proof(q.Context(), q.pass, id); err != nil {
		return hide(err)
	}
	p := &d.Proven.Proof
	add := func(name string, what wording.Key, body []byte) {
		if len(body) > 0 {
			d.Parts = append(d.Parts, provenPart{name, what, q.to("captures/" + id.String() + "/proof/" + name), body})
		}
	}
	add("leaf", "proof.file-leaf", p.Leaf)
	add("proof.tlog-proof", "proof.file-proof", d.File)
	add("checkpoint", "proof.file-checkpoint", p.Checkpoint)
	for i := range p.Tokens {
		add(fmt.Sprintf("checkpoint-%d.tst", i+1), "proof.file-token", p.Tokens[i].DER)
	}
	return nil
}

// status says in a sentence how far the proof is.
func status(p *zoeklicht.Proven, broken bool) wording.Key {
	waits := p.Waiting()
	switch {
	case broken:
		return "proof.is-broken"
	case len(waits) == 0 && p.Cosigned() == 0 && len(p.Authorities) == 0:
		return "proof.is-alone"
	case len(waits) == 0 && p.Cosigned() == 0:
		return "proof.is-unwitnessed"
	case len(waits) == 0 && len(p.Authorities) == 0:
		return "proof.is-undated"
	case len(waits) == 0:
		return "proof.is-whole"
	}
	switch waits[0] {
	case zoeklicht.PartIndex:
		return "proof.waits-index"
	case zoeklicht.PartCheckpoint:
		return "proof.waits-checkpoint"
	case zoeklicht.PartWitness:
		return "proof.waits-witness"
	}
	return "proof.waits-stamp"
}

// provenFile sends a part of the proof.
func (s *site) provenFile(q *request) error {
	d := provenPage{page: page{q: q}}
	if !d.MayProof() {
		return notThere()
	}
	if err := s.readProven(q, &d); err != nil {
		return err
	}
	for _, part := range d.Parts {
		if part.Name == q.PathValue("file") {
			q.attach(part.Name, "application/octet-stream", int64(len(part.body)))
			return q.send(part.body)
		}
	}
	return notThere()
}

// CaptureID is the capture's identifier in its usual form.
func (d provenPage) CaptureID() string { return d.Proven.Capture.String() }

// Position is the leaf's place as people count, from 1.
func (d provenPage) Position() int { return int(d.Proof.Index) + 1 }

// Leaves is the size of the tree.
func (d provenPage) Leaves() int { return int(d.Size) }

// Logged reports whether the leaf has a place in the log.
func (d provenPage) Logged() bool { return d.Proof.Index >= 0 }

// Covered reports whether a checkpoint covers the leaf.
func (d provenPage) Covered() bool { return len(d.Proof.Checkpoint) > 0 }

// LeafText is the leaf as it is: lines of text.
func (d provenPage) LeafText() string { return strings.TrimRight(string(d.Proof.Leaf), "\n") }

// Commands are what checks the files that can be fetched here, without this platform.
// Each can be typed where the files are.
func (d provenPage) Commands() []string {
	out := []string{`(printf '\000'; cat leaf) | openssl dgst -sha256`}
	for i, t := range d.Proof.Tokens {
		if len(t.DER) > 0 {
			out = append(out, fmt.Sprintf("openssl ts -verify -data checkpoint -token_in -in checkpoint-%d.tst -CAfile authority-%d.pem", i+1, i+1))
		}
	}
	return out
}

// drawing is the way of the proof as a picture: from the leaf at the top, through the
// hashes beside it, to the root, the checkpoint, the witnesses and the authorities. Its
// measures are those of a narrow screen; the table beside it says the same.
type drawing struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

type box struct {
	X, Y, W, H int
	Class      string
	Key        wording.Key // what it is, for a word of ours
	Text       string      // a hash or a name
	Arg        any         // of Key, where it takes one
}

// TextX and TextY are where the first of its lines of text stands.
func (b box) TextX() int { return b.X + b.W/2 }

// TextY is the baseline of the word, SubY of what stands under it.
func (b box) TextY() int { return b.Y + 16 }

// SubY is the baseline of the second line.
func (b box) SubY() int { return b.Y + b.H - 7 }

type line struct {
	Path  string
	Class string
}

// The picture's measures, in units of its own.
const (
	drawWide  = 300
	drawMid   = drawWide / 2
	drawOwn   = 92 // width of a hash on the way
	drawAside = 84 // of one beside it
	drawNode  = 26
	drawStep  = 48 // from one hash to the next
	drawLong  = 292
	drawTall  = 40
	drawGap   = 22
)

// draw makes the picture.
func draw(d *provenPage) *drawing {
	p := d.Proven
	g := &drawing{Width: drawWide}
	y := 4
	g.wide(&y, box{Class: "leafbox", Key: "proof.draw-leaf", Text: p.Capture.String()})
	down := func(class string) {
		g.Lines = append(g.Lines, line{fmt.Sprintf("M%d %dV%d", drawMid, y, y+drawGap), class})
		y += drawGap
	}
	wait := func(done bool) string {
		if done {
			return ""
		}
		return "waits"
	}
	if d.Covered() {
		down("")
		y = g.climb(d.Rungs, y)
		g.Boxes = append(g.Boxes, box{X: (drawWide - 150) / 2, Y: y, W: 150, H: drawTall, Class: broken("rootbox", d.Broken), Key: "proof.draw-root", Text: short(p.Root)})
		y += drawTall
	}
	down(wait(d.Covered()))
	g.wide(&y, box{Class: "signed " + wait(d.Covered()), Key: "proof.draw-checkpoint", Text: cmp.Or(d.Log, "–")})
	vouch := func(class, name string, at time.Time, done, waits wording.Key) {
		down(wait(!at.IsZero()))
		b := box{Class: class, Key: done, Text: name, Arg: at}
		if at.IsZero() {
			b.Class, b.Key, b.Arg = class+" waits", waits, nil
		}
		g.wide(&y, b)
	}
	for _, w := range p.Witnesses {
		vouch("witness", w.Name, w.At, "proof.draw-witness", "proof.draw-no-witness")
	}
	for _, a := range p.Authorities {
		vouch("stamp", a.Name, a.At, "proof.draw-stamp", "proof.draw-no-stamp")
	}
	g.Height = y + 4
	return g
}

// climb draws the steps to the root and gives where it has come.
func (g *drawing) climb(rungs []rung, y int) int {
	for _, r := range rungs {
		x := drawWide - drawAside - 4
		if r.Left {
			x = 4
		}
		g.Boxes = append(g.Boxes,
			box{X: (drawWide - drawOwn) / 2, Y: y, W: drawOwn, H: drawNode, Class: "node", Text: short(r.Node)},
			box{X: x, Y: y, W: drawAside, H: drawNode, Class: "beside", Text: short(r.Beside)})
		g.Lines = append(g.Lines,
			line{fmt.Sprintf("M%d %dV%d", drawMid, y+drawNode, y+drawStep), ""},
			line{fmt.Sprintf("M%d %dV%dH%d", x+drawAside/2, y+drawNode, y+drawStep-10, drawMid), "aside"})
		y += drawStep
	}
	return y
}

// wide draws a box of the full width, with a word and a name, and moves on.
func (g *drawing) wide(y *int, b box) {
	b.X, b.Y, b.W, b.H, b.Text = (drawWide-drawLong)/2, *y, drawLong, drawTall, cut(b.Text, 42)
	g.Boxes = append(g.Boxes, b)
	*y += drawTall
}

func broken(class string, is bool) string {
	if is {
		return class + " broken"
	}
	return class
}

// short gives the first digits of a hash; the table has all of them.
func short(h [32]byte) string { return fmt.Sprintf("%x…", h[:4]) }

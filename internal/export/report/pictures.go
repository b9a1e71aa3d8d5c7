package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"  // a form in which pictures are given
	_ "image/jpeg" // another
	"image/png"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"zoeklicht/internal/export/report/pades"
	"zoeklicht/internal/wording"
)

// AnnexID names the annex with the pictures of a report.
func AnnexID(report string) string { return report + "-A" }

// Annex gives the pictures of a report as a PDF of their own, to be kept apart from it,
// whatever the report does with them. It is nil where there is no picture to show.
func Annex(ctx context.Context, d *Document, signer *pades.Signer) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	r := &renderer{d: d, w: d.words(), signer: signer, annex: true}
	var sections []section
	for i := range d.Versions {
		v := &d.Versions[i]
		if shows(v) {
			sections = append(sections, section{r.versionTitle(v), true, func(ctx context.Context, p *page) error { return r.shown(ctx, p, v) }})
		}
	}
	if len(sections) == 0 {
		return nil, nil
	}
	return r.written(ctx, sections, nil)
}

// shows reports whether a version has a picture that can be shown.
func shows(v *Version) bool {
	for i := range v.Pictures {
		if v.Pictures[i].Read != nil {
			return true
		}
	}
	return false
}

// pictures lists a version's pictures with what became of each, and shows them where the
// report does.
func (r *renderer) pictures(ctx context.Context, p *page, v *Version) error {
	p.sub(r.w.T("paper.pictures"))
	if len(v.Pictures) == 0 {
		p.para(r.w.T("advert.pictures-none") + ".")
		return nil
	}
	rows := make([][]cell, 0, len(v.Pictures))
	for i := range v.Pictures {
		x := &v.Pictures[i]
		rows = append(rows, []cell{
			{plainly(strconv.Itoa(i+1), factSize)}, {plainly(r.d.fate(r.w, x, true), factSize)}, {plainly(x.URL, smallSize)}, {mono(r.d.pictureHash(v, x), 6.6)},
		})
	}
	p.table([]float64{10, 42, 52, 60}, []string{r.w.T("paper.col-number"), r.w.T("paper.col-fate"), r.w.T("advert.address"), r.d.hashWord(r.w)}, rows)
	if r.d.Pictures != PicturesIn {
		return nil
	}
	return r.shown(ctx, p, v)
}

// hashWord says above the hashes of pictures what they are made of.
func (d *Document) hashWord(w wording.W) string {
	if d.Masked {
		return w.T("paper.salted")
	}
	return "SHA-256"
}

// pictureHash gives the hash of a picture: that of its bytes, or of its salt and record as
// the manifest has it. It is empty where there is none.
func (d *Document) pictureHash(v *Version, x *Picture) string {
	switch {
	case x.SHA256 == [32]byte{}:
		return ""
	case !d.Masked:
		return fmt.Sprintf("%x", x.SHA256)
	case v.Provenance == nil:
		return ""
	}
	for line := range strings.Lines(string(v.Provenance.Capture.Manifest)) {
		if sum, ok := strings.CutPrefix(line, record(x.Item)+" "); ok {
			return strings.TrimSuffix(sum, "\n")
		}
	}
	return ""
}

// record names an item as manifest and package do: "image:0" for "picture:0".
func record(item string) string {
	if n, ok := strings.CutPrefix(item, "picture:"); ok {
		return "image:" + n
	}
	return item
}

// fate says what became of a picture. Below says that it is shown below, where the
// document shows any.
func (d *Document) fate(w wording.W, x *Picture, below bool) string {
	size := ""
	if x.Width > 0 {
		size = fmt.Sprintf(" · %d × %d", x.Width, x.Height)
	}
	switch {
	case x.Failure != "":
		return w.T("paper.picture-missing", strings.TrimSuffix(w.Fail(x.Failure)+": "+x.Detail, ": "))
	case x.SHA256 == [32]byte{}:
		return w.T("paper.picture-missing", w.T("advert.picture-unknown"))
	case x.Problem != "":
		return w.T("paper.picture-problem", x.Problem) + size
	case below && d.Pictures == PicturesIn && x.Read != nil:
		return w.T("paper.picture-below") + size
	case d.Pictures == PicturesAnnexed && x.Read != nil:
		return w.T("paper.picture-annex", AnnexID(d.ID)) + size
	}
	return w.T("paper.picture-left-out") + size
}

// shown shows the pictures of a version, each under its number and hash.
func (r *renderer) shown(ctx context.Context, p *page, v *Version) error {
	for i := range v.Pictures {
		x := &v.Pictures[i]
		if x.Read == nil {
			continue
		}
		caption := r.w.T("paper.picture-caption", i+1, v.Content.Capture.String(), record(x.Item))
		body, err := x.Read(ctx)
		if err != nil {
			return fmt.Errorf("report %s, picture %d of version %d: %w", r.d.ID, i+1, v.Content.ID, err)
		}
		info, name := p.picture(body)
		if info == nil {
			p.para(caption + " " + r.w.T("paper.picture-problem", name))
			continue
		}
		const most = 150.0 // millimetres high
		w, h := info.Width(), info.Height()
		scale := min(column/w, most/h, 1)
		w, h = w*scale, h*scale
		p.gap(3)
		p.need(h + 12)
		p.pdf.ImageOptions(name, leftEdge, p.y, w, h, false, fpdf.ImageOptions{}, 0, "")
		p.y, p.fresh = p.y+h+1, false
		if sum := r.d.pictureHash(v, x); sum != "" {
			caption += " · " + r.d.hashWord(r.w) + " " + sum
		}
		p.note(caption)
	}
	return nil
}

// maxPixels is how large a picture may be that is drawn; more of them would take more
// memory than a report is worth.
const maxPixels = 40 << 20

// picture gives a picture to fpdf, in a form that it can read. Where that cannot be done
// the info is nil, and name says why.
func (p *page) picture(body []byte) (info *fpdf.ImageInfoType, name string) {
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return nil, err.Error()
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxPixels/cfg.Height {
		return nil, fmt.Sprintf("%d × %d", cfg.Width, cfg.Height)
	}
	m, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, err.Error()
	}
	// What is not a plain JPEG is set anew: fpdf does not read every form of a picture.
	set := body
	if kind != "jpeg" || cfg.ColorModel != color.YCbCrModel && cfg.ColorModel != color.GrayModel {
		flat := image.NewNRGBA(m.Bounds())
		draw.Draw(flat, flat.Rect, m, m.Bounds().Min, draw.Src)
		var out bytes.Buffer
		if err := png.Encode(&out, flat); err != nil {
			return nil, err.Error()
		}
		kind, set = "png", out.Bytes()
	}
	// Named by what is drawn: fpdf writes the same picture under two names wrongly.
	name = fmt.Sprintf("%x", sha256.Sum256(set))
	if info := p.pdf.GetImageInfo(name); info != nil {
		return info, name
	}
	info = p.pdf.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: kind}, bytes.NewReader(set))
	if info == nil {
		return nil, p.pdf.Error().Error()
	}
	info.SetDpi(110)
	return info, name
}

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
			sections = append(sections, section{r.versionTitle(v), true, func(p *page) error { r.shown(p, v); return nil }})
		}
	}
	if len(sections) == 0 {
		return nil, nil
	}
	pages, err := r.document(ctx, r.title(), sections)
	if err != nil {
		return nil, err
	}
	return r.finish(ctx, pages, nil)
}

// shows reports whether a version has a picture that can be shown.
func shows(v *Version) bool {
	for i := range v.Pictures {
		if len(v.Pictures[i].Bytes) > 0 {
			return true
		}
	}
	return false
}

// pictures lists a version's pictures with what became of each, and shows them where the
// report does.
func (r *renderer) pictures(p *page, v *Version) {
	p.sub(r.w.T("paper.pictures"))
	if len(v.Pictures) == 0 {
		p.para(r.w.T("advert.pictures-none") + ".")
		return
	}
	rows := make([][]cell, 0, len(v.Pictures))
	for i := range v.Pictures {
		x := &v.Pictures[i]
		sum := ""
		if x.SHA256 != [32]byte{} {
			sum = fmt.Sprintf("%x", x.SHA256)
		}
		rows = append(rows, []cell{
			{plainly(strconv.Itoa(i+1), factSize)}, {plainly(r.fate(x), factSize)}, {plainly(x.URL, smallSize)}, {mono(sum, 6.6)},
		})
	}
	p.table([]float64{10, 42, 52, 60}, []string{r.w.T("paper.col-number"), r.w.T("paper.col-fate"), r.w.T("advert.address"), "SHA-256"}, rows)
	if r.d.Pictures == PicturesIn {
		r.shown(p, v)
	}
}

// fate says what became of a picture.
func (r *renderer) fate(x *Picture) string {
	size := ""
	if x.Width > 0 {
		size = fmt.Sprintf(" · %d × %d", x.Width, x.Height)
	}
	switch {
	case x.Failure != "":
		return r.w.T("paper.picture-missing", strings.TrimSuffix(r.w.Fail(x.Failure)+": "+x.Detail, ": "))
	case x.SHA256 == [32]byte{}:
		return r.w.T("paper.picture-missing", r.w.T("advert.picture-unknown"))
	case x.Problem != "":
		return r.w.T("paper.picture-problem", x.Problem) + size
	case r.d.Pictures == PicturesIn && len(x.Bytes) > 0:
		return r.w.T("paper.picture-below") + size
	case r.d.Pictures == PicturesAnnexed && len(x.Bytes) > 0:
		return r.w.T("paper.picture-annex", AnnexID(r.d.ID)) + size
	}
	return r.w.T("paper.picture-left-out") + size
}

// shown shows the pictures of a version, each under its number and hash.
func (r *renderer) shown(p *page, v *Version) {
	for i := range v.Pictures {
		x := &v.Pictures[i]
		if len(x.Bytes) == 0 {
			continue
		}
		caption := r.w.T("paper.picture-caption", i+1, v.Content.Capture.String(), x.Item)
		info, name := p.picture(x)
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
		p.note(caption + fmt.Sprintf(" · SHA-256 %x", x.SHA256))
	}
}

// maxPixels is how large a picture may be that is drawn; more of them would take more
// memory than a report is worth.
const maxPixels = 40 << 20

// picture gives a picture to fpdf, in a form that it can read. Where that cannot be done
// the info is nil, and name says why.
func (p *page) picture(x *Picture) (info *fpdf.ImageInfoType, name string) {
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(x.Bytes))
	if err != nil {
		return nil, err.Error()
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxPixels/cfg.Height {
		return nil, fmt.Sprintf("%d × %d", cfg.Width, cfg.Height)
	}
	m, _, err := image.Decode(bytes.NewReader(x.Bytes))
	if err != nil {
		return nil, err.Error()
	}
	// What is not a plain JPEG is set anew: fpdf does not read every form of a picture.
	set := x.Bytes
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

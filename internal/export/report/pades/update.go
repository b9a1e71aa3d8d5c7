package pades

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// document is a PDF as fpdf writes it, with what an update needs of it.
type document struct {
	bytes      []byte
	size       int // one more than the highest object
	root, info int
	xref       int
	catalog    string // without its end and without its names
	firstPage  int
	page       string
}

// fpdfNames is how fpdf ends a catalog of a document to which nothing is attached.
const fpdfNames = "/Names <<\n/EmbeddedFiles << /Names [\n  \n] >>\n>>\n>>"

// read finds its way in a document.
func read(pdf []byte) (*document, error) {
	d := &document{bytes: pdf}
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.7\n")) {
		return nil, errors.New("it is no PDF, or does not say that it is one of version 1.7")
	}
	tail := string(pdf[max(0, len(pdf)-256):])
	_, trailer, ok := strings.Cut(tail, "trailer\n<<\n")
	if !ok || !strings.HasSuffix(tail, "%%EOF\n") {
		return nil, errors.New("it does not end as a PDF of fpdf does")
	}
	if _, err := fmt.Sscanf(trailer, "/Size %d\n/Root %d 0 R\n/Info %d 0 R\n>>\nstartxref\n%d", &d.size, &d.root, &d.info, &d.xref); err != nil {
		return nil, fmt.Errorf("its trailer: %w", err)
	}
	root, err := d.object(d.root)
	if err != nil {
		return nil, err
	}
	if d.catalog, ok = strings.CutSuffix(root, fpdfNames); !ok || !strings.HasPrefix(root, "<<\n/Type /Catalog\n") {
		return nil, errors.New("its catalog has another form than fpdf's")
	}
	d.catalog = strings.TrimSuffix(d.catalog, "\n")
	d.firstPage = 3
	if d.page, err = d.object(d.firstPage); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(d.page, "<</Type /Page\n/Parent 1 0 R\n") || strings.Contains(d.page, "/Annots") {
		return nil, errors.New("its first page has another form than fpdf's, or annotations")
	}
	return d, nil
}

// object gives what stands between the head and the end of an object that is no stream.
func (d *document) object(number int) (string, error) {
	const entry = 20
	table := fmt.Sprintf("xref\n0 %d\n", d.size)
	at := d.xref + len(table) + number*entry
	if number >= d.size || d.xref < 0 || at+entry > len(d.bytes) || !bytes.HasPrefix(d.bytes[d.xref:], []byte(table)) {
		return "", fmt.Errorf("its cross-reference table does not lead to object %d", number)
	}
	offset, err := strconv.Atoi(string(d.bytes[at : at+10]))
	if err != nil || offset < 0 || offset >= len(d.bytes) {
		return "", fmt.Errorf("its cross-reference table does not lead to object %d", number)
	}
	body, ok := bytes.CutPrefix(d.bytes[offset:], fmt.Appendf(nil, "%d 0 obj\n", number))
	if !ok {
		return "", fmt.Errorf("object %d does not begin where its cross-reference table says", number)
	}
	body, _, ok = bytes.Cut(body, []byte("\nendobj\n"))
	if !ok {
		return "", fmt.Errorf("object %d has no end", number)
	}
	return string(body), nil
}

// annotated gives the first page with an annotation.
func (d *document) annotated(number int) string {
	const parent = "/Parent 1 0 R\n"
	return strings.Replace(d.page, parent, fmt.Sprintf("%s/Annots [%d 0 R]\n", parent, number), 1)
}

// files writes the attached files, and gives their entries for the tree of names.
func (w *writer) files(u *Update) (string, error) {
	var names strings.Builder
	files := slices.Clone(u.Files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for i, f := range files {
		if i > 0 && files[i-1].Name == f.Name {
			return "", fmt.Errorf("two files are called %q", f.Name)
		}
		if f.Name == "" || strings.ContainsFunc(f.Name, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-')
		}) {
			return "", fmt.Errorf("%q is no name for an attached file", f.Name)
		}
		packed.Reset()
		z.Reset(&packed)
		if _, err := z.Write(f.Bytes); err != nil {
			return "", err
		}
		if err := z.Close(); err != nil {
			return "", err
		}
		stream := w.object(0)
		fmt.Fprintf(&w.out, "<< /Type /EmbeddedFile /Subtype /%s /Filter /FlateDecode /Length %d /Params << /Size %d /ModDate (D:%s+00'00') >> >>\nstream\n",
			strings.ReplaceAll(f.Media, "/", "#2F"), packed.Len(), len(f.Bytes), u.At.UTC().Format("20060102150405"))
		w.out.Write(packed.Bytes())
		w.out.WriteString("\nendstream\nendobj\n")
		spec := w.object(0)
		fmt.Fprintf(&w.out, "<< /Type /Filespec /F (%s) /UF (%s) /Desc %s /EF << /F %d 0 R /UF %d 0 R >> >>\nendobj\n", f.Name, f.Name, text(f.What), stream, stream)
		fmt.Fprintf(&names, "(%s) %d 0 R ", f.Name, spec)
	}
	return names.String(), nil
}

// trailer writes the cross-reference table of the update, and the end of the file.
func (w *writer) trailer() {
	at := w.out.Len()
	w.out.WriteString("xref\n")
	numbers := slices.Sorted(maps.Keys(w.at))
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[0]+n {
			n++
		}
		fmt.Fprintf(&w.out, "%d %d\n", numbers[0], n)
		for _, o := range numbers[:n] {
			fmt.Fprintf(&w.out, "%010d 00000 n \n", w.at[o])
		}
		numbers = numbers[n:]
	}
	id := sha256.Sum256(w.base.bytes)
	fmt.Fprintf(&w.out, "trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n/Prev %d\n/ID [<%x> <%x>]\n>>\nstartxref\n%d\n%%%%EOF\n",
		w.next, w.base.root, w.base.info, w.base.xref, id[:16], id[:16], at)
}

// text writes a text string in a form that has every character.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// DOCX gives the findings as a document for a word processor (ISO/IEC 29500,
// WordprocessingML): the words of Findings, with headings, the identifier and the number
// of the page on each page, and no macros, links or outside parts.
func DOCX(d *Document) ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	w := d.words()
	var body strings.Builder
	for _, x := range findings(d) {
		body.WriteString(x.docx())
	}
	lang := map[string]string{"nl": "nl-NL", "en": "en-GB"}[w.Lang()]
	parts := []struct{ name, content string }{
		{"[Content_Types].xml", docxTypes},
		{"_rels/.rels", docxRoot},
		{"docProps/core.xml", fmt.Sprintf(docxCore, escape(w.T("paper.f-title", d.ID)), escape(d.By), d.Made.UTC().Format(time.RFC3339))},
		{"word/_rels/document.xml.rels", docxRelations},
		{"word/document.xml", docxHead + body.String() + docxTail},
		{"word/styles.xml", fmt.Sprintf(docxStyles, lang)},
		{"word/header1.xml", fmt.Sprintf(docxHeader, escape(d.Theme+" · "+d.ID))},
		{"word/footer1.xml", fmt.Sprintf(docxFooter, pageWords(w.T("paper.page", "\x00", "\x01")))},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: d.Made.UTC()})
		if err != nil {
			return nil, fmt.Errorf("report %s: %w", d.ID, err)
		}
		if _, err := f.Write([]byte(p.content)); err != nil {
			return nil, fmt.Errorf("report %s: %w", d.ID, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("report %s: %w", d.ID, err)
	}
	return out.Bytes(), nil
}

// docx gives a block as one paragraph; the lines of a quote stay within it.
func (b block) docx() string {
	style := map[blockKind]string{title: "Title", heading: "Heading1", step: "Heading2", para: "Normal", fact: "Fact", quote: "Quote"}[b.kind]
	var p strings.Builder
	fmt.Fprintf(&p, `<w:p><w:pPr><w:pStyle w:val="%s"/></w:pPr>`, style)
	if b.label != "" {
		fmt.Fprintf(&p, `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">%s: </w:t></w:r>`, escape(words(b.label)))
	}
	for i, line := range strings.Split(spell(b.text, sayable), "\n") {
		p.WriteString(`<w:r>`)
		if i > 0 {
			p.WriteString(`<w:br/>`)
		}
		fmt.Fprintf(&p, `<w:t xml:space="preserve">%s</w:t></w:r>`, escape(line))
	}
	p.WriteString("</w:p>\n")
	return p.String()
}

// escape writes a text for XML. What XML cannot hold has been spelled before.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(spell(s, sayable))); err != nil {
		return "" // a Builder takes everything
	}
	return b.String()
}

// pageWords puts the fields of a word processor in the place of the numbers of "Page n of
// m".
func pageWords(s string) string {
	field := func(name string) string {
		return `</w:t></w:r><w:fldSimple w:instr="` + name + `"><w:r><w:t>1</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve">`
	}
	return strings.NewReplacer("\x00", field("PAGE"), "\x01", field("NUMPAGES")).Replace(s)
}

const docxSpace = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

const docxTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>
<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>`

const docxRoot = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>`

const docxCore = xml.Header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<dc:title>%s</dc:title><dc:creator>%s</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">%s</dcterms:created>
</cp:coreProperties>`

const docxRelations = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>
<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/>
</Relationships>`

const docxHead = xml.Header + `<w:document` + docxSpace + `><w:body>
`

const docxTail = `<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:footerReference w:type="default" r:id="rId3"/>` +
	`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1247" w:bottom="1361" w:left="1361" w:header="680" w:footer="624" w:gutter="0"/></w:sectPr>
</w:body></w:document>`

const docxHeader = xml.Header + `<w:hdr` + docxSpace + `><w:p><w:pPr><w:pStyle w:val="Small"/></w:pPr><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:hdr>`

const docxFooter = xml.Header + `<w:ftr` + docxSpace + `><w:p><w:pPr><w:pStyle w:val="Small"/><w:jc w:val="right"/></w:pPr><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:ftr>`

const docxStyles = xml.Header + `<w:styles` + docxSpace + `>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Arial"/><w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="%s"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:before="80" w:after="100" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:qFormat/><w:rPr><w:b/><w:sz w:val="34"/><w:szCs w:val="34"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="320" w:after="120"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/><w:szCs w:val="26"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="220" w:after="80"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Fact"><w:name w:val="Fact"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:before="0" w:after="40"/><w:ind w:left="340" w:hanging="340"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:before="80"/><w:ind w:left="567" w:right="567"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Small"><w:name w:val="Small"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="0"/></w:pPr><w:rPr><w:sz w:val="16"/><w:szCs w:val="16"/></w:rPr></w:style>
</w:styles>`

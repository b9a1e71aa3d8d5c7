package report

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
)

// provenance writes how a page was captured.
func (r *renderer) provenance(p *page, v *Provenance) {
	c, x := &v.Capture, &v.Context
	p.sub(r.w.T("paper.provenance"))
	answer := ""
	if c.Status != 0 {
		answer = "HTTP " + strconv.Itoa(c.Status)
	}
	for _, s := range []string{r.w.NotContent(c.NotContent), r.w.Fail(c.Failed)} {
		if s != "" {
			answer = strings.TrimPrefix(answer+" · "+s, " · ")
		}
	}
	unchanged := ""
	if c.Unchanged {
		unchanged = r.w.T("advert.unchanged")
	}
	final := ""
	if c.FinalURL != c.URL {
		final = c.FinalURL
	}
	p.facts([]Fact{
		{r.w.T("paper.capture"), c.ID.String()},
		{r.w.T("advert.captured"), moment(r.w, c.At)},
		{r.w.T("advert.address"), c.URL},
		{r.w.T("paper.final"), final},
		{r.w.T("advert.answer"), answer},
		{r.w.T("paper.unchanged"), unchanged},
		{r.w.T("advert.pictures-word"), r.w.T("advert.pictures-kept", c.Pictures, c.Missing, c.Outside)},
		{r.w.T("paper.digest"), r.d.pageDigest(c)},
	})
	p.run(append([]Fact{
		{r.w.T("paper.run"), r.w.T("paper.run-of", strconv.FormatInt(x.Run, 10), x.Cause)},
		{r.w.T("paper.approval"), r.w.T("paper.approval-of", string(x.Source), x.Approval)},
		{r.w.T("paper.ground"), x.Ground},
		{r.w.T("paper.exit"), x.Exit},
		{r.w.T("paper.agent"), x.UserAgent},
		{r.w.T("paper.language"), x.Language},
		{r.w.T("paper.clock"), x.Clock},
		{r.w.T("paper.robots"), x.Robots},
		{r.w.T("paper.recipe"), x.Recipe},
		{r.w.T("paper.program"), x.Build},
		{r.w.T("paper.config"), x.Config},
	}, v.More...))
	for i := range v.Hops {
		name := r.w.T("paper.hop-page")
		if i < len(v.Hops)-1 {
			name = r.w.T("paper.hop", i+1)
		}
		p.text(0, bold(name, factSize))
		p.gap(0.6)
		p.run(r.hop(&v.Hops[i]))
	}
}

// pageDigest gives the hash by which a page is seen to have changed; none in a report whose
// numbers are masked, for whoever has the rest of a page could try them out with it.
func (d *Document) pageDigest(c *zoeklicht.Capture) string {
	if d.Masked {
		return ""
	}
	return fmt.Sprintf("%x", c.Digest)
}

// hop lists how one exchange went.
func (r *renderer) hop(h *Hop) []Fact {
	status := r.w.T("paper.no-response")
	if h.Status != 0 {
		status = "HTTP " + strconv.Itoa(h.Status)
	}
	cookies := strings.Join(h.CookiesSent, "; ")
	if cookies == "" {
		cookies = r.w.T("paper.none")
	}
	date := h.ServerDate
	if h.OffsetKnown {
		date = strings.TrimPrefix(date+" · "+r.w.T("paper.offset", strconv.FormatFloat(h.ClockOffset.Seconds(), 'f', 3, 64)), " · ")
	}
	connection := h.Peer
	if h.Reused {
		connection += " · " + r.w.T("paper.reused")
	}
	failure := r.w.Fail(h.Failure)
	if h.Detail != "" {
		failure = strings.TrimPrefix(failure+" · "+h.Detail, " · ")
	}
	list := []Fact{
		{r.w.T("paper.request"), h.Method + " " + h.URL},
		{r.w.T("advert.answer"), status},
		{r.w.T("paper.location"), h.Location},
		{r.w.T("paper.failure"), failure},
		{r.w.T("paper.truncated"), h.Truncated},
		{r.w.T("paper.started"), moment(r.w, h.Started) + " · " + r.w.T("paper.took", r.w.Duration(h.Duration))},
		{r.w.T("paper.driver"), h.Driver},
		{r.w.T("paper.peer"), connection},
		{r.w.T("paper.local"), h.Local},
		{r.w.T("paper.bytes"), r.w.T("paper.bytes-of", h.Sent, h.Received)},
		{r.w.T("paper.cookies"), cookies},
		{r.w.T("paper.server-date"), date},
		{r.w.T("paper.caching"), strings.Join(h.Caching, "\n")},
	}
	list = append(list, r.dns(h.DNS)...)
	return append(list, r.tls(h.TLS)...)
}

func (r *renderer) dns(d *zoeklicht.DNSFacts) []Fact {
	if d == nil {
		return nil
	}
	var answers []string
	for _, a := range d.Answers {
		answers = append(answers, a.String())
	}
	return []Fact{{"DNS", r.w.T("paper.dns", d.Host, strings.Join(answers, ", "), d.Resolver, moment(r.w, d.At))}}
}

func (r *renderer) tls(t *zoeklicht.TLSFacts) []Fact {
	if t == nil {
		return []Fact{{"TLS", r.w.T("paper.no-tls")}}
	}
	verified := r.w.T("paper.tls-verified")
	if !t.Verified {
		verified = r.w.T("paper.tls-not", t.Problem)
	}
	list := []Fact{{"TLS", strings.Join([]string{t.Version, t.Cipher, t.ALPN, "SNI " + t.ServerName}, " · ")}, {r.w.T("paper.tls-check"), verified}}
	for i, der := range t.Chain {
		list = append(list, Fact{r.w.T("paper.certificate", i+1), r.certificate(der)})
	}
	return list
}

// certificate says what a certificate is, in a line.
func (r *renderer) certificate(der []byte) string {
	sum := fmt.Sprintf("SHA-256 %x", sha256.Sum256(der))
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return r.w.T("paper.certificate-unread") + " · " + sum
	}
	return r.w.T("paper.certificate-of", c.Subject.String(), c.Issuer.String(), c.SerialNumber.Text(16),
		c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339)) + " · " + sum
}

package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access/accesstest"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// evidenceScreens are the screens of exports, proofs and cases on a world that
// fillEvidence has filled.
func evidenceScreens(w *world) []screen {
	return []screen{
		{"export", "/t/practice/exports/new?advert=100005&v=5&with=2"},
		{"exports", "/t/practice/exports"},
		{"export-running", "/t/practice/exports/MADE0000000000000000000002"},
		{"export-done", "/t/practice/exports/MADE0000000000000000000003"},
		{"export-failed", "/t/practice/exports/MADE0000000000000000000004"},
		{"proof", w.proofOf(100005) + "?advert=100005&v=5"},
		{"proof-no-place", w.proofOf(100006)},
		{"proof-no-checkpoint", w.proofOf(100007)},
		{"proof-not-witnessed", w.proofOf(100008)},
		{"proof-not-dated", w.proofOf(100009)},
		{"proof-broken", w.proofOf(100010)},
		{"proof-no-witnesses", w.proofOf(100011)},
		{"case-form", "/t/practice/cases"},
		{"case", "/t/practice/cases?number=zaak+2026-0142"},
		{"case-nothing", "/t/practice/cases?number=zaak+2020-1"},
		{"home-ledger-down", "/t/practice/"},
		{"advert-to-take-out", "/t/practice/adverts/100005"},
		{"search-to-take-out", "/t/practice/search?q=weekend"},
	}
}

// TestBrowserEvidence visits the screens of exports, proofs and cases with a real
// Chromium.
func TestBrowserEvidence(t *testing.T) {
	chromium(t)
	door := newDoor(t)
	w := newWorld(amsterdam(t), 60)
	w.fillEvidence(t)
	w.evidence.health = &zoeklicht.LedgerHealth{Waiting: 12, Unwitnessed: 340, Told: w.now, Now: w.now, Witnessed: w.day(0, 7), Stamped: w.day(0, 6), Parts: []zoeklicht.LedgerPart{
		{Name: "authority tsa-two.example", State: zoeklicht.LedgerDown, Detail: "does not answer: connection refused", Well: w.day(0, 6)},
		{Name: zoeklicht.PartLog, State: zoeklicht.LedgerWell},
		{Name: zoeklicht.PartWitnesses, State: zoeklicht.LedgerDown, Detail: "1 of 2 cosigned", Well: w.day(0, 7)},
	}}
	full := newSite(t, door, w)
	b := newBrowser(t, full)
	b.signIn("petra")
	axe := axeSource(t)
	list := evidenceScreens(w)
	t.Run("filled", func(t *testing.T) { b.t = t; b.audit(axe, "filled", list); b.quiet("filled") })
	t.Run("refused", func(t *testing.T) {
		b.t = t
		b.audit(axe, "refused", []screen{{"case-wrong", "/t/practice/cases?number=x"}, {"export-not-there", "/t/practice/exports/nothing"}})
		b.expected("status of 4")
		b.quiet("refused")
	})
	t.Run("narrow", func(t *testing.T) { b.t = t; evidenceNarrow(t, b, list); b.quiet("narrow") })
	t.Run("dark", func(t *testing.T) {
		b.t = t
		b.scheme("dark")
		defer b.scheme("light")
		for _, s := range list {
			b.open(s.path)
			for _, v := range b.axe(axe, "color-contrast") {
				t.Errorf("%s in dark: %s", s.name, v)
			}
			b.shot(s.name + "-dark")
		}
		b.quiet("dark")
	})
	t.Run("weight", func(t *testing.T) {
		b.t = t
		b.cache(false)
		defer b.cache(true)
		for _, s := range list {
			b.weight()
			b.open(s.path)
			if n := b.weight(); n == 0 || n > maxPage {
				t.Errorf("%s weighs %d bytes", s.name, n)
			}
		}
	})
	t.Run("taking out by keys", func(t *testing.T) { b.t = t; browseExport(t, b); b.quiet("keys") })
	t.Run("progress", func(t *testing.T) { b.t = t; browseJob(t, b); b.quiet("progress") })
	t.Run("the picture", func(t *testing.T) { b.t = t; browsePicture(t, b); b.quiet("picture") })
	t.Run("a wrong form", func(t *testing.T) { b.t = t; browseWrongExport(t, b) })
	t.Run("printed", func(t *testing.T) { b.t = t; browsePrinted(t, b); b.quiet("printed") })
	t.Run("empty", func(t *testing.T) {
		b.t, b.site = t, newSite(t, door, newWorld(amsterdam(t), 0))
		b.audit(axe, "empty", []screen{{"exports", "/t/practice/exports"}, {"case", "/t/practice/cases?number=zaak+2020-1"}})
		b.quiet("empty")
	})
}

// evidenceNarrow: nothing sticks out at 320 pixels, nor at 1280 and 400 %, and axe finds
// as little there.
func evidenceNarrow(t *testing.T, b *browser, list []screen) {
	b.size(320, 800)
	for _, s := range list {
		b.open(s.path)
		if o := b.overflow(); o != "" {
			t.Errorf("%s: %s", s.name, o)
		}
		b.shot(s.name + "-320")
	}
	for _, v := range b.axe(axeSource(t)) {
		t.Errorf("%s at 320: %s", list[len(list)-1].name, v)
	}
	b.open(list[5].path)
	for _, v := range b.axe(axeSource(t)) {
		t.Errorf("proof at 320: %s", v)
	}
	b.size(1440, 900)
}

// browseExport takes a comparison out by the keyboard alone, from the advert to the job.
func browseExport(t *testing.T, b *browser) {
	b.open("/t/practice/adverts/100005")
	b.run(chromedp.Focus("#to-export-diff"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#export-what"))
	b.run(chromedp.Focus("input[name=kind]:checked"), chromedp.KeyEvent(kb.ArrowUp))
	if got := eval[string](b, `document.querySelector("input[name=kind]:checked").value`); got != "version" {
		t.Errorf("an arrow up chose %q", got)
	}
	b.run(chromedp.KeyEvent(kb.ArrowDown), chromedp.Focus("input[name=form]:checked"), chromedp.KeyEvent(kb.ArrowDown))
	b.run(chromedp.Focus("#purpose-export"), chromedp.SendKeys("#purpose-export", "zaak 2026-0142"+kb.Enter), chromedp.WaitVisible("#jobs"))
	if o := lastOrder(t, b.site); o.Kind != zoeklicht.ExportComparison || o.Form != zoeklicht.FormPDF {
		t.Errorf("%+v", o)
	}
	if got := eval[string](b, "location.pathname"); !strings.HasPrefix(got, "/t/practice/exports/BEGUN") {
		t.Errorf("it led to %s", got)
	}
	// Rows of the list are walked by j, and their own keys act on them.
	b.open("/t/practice/exports")
	b.press("j")
	first := b.focused()
	b.press("x")
	b.until(`document.querySelector(".note") !== null`)
	if !strings.Contains(eval[string](b, `document.querySelector(".joblet").textContent`), "afgebroken") {
		t.Errorf("x on %q did not cancel", first)
	}
}

// browseJob: how far a job is moves by itself, focus stays where it was, and when it is
// done nothing is asked for any more.
func browseJob(t *testing.T, b *browser) {
	b.open("/t/practice/exports/MADE0000000000000000000002")
	b.run(chromedp.Focus("#xMADE0000000000000000000002"))
	change := func(f func(*zoeklicht.Job)) {
		b.site.world.mu.Lock()
		defer b.site.world.mu.Unlock()
		i := slices.IndexFunc(b.site.world.evidence.jobs, func(j zoeklicht.Job) bool { return j.ID == "MADE0000000000000000000002" })
		f(&b.site.world.evidence.jobs[i])
	}
	change(func(j *zoeklicht.Job) { j.Done, j.Step = 777, zoeklicht.StepPack })
	b.until(`document.getElementById("jobs").textContent.includes("777") && document.getElementById("jobs").textContent.includes("inpakken")`)
	if got := eval[string](b, "document.activeElement.id"); got != "xMADE0000000000000000000002" {
		t.Errorf("focus is on %q", got)
	}
	change(func(j *zoeklicht.Job) {
		j.State, j.Ended, j.Until = zoeklicht.JobFinished, time.Now(), time.Now().Add(24*time.Hour)
		j.File = &zoeklicht.JobFile{Name: "zoeklicht-r-9876543210.zip", Type: "application/zip", Bytes: int64(len(exportedText))}
	})
	b.until(`document.querySelector("[download]") !== null`)
	if got := b.focused(); got == "BODY" {
		t.Error("focus was lost with the button")
	}
	if eval[bool](b, `document.getElementById("jobs").hasAttribute("hx-get")`) {
		t.Error("it asks on although it is done")
	}
	// The file is the one that is in the register.
	if got := eval[string](b, `fetch(document.querySelector("[download]").href).then(r => r.text())`); got != exportedText {
		t.Errorf("the file is %q", got)
	}
}

// browsePicture: the picture of a proof says what the table says, and no text of it
// sticks out of its box.
func browsePicture(t *testing.T, b *browser) {
	for _, s := range evidenceScreens(b.site.world)[5:12] {
		b.open(s.path)
		if o := eval[string](b, `(() => {
			const pic = document.querySelector(".proofpic"), out = [];
			const boxes = [...pic.querySelectorAll("rect")].map(r => r.getBoundingClientRect());
			for (const text of pic.querySelectorAll("text")) {
				const t = text.getBoundingClientRect();
				if (!boxes.some(r => t.left >= r.left && t.right <= r.right && t.top >= r.top - 1 && t.bottom <= r.bottom + 1)) out.push(text.textContent);
			}
			return out.join("; ");
		})()`); o != "" {
			t.Errorf("%s: outside its box: %s", s.name, o)
		}
		beside, rows := eval[int](b, `document.querySelectorAll(".proofpic .beside").length`), eval[int](b, `[...document.querySelectorAll(".waytable th")].filter(e => e.textContent.startsWith("Stap ")).length`)
		if beside != rows {
			t.Errorf("%s: %d hashes in the picture, %d in the table", s.name, beside, rows)
		}
	}
}

// browseWrongExport: a form that cannot be taken says so in a place that has the focus of
// who reads it, in both languages and at 320 pixels.
func browseWrongExport(t *testing.T, b *browser) {
	for _, lang := range []string{"nl", "en"} {
		b.open("/account")
		b.language(lang)
		b.size(1440, 900)
		b.posts("/t/practice/exports", url.Values{"advert": {"100005"}, "v": {"5"}, "kind": {"versions"}, "pictures": {"in"}, "dossier": {"1"}, "recipients": {"somebody"}})
		for _, v := range b.axe(axeSource(t)) {
			t.Errorf("%s: %s", lang, v)
		}
		for _, id := range eval[[]string](b, `[...document.querySelectorAll("#errors a")].map(a => a.hash)`) {
			if !eval[bool](b, fmt.Sprintf(`document.querySelector(%q) !== null`, id)) {
				t.Errorf("%s: nothing has the id %s", lang, id)
			}
		}
		b.shot("export-wrong-" + lang)
		b.size(320, 800)
		if o := b.overflow(); o != "" {
			t.Errorf("%s at 320: %s", lang, o)
		}
		b.shot("export-wrong-" + lang + "-320")
	}
	b.size(1440, 900)
	b.open("/account")
	b.language("nl")
	b.expected("status of 4")
	b.quiet("a wrong form")
}

// browsePrinted: on paper a case has its lists whole, and nothing to press.
func browsePrinted(t *testing.T, b *browser) {
	b.open("/t/practice/cases?number=zaak+2026-0142")
	b.media("print")
	defer b.media("")
	if n := eval[int](b, `[...document.querySelectorAll("button, .menu, form")].filter(e => e.checkVisibility()).length`); n > 0 {
		t.Errorf("%d things to press are printed", n)
	}
	if n := eval[int](b, `[...document.querySelectorAll(".scroll")].filter(e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== "visible").length`); n > 0 {
		t.Errorf("%d lists are cut off on paper", n)
	}
	b.shot("case-printed")
}

// TestEvidenceWithoutJavaScript takes something out, follows it, cancels it, and reads a
// proof and a case in a browser that runs no script.
func TestEvidenceWithoutJavaScript(t *testing.T) {
	w := newWorld(amsterdam(t), 60)
	w.fillEvidence(t)
	b := newBrowser(t, newSite(t, newDoor(t), w), chromedp.Flag("blink-settings", "scriptEnabled=false"))
	b.open("/sign-in")
	b.run(chromedp.SendKeys("#login", "petra"), chromedp.SendKeys("#password", accesstest.Password+kb.Enter), chromedp.WaitNotPresent("#password"))
	b.open("/t/practice/search?q=weekend")
	b.run(chromedp.Click("#to-export"), chromedp.WaitVisible("#export-what"), chromedp.SendKeys("#purpose-export", "zaak 2026-0142"), chromedp.Click("main form button.primary"), chromedp.WaitVisible("#jobs"))
	b.run(chromedp.Click(".joblet form button"), chromedp.WaitVisible(".note"), chromedp.WaitVisible(".state.warn"))
	b.open("/t/practice/adverts/100005")
	b.run(chromedp.Click("#to-proof"), chromedp.WaitVisible(".proofpic"), chromedp.WaitVisible(".waytable"))
	b.open("/t/practice/cases")
	b.run(chromedp.Click("main form button"), chromedp.WaitVisible("#seen"))
	b.quiet("without JavaScript")
}

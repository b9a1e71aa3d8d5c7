package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// posts sends a form by POST from a page of ours, as a person who filled it in would.
func (b *browser) posts(path string, form url.Values) {
	b.t.Helper()
	b.open("/account")
	eval[bool](b, fmt.Sprintf(`(() => {
		const f = document.createElement("form");
		f.method = "post";
		f.action = %q;
		for (const [k, v] of new URLSearchParams(%q)) {
			const t = document.createElement("textarea");
			t.name = k;
			t.value = v;
			f.append(t);
		}
		document.body.append(f);
		setTimeout(() => f.submit());
		return true;
	})()`, path, form.Encode()))
	b.until(`location.pathname !== "/account" && document.readyState === "complete"`)
}

// browseWork works through the list by keys alone: claim, park, finish, on to the advert
// and to the next one. Focus is never lost and the document is never loaded anew while on
// the list.
func browseWork(t *testing.T, b *browser) {
	b.open("/t/practice/?show=mine")
	b.open("/t/practice/")
	eval[bool](b, "window.same = true")
	b.press("j")
	b.press("j")
	second := eval[string](b, "document.activeElement.id")
	b.press("k")
	first := eval[string](b, "document.activeElement.id")
	if !strings.HasPrefix(first, "w") || first == second {
		t.Fatalf("j and k lead to %q and %q", first, second)
	}
	// Claiming keeps the row, and the focus on it. The swap gives back the focus that it
	// found, a moment after the row is there.
	eval[bool](b, `window.swapped = new Promise(r => document.addEventListener("htmx:finally:swap", () => r(true), { once: true })), true`)
	b.press("c")
	b.until(`document.querySelector("#` + first + `").closest("li").querySelector("[value=finish]") !== null`)
	if got := eval[string](b, "document.activeElement.id"); got != first {
		t.Errorf("after claiming, focus is on %q, want %q", got, first)
	}
	eval[bool](b, `window.swapped`)
	if note := eval[string](b, `document.querySelector("#notes").textContent`); strings.TrimSpace(note) == "" {
		t.Error("what the step did is not said")
	}
	b.shot("work-claimed")
	// Parking the second: the key opens the sheet on its day, Enter parks, and the row in
	// its place has the focus.
	b.press("j")
	b.press("p")
	b.until(`document.activeElement.name === "until"`)
	b.shot("work-parking")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector("#` + second + `") === null`)
	third := eval[string](b, "document.activeElement.id")
	if !strings.HasPrefix(third, "w") {
		t.Errorf("after parking, focus is on %q", b.focused())
	}
	if !eval[bool](b, "window.same === true") {
		t.Error("the whole page was loaded")
	}
	// Enter opens the advert; n goes on, f finishes and goes on, w returns.
	b.press("k")
	b.press("j")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#advert"))
	at := eval[string](b, "location.search")
	b.press("n")
	b.until(`location.search !== "` + at + `" && document.querySelector("#advert") !== null && document.readyState === "complete"`)
	at = eval[string](b, "location.search")
	b.press("f")
	b.until(`location.search !== "` + at + `" && document.querySelector("#advert") !== null && document.readyState === "complete"`)
	b.shot("work-strip")
	b.press("w")
	b.run(chromedp.WaitVisible("#work-title"))
	// What was done is undone in the same way.
	b.open("/t/practice/?show=mine")
	b.run(chromedp.Click("#"+first), chromedp.WaitVisible("#advert"))
	b.open("/t/practice/?show=parked")
	b.press("j")
	b.press("c")
	b.until(`document.querySelector(".leads") === null || !document.querySelector("#` + second + `")`)
	b.open("/t/practice/?show=mine")
	if got := eval[int](b, `document.querySelectorAll(".leads > li").length`); got != 2 {
		t.Errorf("%d rows are mine, want 2", got)
	}
}

// browseNumbers: a key leads to the look-up from everywhere, and eight spellings give one
// card.
func browseNumbers(t *testing.T, b *browser) {
	b.open("/t/practice/sources")
	b.press("t")
	if got := b.focused(); got != "number" {
		t.Fatalf("t leads to %q", got)
	}
	card := ""
	for _, spelt := range spellings[:7] {
		b.run(chromedp.SetValue("#number", spelt), chromedp.Submit("#number"), chromedp.WaitVisible(".aloud"))
		b.until(`document.querySelector("#number").value === ` + fmt.Sprintf("%q", spelt))
		got := eval[string](b, `document.querySelector(".aloud").innerText`)
		if card == "" {
			card = got
		}
		if got != card {
			t.Errorf("%q gives another card", spelt)
		}
	}
	// The map says no more than the table beside it.
	if m, rows := eval[int](b, `[...document.querySelectorAll(".unitmap .n")].reduce((n, e) => n + Number(e.textContent), 0)`),
		eval[int](b, `[...document.querySelector(".unitmap + table").tBodies[0].rows].reduce((n, r) => n + Number(r.cells[1].textContent), 0)`); m == 0 || m != rows {
		t.Errorf("the map counts %d, the table %d", m, rows)
	}
	b.size(320, 800)
	b.open("/t/practice/")
	// What opens under a word of a row stays on the screen.
	b.press("j")
	b.press("p")
	b.until(`document.activeElement.name === "until"`)
	if at := eval[[]float64](b, `(() => { const r = document.activeElement.closest(".sheet").getBoundingClientRect(); return [r.left, r.right]; })()`); at[0] < 0 || at[1] > 320 {
		t.Errorf("at 320 the sheet reaches from %v", at)
	}
	b.shot("work-parking-320")
	b.open("/t/practice/")
	b.press("t")
	if got := b.focused(); got != "number" {
		t.Errorf("at 320, t leads to %q", got)
	}
	b.size(1440, 900)
}

// browsePosted: what forms answer with is as good as what links lead to, in both
// languages and at 320 pixels.
func browsePosted(t *testing.T, b *browser) {
	axe := axeSource(t)
	var lines []string
	for i := range 300 {
		switch raw, _ := phoneOf(i / 2); {
		case i%25 == 7:
			lines = append(lines, "no number here")
		case i%3 == 1:
			lines = append(lines, strings.ReplaceAll(raw, " ", "-"))
		default:
			lines = append(lines, raw)
		}
	}
	lines = append(lines, "NL91ABNA0417164300", "06 0009 9999, 06 0004 0148", "06 0009 9998; 06 0009 9997")
	sites := "127.0.0.1\nhttps://new.example/list\nwww.other.example\nhttps://practice-a.example/\nnot a site\nnew.example\n"
	forms := []struct {
		name, path string
		form       url.Values
	}{
		{"list", "/t/practice/numbers/list", url.Values{"lines": {strings.Join(lines, "\n")}, "purpose": {"zaak 2026-0142"}}},
		{"list-empty", "/t/practice/numbers/list", url.Values{"lines": {" "}}},
		{"many-preview", "/t/practice/sources/many", url.Values{"sites": {sites}, "reason": {"Named together in a report."}, "priority": {"2"}}},
		{"many-wrong", "/t/practice/sources/many", url.Values{"sites": {""}, "reason": {"x"}, "priority": {"9"}}},
		{"capture-wrong", "/t/practice/capture", url.Values{"address": {"not an address"}}},
		{"report-wrong", "/t/practice/reports", url.Values{"screen": {"/t/practice/"}, "text": {"x"}}},
	}
	for _, lang := range []string{"nl", "en"} {
		b.open("/account")
		b.language(lang)
		for _, f := range forms {
			b.size(1440, 900)
			b.posts(f.path, f.form)
			for _, v := range b.axe(axe) {
				t.Errorf("%s, %s: %s", f.name, lang, v)
			}
			b.shot("posted-" + f.name + "-" + lang)
			b.size(320, 800)
			if o := b.overflow(); o != "" {
				t.Errorf("%s at 320: %s", f.name, o)
			}
			b.shot("posted-" + f.name + "-" + lang + "-320")
		}
	}
	b.size(1440, 900)
	b.open("/account")
	b.language("nl")
	// Each pasted line gives a row, and the counts above add up.
	b.posts(forms[0].path, forms[0].form)
	rows := eval[int](b, `document.querySelectorAll(".found tbody tr").length`)
	counts := eval[[]int](b, `[...document.querySelectorAll(".tallies dd")].map(e => Number(e.textContent))`)
	if n := len(lines); rows != n || counts[0] != n || counts[1]+counts[2]+counts[3]+counts[4] != n || counts[3] != 1 || counts[4] != 12 {
		t.Errorf("%d rows, counts %v", rows, counts)
	}
	if got := eval[string](b, "location.pathname + location.search"); got != "/t/practice/numbers/list" {
		t.Errorf("the address is %s", got)
	}
	b.expected("status of 4")
}

// browseWanted: how far a capture has come is told without reloading, until it is done.
func browseWanted(t *testing.T, b *browser) {
	b.open("/t/practice/capture/2")
	b.until(`document.getElementById("wanted-title").textContent.includes("Wordt nu vastgelegd")`)
	w := b.site.world
	w.mu.Lock()
	w.desk.wanted[1].Done, w.desk.wanted[1].Advert = w.now, 100004
	w.mu.Unlock()
	b.until(`document.getElementById("wanted-title").textContent.includes("Vastgelegd en gelezen")`)
	for _, v := range b.axe(axeSource(t)) {
		t.Error(v)
	}
	if eval[bool](b, `document.getElementById("wanted").hasAttribute("hx-get")`) {
		t.Error("it asks on although it is done")
	}
}

// deskWithoutJavaScript works the list, looks numbers up and asks for a capture in a
// browser that runs no script.
func (b *browser) deskWithoutJavaScript() {
	b.t.Helper()
	b.run(chromedp.Click("[data-row-key=c]"), chromedp.WaitVisible(".note"), chromedp.WaitVisible("[data-row-key=f]"))
	b.open("/t/practice/") // the note is said once
	b.run(chromedp.Click(".lead:nth-child(2) .acts summary"), chromedp.WaitVisible(".lead:nth-child(2) button[value=park]"),
		chromedp.Click(".lead:nth-child(2) button[value=park]"), chromedp.WaitVisible(".note"))
	b.run(chromedp.Click(`.tablist li:nth-child(3) a`), chromedp.WaitVisible(".lead .claim"))
	b.run(chromedp.SendKeys("#number", "06 0004 0148"+kb.Enter), chromedp.WaitVisible(".aloud"))
	b.open("/t/practice/numbers/list")
	b.run(chromedp.SendKeys("#lines", "06 0004 0148"), chromedp.Click("main form button.primary"), chromedp.WaitVisible(".found"))
	b.open("/t/practice/capture")
	b.run(chromedp.SendKeys("#address", "https://practice-a.example/adverts/77"+kb.Enter), chromedp.WaitVisible("#wanted"))
	b.open("/t/practice/reports")
	b.run(chromedp.SendKeys("#text", "The place is wrong here."), chromedp.Click("main form button.primary"), chromedp.WaitVisible(".report"))
}

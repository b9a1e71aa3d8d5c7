package web

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access/accesstest"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// judgeScreens are the states of judging, on a world that fillJudged has filled.
var judgeScreens = []screen{
	{"advert-judged", "/t/practice/adverts/100005"},
	{"advert-many-hits", "/t/practice/adverts/100008"},
	{"advert-not-assessed", "/t/practice/adverts/100010"},
	{"advert-sealed", "/t/practice/adverts/100006"},
	{"advert-of-a-list", "/t/practice/adverts/100005?after=r-0123456789.2"},
	{"urgent", "/t/practice/urgent"},
	{"judged-filters", "/t/practice/search?indicator=new-in-town&risk=any&unit=oost-nederland&feedback=none"},
	{"judged-nothing", "/t/practice/search?risk=high&feedback=yes"},
}

// fillJudged has people judge, name, correct and seal in a world.
func fillJudged(w *world) {
	at := func(id zoeklicht.AdvertID) *zoeklicht.Version { return &w.adverts[id].Versions[0] }
	w.feedback = []zoeklicht.Feedback{
		{ID: 1, Version: at(100005).ID, Advert: 100005, Answer: zoeklicht.Yes, Reason: "the same text stands elsewhere", Person: 901, Name: "B. Voorbeeld", At: w.day(1, 9)},
		{ID: 2, Version: at(100008).ID, Advert: 100008, Answer: zoeklicht.No, Person: 902, Name: "C. Voorbeeld", At: w.day(1, 9)},
		{ID: 3, Version: w.adverts[100005].Versions[2].ID, Advert: 100005, Answer: zoeklicht.Unclear, Person: 901, Name: "B. Voorbeeld", At: w.day(3, 9)},
	}
	w.names[w.adverts[100005].Versions[2].ID] = zoeklicht.VersionName{Version: w.adverts[100005].Versions[2].ID, Name: "before the move", Person: "B. Voorbeeld", At: w.day(1, 9)}
	w.unassessed[100010] = true
	w.desk.corrections = append(w.desk.corrections,
		zoeklicht.Correction{ID: 1, Version: at(100005).ID, Entity: at(100005).Entities[0], Right: "+31600011111", Person: "B. Voorbeeld", At: w.day(1, 9)},
		zoeklicht.Correction{ID: 2, Version: at(100005).ID, Entity: zoeklicht.Entity{Type: zoeklicht.PlaceName}, Right: "GM0193", Person: "B. Voorbeeld", At: w.day(1, 9)})
	for i, id := range []zoeklicht.AdvertID{100006, 100012, 100013} {
		v := at(id)
		w.seals = append(w.seals, zoeklicht.Seal{ID: zoeklicht.SealID(i + 1), Version: v.ID, Advert: id, Capture: v.Capture, Why: sealChoices[i%2].Why, Scope: sealChoices[i%2].Scope, Versions: 1, Person: 901, Name: "B. Voorbeeld", At: w.now.Add(-time.Duration(7+31*i) * time.Minute)})
		*v = zoeklicht.Version{ID: v.ID, Advert: v.Advert, Source: v.Source, N: v.N, SeenAt: v.SeenAt, LastSeen: v.LastSeen, Sealed: true}
	}
	w.seals[1].TakenBy, w.seals[1].Taken = "Test sven", w.now.Add(-20*time.Minute)
	w.seals[2].TakenBy, w.seals[2].Taken, w.seals[2].Done, w.seals[2].Outcome = "Test sven", w.now.Add(-60*time.Minute), w.now.Add(-40*time.Minute), "handed to the specialist team"
}

// TestBrowserJudging visits what the analyst judges with, in a real Chromium.
func TestBrowserJudging(t *testing.T) {
	chromium(t)
	door := newDoor(t)
	w := newWorld(amsterdam(t), 60)
	fillJudged(w)
	full := newSite(t, door, w)
	b := newBrowser(t, full)
	b.signIn("sven")
	for _, part := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"accessibility", browseJudged},
		{"narrow", browseJudgedNarrow},
		{"dark", browseJudgedDark},
		{"weight", browseJudgedWeight},
		{"open", browseOpened},
		{"by keys alone, from the worklist", func(t *testing.T, b *browser) { browseTwentyByKeys(t, b, "/t/practice/") }},
		{"by keys alone, from a result", func(t *testing.T, b *browser) { browseTwentyByKeys(t, b, "/t/practice/search?q=weekend") }},
		{"seal by keys", browseSeal},
		{"keys off", browseJudgeKeysOff},
		{"a lane that refreshes", browseLane},
	} {
		t.Run(part.name, func(t *testing.T) { b.t = t; part.test(t, b); b.quiet(part.name) })
	}
	t.Run("accessibility, empty", func(t *testing.T) {
		bare := newWorld(amsterdam(t), 0)
		b.t, b.site = t, newSite(t, door, bare)
		b.audit(axeSource(t), "empty", []screen{{"urgent", "/t/practice/urgent"}, {"judged-filters", "/t/practice/search?risk=high"}})
		b.quiet("empty")
		b.site = full
	})
}

func browseJudged(t *testing.T, b *browser) { b.audit(axeSource(t), "filled", judgeScreens) }

func browseJudgedNarrow(t *testing.T, b *browser) {
	b.size(320, 800)
	for _, s := range judgeScreens {
		b.open(s.path)
		eval[bool](b, `document.querySelectorAll("main details").forEach(d => { d.open = true; }); true`)
		if o := b.overflow(); o != "" {
			t.Errorf("%s: %s", s.name, o)
		}
		if o := b.small(); o != "" {
			t.Errorf("%s: targets under 24 px: %s", s.name, o)
		}
		b.shot(s.name + "-320")
	}
	b.size(1440, 900)
}

// small names what can be pressed and is smaller than 24 pixels, but for links within a
// sentence.
func (b *browser) small() string {
	b.t.Helper()
	return eval[string](b, `[...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main select, main summary")].filter(e => {
		if (!e.checkVisibility() || e.closest(".vh") || e.disabled) return false;
		const r = e.getBoundingClientRect();
		if (e.tagName === "A" && getComputedStyle(e).display === "inline" && e.parentElement.textContent.trim() !== e.textContent.trim()) return false;
		if (e.type === "checkbox") return e.closest("label").getBoundingClientRect().height < 24;
		return r.height < 23.5 || r.width < 23.5;
	}).map(e => e.tagName + " " + (e.id || e.textContent.trim().slice(0, 30)) + " " + Math.round(e.getBoundingClientRect().width) + "x" + Math.round(e.getBoundingClientRect().height)).slice(0, 8).join("; ")`)
}

func browseJudgedDark(t *testing.T, b *browser) {
	b.scheme("dark")
	defer b.scheme("light")
	axe := axeSource(t)
	for _, s := range judgeScreens {
		b.open(s.path)
		for _, v := range b.axe(axe, "color-contrast") {
			t.Errorf("%s in dark: %s", s.name, v)
		}
		b.shot(s.name + "-dark")
	}
}

func browseJudgedWeight(t *testing.T, b *browser) {
	for _, s := range judgeScreens {
		b.cache(false)
		b.weight()
		b.open(s.path)
		n := b.weight()
		t.Logf("%-22s %5.1f KB", s.name, float64(n)/1024)
		if n == 0 || n > maxPage {
			t.Errorf("%s weighs %d bytes", s.name, n)
		}
	}
	b.cache(true)
}

// browseOpened: with everything on the screen opened that opens.
func browseOpened(t *testing.T, b *browser) {
	b.open("/t/practice/adverts/100005")
	b.press("1")
	b.run(chromedp.WaitVisible(`.answers [aria-pressed=true]`))
	eval[bool](b, `document.querySelectorAll("main details").forEach(d => { d.open = true; }); true`)
	for _, v := range b.axe(axeSource(t)) {
		t.Error(v)
	}
	b.shot("advert-opened")
	b.press("u")
	b.run(chromedp.WaitNotPresent(`.answers [aria-pressed=true]`))
}

// browseTwentyByKeys: from a list through twenty adverts by keys alone, the difference
// looked at, an answer given, taken back and given again. How long the reader waits is
// told, and nothing is made of it here.
func browseTwentyByKeys(t *testing.T, b *browser, list string) {
	before := len(b.site.world.feedback)
	b.open(list)
	b.press("j")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#advert"), chromedp.WaitVisible("html.scripted"))
	b.arrive(`document.getElementById("advert") !== null`)
	// From the key to the next advert on the screen, as the browser sees it.
	eval[bool](b, `(() => {
		window.waits = [];
		let began = 0;
		document.addEventListener("keydown", (e) => { if ("123".includes(e.key)) began = performance.now(); }, true);
		document.addEventListener("htmx:after:swap", () => { if (began) requestAnimationFrame(() => { window.waits.push(performance.now() - began); began = 0; }); });
		return true;
	})()`)
	seen := map[string]bool{}
	for i := range 20 {
		path := eval[string](b, "location.pathname")
		if seen[path] {
			t.Fatalf("%s comes twice", path)
		}
		seen[path] = true
		if eval[bool](b, `document.getElementById("older") !== null`) { // the difference before this one, and back
			shown := eval[string](b, `document.querySelector(".versions .current a").id`)
			b.press("[")
			b.arrive(`document.querySelector(".versions .current a").id !== "` + shown + `"`)
			b.press("]")
			b.arrive(`document.querySelector(".versions .current a").id === "` + shown + `"`)
		}
		if i == 4 { // every step can be taken back
			b.press("2")
			b.arrive(`location.pathname !== "` + path + `" && document.querySelector("[data-key=u]") !== null`)
			b.press("u")
			b.arrive(`location.pathname === "` + path + `" && document.querySelector("[data-key=u]") === null`)
		}
		b.press(string("123"[i%3]))
		b.arrive(`location.pathname !== "` + path + `" && document.querySelector("[data-key=u]") !== null && document.querySelector("#advert, .rows") !== null`)
		if focus := eval[bool](b, `document.activeElement !== null && document.activeElement !== document.body`); !focus {
			t.Errorf("advert %d: focus is nowhere", i)
		}
	}
	waits := eval[[]float64](b, "window.waits")
	sum := 0.0
	for _, ms := range waits {
		sum += ms
	}
	t.Logf("waiting at %d answers: %.0f ms in all, the longest %.0f ms", len(waits), sum, slices.Max(append(waits, 0)))
	b.site.world.mu.Lock()
	defer b.site.world.mu.Unlock()
	standing := 0
	for _, f := range b.site.world.feedback[before:] {
		if f.Undone.IsZero() {
			standing++
		}
	}
	if standing != 20 {
		t.Errorf("%d answers stand, want 20", standing)
	}
}

// arrive waits for an expression to be true on the page that comes next, whether by a
// swap or as a new document, which ends the waiting in the old one, and for the page to be
// at work: no person presses the next key before that.
func (b *browser) arrive(js string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.readyState === "complete" && document.querySelectorAll("main [hx-get]:not([data-htmx-powered]), main [hx-post]:not([data-htmx-powered])").length === 0 && (`+js+`)`))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("waiting for %s: %v", js, err)
		}
	}
}

// browseSeal: one key opens, Escape does nothing, Enter seals.
func browseSeal(t *testing.T, b *browser) {
	const path, canary = "/t/practice/adverts/100009", "canaryzz4711"
	v := &b.site.world.adverts[100009].Versions[0]
	b.site.world.mu.Lock()
	v.Body += "\n" + canary
	b.site.world.mu.Unlock()
	b.open(path)
	b.press("S")
	b.until(`document.getElementById("sealer").open && document.activeElement.value === "suspected-minor"`)
	b.shot("advert-sealing")
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.getElementById("sealer").open`)
	if b.site.world.find(v.ID).Sealed {
		t.Fatal("Escape sealed")
	}
	b.press("S")
	b.until(`document.activeElement.value === "suspected-minor"`)
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#sealed"))
	if html := eval[string](b, "document.documentElement.outerHTML"); strings.Contains(html, canary) {
		t.Error("sealed text is still on the page")
	}
	for _, v := range b.axe(axeSource(t)) {
		t.Error(v)
	}
	b.shot("advert-just-sealed")
}

func browseJudgeKeysOff(t *testing.T, b *browser) {
	b.open("/account")
	b.run(chromedp.Click(".me summary"), chromedp.Click("button[name=keys][value=off]"), chromedp.WaitNotPresent("body[data-keys]"))
	before := len(b.site.world.feedback)
	b.open("/t/practice/adverts/100011")
	for _, key := range []string{"1", "2", "3", "S", "u"} {
		b.press(key)
	}
	if eval[bool](b, `document.getElementById("sealer").open`) || len(b.site.world.feedback) != before {
		t.Error("a key works though keys are off")
	}
	b.open("/account")
	b.run(chromedp.Click(".me summary"), chromedp.Click("button[name=keys][value=on]"), chromedp.WaitVisible("body[data-keys]"))
	// Nor while a reason is typed: a digit is a digit there, and Enter answers nothing.
	b.open("/t/practice/adverts/100011")
	b.run(chromedp.Focus("#reason"), chromedp.SendKeys("#reason", "1 of 3"+kb.Enter))
	if got := eval[string](b, `document.getElementById("reason").value`); got != "1 of 3" || len(b.site.world.feedback) != before {
		t.Errorf("typing a reason answered: %q", got)
	}
}

// browseLane: the clock moves by itself, and not under the hands of who writes.
func browseLane(t *testing.T, b *browser) {
	b.open("/t/practice/urgent")
	forward := func(by time.Duration) {
		b.site.world.mu.Lock()
		defer b.site.world.mu.Unlock()
		b.site.world.now = b.site.world.now.Add(by)
	}
	forward(3 * time.Hour)
	eval[bool](b, `htmx.trigger("#lane", "htmx:trigger"); true`)
	b.until(`document.querySelector(".clock strong").textContent.includes("3")`)
	forward(-3 * time.Hour)
}

// TestJudgingWithoutJavaScript classifies a list, corrects and seals where no script runs.
func TestJudgingWithoutJavaScript(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	b := newBrowser(t, s, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	b.open("/sign-in")
	b.run(chromedp.SendKeys("#login", "anna"), chromedp.SendKeys("#password", accesstest.Password+kb.Enter), chromedp.WaitNotPresent("#password"))
	b.open("/t/practice/search?indicator=new-in-town&risk=any")
	b.run(chromedp.WaitVisible("#found"), chromedp.Click("[data-row]"), chromedp.WaitVisible("#advert"))
	b.run(chromedp.Click(`button[value=no]`), chromedp.WaitVisible(".undo"))
	b.run(chromedp.Click(`.undo button`), chromedp.WaitVisible("#advert"), chromedp.WaitNotPresent(".undo"))
	b.run(chromedp.Click("#wrong-0 summary"), chromedp.SendKeys("#right-0", "06 0001 2345"+kb.Enter), chromedp.WaitVisible(".said"))
	b.run(chromedp.Click("#sealer summary"), chromedp.Click("#sealer button[value=other]"), chromedp.WaitVisible("#sealed"))
	b.quiet("without JavaScript")
}

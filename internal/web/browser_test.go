package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access/accesstest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is a real Chromium that visits a test site and notes what must not happen:
// requests to other origins, and errors on the console, among them every violation of
// the content security policy.
type browser struct {
	t    testing.TB
	site *testSite
	ctx  context.Context

	mu      sync.Mutex
	foreign []string
	errors  []string
	bytes   map[network.RequestID]int64 // on the wire, by request
}

// chromium gives the path of Chromium, or skips the test.
func chromium(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests are left out with -short")
	}
	// They ask nothing of the database that the other tests do not: once will do.
	if _, err := os.Stat("../postgres/dist/made"); err == nil && os.Getenv("ZOEKLICHT_TEST_PG") == "system" {
		t.Skip("browser tests run with the embedded PostgreSQL")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("there is no Chromium on this machine: apt-get install chromium")
	return ""
}

// newBrowser starts a browser with a profile of its own.
func newBrowser(t testing.TB, s *testSite, options ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	opts := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium(t)), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.UserDataDir(t.TempDir()),
	}, options...)
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	ctx, quit := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		// Wait for the process, or its profile is written to while it is removed.
		_ = chromedp.Cancel(ctx)
		quit()
		stop()
	})
	b := &browser{t: t, site: s, ctx: ctx, bytes: map[network.RequestID]int64{}}
	// The first action starts the browser, whose life is that of the context given.
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err1 := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		_, err2 := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		_, err3 := cdp.Call(ctx, tab, runtime.Enable, cdp.Empty{})
		return errors.Join(err1, err2, err3)
	}))
	return b
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.site.URL+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.foreign = append(b.foreign, u)
		}
	case *network.EventLoadingFinished:
		b.bytes[e.RequestID] += int64(e.EncodedDataLength)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || strings.Contains(e.Entry.Text, "Content Security Policy") {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			b.errors = append(b.errors, fmt.Sprint("console.error ", len(e.Args)))
		}
	}
}

// quiet fails the test if something happened that must not, and forgets it.
func (b *browser) quiet(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.foreign {
		b.t.Errorf("%s: a request to %s", where, u)
	}
	for _, e := range b.errors {
		b.t.Errorf("%s: %s", where, e)
	}
	b.foreign, b.errors = nil, nil
}

// expected forgets the errors that a test brought about on purpose.
func (b *browser) expected(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors = slices.DeleteFunc(b.errors, func(e string) bool { return strings.Contains(e, part) })
}

// scheme has the browser prefer light or dark colours.
func (b *browser) scheme(name string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

// media has the browser show pages as on a medium, "print", or on the screen.
func (b *browser) media(name string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name})
		return err
	}))
}

// cache switches the browser's cache.
func (b *browser) cache(on bool) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: !on})
		return err
	}))
}

// weight gives the bytes on the wire since the last call.
func (b *browser) weight() (n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.bytes {
		n += v
	}
	b.bytes = map[network.RequestID]int64{}
	return n
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *browser) open(path string) { b.t.Helper(); b.run(chromedp.Navigate(b.site.URL + path)) }

func (b *browser) size(width, height int) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(int64(width), int64(height)))
}

// eval gives the value of an expression, which may be a promise.
func eval[T any](b *browser, js string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return v
}

// until waits for an expression to be true.
func (b *browser) until(js string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	for {
		// A document that goes while it is asked is asked again once the next is there;
		// what was asked of it may never be answered.
		once, stop := context.WithTimeout(ctx, 3*time.Second)
		_, err := chromedp.Run(once, chromedp.Poll[bool](js))
		stop()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("waiting for %s: %v", js, err)
		}
		if gone := err.Error(); !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(gone, "context with specified id") &&
			!strings.Contains(gone, "navigated or closed") && !strings.Contains(gone, "context was destroyed") {
			b.t.Fatalf("waiting for %s: %v", js, err)
		}
	}
}

// signIn signs in through the form.
func (b *browser) signIn(login string) {
	b.t.Helper()
	b.open("/sign-in")
	b.run(chromedp.SetValue("#login", login), chromedp.SetValue("#password", accesstest.Password),
		chromedp.Submit("#password"), chromedp.WaitVisible("main h1, main h2"), chromedp.WaitNotPresent("#password"))
}

// language signs nobody in or out; it presses the switch if that is needed.
func (b *browser) language(lang string) {
	b.t.Helper()
	if eval[string](b, "document.documentElement.lang") != lang {
		b.run(chromedp.Click(`button[name=lang]`), chromedp.WaitVisible(`html[lang=`+lang+`]`))
	}
}

// shot writes a picture of the page to the folder that ZOEKLICHT_SCREENSHOTS names.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("ZOEKLICHT_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// axeSource gives axe-core as `make test` installs it, or skips the test.
func axeSource(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("../../.cache/npm/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not here: npm install --prefix .cache/npm axe-core@4.14.1")
	}
	return string(src)
}

// violation is what axe says about one rule.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// axe gives the violations of WCAG 2.2 AA and of axe's best practices on the page, or
// of the rules named alone.
func (b *browser) axe(source string, rules ...string) []violation {
	b.t.Helper()
	eval[bool](b, source+";true")
	only := `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`
	if len(rules) > 0 {
		only = `{type: "rule", values: ["` + strings.Join(rules, `","`) + `"]}`
	}
	out := eval[string](b, `axe.run(document, {resultTypes: ["violations"], runOnly: `+only+`}).then(r => JSON.stringify(r.violations))`)
	var v []violation
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (v violation) String() string {
	s := v.ID + ": " + v.Help
	for _, n := range v.Nodes {
		s += "\n    " + n.HTML + "\n    " + strings.ReplaceAll(n.Summary, "\n", "\n    ")
	}
	return s
}

// overflow says which elements stick out of the page, if the page scrolls sideways.
func (b *browser) overflow() string {
	b.t.Helper()
	return eval[string](b, `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return "";
		return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > w + 1 && !e.closest(".scroll") && !e.closest(".vh"))
			.map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 8).join("; ") || "page " + document.documentElement.scrollWidth;
	})()`)
}

// screen is one screen in one state.
type screen struct{ name, path string }

// screens are all of them, filled.
var screens = []screen{
	{"home", "/t/practice/"},
	{"search-form", "/t/practice/search"},
	{"search", "/t/practice/search?q=weekend"},
	{"filters", "/t/practice/search?q=massage&place=Utrecht&from=01-11-2026&source=practice-a"},
	{"past", "/t/practice/search?q=massage&asof=2026-10-20T23:59"},
	{"nothing", "/t/practice/search?q=xyzzy+plugh&phone=0600012345&source=practice-c"},
	{"advert", "/t/practice/adverts/100005"},
	{"advert-compared", "/t/practice/adverts/100050?v=5&with=2"},
	{"advert-long", "/t/practice/adverts/100141"},
	{"sources", "/t/practice/sources"},
	{"source", "/t/practice/sources/practice-a"},
	{"source-vet", "/t/practice/sources/practice-d"},
	{"source-approve", "/t/practice/sources/practice-e"},
	{"propose", "/t/practice/sources/new"},
	{"work-parked", "/t/practice/?show=parked"},
	{"work-others", "/t/practice/?show=others"},
	{"number-form", "/t/practice/numbers"},
	{"number", "/t/practice/numbers?q=06-0004+0148"},
	{"number-several", "/t/practice/numbers?q=06+0009+9999,+06-0004+0148%3B+NL91ABNA0417164300"},
	{"number-nothing", "/t/practice/numbers?q=06+0009+9999"},
	{"lead", "/t/practice/leads/1000055"},
	{"advert-from-work", "/t/practice/adverts/100005?lead=1000055&at=0"},
	{"list-form", "/t/practice/numbers/list"},
	{"capture-form", "/t/practice/capture"},
	{"capture-read", "/t/practice/capture/1"},
	{"capture-going", "/t/practice/capture/2"},
	{"capture-failed", "/t/practice/capture/3"},
	{"capture-not-covered", "/t/practice/capture/4"},
	{"propose-urgent", "/t/practice/sources/new?wanted=4"},
	{"propose-many", "/t/practice/sources/many"},
	{"reports", "/t/practice/reports?screen=/t/practice/adverts/100005"},
	{"account", "/account"},
}

// refused are pages that answer with an error, on purpose.
var refused = []screen{
	{"wrong", "/t/practice/search?q=massage&from=31-02-2026&phone=12"},
	{"not-there", "/t/nothing/"},
	{"no-number", "/t/practice/numbers?q=call+me"},
	{"no-choice", "/t/practice/search?q=massage&risk=zzz&source=zzz&indicator=zzz&unit=zzz"},
	{"unstorable", "/t/practice/search?q=%00"},
}

// TestBrowser visits the dashboard with a real Chromium.
func TestBrowser(t *testing.T) {
	chromium(t)
	door := newDoor(t)
	full := newSite(t, door, newWorld(amsterdam(t), 140))
	full.world.addLong(140)
	full.world.fillDesk()
	bare := newWorld(amsterdam(t), 0)
	bare.sources, bare.order, bare.runs = map[zoeklicht.SourceID]*zoeklicht.Source{}, nil, nil
	b := newBrowser(t, full)
	for _, part := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"sign-in page", browseSignIn},
		{"accessibility, filled", browseFilled},
		{"accessibility, revealed", browseRevealed},
		{"accessibility, refused", browseRefused},
		{"a planted fault", browsePlanted},
		{"narrow", browseNarrow},
		{"dark", browseDark},
		{"weight", browseWeight},
		{"keys", browseKeys},
		{"keys off", browseKeysOff},
		{"worklist by keys", browseWork},
		{"paging", browsePaging},
		{"versions", browseVersions},
		{"histogram", browseHistogram},
		{"progress", browseProgress},
		{"sheets", browseSheets},
		{"a link from another site", browseFromElsewhere},
		{"numbers", browseNumbers},
		{"forms that answer", browsePosted},
		{"a capture goes on", browseWanted},
		{"hostile content", browseHostile},
	} {
		t.Run(part.name, func(t *testing.T) { b.t = t; part.test(t, b); b.quiet(part.name) })
	}
	t.Run("accessibility, empty", func(t *testing.T) {
		b.t, b.site = t, newSite(t, door, bare)
		b.audit(axeSource(t), "empty", []screen{{"home", "/t/practice/"}, {"search", "/t/practice/search?go=1"}, {"sources", "/t/practice/sources"}, {"work-new", "/t/practice/?new=1"}, {"work-mine", "/t/practice/?show=mine"}, {"number", "/t/practice/numbers?q=0600040148"}, {"reports", "/t/practice/reports"}})
		b.quiet("empty")
		b.site = full
	})
}

// audit runs axe on screens, in both languages.
func (b *browser) audit(axe, state string, list []screen) {
	b.t.Helper()
	b.size(1440, 900)
	for _, lang := range []string{"nl", "en"} {
		b.open("/account")
		b.language(lang)
		for _, s := range list {
			b.open(s.path)
			for _, v := range b.axe(axe) {
				b.t.Errorf("%s, %s, %s: %s", s.name, state, lang, v)
			}
			if got := eval[string](b, "document.documentElement.lang"); got != lang {
				b.t.Errorf("%s is in %q, want %q", s.name, got, lang)
			}
			b.shot(fmt.Sprintf("%s-%s-%s", s.name, state, lang))
		}
	}
	b.open("/account")
	b.language("nl")
}

func browseSignIn(t *testing.T, b *browser) {
	axe := axeSource(t)
	b.size(1440, 900)
	b.open("/sign-in")
	for _, v := range b.axe(axe) {
		t.Errorf("sign-in: %s", v)
	}
	b.shot("sign-in")
	b.signIn("alles")
}

func browseFilled(t *testing.T, b *browser) { b.audit(axeSource(t), "filled", screens) }

func browseRefused(t *testing.T, b *browser) {
	b.audit(axeSource(t), "refused", refused)
	b.expected("status of 4")
}

// browseRevealed: with numbers and pictures on the screen, through the forms.
func browseRevealed(t *testing.T, b *browser) {
	b.size(1440, 900)
	b.open("/t/practice/adverts/100005")
	b.run(chromedp.SetValue("#purpose-numbers", "zaak 2026-0142"), chromedp.Click(`form.reveal button:not([name])`), chromedp.WaitVisible(".masked.clear"))
	b.run(chromedp.Click(`button[name=all]`), chromedp.WaitVisible(".tile img"))
	if got := eval[bool](b, `Promise.all([...document.querySelectorAll(".tile img")].map(i => { i.loading = "eager"; return i.decode(); })).then(() => true)`); !got {
		t.Error("a picture did not load")
	}
	for _, v := range b.axe(axeSource(t)) {
		t.Error(v)
	}
	b.shot("advert-revealed")
}

// browsePlanted: axe is at work at all, and so is the policy.
func browsePlanted(t *testing.T, b *browser) {
	b.open("/t/practice/sources")
	eval[bool](b, `document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="'+document.querySelector("img").src+'"><h5>x</h5>'); true`)
	found := b.axe(axeSource(t))
	if !slices.ContainsFunc(found, func(v violation) bool { return v.ID == "image-alt" }) {
		t.Errorf("a picture without a text was not found: %v", found)
	}
	eval[bool](b, `(() => { const s = document.createElement("script"); s.textContent = "window.planted = 1"; document.body.append(s); return true; })()`)
	if eval[bool](b, "window.planted === 1") {
		t.Error("an inline script ran")
	}
	b.expected("Content Security Policy")
}

// browseNarrow: nothing sticks out at 320 pixels, which is also 1280 at 400 %.
func browseNarrow(t *testing.T, b *browser) {
	b.size(320, 800)
	for _, s := range append(slices.Clone(screens), refused...) {
		b.open(s.path)
		if o := b.overflow(); o != "" {
			t.Errorf("%s: %s", s.name, o)
		}
		if !strings.Contains(s.path, "new") {
			b.shot(s.name + "-320")
		}
	}
	b.open("/t/practice/search?q=weekend")
	for _, v := range b.axe(axeSource(t)) {
		t.Errorf("search at 320: %s", v)
	}
	b.expected("status of 4")
	b.size(1440, 900)
}

func browseDark(t *testing.T, b *browser) {
	b.scheme("dark")
	defer b.scheme("light")
	axe := axeSource(t)
	for _, s := range screens {
		b.open(s.path)
		for _, v := range b.axe(axe, "color-contrast") {
			t.Errorf("%s in dark: %s", s.name, v)
		}
		b.shot(s.name + "-dark")
	}
}

// maxPage is what a page may weigh on the wire with all that it loads, nothing cached.
const maxPage = 100 << 10

func browseWeight(t *testing.T, b *browser) {
	for _, s := range screens {
		b.cache(false)
		b.weight()
		b.open(s.path)
		n := b.weight()
		t.Logf("%-16s %5.1f KB", s.name, float64(n)/1024)
		if n == 0 || n > maxPage {
			t.Errorf("%s weighs %d bytes", s.name, n)
		}
	}
	b.cache(true)
}

func (b *browser) focused() string {
	b.t.Helper()
	return eval[string](b, `(document.activeElement.id || document.activeElement.textContent || document.activeElement.tagName).trim()`)
}

// press presses a key of one character. What the page prevents is not typed, as with a
// real keyboard.
func (b *browser) press(key string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key})
		if err == nil {
			_, err = cdp.Call(ctx, tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: key})
		}
		return err
	}))
}

func browseKeys(t *testing.T, b *browser) {
	b.open("/t/practice/search?q=weekend")
	titles := eval[[]string](b, `[...document.querySelectorAll("[data-row]")].slice(0, 3).map(a => a.textContent.trim())`)
	steps := []struct{ key, want string }{{"j", titles[0]}, {"j", titles[1]}, {"j", titles[2]}, {"k", titles[1]}, {"k", titles[0]}, {"k", titles[0]}, {"/", "q"}}
	for i, s := range steps {
		b.press(s.key)
		if got := b.focused(); got != s.want {
			t.Errorf("step %d, %s: focus is on %q, want %q", i, s.key, got, s.want)
		}
	}
	b.press("j")
	if got := eval[string](b, `document.getElementById("q").value`); got != "j" {
		t.Errorf("a letter typed into the field gave %q", got)
	}
	b.open("/t/practice/search?q=weekend")
	to := eval[string](b, `document.querySelector("[data-row]").href`)
	b.press("j")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#advert"))
	if got := eval[string](b, "location.href"); got != to {
		t.Errorf("Enter opened %s, want %s", got, to)
	}
	b.open("/t/practice/adverts/100005")
	b.press("[")
	b.run(chromedp.WaitVisible(`.versions .current #v4`))
	b.press("]")
	b.run(chromedp.WaitVisible(`.versions .current #v5`))
}

func browseKeysOff(t *testing.T, b *browser) {
	b.open("/account")
	b.run(chromedp.Click(".me summary"), chromedp.Click("button[name=keys][value=off]"), chromedp.WaitNotPresent("body[data-keys]"))
	b.open("/t/practice/search?q=weekend")
	b.press("j")
	if got := eval[bool](b, "document.activeElement === document.body"); !got {
		t.Error("a key works though keys are off")
	}
	b.open("/account")
	b.run(chromedp.Click(".me summary"), chromedp.Click("button[name=keys][value=on]"), chromedp.WaitVisible("body[data-keys]"))
}

// browsePaging: the next page comes without a new document, the address follows, focus
// and going back are where they should be.
func browsePaging(t *testing.T, b *browser) {
	b.open("/t/practice/search?q=weekend")
	eval[bool](b, "window.same = true")
	first := eval[string](b, `document.querySelector(".rows").textContent`)
	b.run(chromedp.Focus("#next"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#prev"))
	if !eval[bool](b, "window.same === true") {
		t.Error("the whole page was loaded")
	}
	if eval[string](b, `document.querySelector(".rows").textContent`) == first {
		t.Error("the rows are the same")
	}
	if got := eval[string](b, "location.pathname + location.search"); !strings.HasSuffix(got, "?page=2") {
		t.Errorf("the address is %s", got)
	}
	if got := eval[bool](b, "document.activeElement !== document.body && document.activeElement.closest('#answer') !== null"); !got {
		t.Errorf("focus was lost: it is on %q", b.focused())
	}
	b.run(chromedp.NavigateBack(), chromedp.WaitNotPresent("#prev"))
	if eval[string](b, `document.querySelector(".rows").textContent`) != first {
		t.Error("going back does not show the first page")
	}
}

func browseVersions(t *testing.T, b *browser) {
	b.open("/t/practice/adverts/100050")
	eval[bool](b, "window.same = true")
	b.run(chromedp.Focus("#c2"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".versions .other #v2"))
	if got := eval[string](b, `document.getElementById("change-title").textContent`); !strings.Contains(got, "2 → 5") {
		t.Errorf("the difference is %q", got)
	}
	if !eval[bool](b, "window.same === true") || eval[bool](b, "document.activeElement === document.body") {
		t.Errorf("a new document, or focus lost: it is on %q", b.focused())
	}
}

// browseHistogram: dragging over bars asks for their days.
func browseHistogram(t *testing.T, b *browser) {
	b.open("/t/practice/search?q=weekend")
	at := eval[[]float64](b, `(() => { document.querySelector(".bars").scrollIntoView(); return [10, 14].flatMap(i => { const r = document.querySelectorAll(".bar-fill")[i].getBoundingClientRect(); return [r.x + r.width / 2, r.bottom - 1]; }); })()`)
	want := eval[[]string](b, `[10, 14].map(i => document.querySelectorAll(".bar-fill")[i].dataset.from)`)
	b.run(
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, at[0], at[1], chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[2], at[3], chromedp.ButtonLeft),
	)
	if got := eval[string](b, `document.querySelector(".chart-say").textContent`); got != want[0]+" – "+want[1] {
		t.Errorf("while dragging it says %q", got)
	}
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, at[2], at[3], chromedp.ButtonLeft), chromedp.WaitVisible(".chips"))
	got := eval[[]string](b, `[document.getElementById("from").value, document.getElementById("to").value]`)
	if !slices.Equal(got, want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
}

// browseProgress: the numbers move by themselves, and focus within them stays.
func browseProgress(t *testing.T, b *browser) {
	b.open("/t/practice/")
	b.run(chromedp.Focus("#health-practice-a"))
	b.site.world.mu.Lock()
	b.site.world.runs[0].Captured = 5123
	b.site.world.mu.Unlock()
	b.until(`document.getElementById("health").textContent.includes("5.123")`)
	if got := b.focused(); got != "health-practice-a" {
		t.Errorf("focus is on %q", got)
	}
}

// browseSheets: what opens under a word takes focus, closes by Escape and gives it back.
func browseSheets(t *testing.T, b *browser) {
	b.open("/t/practice/search")
	b.run(chromedp.Focus(".asof summary"), chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement.id === "asof-day"`)
	b.run(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.querySelector(".asof details").open && document.activeElement.tagName === "SUMMARY"`)
	b.run(chromedp.Click(".purpose summary"))
	b.until(`document.activeElement.id === "purpose"`)
	b.run(chromedp.Click("main"))
	b.until(`!document.querySelector(".purpose details").open`)
	b.run(chromedp.Click(".asof summary"), chromedp.WaitVisible("#asof-day"), chromedp.SetValue("#asof-day", "20-10-2026"), chromedp.Submit("#asof-day"), chromedp.WaitVisible(".bar.past"))
}

// browseFromElsewhere: the cookie is held back when another site links here; the page is
// reached all the same, without signing in again.
func browseFromElsewhere(t *testing.T, b *browser) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><link rel="icon" href="data:,"><a id="there" href="%s/t/practice/adverts/100050?v=2">there</a>`, b.site.URL)
	}))
	defer other.Close()
	// Another name for this machine is another site.
	b.run(chromedp.Navigate(strings.Replace(other.URL, "127.0.0.1", "localhost", 1)), chromedp.Click("#there"), chromedp.WaitVisible("#advert"))
	if got := eval[string](b, "location.pathname + location.search"); got != "/t/practice/adverts/100050?v=2" {
		t.Errorf("arrived at %s", got)
	}
	b.mu.Lock()
	b.foreign = slices.DeleteFunc(b.foreign, func(u string) bool { return strings.HasPrefix(u, "http://localhost:") })
	b.mu.Unlock()
}

// browseHostile: titles and texts from a source are text, whatever is in them.
func browseHostile(t *testing.T, b *browser) {
	hostile := hostileTexts(t)
	t.Logf("%d hostile texts", len(hostile))
	s := b.site
	defer func() { b.site = s }()
	w := newWorld(amsterdam(t), 0)
	const each = 250 // on a page
	for i, text := range hostile {
		a := &zoeklicht.Advert{ID: zoeklicht.AdvertID(100001 + i), Source: "practice-a", Key: text, Canonical: text, FirstSeen: w.day(2, 4), LastSeen: w.day(1, 4)}
		older, newer := w.version(a, 1, "Relaxing massage", "by appointment", w.day(2, 4)), w.version(a, 2, text, text, w.day(1, 4))
		newer.Place, newer.Price, newer.Lang, newer.Reader, newer.URL = text, text, text, text, text
		newer.Fields = []zoeklicht.FieldValue{{Name: text, Value: text, From: text}}
		newer.Pictures = []zoeklicht.VersionPicture{{N: 1, URL: text, Failure: zoeklicht.Fail(text), Detail: text}}
		a.Versions = []zoeklicht.Version{newer, older}
		w.adverts[a.ID] = a
	}
	w.pageSize = each
	b.site = newSite(t, s.door, w)
	b.size(1280, 800)
	pages := []string{"/t/practice/"}
	for p := 1; (p-1)*each < len(hostile); p++ {
		pages = append(pages, fmt.Sprintf("/t/practice/search?go=1&page=%d", p))
	}
	for i := 0; i < len(hostile); i += max(1, len(hostile)/8) {
		pages = append(pages, fmt.Sprintf("/t/practice/adverts/%d", 100001+i))
	}
	for _, p := range pages {
		b.open(p)
		if o := b.overflow(); o != "" {
			t.Errorf("%s: %s", p, o)
		}
		if n := eval[int](b, `document.querySelectorAll("main script, main iframe, main object, main embed, main svg:not(.axis):not(.bars):not(.unitbar), main [onclick], main [onerror], main [onload], main form[action^=http], main a[href^=javascript], main a[href^=http], main img:not([src^='/'])").length`); n > 0 {
			t.Errorf("%s: %d elements that are not ours", p, n)
		}
		b.quiet(p)
	}
	b.size(320, 800)
	b.open("/t/practice/search?go=1")
	if o := b.overflow(); o != "" {
		t.Errorf("at 320: %s", o)
	}
	b.shot("hostile-320")
	b.size(1440, 900)
	b.open("/t/practice/search?go=1")
	b.shot("hostile")
}

// hostileTexts gives texts that try to be more than text: a few of our own, and those of
// the public collections where they are.
func hostileTexts(t testing.TB) []string {
	texts := []string{
		"<script>document.title='x'</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "</title><script>alert(1)</script>",
		"{{.}} {{template \"x\"}} ${7*7}", "javascript:alert(1)", "\u202e\u2066right to left\u202c and \u0000 nul \x1b[31m", strings.Repeat("endless", 400),
		strings.Repeat("z\u0310\u0325\u0337", 60), "مرحبا بكم في الإعلان", "\xff\xfe not text", "a\r\nSet-Cookie: x=1", " ", "",
	}
	dir := cmp.Or(os.Getenv("ZOEKLICHT_SHARED"), "../../../shared")
	raw, err := os.ReadFile(filepath.Join(dir, "data/hostile/naughty-strings/blns.json"))
	if err != nil {
		t.Log("the public collections of hostile texts are not here: only our own are used")
		return texts
	}
	var more []string
	if err := json.Unmarshal(raw, &more); err != nil {
		t.Fatal(err)
	}
	texts = append(texts, more...)
	files, err := filepath.Glob(filepath.Join(dir, "data/hostile/xss/Intruders/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.Split(string(raw), "\n")...)
	}
	return texts
}

// TestWithoutJavaScript reads, searches, compares and reveals in a browser that runs no
// script at all.
func TestWithoutJavaScript(t *testing.T) {
	s := newSite(t, newDoor(t), newWorld(amsterdam(t), 60))
	b := newBrowser(t, s, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	b.open("/sign-in")
	b.run(chromedp.SendKeys("#login", "anna"), chromedp.SendKeys("#password", accesstest.Password+kb.Enter), chromedp.WaitVisible("#work-title"))
	b.run(chromedp.SendKeys("#q", "weekend"+kb.Enter), chromedp.WaitVisible("#found"))
	b.run(chromedp.Click("#next"), chromedp.WaitVisible("#prev"), chromedp.Click("[data-row]"), chromedp.WaitVisible("#advert"))
	b.open("/t/practice/adverts/100005")
	b.run(chromedp.Click("#c2"), chromedp.WaitVisible(".versions .other #v2"))
	b.run(chromedp.SendKeys("#purpose-numbers", "zaak 2026-0142"+kb.Enter), chromedp.WaitVisible(".masked.clear"))
	b.open("/t/practice/")
	b.deskWithoutJavaScript()
	b.open("/t/practice/adverts/100005")
	b.run(chromedp.Click(".asof summary"), chromedp.WaitVisible("#asof-day"), chromedp.Click(".asof button"), chromedp.WaitVisible("#advert"))
	b.quiet("without JavaScript")
}

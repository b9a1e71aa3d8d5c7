package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zoeklicht/internal/access/accesstest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
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

// clean fails the test if something happened that must not, and forgets it.
func (b *browser) clean(where string) {
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
		t.Skip("axe-core is not here: npm install --prefix .cache/npm axe-core")
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

// axe gives the violations of WCAG 2.2 AA and of axe's best practices on the page.
func (b *browser) axe(source string) []violation {
	b.t.Helper()
	eval[bool](b, source+";true")
	out := eval[string](b, `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations))`)
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
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest(".scroll") && !e.closest(".vh"))
			.map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 8).join("; ") || "page " + document.documentElement.scrollWidth;
	})()`)
}

// TestPictures is not a test of anything: it draws the screens for people to look at.
func TestPictures(t *testing.T) {
	if os.Getenv("ZOEKLICHT_SCREENSHOTS") == "" {
		t.Skip("set ZOEKLICHT_SCREENSHOTS to a folder to have the screens drawn")
	}
	w := newWorld(amsterdam(t), 140)
	s := newSite(t, newDoor(t), w)
	b := newBrowser(t, s)
	b.size(1440, 900)
	b.open("/sign-in")
	b.shot("signin")
	b.signIn("alles")
	for name, path := range map[string]string{
		"home": "/t/practice/", "search": "/t/practice/search?q=weekend", "search-form": "/t/practice/search",
		"filters": "/t/practice/search?q=massage&place=Utrecht&from=01-11-2026&source=practice-a",
		"past":    "/t/practice/search?q=massage&asof=2026-10-20T23:59", "empty": "/t/practice/search?q=xyzzy+plugh&phone=0600012345",
		"wrong":  "/t/practice/search?q=massage&from=31-02-2026&phone=12",
		"advert": "/t/practice/adverts/100005", "advert2": "/t/practice/adverts/100050?v=5&with=2", "sources": "/t/practice/sources", "source": "/t/practice/sources/practice-a",
		"source-vet": "/t/practice/sources/practice-d", "source-approve": "/t/practice/sources/practice-e", "propose": "/t/practice/sources/new", "account": "/account", "notthere": "/t/nothing/" + url.PathEscape("x"),
	} {
		b.size(1440, 900)
		b.open(path)
		b.shot(name)
		b.size(320, 800)
		b.open(path)
		b.shot(name + "-320")
		if o := b.overflow(); o != "" {
			t.Errorf("%s at 320: %s", name, o)
		}
		b.mu.Lock()
		for _, e := range b.errors {
			t.Log(name, e)
		}
		b.errors = nil
		b.mu.Unlock()
	}
}

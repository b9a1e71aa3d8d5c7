package wacztest

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// frames gives the documents of a page and of all frames in it, through shadow roots.
const frames = `(() => {
	const out = [];
	const walk = (root) => {
		for (const e of root.querySelectorAll("*")) {
			if (e.shadowRoot) walk(e.shadowRoot);
			if (e.tagName === "IFRAME") try { if (e.contentDocument) { out.push(e.contentDocument); walk(e.contentDocument); } } catch {}
		}
	};
	walk(document);
	return out;
})()`

// verification gives what ReplayWeb.page noted about signature and digests, by name:
// whether what it computed is what the file says.
const verification = `(async () => {
	const out = {};
	for (const { name } of await indexedDB.databases()) {
		const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = no; });
		if (db.objectStoreNames.contains("verification")) {
			const rows = await new Promise((ok, no) => { const r = db.transaction("verification").objectStore("verification").getAll(); r.onsuccess = () => ok(r.result); r.onerror = no; });
			for (const row of rows) out[row.id] = row.matched;
		}
		db.close();
	}
	return JSON.stringify(out);
})()`

// panel finds what ReplayWeb.page says of a file.
const panel = `(() => {
	const find = (root) => {
		for (const e of root.querySelectorAll("*")) {
			if (e.tagName === "RWP-EMBED-RECEIPT") return e.shadowRoot ?? e;
			const inner = e.shadowRoot ?? (e.tagName === "IFRAME" ? e.contentDocument : null);
			const found = inner && find(inner);
			if (found) return found;
		}
		return null;
	};
	return find(document);
})()`

// Shown is a page in ReplayWeb.page.
type Shown struct {
	Text     string // of the page
	Pictures int    // of the page that were drawn
	// Signature is what it found about the signature: "true" or "false".
	Signature string
	Says      string // what it says of the file, in English
}

// Replay shows a page of a file in ReplayWeb.page's own program in Chromium, served on
// loopback with every other address cut off. It skips the test where one of them is
// absent.
//
// The counts on its screen tell nothing: it counts any signature as a valid hash, and any
// digest as invalid that it did not compute, for files of other programs as well (version
// 2.5.3). What it found about the signature is in its database, and comes from there.
func Replay(t testing.TB, file []byte, page string) *Shown {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests are left out with -short")
	}
	browser := open(t, file, page)
	until(browser, t, verification+`.then(s => JSON.parse(s).signature !== undefined)`)
	s := &Shown{
		Text:      ask[string](browser, t, `(`+frames+`.find(d => d.images.length > 0 && d.location.href.includes("mp_/"))).body.innerText`),
		Pictures:  ask[int](browser, t, `[...(`+frames+`.find(d => d.images.length > 0 && d.location.href.includes("mp_/"))).images].filter(i => i.naturalWidth > 0).length`),
		Signature: ask[string](browser, t, verification+`.then(s => String(JSON.parse(s).signature))`),
	}
	ask[bool](browser, t, `(() => { (`+panel+`).querySelector("button.embed-info").click(); return true })()`)
	until(browser, t, `(`+panel+`).textContent.includes("Observer Public Key")`)
	s.Says = ask[string](browser, t, `(`+panel+`).textContent.replace(/\s+/g, " ")`)
	shot(browser, t, "replay")
	return s
}

// open opens a file in ReplayWeb.page and waits until the page and its first picture are
// there.
func open(t testing.TB, file []byte, page string) context.Context {
	t.Helper()
	program, browser := Package(t, "replaywebpage-2.5.3"), ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil && browser == "" {
			browser = p
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium on this machine: apt-get install chromium")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><title>replay</title><body style="margin:0"><script src="/ui.js"></script>`+
			`<replay-web-page style="display:block;height:100vh" source="/evidence.wacz" url="%s" embed="replay-with-info" replaybase="/replay/"></replay-web-page>`,
			html.EscapeString(page))
	})
	mux.HandleFunc("GET /evidence.wacz", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "evidence.wacz", time.Time{}, bytes.NewReader(file))
	})
	mux.Handle("GET /ui.js", http.FileServer(http.Dir(program)))
	mux.Handle("GET /replay/", http.StripPrefix("/replay/", http.FileServer(http.Dir(program))))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	alloc, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(browser), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.UserDataDir(t.TempDir()))
	ctx, quit := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the process
		quit()
		stop()
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1000, 800), chromedp.Navigate(server.URL+"/")); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	until(ctx, t, frames+`.some(d => d.location.href.includes("mp_/") && [...d.images].some(i => i.naturalWidth > 0))`)
	return ctx
}

// until waits until an expression, or what it promises, is true.
func until(browser context.Context, t testing.TB, js string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 60*time.Second)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js, chromedp.EvalAwaitPromise)); err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			shot(browser, t, "waiting")
			t.Fatalf("waiting for %s", js)
		case <-tick.C:
		}
	}
}

func ask[T any](browser context.Context, t testing.TB, js string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// shot writes a picture of the page to the folder that ZOEKLICHT_SCREENSHOTS names.
func shot(browser context.Context, t testing.TB, name string) {
	t.Helper()
	dir := os.Getenv("ZOEKLICHT_SCREENSHOTS")
	if dir == "" {
		return
	}
	img, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), img, 0o600); err != nil {
		t.Fatal(err)
	}
}

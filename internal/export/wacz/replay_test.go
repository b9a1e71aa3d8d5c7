package wacz

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// TestReplay shows a file in ReplayWeb.page's own program in Chromium, served on
// loopback with every other address cut off, and asks it about the signature.
func TestReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("browser tests are left out with -short")
	}
	t.Parallel()
	program := packages(t, "replaywebpage-2.5.3")
	file := made(t, sealed(t, 3))
	shown := show(t, program, file)
	text := ask[string](t, shown, `(() => { const d = `+frames+`.find(d => d.querySelector("#picture")); return d.body.innerText + " " + d.querySelector("#picture").naturalWidth })()`)
	if !strings.Contains(text, "Relaxing massage by appointment 0") || !strings.HasSuffix(text, " 64") {
		t.Errorf("the page shows %q", text)
	}
	// The counts on its screen tell nothing: it counts any signature as a valid hash, and
	// any digest as invalid that it did not compute, for files of other programs as well
	// (version 2.5.3). What it found about the signature is in its database.
	until(t, shown, verification+`.then(s => JSON.parse(s).signature !== undefined)`)
	if found := ask[string](t, shown, verification); !strings.Contains(found, `"signature":true`) {
		t.Errorf("ReplayWeb.page does not accept the signature: %s", found)
	}
	panel := `(() => {
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
	ask[bool](t, shown, `(() => { (`+panel+`).querySelector("button.embed-info").click(); return true })()`)
	until(t, shown, `(`+panel+`).textContent.includes("Observer Public Key")`)
	var d Digest
	if err := json.Unmarshal(entry(t, file, digestFile), &d); err != nil {
		t.Fatal(err)
	}
	said := ask[string](t, shown, `(`+panel+`).textContent.replace(/\s+/g, " ")`)
	for _, want := range []string{
		"Observer Public Key: " + base64.StdEncoding.EncodeToString(d.SignedData.PublicKey), "Package Hash: " + d.Hash,
		"Created With: zoeklicht test", "Original URL: " + site + "/Ad/0",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("ReplayWeb.page does not say %q: %s", want, said)
		}
	}
	shot(t, shown, "replay")

	// The same with another signature, to see that it looks.
	at := bytes.LastIndex(file, []byte(`"signature": "`)) + len(`"signature": "`)
	bad := bytes.Clone(file)
	bad[at] = map[bool]byte{true: 'B', false: 'A'}[bad[at] == 'A']
	shown = show(t, program, bad)
	until(t, shown, verification+`.then(s => JSON.parse(s).signature !== undefined)`)
	if found := ask[string](t, shown, verification); !strings.Contains(found, `"signature":false`) {
		t.Errorf("ReplayWeb.page accepts a damaged signature: %s", found)
	}
}

// show opens a file in ReplayWeb.page and waits until its first page is there.
func show(t *testing.T, program string, file []byte) context.Context {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil && browser == "" {
			browser = p
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium on this machine: apt-get install chromium")
	}
	mux := http.NewServeMux()
	page := site + "/Ad/0?b=2&a=%C3%A9%20x"
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><title>replay</title><body style="margin:0"><script src="/ui.js"></script>`+
			`<replay-web-page style="display:block;height:100vh" source="/evidence.wacz" url="%s" embed="replay-with-info" replaybase="/replay/"></replay-web-page>`,
			strings.ReplaceAll(page, "&", "&amp;"))
	})
	mux.HandleFunc("GET /evidence.wacz", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "evidence.wacz", info.Created, bytes.NewReader(file))
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
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1000, 800), chromedp.Navigate(server.URL+"/?"+url.QueryEscape(t.Name()))); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	until(t, ctx, frames+`.some(d => d.querySelector("#picture")?.naturalWidth > 0)`)
	return ctx
}

// until waits until an expression, or what it promises, is true.
func until(t *testing.T, browser context.Context, js string) {
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
			shot(t, browser, "waiting")
			t.Fatalf("waiting for %s", js)
		case <-tick.C:
		}
	}
}

func ask[T any](t *testing.T, browser context.Context, js string) T {
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
func shot(t *testing.T, browser context.Context, name string) {
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

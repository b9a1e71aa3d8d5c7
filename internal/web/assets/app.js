// What forms and links cannot do by themselves: single keys, focus after a part of the
// page was replaced, sheets that close, copying, and choosing days on the histogram.
// Every screen works without it.
(() => {
	"use strict";
	const root = document.documentElement;
	root.classList.add("scripted");

	// Single keys. They are off while typing, with a modifier held, and for who
	// switched them off.
	const typing = (el) => el.closest("input, select, textarea, [contenteditable]");
	const visible = (el) => el && el.getClientRects().length > 0;

	function move(step) {
		const rows = [...document.querySelectorAll("[data-row]")].filter(visible);
		if (rows.length === 0) return false;
		const at = rows.indexOf(document.activeElement);
		const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
		rows[next].focus();
		rows[next].closest("li, tr").scrollIntoView({ block: "nearest" });
		return true;
	}

	function press(key) {
		switch (key) {
		case "j": return move(1);
		case "k": return move(-1);
		case "t": {
			const field = document.getElementById("number");
			if (visible(field)) {
				field.focus();
				field.select();
			} else {
				const link = document.getElementById("to-numbers");
				if (!link) return false;
				link.click();
			}
			return true;
		}
		case "/": {
			const field = document.getElementById("q");
			if (field) {
				field.focus();
				field.select();
			} else {
				const link = document.getElementById("to-search");
				if (!link) return false;
				link.click();
			}
			return true;
		}
		}
		// Keys of a row act on the row that has focus.
		const row = document.activeElement && document.activeElement.closest("li, tr");
		const own = row && row.querySelector('[data-row-key="' + CSS.escape(key) + '"]');
		// "f" finishes a free row too, whose button is in a sheet; "u" takes it back.
		if (own && (visible(own) || own.closest("details[data-pop]"))) {
			own.click();
			return true;
		}
		const target = document.querySelector('[data-key="' + CSS.escape(key) + '"]');
		if (!visible(target)) return false;
		target.click();
		return true;
	}

	document.addEventListener("keydown", (e) => {
		if (e.key === "Escape") {
			for (const d of document.querySelectorAll("details[data-pop][open]")) {
				d.open = false;
				if (d.contains(document.activeElement)) d.querySelector("summary").focus();
			}
			return;
		}
		if (document.body.dataset.keys !== "on" || e.ctrlKey || e.altKey || e.metaKey || e.isComposing || typing(e.target)) return;
		if (press(e.key)) e.preventDefault();
	});

	// Sheets: one open at a time, closed by a click elsewhere.
	document.addEventListener("click", (e) => {
		for (const d of document.querySelectorAll("details[data-pop][open]")) {
			if (!d.contains(e.target)) d.open = false;
		}
		const button = e.target.closest("[data-copy]");
		if (button) copy(button);
		if (e.target.closest("[data-print]")) window.print();
	});
	document.addEventListener("toggle", (e) => {
		if (e.target.open && e.target.matches("details[data-pop]")) {
			const first = e.target.querySelector(".sheet input:not([type=hidden]), .sheet select, [data-first]");
			if (first) first.focus();
		}
	}, true);

	async function copy(button) {
		const text = new URL(button.dataset.copy, location.href).href;
		try {
			await navigator.clipboard.writeText(text);
			const said = button.textContent;
			button.textContent = "✓ " + said;
			setTimeout(() => { button.textContent = said; }, 1500);
		} catch {
			location.href = text; // no clipboard: the address bar has it then
		}
	}

	// Focus is never lost: where a swap took the focused element away, the part's
	// heading gets it, and a reader hears what is there now.
	let focusedIn = null;
	let rowAt = -1;
	let page = null;
	document.addEventListener("htmx:before:swap", () => {
		focusedIn = document.activeElement;
		page = document.getElementById("main");
		const row = focusedIn && focusedIn.closest(".leads > li");
		rowAt = row ? [...row.parentElement.children].indexOf(row) : -1;
	});
	document.addEventListener("htmx:after:swap", () => {
		draw();
		// What was typed and is not right is gone on with.
		const wrong = document.querySelector(".sheet [aria-invalid=true]");
		if (visible(wrong)) {
			wrong.focus();
			return;
		}
		if (document.activeElement && document.activeElement !== document.body) return;
		// Who was nowhere stays there, unless it is another page now.
		if (focusedIn && focusedIn.isConnected && (!page || page.isConnected)) return;
		const again = focusedIn && focusedIn.id ? document.getElementById(focusedIn.id) : null;
		// A row that left the list hands focus to the one in its place.
		const rows = rowAt < 0 ? [] : [...document.querySelectorAll(".leads [data-row]")];
		const heading = visible(again) ? again : rows[Math.min(rowAt, rows.length - 1)] || document.querySelector("[data-focus]");
		if (heading) heading.focus();
		focusedIn = null;
	});

	// A part that refreshes by itself leaves a form alone that somebody is writing in.
	document.addEventListener("htmx:before:request", (e) => {
		const part = e.target.closest && e.target.closest("[data-calm]");
		if (!part || e.target !== part) return;
		const fields = [...part.querySelectorAll("input:not([type=hidden])")];
		if (fields.some((f) => f.value !== "" || f === document.activeElement)) e.preventDefault();
	});

	// The histogram: pointing at a bar says it, dragging over days asks for them.
	function draw() {
		for (const figure of document.querySelectorAll(".chart:not([data-drawn])")) {
			figure.dataset.drawn = "1";
			brush(figure);
		}
	}

	function brush(figure) {
		const svg = figure.querySelector(".bars");
		const bars = [...figure.querySelectorAll(".bar-fill")];
		const say = figure.querySelector(".chart-say");
		if (!svg || bars.length === 0) return;
		let from = -1;
		const at = (x) => {
			const i = bars.findIndex((b) => x <= b.getBoundingClientRect().right);
			return i < 0 ? bars.length - 1 : i;
		};
		const paint = (a, b, cls) => bars.forEach((bar, i) => bar.classList.toggle(cls, i >= Math.min(a, b) && i <= Math.max(a, b)));
		svg.addEventListener("pointerdown", (e) => {
			if (e.button !== 0) return;
			from = at(e.clientX);
			svg.setPointerCapture(e.pointerId);
			e.preventDefault();
		});
		svg.addEventListener("pointermove", (e) => {
			const i = at(e.clientX);
			if (from < 0) {
				paint(i, i, "hot");
				say.textContent = bars[i].dataset.say;
			} else {
				paint(from, i, "chosen");
				const [a, b] = [Math.min(from, i), Math.max(from, i)];
				say.textContent = a === b ? bars[a].dataset.say : bars[a].dataset.from + " – " + bars[b].dataset.to;
			}
		});
		svg.addEventListener("pointerleave", () => {
			if (from < 0) {
				paint(-1, -1, "hot");
				say.textContent = "\u00a0";
			}
		});
		svg.addEventListener("pointerup", (e) => {
			if (from < 0) return;
			const to = at(e.clientX);
			const form = document.querySelector("form.ask");
			if (form) {
				form.elements.from.value = bars[Math.min(from, to)].dataset.from;
				form.elements.to.value = bars[Math.max(from, to)].dataset.to;
				form.requestSubmit();
			}
			from = -1;
		});
		svg.addEventListener("pointercancel", () => {
			from = -1;
			paint(-1, -1, "chosen");
		});
	}

	draw();
})();

"use strict";

const refreshMilliseconds = 1000;
const answerMilliseconds = 10000;
const bar = document.querySelector("aside");
const pause = document.getElementById("pause");
/** The folds that the reader opened or closed, by name. */
const folds = new Map();
let shownSince = performance.now();
let failure = "";
let isBusy = false;

/** Tells screen readers once, in a place that a refresh does not replace. */
function say(text) {
  document.getElementById("said").textContent = text;
}

function enable() {
  for (const fold of document.querySelectorAll("details[data-open]"))
    fold.querySelector("summary").addEventListener("click", () => folds.set(fold.dataset.open, !fold.open));
  for (const button of document.querySelectorAll(".command button")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        // Without the right to the clipboard (plain HTTP on another machine), the text is selected for the keyboard.
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      say(button.textContent);
    });
  }
}

/** The reason to leave the page as it is: the reader paused it, or selects text. */
function reasonToWait() {
  return pause.getAttribute("aria-pressed") === "true" ? "paused" : getSelection().isCollapsed ? "" : "paused while text is selected";
}

function showAge() {
  const age = Math.round((performance.now() - shownSince) / 1000);
  const state = failure ? `Cannot refresh: ${failure}` : reasonToWait();
  document.getElementById("age").textContent = state || age > 3 ? `${state || "waits"}, as of ${age} s ago` : "live, every 1 s";
  bar.classList.toggle("stale", failure !== "");
}

/** Replaces the content, and gives the focus back to the control with the same name, else to the one in its place. */
function replace(next) {
  const old = document.getElementById("page");
  const all = (page) => [...page.querySelectorAll("a, button, summary")];
  const place = all(old).indexOf(document.activeElement);
  const name = place < 0 ? null : document.activeElement.getAttribute("aria-label");
  for (const fold of next.querySelectorAll("details[data-open]"))
    if (folds.has(fold.dataset.open)) fold.open = folds.get(fold.dataset.open);
  old.replaceWith(next);
  enable();
  if (place < 0) return;
  const controls = all(next);
  const same = controls.find((control) => name && control.getAttribute("aria-label") === name) ?? controls[Math.min(place, controls.length - 1)];
  same?.focus({ preventScroll: true });
}

function show(page) {
  replace(page.getElementById("page"));
  for (const id of ["machine", "clock"]) document.getElementById(id).replaceWith(page.getElementById(id));
  document.querySelector("link[rel=icon]").href = page.querySelector("link[rel=icon]").getAttribute("href");
  document.title = page.title;
  shownSince = performance.now();
}

async function refresh() {
  if (document.visibilityState !== "visible" || isBusy || reasonToWait()) return;
  isBusy = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(answerMilliseconds) });
    if (!response.ok) throw new Error(`the exporter answers ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!reasonToWait()) show(page);
    failure = "";
  } catch (error) {
    const reason = error.message.startsWith("the exporter") ? error.message : "the exporter cannot be reached";
    if (reason !== failure) say(`Cannot refresh: ${reason}`);
    failure = reason;
    document.title = "not refreshed · OpenClaw network resources";
  } finally {
    isBusy = false;
    showAge();
  }
}

pause.addEventListener("click", () => {
  const isPaused = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", isPaused);
  pause.textContent = isPaused ? "resume" : "pause";
  showAge();
  refresh();
});
document.getElementById("control").hidden = false;
enable();
showAge();
setInterval(showAge, 1000);
setInterval(refresh, refreshMilliseconds);
document.addEventListener("visibilitychange", refresh);

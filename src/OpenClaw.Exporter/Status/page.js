"use strict";

const refreshMilliseconds = 5000;
const bar = document.getElementById("refresh");
const pause = document.getElementById("pause");
let shownSince = performance.now();
let failure = "";
let isBusy = false;

/** For who does not see the page: said once, where refreshing does not take it away. */
function say(text) {
  document.getElementById("said").textContent = text;
}

function enableCopying() {
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

/** What keeps the page as it is: a wish, or text that somebody selects. */
function reasonToWait() {
  return pause.getAttribute("aria-pressed") === "true" ? "paused" : getSelection().isCollapsed ? "" : "paused while text is selected";
}

function showAge() {
  const age = Math.round((performance.now() - shownSince) / 1000);
  const state = failure ? `Cannot refresh: ${failure}. ` : "";
  document.getElementById("age").textContent = `${state}As of ${age} s ago${reasonToWait() ? ", " + reasonToWait() : ""}`;
  bar.classList.toggle("stale", failure !== "");
}

/** Takes what is new, and gives the focus back to what has the same name, else to what stands in its place. */
function replace(next) {
  const old = document.getElementById("page");
  const all = (page) => [...page.querySelectorAll("a, button, summary")];
  const place = all(old).indexOf(document.activeElement);
  const name = place < 0 ? null : document.activeElement.getAttribute("aria-label");
  for (const folded of next.querySelectorAll("details"))
    folded.open = [...old.querySelectorAll("details[open]")].some((was) => was.dataset.open === folded.dataset.open);
  old.replaceWith(next);
  enableCopying();
  if (place < 0) return;
  const controls = all(next);
  const same = controls.find((control) => control.getAttribute("aria-label") === name) ?? controls[Math.min(place, controls.length - 1)];
  same?.focus({ preventScroll: true });
}

async function refresh() {
  if (document.hidden || isBusy || reasonToWait()) return;
  isBusy = true;
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(2 * refreshMilliseconds) });
    if (!response.ok) throw new Error(`the exporter answers ${response.status}`);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!reasonToWait()) {
      replace(next.getElementById("page"));
      document.title = next.title;
      shownSince = performance.now();
    }
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
  pause.textContent = isPaused ? "Resume" : "Pause";
  showAge();
  refresh();
});
bar.hidden = false;
enableCopying();
showAge();
setInterval(showAge, 1000);
setInterval(refresh, refreshMilliseconds);
document.addEventListener("visibilitychange", refresh);

"use strict";

const refreshMilliseconds = 5000;

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
    });
  }
}

async function refresh() {
  // Not while somebody selects text or has the focus inside.
  if (document.hidden || !getSelection().isCollapsed || document.activeElement !== document.body) return;
  try {
    const response = await fetch(location.href);
    if (!response.ok) return;
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    document.getElementById("page").replaceWith(next.getElementById("page"));
    document.title = next.title;
    enableCopying();
  } catch {
    document.title = "unreachable · OpenClaw network resources";
  }
}

enableCopying();
setInterval(refresh, refreshMilliseconds);

// The keys n and p lead to the next and the previous change of a comparison. Without this script the
// numbers above it do.
"use strict";
const changes = [...document.querySelectorAll('[id^="row"][tabindex]')];
let current = -1;

document.querySelectorAll(".keys").forEach((hint) => (hint.hidden = false));

function go(to) {
  if (to < 0 || to >= changes.length) return;
  current = to;
  // The address names the change, so that it can be copied and is marked as a followed link would.
  history.replaceState(null, "", "#" + changes[to].id);
  changes[to].focus({ preventScroll: true });
  changes[to].scrollIntoView({ block: "center" });
}

document.addEventListener("focusin", (event) => {
  const at = changes.indexOf(event.target);
  if (at >= 0) current = at;
});
window.addEventListener("hashchange", () => {
  const at = changes.findIndex((change) => "#" + change.id === location.hash);
  if (at >= 0) current = at;
});
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, select, textarea, [contenteditable]");
  if (busy || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.key === "n") go(current + 1);
  else if (event.key === "p") go(current < 0 ? changes.length - 1 : current - 1);
});

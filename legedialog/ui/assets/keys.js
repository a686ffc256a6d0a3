// One-letter keys on a page that has a list (`data-keys`). Every key presses something that is on the page, so the page
// works the same without them. They can be turned off, and that is remembered (WCAG 2.1.4).
const OFF = "legedialog.keys.off";
const visible = (element) => element.checkVisibility();
const page = () => document.querySelector("[data-keys]");
const rows = () => [...document.querySelectorAll("[data-row]")].filter(visible);

function isOff() {
  try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
}

function isTyping(target) {
  return target.closest?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]');
}

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement);
  const here = at >= 0 ? at : all.findIndex((row) => row.hasAttribute("aria-current"));
  const to = all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

function tick() {
  const row = rows().find((each) => each === document.activeElement || each.contains(document.activeElement)) ?? rows().find((each) => each.hasAttribute("aria-current"));
  row?.closest("li")?.querySelector("input[type=checkbox]")?.click();
}

function press(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (!target) return false;
  const around = target.closest("details:not([open])");
  if (around) around.open = true;
  target.focus();
  if (target.matches("button, a, summary, input[type=checkbox]")) target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!(page() || document.querySelector("[data-key]")) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key !== "Escape") return;
    const row = rows().find((each) => each.hasAttribute("aria-current")) ?? rows()[0];
    event.preventDefault();
    if (row) row.focus();
    else event.target.blur();
    return;
  }
  if (isOff() && event.key !== "?") return;
  if (event.key === "x") tick();
  const done = event.key === "j" ? (move(1), true) : event.key === "k" ? (move(-1), true) : event.key.length === 1 && press(event.key);
  if (done) event.preventDefault();
});

// The box in the list of keys that turns them off.
function showChoice(root) {
  for (const box of root.querySelectorAll("[data-keys-off]")) box.checked = isOff();
  for (const hint of root.querySelectorAll("[data-keys-hint]")) hint.hidden = false;
}
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-off]")) return;
  try { localStorage.setItem(OFF, event.target.checked ? "1" : ""); } catch { /* it holds on this page only */ }
});
document.addEventListener("htmx:load", (event) => showChoice(event.target));

// `data-keep="name"`: a list that scrolls is where it was when the page comes back, with the open row in sight.
const place = (list) => `legedialog.place.${list.dataset.keep}`;
function restore() {
  for (const list of document.querySelectorAll("[data-keep]")) {
    try { list.scrollTop = Number(sessionStorage.getItem(place(list)) ?? 0); } catch { /* from the top */ }
    const row = list.querySelector('[data-row][aria-current]');
    if (!row || list.scrollHeight <= list.clientHeight) continue;
    const [inside, around] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (inside.top < around.top || inside.bottom > around.bottom) list.scrollTop += inside.top - around.top - list.clientHeight / 3;
  }
}
addEventListener("pagehide", () => {
  for (const list of document.querySelectorAll("[data-keep]")) {
    try { sessionStorage.setItem(place(list), list.scrollTop); } catch { /* from the top */ }
  }
});
restore();
document.querySelector("[data-keys]") && location.hash.startsWith("#row-") && document.getElementById(location.hash.slice(1))?.focus();

// The bar with "Angre" goes when it is too late.
document.addEventListener("htmx:load", ({ target }) => {
  for (const bar of target.querySelectorAll("[data-lasts]")) setTimeout(() => bar.remove(), Number(bar.dataset.lasts) * 1000);
});

// `data-all="name"`: one box that ticks all boxes of that name.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.all;
  if (!name) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)) box.checked = event.target.checked;
});

// The calendar's comforts: arrow keys between its cells, a name that is typed in a free one, focus and scroll kept when it is
// drawn anew, a panel that closes, and a line that follows the clock. Everything works without this file.
const STEP = 5 * 60_000;
const calendar = () => document.getElementById("calendar");
const cells = (root = calendar()) => [...(root?.querySelectorAll("[data-cell]") ?? [])].filter((cell) => cell.checkVisibility());
const columnOf = (cell) => cell.closest(".column");
let kept = null; // what had focus when the calendar was drawn anew
let opener = null; // the cell whose panel is open
const BEGINS = /^[\p{L}\p{N}]$/u;
const GOES_ON = /^.$/u;
let typed = ""; // in a free cell, until its panel is there
let searches = false; // Enter was pressed before it was

function rove(to) {
  for (const cell of cells()) cell.tabIndex = -1;
  if (to) to.tabIndex = 0;
}

function nearest(column, at) {
  return cells(column).reduce((best, cell) => (!best || Math.abs(cell.dataset.cell - at) < Math.abs(best.dataset.cell - at) ? cell : best), null);
}

function neighbour(cell, key) {
  const own = cells(columnOf(cell));
  const place = own.indexOf(cell);
  if (key === "ArrowDown") return own[place + 1];
  if (key === "ArrowUp") return own[place - 1];
  if (key === "Home") return own[0];
  if (key === "End") return own.at(-1);
  const columns = [...calendar().querySelectorAll(".column")].filter((column) => cells(column).length);
  const step = key === "ArrowRight" ? 1 : -1;
  const column = columns[columns.indexOf(columnOf(cell)) + step];
  if (!column) return null;
  // Columns of a week have other dates: what counts is the time of day.
  const shift = cells(column)[0].dataset.cell - cells(columnOf(cell))[0].dataset.cell;
  const days = Math.round(shift / 86_400) * 86_400;
  return nearest(column, Number(cell.dataset.cell) + days);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector("#panel:not(:empty)")) return closePanel();
  const cell = event.target.closest?.("#calendar [data-cell]");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey || !/^(Arrow|Home|End)/.test(event.key)) return;
  const to = neighbour(cell, event.key);
  if (!to) return;
  event.preventDefault();
  rove(to);
  to.focus();
});
// A letter in a free cell begins the name of whom it is for. A key that presses something on the page still does. What is typed
// before the panel is there comes along, with the spaces, and so does the Enter that searches.
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("#calendar [data-free]");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  if (typed && event.key === "Enter") {
    event.preventDefault();
    searches = true;
    return;
  }
  if (!(typed ? GOES_ON : BEGINS).test(event.key)) return;
  const presses = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!typed && presses?.checkVisibility()) return;
  event.preventDefault();
  typed += event.key;
  if (typed.length === 1) cell.click();
}, true);
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const words = detail.target.id === "panel" && detail.target.querySelector("input[name=words]");
  if (words && typed) {
    words.value = typed;
    words.focus({ preventScroll: true });
    typed = "";
    if (searches) words.form.requestSubmit();
    searches = false;
  }
});

document.addEventListener("focusin", (event) => {
  const cell = event.target.closest?.("#calendar [data-cell]");
  if (cell) rove(cell);
});

function closePanel() {
  const panel = document.getElementById("panel");
  panel.replaceChildren();
  mark(null);
  (document.getElementById(opener) ?? cells()[0])?.focus({ preventScroll: true });
  opener = null;
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) closePanel();
  const cell = event.target.closest("#calendar a[data-cell]");
  if (cell) mark(cell.id);
});

function mark(id) {
  if (id) opener = id;
  for (const cell of document.querySelectorAll("#calendar [data-cell][aria-current]")) cell.removeAttribute("aria-current");
  document.getElementById(id)?.setAttribute("aria-current", "true");
}

function names() {
  return new Map([...(calendar()?.querySelectorAll("a[data-status]") ?? [])].map((cell) => [cell.id, cell.textContent.replace(/\s+/g, " ").trim()]));
}

function say(text) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "calendar") return;
  const active = document.activeElement?.closest("#calendar [data-cell]");
  kept = { id: active?.id, at: active?.dataset.cell, column: active && columnOf(active).id, names: names(), top: scrollY };
});
document.addEventListener("htmx:afterSettle", (event) => {
  for (const close of document.querySelectorAll("#panel [data-close-panel]")) close.hidden = false;
  if (event.target.closest("#panel") && !event.target.contains(document.activeElement?.closest("button, input"))) document.getElementById("panel").parentElement.scrollTop = 0;
  if (!calendar() || !kept) return;
  const before = kept;
  kept = null;
  start();
  if (document.querySelector("#panel:not(:empty)")) mark(opener);
  if (before.id) {
    const column = document.getElementById(before.column);
    const to = document.getElementById(before.id) ?? (column && nearest(column, before.at));
    if (to) { rove(to); to.focus({ preventScroll: true }); }
  }
  scrollTo({ top: before.top, behavior: "instant" });
  const after = names();
  const texts = calendar().dataset;
  const fresh = [...after].filter(([id]) => !before.names.has(id)).map(([, name]) => texts.newText.replace("{name}", name));
  const gone = [...before.names].filter(([id]) => !after.has(id)).map(([, name]) => texts.goneText.replace("{name}", name));
  if (fresh.length + gone.length) say([...fresh, ...gone].slice(0, 3).join(". "));
});

function moveNow() {
  const line = calendar()?.querySelector(".now");
  if (!line) return;
  line.dataset.drawn ??= String(10 * line.dataset.tens + Number(line.dataset.ones));
  const passed = Math.floor((Date.now() - began) / STEP);
  const at = Number(line.dataset.drawn) + passed;
  line.dataset.tens = String(Math.floor(at / 10));
  line.dataset.ones = String(at % 10);
}
let began = Date.now();

function start() {
  began = Date.now();
  rove(cells().find((cell) => cell.dataset.cell * 1000 >= Date.now()) ?? cells()[0]);
}
start();
setInterval(moveNow, 60_000);

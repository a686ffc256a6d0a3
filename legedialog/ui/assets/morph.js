// A live part that is drawn anew changes only where it differs. Who is inside it keeps focus, ticks, what is open, the
// place in the list, and what is typed. One mechanism for every list: rows are told apart by whose they are.
import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { afterPress, isPressing } from "./press.js";

const KEPT = "kept";
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const ROWS = "li:not([id]), tr:not([id]), article:not([id])";

/** Rows without an id get one from what they lead to, so that a row is matched with itself alone. */
function nameRows(root) {
  const used = new Map();
  for (const row of root.querySelectorAll(ROWS)) {
    const fields = [...row.querySelectorAll("a[href], form[action], input[value]")];
    const inside = fields.map((each) => each.getAttribute("href") ?? each.getAttribute("action") ?? each.value);
    const id = inside.map((each) => each.match(ID)?.[0]).find(Boolean) ?? inside[0];
    if (!id) continue;
    used.set(id, (used.get(id) ?? 0) + 1);
    row.id = `row:${id}:${used.get(id)}`;
  }
}

function isChanged(field) {
  if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

/** What she has typed or ticked stays, and what a script has shown: hidden for a moment it would lose focus.
 * A tick goes when its row is another now: it was not on that she put it. */
function keep(before, after) {
  if (!(before instanceof Element) || !(after instanceof Element)) return true;
  if (before.matches("[data-print], [data-keys-hint]") && after.hidden) after.hidden = before.hidden;
  if (before.matches("details") && after.matches("details")) after.open = before.open;
  if (!before.matches("input:not([type=hidden]), textarea, select") || before.tagName !== after.tagName || !isChanged(before)) return true;
  return before.matches("[type=checkbox], [type=radio]") && before.value !== after.value;
}

htmx.defineExtension(KEPT, {
  isInlineSwap: (style) => style === KEPT,
  handleSwap(style, target, fragment) {
    if (style !== KEPT) return false;
    nameRows(target);
    nameRows(fragment);
    const row = target.contains(document.activeElement) && document.activeElement.closest("[id]").id;
    const drawn = Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: keep } });
    if (row && document.activeElement === document.body) {
      const left = document.getElementById(row) ?? document.getElementById(target.id);
      (left?.querySelector("a[href], button, input:not([type=hidden])") ?? left)?.focus({ preventScroll: true });
    }
    return drawn;
  },
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const part = detail.elt;
  if (!part?.dataset?.live || part !== detail.target || part.getAttribute("hx-swap") !== "outerHTML") return;
  detail.swapOverride = KEPT;
  if (!isPressing()) return;
  detail.shouldSwap = false; // it is fetched again when she has let go
  afterPress(() => part.isConnected && htmx.trigger(part, "live"));
});

// Pages of one browser that are drawn for different people. Each says whose it is when it comes, and one of another then
// asks the server whether it still is whose it says. Without this file the server says so when a part is asked for.
import htmx from "htmx.org/dist/htmx.esm.js";

const seal = () => document.querySelector('meta[name="seal"]');
const channel = new BroadcastChannel("legedialog.whose");

/** The answer to no is a word over the page: access/web/kept.py: another. */
export function ask() {
  const place = document.getElementById("another");
  if (!seal() || !place || place.children.length) return;
  htmx.ajax("GET", seal().dataset.ask, { source: place, swap: "none", headers: { "X-Live": "1" } }).catch(() => {});
}

channel.onmessage = ({ data }) => data !== seal()?.dataset.line && ask();
if (seal()) channel.postMessage(seal().dataset.line);
addEventListener("pageshow", (event) => event.persisted && ask());
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const place = document.getElementById("another");
  if (detail.shouldSwap && detail.target !== place) place?.replaceChildren(); // it is hers again
  const part = detail.requestConfig?.elt;
  if (detail.target === place && part?.dataset.live) part.dataset.drawn = 0; // the next look fetches it
});

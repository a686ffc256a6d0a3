// How many signs are left. Shown at each key, read aloud after a pause and only when it matters.
import { announce } from "./announce.js";

const NEAR = 0.8; // of the limit
let pause;

function show(counter, aloud) {
  const input = document.getElementById(counter.dataset.counter);
  if (!input) return;
  const limit = Number(counter.dataset.limit);
  const left = limit - [...input.value].length; // as the server counts: code points
  const text = left < 0 ? counter.dataset.overText : counter.dataset.left;
  counter.textContent = text.replace("{n}", Math.abs(left));
  counter.toggleAttribute("data-over", left < 0);
  clearTimeout(pause);
  if (aloud && left < limit * (1 - NEAR)) pause = setTimeout(announce, 1000, counter.textContent);
}

document.addEventListener("input", (event) => {
  const counter = document.querySelector(`[data-counter="${CSS.escape(event.target.id)}"]`);
  if (counter) show(counter, true);
});
document.addEventListener("htmx:load", (event) => {
  for (const counter of event.target.querySelectorAll("[data-counter]")) show(counter, false);
});

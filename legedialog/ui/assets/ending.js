// A moment before the login ends of itself she is told, and goes on by one press, in all tabs. The server knows what the
// other tabs have done; a page asks it when the time seems near. Without this file what she has typed is kept (ADR 61).
import { announce } from "./announce.js";
import { clock } from "./clock.js";

const LAST_WORD = 30; // seconds before the end it is said once more to who listens
const page = document.querySelector('meta[name="seal"]');
const dialog = document.getElementById("ending");
const WARNED = Number(dialog?.dataset.warned); // seconds before: access/rules.py
const channel = new BroadcastChannel("legedialog.ending");
let endsAt = 0; // milliseconds on this machine's clock
let goesOn = true;
let isOver = false; // said once
let timer = 0;
let beat = 0;

const left = () => Math.max(0, Math.round((endsAt - Date.now()) / 1000));

/** `byItself`: it is the page that asks, not she. */
async function ask(byItself) {
  if (isOver) return;
  const headers = byItself ? { "X-Live": "1" } : {};
  const answer = await fetch(page.dataset.ending, { headers, cache: "no-store" }).then((it) => it.json(), () => null);
  if (!answer) return; // no network: what she does next says it
  goesOn = answer.goes_on;
  plan(answer.left);
  if (left() <= WARNED) show();
  else hide();
}

function plan(seconds) {
  endsAt = Date.now() + seconds * 1000;
  clearTimeout(timer);
  if (seconds > WARNED) timer = setTimeout(() => ask(true), (seconds - WARNED) * 1000);
}

function show() {
  if (!goesOn) document.getElementById("ending-why").textContent = dialog.dataset.lastWhy;
  const button = dialog.querySelector("button");
  button.textContent = goesOn ? button.dataset.on : button.dataset.off;
  if (!dialog.open) dialog.showModal();
  clearInterval(beat);
  beat = setInterval(tick, 1000);
  tick();
}

function hide() {
  clearInterval(beat);
  if (!dialog.open) return;
  dialog.dataset.done = "yes"; // it closes of itself: nothing is asked for
  dialog.close();
}

function tick() {
  const seconds = left();
  const line = dialog.querySelector("[data-clock]");
  line.querySelector("strong").textContent = clock(seconds);
  if (seconds === LAST_WORD) announce(line.textContent);
  if (seconds) return;
  clearInterval(beat);
  line.hidden = true;
  goesOn = false;
  isOver = true;
  document.getElementById("ending-name").textContent = dialog.dataset.over;
  document.getElementById("ending-why").textContent = dialog.dataset.overWhy;
  dialog.querySelector("button").textContent = dialog.querySelector("button").dataset.off;
  dialog.querySelector("a").hidden = true;
}

if (dialog) {
  plan(Number(page.dataset.left));
  channel.postMessage(""); // she is here: a tab that warns asks again
  channel.onmessage = () => dialog.open && ask(true);
  dialog.addEventListener("close", async () => {
    const isAnswered = dialog.dataset.done || !goesOn;
    delete dialog.dataset.done;
    clearInterval(beat);
    if (isAnswered) return;
    await ask(false);
    channel.postMessage("");
  });
  document.addEventListener("visibilitychange", () => !document.hidden && left() <= WARNED && ask(true)); // timers have slept
}

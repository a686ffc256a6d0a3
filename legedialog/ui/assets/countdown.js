// "Vi holder timen av til deg i 9:42". Counts from the seconds the server gave, so a wrong clock here does no harm.
import { announce } from "./announce.js";
import { clock } from "./clock.js";

const SAID_AT = [300, 120, 60]; // seconds left
const ends = new WeakMap();

function show(time) {
  const line = time.parentElement;
  if (!ends.has(time)) ends.set(time, { at: Date.now() + Number(time.dataset.countdown) * 1000, said: Infinity });
  const state = ends.get(time);
  const left = Math.max(0, Math.round((state.at - Date.now()) / 1000));

  if (left === 0) {
    line.textContent = line.dataset.over;
    line.nextElementSibling.hidden = false;
    announce(line.dataset.over);
    return;
  }
  time.textContent = line.dataset.running.replace("{left}", clock(left));

  const due = SAID_AT.find((mark) => left <= mark && left > mark - 5 && state.said > mark);
  if (due) {
    state.said = due;
    const minutes = due / 60;
    announce(minutes === 1 ? line.dataset.announceOne : line.dataset.announce.replace("{n}", minutes));
  }
}

function showAll() {
  for (const time of document.querySelectorAll("time[data-countdown]")) show(time);
}

showAll();
setInterval(showAll, 1000);

// `data-live="/live/…"`: the part is fetched again when the server says that something changed.
import htmx from "htmx.org/dist/htmx.esm.js";

const LONGEST = 60_000; // milliseconds between tries
const sources = new Map(); // address -> { events, tries, timer }

function parts(address) {
  return [...document.querySelectorAll("[data-live]")].filter((part) => part.dataset.live === address);
}

function isTyping(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input, textarea, select");
}

function refresh(address) {
  for (const part of parts(address)) {
    if (isTyping(part)) part.addEventListener("focusout", () => setTimeout(refresh, 200, address), { once: true });
    else htmx.trigger(part, "live");
  }
}

function open(address) {
  const source = sources.get(address) ?? { tries: 0 };
  sources.set(address, source);
  source.events = new EventSource(address);
  source.events.onopen = () => {
    if (source.tries) refresh(address); // what was missed while it was away
    source.tries = 0;
  };
  source.events.onmessage = () => {
    if (!parts(address).length) return close(address);
    clearTimeout(source.timer);
    source.timer = setTimeout(refresh, 150, address); // several changes at once are fetched once
  };
  source.events.onerror = () => {
    source.events.close();
    source.tries += 1;
    const wait = Math.min(LONGEST, 1000 * 2 ** source.tries) * (0.5 + Math.random() / 2);
    source.timer = setTimeout(() => (parts(address).length ? open(address) : close(address)), wait);
  };
}

function close(address) {
  const source = sources.get(address);
  clearTimeout(source.timer);
  source.events.close();
  sources.delete(address);
}

function openAll() {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (!sources.has(part.dataset.live)) open(part.dataset.live);
  }
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.triggeringEvent?.type === "live") detail.headers["X-Live"] = "1"; // it does not keep the login alive
});
document.addEventListener("htmx:load", openAll);
addEventListener("pagehide", () => [...sources.keys()].forEach(close));
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  openAll();
  [...sources.keys()].forEach(refresh);
});

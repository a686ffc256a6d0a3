// `{% live "me" %}`: the part is fetched again when something changed after it was drawn.
//
// One stream for a browser, whatever number of tabs: the tab that holds the lock listens and tells the others. Browsers
// take six connections to one address over HTTP/1.1, and a stream keeps one. Only tabs that are looked at take part; one
// that is looked at again catches up. Times are the database's, in seconds. See docs/adr/0059-live-events.md.
import htmx from "htmx.org/dist/htmx.esm.js";
import { afterPress } from "./press.js";
import { ask } from "./whose.js";

const LONGEST = 60_000; // milliseconds between tries
const GATHER = 150; // milliseconds: several changes at once are fetched once
const ORDER = 5; // seconds that two processes' events may come in the wrong order
const lines = new Map(); // address -> Line

function parts(address) {
  return [...document.querySelectorAll("[data-live]")].filter((part) => part.dataset.live === address);
}

const drawn = (part) => Number(part.dataset.drawn) || 0;

function isTyping(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input:not([type=checkbox], [type=radio]), textarea, select"); // ticks are kept: morph.js
}

/** Fetch what was drawn before `told`. */
function refresh(address, told) {
  for (const part of parts(address).filter((part) => drawn(part) < told)) {
    if (isTyping(part)) {
      part.addEventListener("focusout", () => setTimeout(refresh, 200, address, told), { once: true });
    } else {
      part.dataset.drawn = told; // what comes is drawn later still
      htmx.trigger(part, "live");
    }
  }
}

class Line {
  constructor(address) {
    this.address = address;
    this.known = 0; // all that was told up to here has been heard, here or by the tab that listens
    this.tries = 0;
    this.over = new AbortController();
    this.channel = new BroadcastChannel(address);
    this.channel.onmessage = ({ data }) => this.hear(data);
    this.channel.postMessage({ asks: true });
    if (!navigator.locks) return this.listen(); // not a secure page: each tab for itself
    navigator.locks
      .request(address, { signal: this.over.signal }, () => {
        if (this.over.signal.aborted) return undefined;
        this.listen();
        return new Promise((release) => this.over.signal.addEventListener("abort", release));
      })
      .catch(() => {}); // nobody looks any more, before it came to this tab
  }

  hear({ asks, since, told }) {
    if (asks && this.since !== undefined) this.channel.postMessage({ since: this.since, told: this.known });
    if (since !== undefined) this.renew(since); // what came before that, the tab that listens has not heard
    if (told !== undefined) {
      this.known = Math.max(this.known, told);
      this.renew(told);
    }
  }

  renew(told) {
    this.next = Math.max(this.next ?? 0, told);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      afterPress(() => refresh(this.address, this.next));
    }, GATHER);
  }

  listen() {
    const oldest = Math.min(...parts(this.address).map(drawn));
    const seen = this.known ? Math.min(oldest, this.known - ORDER) : oldest;
    this.since ??= seen;
    this.events = new EventSource(`${this.address}?seen=${Math.max(0, seen).toFixed(6)}`);
    this.events.onopen = () => (this.tries = 0);
    this.events.onmessage = ({ data }) => {
      const told = Number(data.split(" ")[1]);
      this.channel.postMessage({ told });
      this.hear({ told });
    };
    this.events.onerror = () => {
      const isRefused = this.events.readyState === EventSource.CLOSED; // or a proxy has nobody behind it
      this.events.close();
      this.tries += 1;
      if (isRefused && !this.refused) ask(); // also when the server ended the stream first: she may not any more
      this.refused = isRefused;
      const wait = Math.min(LONGEST, 1000 * 2 ** this.tries) * (0.5 + Math.random() / 2);
      this.again = setTimeout(() => this.listen(), wait);
    };
  }

  close() {
    this.over.abort();
    this.events?.close();
    this.channel.close();
    clearTimeout(this.timer);
    clearTimeout(this.again);
  }
}

/** A line for each address that the page asks for while somebody looks at it, and none else. */
function keep() {
  const wanted = document.hidden ? new Set() : new Set([...document.querySelectorAll("[data-live]")].map((part) => part.dataset.live));
  for (const [address, line] of lines) {
    if (wanted.has(address)) continue;
    line.close();
    lines.delete(address);
  }
  for (const address of wanted) {
    if (!lines.has(address)) lines.set(address, new Line(address));
    else if (lines.get(address).known) lines.get(address).renew(lines.get(address).known); // a part came late
  }
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const by = detail.elt.closest("[hx-headers]");
  if (by && by !== detail.elt) delete detail.headers["X-Live"]; // htmx inherits it: what somebody does in a part is no look by itself
  if (detail.triggeringEvent?.type === "live") detail.headers["X-Live"] = "1"; // it does not keep the login alive
});
for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, ({ detail }) => {
    if (detail.elt?.dataset?.live) detail.elt.dataset.drawn = 0; // the next event, or the next look, fetches it
  });
}
document.addEventListener("htmx:load", keep);
document.addEventListener("visibilitychange", keep);
addEventListener("pagehide", () => {
  for (const line of lines.values()) line.close();
  lines.clear();
});
addEventListener("pageshow", (event) => event.persisted && keep());

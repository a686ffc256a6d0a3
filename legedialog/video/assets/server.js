// The way to our server: events come by server-sent events, and what we say goes by POST, in order and again when it is lost.
import { tokens } from "../../ui/assets/tokens.js";

const LONGEST = 15_000; // milliseconds between tries
const MOST_WAITING = 300; // messages; more means that nobody has been reachable for a long time
const FINAL = [400, 401, 403, 404, 409, 410, 413, 422]; // asking again gives the same answer

const pause = (tries) => Math.min(LONGEST, 500 * 2 ** tries) * (0.5 + Math.random() / 2);

export class Server extends EventTarget {
  #addresses;
  #tokens;
  #events;
  #tries = 0;
  #last = "";
  #waiting = [];
  #sending = false;
  #closed = false;
  #arrived;
  #hasArrived;

  /** `room` is the page's #room element. */
  constructor(room) {
    super();
    const { post, ice } = room.dataset;
    this.#addresses = { post, ice };
    this.#tokens = tokens(document);
    this.#arrived = new Promise((resolve) => { this.#hasArrived = resolve; });
  }

  /** The page gets its number, which replaces older pages of hers, and then hears what happens. `refused`: not here. */
  async arrive() {
    for (let tries = 0; !this.#closed; tries += 1) {
      const response = await this.#post({ type: "arrive" }).catch(() => null);
      if (response?.ok) {
        const { tab, since } = await response.json();
        const line = this.#addresses.post.split("?")[0];
        Object.assign(this.#addresses, { events: `${line}?${new URLSearchParams({ tab, since })}`, post: `${line}?tab=${tab}` });
        this.#hasArrived();
        return this.open();
      }
      if (FINAL.includes(response?.status)) return this.dispatchEvent(new Event("refused"));
      await new Promise((resolve) => setTimeout(resolve, pause(tries)));
    }
  }

  /** Dispatches an event for each message, named as its type; and `lost` and `found` for the stream itself. */
  open() {
    clearTimeout(this.timer);
    if (this.#closed) return;
    const address = new URL(this.#addresses.events, location.href);
    if (this.#last) address.searchParams.set("since", this.#last); // a new EventSource has forgotten it
    this.#events = new EventSource(address);
    this.#events.onopen = () => {
      if (this.#tries) this.dispatchEvent(new Event("found"));
      this.#tries = 0;
      this.#drain();
    };
    this.#events.onmessage = (event) => {
      this.#last = event.lastEventId || this.#last;
      let message;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      if (typeof message?.type === "string") this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    };
    this.#events.onerror = () => {
      this.#tries += 1;
      if (this.#tries === 2) this.dispatchEvent(new Event("lost"));
      if (this.#events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), pause(this.#tries));
    };
  }

  close() {
    this.#closed = true;
    clearTimeout(this.timer);
    this.#events?.close();
    this.#waiting = [];
  }

  /** In order, and until it has arrived. */
  send(message) {
    if (this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING) this.#waiting.shift();
    this.#waiting.push(message);
    this.#drain();
  }

  /** Once. `{ ok }` with what the answer holds; a refusal has a `message` for the person. */
  async ask(message) {
    try {
      await this.#arrived;
      const response = await this.#post(message);
      return { ...(await response.json().catch(() => ({}))), ok: response.ok };
    } catch {
      return { ok: false };
    }
  }

  /** One of the pages' own forms, sent without leaving the page. */
  form(address, fields) {
    return fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", ...this.#tokens },
      body: new URLSearchParams(fields),
    }).catch(() => null);
  }

  /** Fresh addresses of STUN and TURN, and for how many seconds their password is good; or null. */
  async relay() {
    try {
      const response = await fetch(this.#addresses.ice, { cache: "no-store" });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  #post(message) {
    return fetch(this.#addresses.post, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...this.#tokens },
      body: JSON.stringify(message),
    });
  }

  async #drain() {
    if (this.#sending) return;
    this.#sending = true;
    await this.#arrived;
    for (let tries = 0; this.#waiting.length; ) {
      const message = this.#waiting[0];
      const status = await this.#post(message).then(({ status: answer }) => answer, () => 0);
      if (status && (status < 400 || FINAL.includes(status))) {
        if (this.#waiting[0] === message) this.#waiting.shift();
        tries = 0;
      } else {
        tries += 1;
        await new Promise((resolve) => setTimeout(resolve, pause(tries)));
      }
    }
    this.#sending = false;
  }
}

// What opens beside the picture: the chat and the safety codes. One at a time.
import { announce } from "../../ui/assets/announce.js";
import { say } from "./words.js";

const LONGEST = 1000; // signs of one message
const MOST = 200; // messages kept on the screen
const MOST_OFTEN = 10; // messages in ten seconds from one person; more is noise

export class Side {
  #room;
  #unread = 0;
  #heard = new Map(); // seat -> times of her last messages
  #opener;

  constructor(room) {
    this.#room = room;
  }

  toggle(name) {
    const panel = this.#panel(name);
    if (panel.hidden) this.open(name);
    else this.close();
  }

  open(name) {
    this.#opener = this.#room.querySelector(`[data-act="${name}"]`);
    for (const panel of this.#room.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
    this.#show(name);
    if (name === "chat") {
      this.#count(0);
      this.#room.querySelector("[data-chat-form] textarea").focus();
    } else {
      this.#panel(name).querySelector("h2").focus();
    }
  }

  close() {
    const held = this.#room.querySelector("[data-side]").contains(document.activeElement);
    for (const panel of this.#room.querySelectorAll("[data-panel]")) panel.hidden = true;
    this.#show("");
    if (held) this.#opener?.focus();
  }

  /** A message that was written here. */
  wrote(text) {
    this.#write(say("you"), text, true);
  }

  /** A message from another browser. Untrusted. */
  heard(seat, text) {
    if (typeof text !== "string" || !text.trim()) return;
    const now = Date.now();
    const times = (this.#heard.get(seat.id) ?? []).filter((time) => now - time < 10_000);
    if (times.length >= MOST_OFTEN) return;
    this.#heard.set(seat.id, [...times, now]);
    const words = [...text].slice(0, LONGEST).join("");
    this.#write(seat.name, words, false);
    if (this.#panel("chat").hidden) {
      this.#count(this.#unread + 1);
      announce(say("message-from", { name: seat.name, text: words.slice(0, 200) }));
    }
  }

  /** `rows` of { name, identity, code }. */
  showCodes(rows) {
    this.#room.querySelector("[data-codes]").replaceChildren(...rows.map(({ name, identity, code }) => {
      const row = document.getElementById("code").content.firstElementChild.cloneNode(true);
      row.querySelector("[data-name]").textContent = name;
      row.querySelector("[data-identity]").textContent = identity;
      const shown = row.querySelector("[data-code]");
      shown.textContent = code || say("no-code");
      shown.toggleAttribute("data-ready", Boolean(code));
      return row;
    }));
  }

  #write(name, text, mine) {
    const list = this.#room.querySelector("[data-messages]");
    const row = document.getElementById("message").content.firstElementChild.cloneNode(true);
    row.toggleAttribute("data-mine", mine);
    row.querySelector("[data-name]").textContent = name;
    row.querySelector("[data-at]").textContent = clock(new Date());
    row.querySelector("[data-text]").textContent = text;
    list.append(row);
    while (list.children.length > MOST) list.firstElementChild.remove();
    list.parentElement.scrollTop = list.parentElement.scrollHeight;
  }

  #panel(name) {
    return this.#room.querySelector(`[data-panel="${name}"]`);
  }

  #show(name) {
    this.#room.querySelector("[data-side]").hidden = !name;
    for (const button of this.#room.querySelectorAll('[data-act="chat"], [data-act="safety"]')) {
      button.setAttribute("aria-expanded", String(button.dataset.act === name));
    }
  }

  #count(unread) {
    this.#unread = unread;
    const badge = this.#room.querySelector("[data-unread]");
    badge.hidden = !unread;
    badge.textContent = unread ? say("unread", { number: unread }) : "";
  }
}

const CLINIC = new Intl.DateTimeFormat("nb-NO", { timeZone: "Europe/Oslo", hour: "2-digit", minute: "2-digit" });

/** 10.20 on the clinic's wall, wherever the device thinks it is. */
export function clock(date) {
  return CLINIC.format(date).replace(":", ".");
}

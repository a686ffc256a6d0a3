// One tile for each of the others: picture, screen, name, and how the connection is.
import { say } from "./words.js";

const COLOURS = { good: "success", poor: "warning", lost: "danger", wait: "neutral" };

export class Tile {
  #shown = new Map(); // element -> the track it plays

  constructor(seat, speaker) {
    this.element = document.getElementById("tile").content.firstElementChild.cloneNode(true);
    this.element.dataset.seat = seat.id;
    this.media = { audio: true, video: false, screen: false };
    this.speaker = speaker;
    this.name(seat);
    this.#find("play").addEventListener("click", () => this.#playAll());
  }

  name(seat) {
    this.seat = seat;
    this.#find("name").textContent = seat.name;
    this.#find("title").textContent = seat.title;
    this.#find("picture").setAttribute("aria-label", say("picture-of", { name: seat.name }));
    this.#find("screen").setAttribute("aria-label", say("screen-of", { name: seat.name }));
  }

  /** `quality` is "good", "poor", "lost" or "wait"; `away` when she has no page open now. */
  show({ received, quality, away, wantsPicture }) {
    this.#play(this.#find("sound"), received.audio);
    this.#play(this.#find("picture"), received.video);
    this.#play(this.#find("screen"), received.screen);
    const live = quality !== "wait" && wantsPicture;
    this.#find("picture").hidden = !(live && this.media.video);
    this.#find("screen").hidden = !(live && this.media.screen);
    this.element.toggleAttribute("data-sharing", live && this.media.screen);
    this.#find("muted").hidden = this.media.audio || quality === "wait";

    const tag = this.#find("quality");
    tag.textContent = say(`quality-${quality}`);
    tag.dataset.color = COLOURS[quality];
    this.element.dataset.state = quality;
    const { name } = this.seat;
    const says = this.#find("says");
    const seen = this.media.video || this.media.screen;
    says.textContent = away ? say("away", { name })
      : quality === "wait" ? say("connecting", { name })
        : quality === "lost" ? say("lost", { name })
          : !wantsPicture ? say("pictures-off") : seen ? "" : say("no-picture", { name });
    says.hidden = !says.textContent;
  }

  /** "" is the usual speaker. */
  useSpeaker(device) {
    this.speaker = device;
    this.#find("sound").setSinkId?.(device).catch(() => {});
  }

  remove() {
    for (const element of this.#shown.keys()) element.srcObject = null;
    this.element.remove();
  }

  #find(name) {
    return this.element.querySelector(`[data-${name}]`);
  }

  #play(element, track) {
    if (this.#shown.get(element) === track) return;
    this.#shown.set(element, track);
    element.srcObject = track ? new MediaStream([track]) : null;
    if (!track) return;
    if (this.speaker && element.matches("audio")) element.setSinkId?.(this.speaker).catch(() => {});
    element.play().catch((error) => {
      if (error.name === "NotAllowedError") this.#find("play").hidden = false; // the browser wants a press first
    });
  }

  #playAll() {
    this.#find("play").hidden = true;
    for (const element of this.#shown.keys()) element.play().catch(() => {});
  }
}

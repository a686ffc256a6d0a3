// The others in the room: a connection and a tile for each, how it goes, and the code by which two see that nobody is between.
import { announce } from "../../ui/assets/announce.js";
import { one } from "./page.js";
import { Peer } from "./peer.js";
import { judge, measure } from "./quality.js";
import { safetyCode } from "./safety.js";
import { inside, mediaIn, news, qualityNow, worst } from "./state.js";
import { Tile } from "./tiles.js";
import { say } from "./words.js";

/** Dispatches `quality` when the word for one of them has changed. */
export class Others extends EventTarget {
  wantsPicture = true;
  speaker = "";
  #seats = new Map(); // seat id -> { seat, peer, tile, before, quality, met, code, codeOf }
  #settings;

  /** `own` is sent to each; `side` shows chat and codes; `send` carries a signal; `configuration` and `iceServers` as in Peer. */
  constructor({ me, own, side, send, configuration, iceServers }) {
    super();
    this.#settings = { me, own, side, send, configuration, iceServers };
  }

  get worst() {
    return worst([...this.#seats.values()].map(({ quality }) => quality));
  }

  /** Of the first who is heard. */
  get sound() {
    return this.#peers.map((peer) => peer.received.audio).find(Boolean);
  }

  get #peers() {
    return [...this.#seats.values()].map(({ peer }) => peer);
  }

  /** A connection to each of the others who is in, and none to anybody else. */
  meet(state) {
    const here = inside(state, this.#settings.me);
    for (const id of this.#seats.keys()) if (!here.has(id)) this.forget(id, true);
    for (const seat of here.values()) {
      const other = this.#seats.get(seat.id) ?? this.#greet(seat);
      if (other.seat.present && !seat.present) announce(say("away", { name: seat.name }));
      other.seat = seat;
      other.peer.present = seat.present;
      other.tile.name(seat);
      this.#refresh(other);
    }
    for (const peer of this.#peers) peer.share(this.#seats.size);
  }

  forget(id, aloud = false) {
    const other = this.#seats.get(id);
    if (!other) return;
    this.#seats.delete(id);
    other.peer.close();
    other.tile.remove();
    if (aloud) announce(say("has-left", { name: other.seat.name }));
    this.#showCodes();
  }

  forgetAll() {
    for (const id of this.#seats.keys()) this.forget(id);
  }

  /** A signal from one of them. */
  hear({ from, data }) {
    this.#seats.get(from)?.peer.hear(data);
  }

  tell(message) {
    for (const peer of this.#peers) peer.tell(message);
  }

  put(piece, track) {
    for (const peer of this.#peers) peer.put(piece, track);
  }

  wantPicture(wanted) {
    this.wantsPicture = wanted;
    for (const other of this.#seats.values()) {
      other.peer.wantPicture(wanted);
      this.#refresh(other);
    }
  }

  useSpeaker(device) {
    this.speaker = device;
    for (const { tile } of this.#seats.values()) tile.useSpeaker(device);
  }

  mend() {
    for (const peer of this.#peers) if (!peer.connected) peer.mend();
  }

  async measure() {
    for (const other of this.#seats.values()) {
      if (!other.peer.connected) continue;
      const now = await measure(other.peer.connection, other.before).catch(() => null);
      if (!now) continue;
      const quality = judge({ connected: other.peer.connected, rtt: now.rtt, loss: other.before ? now.loss : 0 });
      if (quality === "poor" && other.quality === "good") announce(say("poor", { name: other.seat.name }));
      other.before = now;
      if (other.quality === quality) continue;
      other.quality = quality;
      this.#refresh(other);
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("quality"));
  }

  #greet(seat) {
    const { me, own, send, configuration, iceServers } = this.#settings;
    const peer = new Peer({ me, seat: seat.id, configuration: configuration(), send: (data) => send(seat.id, data), iceServers });
    const other = { seat, peer, tile: new Tile(seat, this.speaker), quality: "wait", code: "", codeOf: "" };
    this.#seats.set(seat.id, other);
    one("tiles").append(other.tile.element);
    for (const [piece, track] of Object.entries(own.tracks)) peer.put(piece, track);
    peer.wantPicture(this.wantsPicture);
    peer.addEventListener("change", () => this.#refresh(other));
    peer.addEventListener("channel", () => peer.tell({ type: "media", media: own.media }));
    peer.addEventListener("words", ({ detail }) => this.#heard(other, detail));
    return other;
  }

  /** From another browser, so anything may stand in it. */
  #heard(other, message) {
    const media = mediaIn(message);
    if (media) {
      if (media.screen && !other.tile.media.screen) announce(say("shares-screen", { name: other.seat.name }));
      other.tile.media = media;
      this.#refresh(other);
    }
    if (message?.type === "chat") this.#settings.side.heard(other.seat, message.text);
  }

  #refresh(other) {
    if (!this.#seats.has(other.seat.id)) return;
    const { peer, seat, quality: before } = other;
    const { connected } = peer;
    other.quality = qualityNow({ connected, met: other.met, quality: before });
    const told = news({ connected, met: other.met, present: seat.present, before, quality: other.quality });
    if (told) announce(say(told, { name: seat.name }));
    other.met ||= connected;
    const away = !seat.present && !connected;
    other.tile.show({ received: peer.received, quality: other.quality, away, wantsPicture: this.wantsPicture });
    this.#code(other);
    if (before !== other.quality) this.#changed();
  }

  async #code(other) {
    const { me } = this.#settings;
    const [mine, theirs] = other.peer.fingerprints;
    const of = `${mine}|${theirs}`;
    if (other.codeOf === of) return;
    other.codeOf = of;
    other.code = "";
    this.#showCodes();
    const made = await safetyCode(mine, theirs, [me, other.seat.id].sort().join("|"));
    if (other.codeOf === of) other.code = made;
    this.#showCodes();
  }

  #showCodes() {
    this.#settings.side.showCodes([...this.#seats.values()].map(({ seat, code }) => ({
      name: seat.name,
      identity: [seat.title, seat.identity ? say(`identity-${seat.identity}`) : ""].filter(Boolean).join(". "),
      code,
    })));
  }
}

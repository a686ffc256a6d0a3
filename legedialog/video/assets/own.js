// My own camera, microphone and screen: what is on, which devices, and what happens when one disappears.
import { openBoth, openOne } from "./media.js";

const REMEMBERED = "video-own"; // for this tab only, so that a reload switches nothing on that was off

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(REMEMBERED)) ?? {};
  } catch {
    return {};
  }
}

export class Own extends EventTarget {
  tracks = { audio: null, video: null, screen: null };
  faults = { audio: "", video: "" };
  chosen = remembered().chosen ?? {};
  muted = remembered().muted ?? false;
  cameraOff = remembered().cameraOff ?? false;
  stopped = false; // the telephone, or another program, has taken the microphone

  /** Ask for what was not switched off before. */
  async start() {
    if (this.cameraOff) this.#took("audio", await openOne("audio", this.chosen.audio));
    else {
      const both = await openBoth(this.chosen);
      this.#took("audio", both.audio);
      this.#took("video", both.video);
    }
  }

  /** What the others are told. */
  get media() {
    const { audio, video, screen } = this.tracks;
    return { audio: Boolean(audio) && !this.muted, video: Boolean(video), screen: Boolean(screen) };
  }

  async toggleMicrophone() {
    if (!this.tracks.audio) {
      this.muted = false;
      this.#took("audio", await openOne("audio", this.chosen.audio));
    } else {
      this.muted = !this.muted;
      this.tracks.audio.enabled = !this.muted;
      this.#changed("audio");
    }
  }

  /** Off means that the camera itself stops, and its light goes out. */
  async toggleCamera(on = !this.tracks.video) {
    this.cameraOff = !on;
    if (on) this.#took("video", await openOne("video", this.chosen.video));
    else this.#drop("video");
  }

  /** Resolves to false when nothing was chosen to be shown. */
  async toggleScreen() {
    if (this.tracks.screen) {
      this.#drop("screen");
      return true;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      const [track] = stream.getVideoTracks();
      track.contentHint = "detail";
      track.onended = () => this.#drop("screen");
      this.tracks.screen = track;
      this.#changed("screen");
      return true;
    } catch {
      return false;
    }
  }

  /** Another "audio" or "video" device, in the middle of everything. */
  async choose(kind, device) {
    this.chosen[kind] = device;
    this.#remember();
    if (!this.tracks[kind]) return;
    this.#drop(kind, true); // some devices cannot be opened twice
    this.#took(kind, await openOne(kind, device));
  }

  /** After a telephone call no page can revive an old track: only a new one. */
  async reopen() {
    this.stopped = false;
    for (const kind of ["audio", "video"]) {
      if (kind === "video" && this.cameraOff) continue;
      this.#drop(kind, true);
      this.#took(kind, await openOne(kind, this.chosen[kind]));
    }
  }

  close() {
    for (const track of Object.values(this.tracks)) track?.stop();
    this.tracks = { audio: null, video: null, screen: null };
  }

  #took(kind, { track, fault = "" }) {
    this.faults[kind] = fault;
    if (!track) {
      this.#changed(kind);
      return;
    }
    this.tracks[kind] = track;
    if (kind === "audio") {
      track.enabled = !this.muted;
      track.onmute = () => this.#pause(true);
      track.onunmute = () => this.#pause(false);
    }
    track.onended = () => this.#lost(kind, track);
    this.#changed(kind);
  }

  #pause(stopped) {
    this.stopped = stopped;
    this.dispatchEvent(new Event("pause"));
  }

  /** Unplugged, or taken by the system. Any other device of its kind takes over. */
  async #lost(kind, track) {
    if (this.tracks[kind] !== track) return;
    this.#drop(kind, true);
    const { track: other, fault } = await openOne(kind);
    this.#took(kind, { track: other, fault: fault ?? "" });
    this.dispatchEvent(new CustomEvent("lost", { detail: { kind, replaced: Boolean(other) } }));
  }

  #drop(kind, quietly = false) {
    const track = this.tracks[kind];
    this.tracks[kind] = null;
    if (track) {
      track.onended = track.onmute = track.onunmute = null;
      track.stop();
    }
    if (!quietly) this.#changed(kind);
  }

  #changed(piece) {
    this.#remember();
    this.dispatchEvent(new CustomEvent("change", { detail: { piece } }));
  }

  #remember() {
    const { muted, cameraOff, chosen } = this;
    sessionStorage.setItem(REMEMBERED, JSON.stringify({ muted, cameraOff, chosen }));
  }
}

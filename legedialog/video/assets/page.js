// How the room's page looks: the waiting room, the picture's surroundings and what is told. It is drawn from the state; who
// may be here is the server's to say.
import { canChooseSpeaker, devices, offer } from "./media.js";
import { clock } from "./side.js";
import { tone } from "./sound.js";
import { canComeBack, ownSays, ownShort } from "./state.js";
import { say } from "./words.js";

const ASKED = ["patient", "representative"];
const title = document.title;

export const room = document.getElementById("room");
export const config = JSON.parse(document.getElementById("room-config").textContent);
export const me = room.dataset.seat;
export const isDoctor = config.me.role === "doctor";

export const one = (name) => room.querySelector(`[data-${name}]`);
export const all = (name) => room.querySelectorAll(`[data-${name}]`);
export const buttons = (act) => room.querySelectorAll(`[data-act="${act}"]`);

export const sayAll = (codes, between) => codes.map((code) => say(code)).join(between);

export function press(act, on) {
  for (const button of buttons(act)) button.setAttribute("aria-pressed", String(on));
}

export function showView(name) {
  room.dataset.view = name;
  for (const part of all("view")) part.hidden = part.dataset.view !== name;
}

export function showOver(why) {
  one("over-title").textContent = say(`${why}-title`);
  one("over-says").textContent = say(why);
  one("come-back").hidden = !canComeBack(why);
  one("problem").hidden = true;
}

export function showLobby(state) {
  const doctor = state.seats.find((seat) => seat.role === "doctor");
  const says = doctor?.present ? "lobby-here" : state.place === 1 ? "lobby-next" : state.place ? "lobby-place" : "lobby";
  one("lobby-says").textContent = say(says, { name: config.doctor.name, place: state.place });
  const until = state.delayed_until ? say("lobby-delayed", { time: clock(new Date(state.delayed_until)) }) : "";
  one("lobby-message").hidden = !(state.message || until);
  one("lobby-message").textContent = [until, state.message].filter(Boolean).join(" ");
}

export function showStage(state) {
  const here = state.seats.filter((seat) => seat.admitted).sort((seat, other) => (other.id === me) - (seat.id === me));
  one("who").textContent = here.map((seat) => (seat.id === me ? say("me", { name: seat.name }) : seat.name)).join(" · ");
  const alone = here.every((seat) => seat.id === me);
  one("alone").hidden = !alone;
  one("alone").textContent = say(isDoctor ? "alone-doctor" : "alone");
  askAboutGuest(state);
}

/** The patient is asked first, on her own screen. */
function askAboutGuest(state) {
  const guest = ASKED.includes(config.me.role) && state.seats.find((seat) => seat.state === "waiting" && seat.agreed === false);
  one("ask").hidden = !guest;
  if (!guest || one("ask").dataset.guest === guest.guest) return;
  one("ask").dataset.guest = guest.guest;
  one("ask-text").textContent = say("ask-guest", guest);
  one("alert").textContent = say("ask-guest", guest);
}

export function calledIn(speaker) {
  if (isDoctor) return;
  one("alert").textContent = say("called-in");
  document.title = `${say("called-in")} – ${title}`;
  setTimeout(() => { document.title = title; }, 20_000);
  tone(speaker).catch(() => {}); // no sound before the first press, in some browsers
}

/** My own picture in this view alone, and what I send. */
export function showOwn(own, view) {
  const { media } = own;
  for (const video of all("own")) {
    const wanted = video.closest("[data-view]").dataset.view === view && own.tracks.video;
    if ((video.srcObject?.getTracks()[0] ?? null) !== (wanted || null)) {
      video.srcObject = wanted ? new MediaStream([wanted]) : null;
    }
    video.hidden = !wanted;
  }
  one("own-says").textContent = sayAll(ownSays(own), " ");
  one("own-short").textContent = sayAll(ownShort(own), ". ");
  press("microphone", media.audio);
  press("camera", media.video);
  press("screen", media.screen);
}

export async function listDevices(own, speaker) {
  const found = await devices();
  const lists = { audio: found.audioinput, video: found.videoinput, speaker: canChooseSpeaker() ? found.audiooutput : [] };
  const chosen = {
    audio: own.tracks.audio?.getSettings().deviceId, video: own.tracks.video?.getSettings().deviceId, speaker,
  };
  for (const select of all("device")) {
    const kind = select.dataset.device;
    offer(select, lists[kind], chosen[kind], say(`device-${kind}`));
  }
  one("devices-none").hidden = [...all("device")].some((select) => !select.closest("[data-field]").hidden);
}

export function problem(code, text = say(code)) {
  const news = one("problem").hidden || one("problem-text").textContent !== text;
  one("problem").hidden = false;
  one("problem").dataset.problem = code;
  one("problem-text").textContent = text;
  if (news) one("alert").textContent = text;
}

export function solved(...codes) {
  if (codes.includes(one("problem").dataset.problem)) one("problem").hidden = true;
}

export function tick(state) {
  const now = new Date();
  one("clock").textContent = clock(now);
  const started = state.started_at ? Math.floor((now - new Date(state.started_at)) / 60_000) : 0;
  one("lasted").textContent = started > 0 ? say("lasted", { minutes: started }) : "";
}

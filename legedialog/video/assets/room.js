// The video room: waiting outside, being called in, and being together. Picture and sound go from browser to browser; our
// server only carries the messages by which they find each other. Who may be here is the server's to say: this file shows it.
// What decides is in state.js, how it looks in page.js, and the others in others.js; here they are tied together.
import { announce } from "../../ui/assets/announce.js";
import { canCaption, caption } from "./captions.js";
import { turn } from "./corner.js";
import { listen } from "./keys.js";
import { canShareScreen } from "./media.js";
import { Others } from "./others.js";
import { Own } from "./own.js";
import * as page from "./page.js";
import { all, buttons, config, isDoctor, me, one, press, problem, room, solved } from "./page.js";
import { Server } from "./server.js";
import { Side } from "./side.js";
import { meter } from "./sound.js";
import { audioFault, faultsOf, mayDo, place, read, videoFault } from "./state.js";
import { say } from "./words.js";

const MEASURED_EACH = 2000; // milliseconds
const TOLD_AFTER = 700; // so that several changes at once are told once

const server = new Server(room);
const own = new Own();
const side = new Side(room);
const others = new Others({
  me, own, side,
  send: (to, data) => server.send({ type: "signal", to, data }),
  configuration: () => ({ iceServers: config.iceServers, bundlePolicy: "max-bundle" }),
  iceServers: async () => (await freshRelay()) ?? config.iceServers,
});

let state = { me: "", room: "", seats: [] };
let view = "";
let told = "";
let telling;
let renewal;
let stopMeter;
let stopCaptions;
let awake;

// Views

function show(name) {
  if (view === name) return;
  const before = view;
  view = name;
  page.showView(name);
  page.showOwn(own, view);
  if (name === "stage") {
    keepAwake();
    sayFaults();
  }
  if (name !== "stage") awake?.release().catch(() => {});
  if (before && name === "over") one("over-title").focus();
}

async function keepAwake() {
  try {
    awake = await navigator.wakeLock?.request("screen");
  } catch {
    // a saving of power that the system insists on
  }
}

function over(why) {
  server.close();
  own.close();
  stopMeter?.();
  others.forgetAll();
  page.showOver(why);
  show("over");
}

/** The server has a page for what comes now. */
function ended() {
  over("ended");
  if (config.state.room !== "ended") location.reload();
}

// What the server says

function take(message) {
  const before = state;
  state = read(message);
  room.dataset.state = state.me;
  const where = place(state);
  if (where === "ended") return ended();
  if (where === "stage") {
    if (before.me === "waiting") page.calledIn(others.speaker);
    show("stage");
    relay().then(() => state.me === "admitted" && others.meet(state));
    page.showStage(state);
  } else if (where === "lobby") {
    others.forgetAll();
    show("lobby");
    page.showLobby(state);
  } else return over(where);
  if (state.room === "phone") problem("phone", say(isDoctor ? "phone-doctor" : "phone"));
  else solved("phone");
}

/** The way through hard networks is given to who has been called in, so a page that waited asks for it then. */
let asked = config.state.me === "admitted" ? Promise.resolve() : null;
function relay() {
  asked ??= freshRelay().then((given) => { if (!given) asked = null; });
  return asked;
}

/** Fetched again in good time too: a page whose network changes may be unable to ask. */
async function freshRelay() {
  const given = await server.relay();
  if (given) config.iceServers = given.iceServers;
  renewRelay(given?.seconds);
  return given?.iceServers;
}

function renewRelay(seconds = 120) {
  clearTimeout(renewal);
  renewal = setTimeout(() => view === "stage" && freshRelay(), seconds * 500);
}
if (asked) renewRelay();

/** How it goes, so that the doctor's list and the record know: soon after a change, and only then. */
function tellServer() {
  if (view !== "stage") return;
  clearTimeout(telling);
  telling = setTimeout(() => {
    const message = { type: "state", media: own.media, quality: others.worst };
    const text = JSON.stringify(message);
    if (text === told) return;
    told = text;
    server.ask(message);
  }, TOLD_AFTER);
}

// My own picture and sound

/** What was said in the waiting room is in the way of nobody; inside there is little room for it. */
function sayFaults() {
  const text = page.sayAll(faultsOf(own), " ");
  if (view !== "stage" || !text) return solved("own");
  problem("own", text);
}

own.addEventListener("change", ({ detail: { piece } }) => {
  others.put(piece, own.tracks[piece]);
  others.tell({ type: "media", media: own.media });
  if (piece === "audio") {
    stopMeter?.();
    stopMeter = own.tracks.audio && meter(own.tracks.audio, (level) => { one("level").value = level; });
  }
  page.showOwn(own, view);
  tellServer();
  sayFaults();
});
own.addEventListener("lost", ({ detail: { kind, replaced } }) => {
  const text = say(`${kind}-${replaced ? "replaced" : "gone"}`);
  if (replaced) announce(text);
  else problem("own", text);
});
own.addEventListener("pause", () => (own.stopped ? problem("paused") : solved("paused")));
others.addEventListener("quality", tellServer);

// What a person does

const acts = {
  async microphone() {
    await own.toggleMicrophone();
    announce(say(own.media.audio ? "microphone-on" : audioFault(own) || "microphone-off"));
  },
  async camera() {
    await own.toggleCamera();
    announce(say(own.media.video ? "camera-on" : videoFault(own) || "camera-off"));
  },
  async screen() {
    if (!canShareScreen()) return;
    const was = own.media.screen;
    if (await own.toggleScreen()) announce(say(was ? "screen-off" : "screen-on"));
  },
  chat: () => side.toggle("chat"),
  safety: () => side.toggle("safety"),
  "close-side": () => side.close(),
  async "audio-only"() {
    const wanted = !others.wantsPicture;
    press("audio-only", !wanted);
    others.wantPicture(wanted);
    if (!wanted) await own.toggleCamera(false);
    announce(say(wanted ? "audio-only-off" : "audio-only-on"));
  },
  async "full-screen"() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await room.requestFullscreen?.();
  },
  /** Captions of the others, made on this machine. */
  async captions() {
    if (!(await canCaption())) return;
    const on = !stopCaptions;
    stopCaptions?.();
    stopCaptions = undefined;
    const line = one("captions");
    line.hidden = !on;
    line.textContent = "";
    const track = others.sound;
    if (on && track) stopCaptions = caption(track, (text) => { line.textContent = text; });
    press("captions", on);
  },
  /** The office's own form stands beside the picture, or below it on a small screen. */
  async invite() {
    if (document.fullscreenElement) await document.exitFullscreen();
    const form = document.querySelector("[data-invite]");
    form.open = true;
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input:not([type='hidden'])").focus();
  },
  desk: () => document.getElementById("visit-panel").scrollIntoView({ block: "start" }),
  keys: () => document.getElementById("room-keys").showModal(),
  async devices() {
    await page.listDevices(own, others.speaker);
    document.getElementById("room-devices").showModal();
  },
  move: () => turn(1),
  async "call-me"() {
    const { ok, number, message } = await server.ask({ type: "call-me" });
    const text = ok ? say("call-me-done", { number }) : message || say("call-me-failed");
    for (const line of all("called-back")) line.textContent = text;
    announce(text);
  },
  async reconnect() {
    one("problem").hidden = true;
    announce(say("reconnecting"));
    await own.reopen();
    others.mend();
  },
  async leave() {
    await server.ask({ type: "leave" });
    over("left");
  },
  agree: () => answerAboutGuest("yes"),
  refuse: () => answerAboutGuest("no"),
  dismiss: () => { one("problem").hidden = true; },
};

function answerAboutGuest(answer) {
  one("ask").hidden = true;
  server.form(`${config.urls.page}gjest/${one("ask").dataset.guest}/svar/`, { answer });
}

/** True when a key may do it here and now. */
function act(name) {
  if (!mayDo(view, name)) return false;
  acts[name]();
  return true;
}

room.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  acts[button.dataset.act]();
  button.closest("details[data-menu]")?.removeAttribute("open");
});
listen(room, act);

one("chat-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.querySelector("textarea");
  const text = field.value.trim();
  if (!text) return;
  others.tell({ type: "chat", text });
  side.wrote(text);
  field.value = "";
});
one("chat-form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
});
one("side").addEventListener("keydown", ({ key }) => key === "Escape" && side.close());

for (const select of all("device")) {
  select.addEventListener("change", () => {
    const { device: kind } = select.dataset;
    if (kind === "speaker") others.useSpeaker(select.value);
    else own.choose(kind, select.value);
  });
}

// Start

server.addEventListener("state", ({ detail }) => take(detail));
server.addEventListener("signal", ({ detail }) => others.hear(detail));
server.addEventListener("left", ({ detail }) => others.forget(detail.from, true));
server.addEventListener("replaced", () => over("replaced"));
server.addEventListener("ended", ended);
server.addEventListener("refused", () => location.reload()); // the page that comes says why
server.addEventListener("lost", () => problem("no-server"));
server.addEventListener("found", () => {
  solved("no-server");
  others.mend();
});
addEventListener("online", () => others.mend());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && view === "stage") keepAwake();
});
document.addEventListener("fullscreenchange", () => press("full-screen", Boolean(document.fullscreenElement)));
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
addEventListener("pagehide", () => server.close());

for (const button of buttons("screen")) button.hidden = !canShareScreen();
for (const button of buttons("full-screen")) button.hidden = !room.requestFullscreen;
canCaption().then((can) => {
  for (const button of buttons("captions")) button.hidden = !can;
  one("no-captions").hidden = can;
});
page.tick(state);
setInterval(() => page.tick(state), 5000);
setInterval(() => others.measure(), MEASURED_EACH);
one("own-says").textContent = say("asking");
take(config.state);
server.arrive();
own.start();

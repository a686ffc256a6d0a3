// The video room: waiting outside, being called in, and being together. Picture and sound go from browser to browser; our
// server only carries the messages by which they find each other. Who may be here is the server's to say: this file shows it.
import { announce } from "../../ui/assets/announce.js";
import { canCaption, caption } from "./captions.js";
import { turn } from "./corner.js";
import { listen } from "./keys.js";
import { canChooseSpeaker, canShareScreen, devices, offer } from "./media.js";
import { Own } from "./own.js";
import { all, buttons, calledIn, config, isDoctor, me, one, problem, room, showLobby, showStage, solved, tick } from "./page.js";
import { Peer } from "./peer.js";
import { judge, measure } from "./quality.js";
import { safetyCode } from "./safety.js";
import { Server } from "./server.js";
import { Side } from "./side.js";
import { meter } from "./sound.js";
import { Tile } from "./tiles.js";
import { say } from "./words.js";

const MEASURED_EACH = 2000; // milliseconds
const TOLD_AFTER = 700; // so that several changes at once are told once
const ORDER = ["good", "poor", "lost"]; // from best to worst

const server = new Server(room);
const own = new Own();
const side = new Side(room);
const others = new Map(); // seat id -> { seat, peer, tile, before, quality, code, codeOf }

let state = { me: "", room: "", seats: [] };
let view = "";
let wantsPicture = true;
let speaker = "";
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
  room.dataset.view = name;
  for (const part of all("view")) part.hidden = part.dataset.view !== name;
  showOwn();
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

function over(code) {
  server.close();
  own.close();
  stopMeter?.();
  for (const id of others.keys()) forget(id);
  one("over-title").textContent = say(`${code}-title`);
  one("over-says").textContent = say(code);
  one("come-back").hidden = ["ended", "removed"].includes(code);
  one("problem").hidden = true;
  show("over");
}

/** The server has a page for what comes now. */
function ended() {
  over("ended");
  if (config.state.room !== "ended") location.reload();
}

function answerAboutGuest(answer) {
  one("ask").hidden = true;
  server.form(`${config.urls.page}gjest/${one("ask").dataset.guest}/svar/`, { answer });
}

// What the server says

function take(message) {
  const before = state;
  state = { ...message, seats: Array.isArray(message.seats) ? message.seats : [] };
  room.dataset.state = state.me;
  if (state.me === "removed") return over("removed");
  if (state.room === "ended") return ended();
  if (state.me === "left") return over("left");
  if (state.me === "admitted") {
    if (before.me === "waiting") calledIn(speaker);
    show("stage");
    relay().then(meet);
    showStage(state);
  } else {
    for (const id of others.keys()) forget(id);
    show("lobby");
    showLobby(state);
  }
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

/** A connection to each of the others who is in, and none to anybody else. */
function meet() {
  if (state.me !== "admitted") return;
  const here = new Map(state.seats.filter((seat) => seat.admitted && seat.id !== me).map((seat) => [seat.id, seat]));
  for (const id of others.keys()) if (!here.has(id)) forget(id, true);
  for (const seat of here.values()) {
    const other = others.get(seat.id) ?? greet(seat);
    if (other.seat.present && !seat.present) announce(say("away", { name: seat.name }));
    other.seat = seat;
    other.peer.present = seat.present;
    other.tile.name(seat);
    refresh(other);
  }
  for (const { peer } of others.values()) peer.share(others.size);
}

function greet(seat) {
  const peer = new Peer({
    me,
    seat: seat.id,
    configuration: { iceServers: config.iceServers, bundlePolicy: "max-bundle" },
    send: (data) => server.send({ type: "signal", to: seat.id, data }),
    iceServers: async () => (await freshRelay()) ?? config.iceServers,
  });
  const other = { seat, peer, tile: new Tile(seat, speaker), quality: "wait", code: "", codeOf: "" };
  others.set(seat.id, other);
  one("tiles").append(other.tile.element);
  for (const [piece, track] of Object.entries(own.tracks)) peer.put(piece, track);
  peer.wantPicture(wantsPicture);
  peer.addEventListener("change", () => refresh(other));
  peer.addEventListener("channel", () => peer.tell({ type: "media", media: own.media }));
  peer.addEventListener("words", ({ detail }) => hear(other, detail));
  return other;
}

function forget(id, aloud = false) {
  const other = others.get(id);
  if (!other) return;
  others.delete(id);
  other.peer.close();
  other.tile.remove();
  if (aloud) announce(say("has-left", { name: other.seat.name }));
  showCodes();
}

/** From another browser, so anything may stand in it. */
function hear(other, message) {
  if (message?.type === "media" && typeof message.media === "object" && message.media) {
    const { audio, video, screen } = message.media;
    if (screen && !other.tile.media.screen) announce(say("shares-screen", { name: other.seat.name }));
    other.tile.media = { audio: Boolean(audio), video: Boolean(video), screen: Boolean(screen) };
    refresh(other);
  }
  if (message?.type === "chat") side.heard(other.seat, message.text);
}

function refresh(other) {
  if (!others.has(other.seat.id)) return;
  const { peer, seat } = other;
  const quality = peer.connected ? (["wait", "lost"].includes(other.quality) ? "good" : other.quality)
    : other.met ? "lost" : "wait";
  const before = other.quality;
  other.quality = quality;
  if (peer.connected) {
    if (!other.met) announce(say("has-come", { name: seat.name }));
    else if (before === "lost") announce(say("back", { name: seat.name }));
    other.met = true;
  } else if (before !== "lost" && quality === "lost" && seat.present) announce(say("lost", { name: seat.name }));
  other.tile.show({ received: peer.received, quality, away: !seat.present && !peer.connected, wantsPicture });
  code(other);
  if (before !== quality) tellServer();
}

// Safety codes

async function code(other) {
  const [mine, theirs] = other.peer.fingerprints;
  const of = `${mine}|${theirs}`;
  if (other.codeOf === of) return;
  other.codeOf = of;
  other.code = "";
  showCodes();
  const made = await safetyCode(mine, theirs, [me, other.seat.id].sort().join("|"));
  if (other.codeOf === of) other.code = made;
  showCodes();
}

function showCodes() {
  side.showCodes([...others.values()].map(({ seat, code: shown }) => ({
    name: seat.name,
    identity: [seat.title, seat.identity ? say(`identity-${seat.identity}`) : ""].filter(Boolean).join(". "),
    code: shown,
  })));
}

// My own picture and sound

const audioFault = () => own.faults.audio && say(`own-audio-${own.faults.audio}`);
const videoFault = () => own.faults.video && say(`own-${own.faults.video}`);

function showOwn() {
  const { media } = own;
  for (const video of all("own")) {
    const wanted = video.closest("[data-view]").dataset.view === view && own.tracks.video;
    if ((video.srcObject?.getTracks()[0] ?? null) !== (wanted || null)) {
      video.srcObject = wanted ? new MediaStream([wanted]) : null;
    }
    video.hidden = !wanted;
  }
  one("own-says").textContent = [media.video ? "" : videoFault() || say("own-camera-off"), audioFault()]
    .filter(Boolean).join(" ");
  one("own-short").textContent = [!media.video && say("short-camera"), !media.audio && say("short-microphone")]
    .filter(Boolean).join(". ");
  for (const [act, on] of [["microphone", media.audio], ["camera", media.video], ["screen", media.screen]]) {
    for (const button of buttons(act)) button.setAttribute("aria-pressed", String(on));
  }
}

own.addEventListener("change", ({ detail: { piece } }) => {
  for (const { peer } of others.values()) {
    peer.put(piece, own.tracks[piece]);
    peer.tell({ type: "media", media: own.media });
  }
  if (piece === "audio") {
    stopMeter?.();
    stopMeter = own.tracks.audio && meter(own.tracks.audio, (level) => { one("level").value = level; });
  }
  showOwn();
  tellServer();
  sayFaults();
});
own.addEventListener("lost", ({ detail: { kind, replaced } }) => {
  const text = say(`${kind}-${replaced ? "replaced" : "gone"}`);
  if (replaced) announce(text);
  else problem("own", text);
});
own.addEventListener("pause", () => (own.stopped ? problem("paused") : solved("paused")));

/** What was said in the waiting room is in the way of nobody; inside there is little room for it. */
function sayFaults() {
  const text = [videoFault(), audioFault()].filter(Boolean).join(" ");
  if (view !== "stage" || !text) return solved("own");
  problem("own", text);
}

// What a person does

const acts = {
  async microphone() {
    await own.toggleMicrophone();
    announce(own.media.audio ? say("microphone-on") : audioFault() || say("microphone-off"));
  },
  async camera() {
    await own.toggleCamera();
    announce(own.media.video ? say("camera-on") : videoFault() || say("camera-off"));
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
    wantsPicture = !wantsPicture;
    for (const button of buttons("audio-only")) button.setAttribute("aria-pressed", String(!wantsPicture));
    for (const other of others.values()) {
      other.peer.wantPicture(wantsPicture);
      refresh(other);
    }
    if (!wantsPicture) await own.toggleCamera(false);
    announce(say(wantsPicture ? "audio-only-off" : "audio-only-on"));
  },
  async "full-screen"() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await room.requestFullscreen?.();
  },
  captions: toggleCaptions,
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
    await listDevices();
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
    for (const { peer } of others.values()) if (!peer.connected) peer.mend();
  },
  async leave() {
    await server.ask({ type: "leave" });
    over("left");
  },
  agree: () => answerAboutGuest("yes"),
  refuse: () => answerAboutGuest("no"),
  dismiss: () => { one("problem").hidden = true; },
};
const INSIDE = ["screen", "chat", "safety", "audio-only", "full-screen", "captions"];

/** True when the act is possible here and now. */
function act(name) {
  if (view === "over" || !view || (view === "lobby" && INSIDE.includes(name))) return false;
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
  for (const { peer } of others.values()) peer.tell({ type: "chat", text });
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

// Devices

async function listDevices() {
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

for (const select of all("device")) {
  select.addEventListener("change", () => {
    if (select.dataset.device !== "speaker") return own.choose(select.dataset.device, select.value);
    speaker = select.value;
    for (const { tile } of others.values()) tile.useSpeaker(speaker);
  });
}

// Captions of the others, made on this machine

async function toggleCaptions() {
  if (!(await canCaption())) return;
  const on = !stopCaptions;
  stopCaptions?.();
  stopCaptions = undefined;
  const line = one("captions");
  line.hidden = !on;
  line.textContent = "";
  const track = [...others.values()].map(({ peer }) => peer.received.audio).find(Boolean);
  if (on && track) stopCaptions = caption(track, (text) => { line.textContent = text; });
  for (const button of buttons("captions")) button.setAttribute("aria-pressed", String(on));
}

// What is measured

async function look() {
  for (const other of others.values()) {
    if (!other.peer.connected) continue;
    const now = await measure(other.peer.connection, other.before).catch(() => null);
    if (!now) continue;
    const quality = judge({ connected: other.peer.connected, rtt: now.rtt, loss: other.before ? now.loss : 0 });
    if (quality === "poor" && other.quality === "good") announce(say("poor", { name: other.seat.name }));
    other.before = now;
    if (other.quality === quality) continue;
    other.quality = quality;
    refresh(other);
    tellServer();
  }
}

/** How it goes, so that the doctor's list and the record know: soon after a change, and only then. */
function tellServer() {
  if (view !== "stage") return;
  clearTimeout(telling);
  telling = setTimeout(() => {
    const worst = [...others.values()].map(({ quality }) => quality).sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0];
    const message = { type: "state", media: own.media, quality: ORDER.includes(worst) ? worst : null };
    const text = JSON.stringify(message);
    if (text === told) return;
    told = text;
    server.ask(message);
  }, TOLD_AFTER);
}

// Start

server.addEventListener("state", ({ detail }) => take(detail));
server.addEventListener("signal", ({ detail }) => others.get(detail.from)?.peer.hear(detail.data));
server.addEventListener("left", ({ detail }) => forget(detail.from, true));
server.addEventListener("replaced", () => over("replaced"));
server.addEventListener("ended", ended);
server.addEventListener("refused", () => location.reload()); // the page that comes says why
server.addEventListener("lost", () => problem("no-server"));
server.addEventListener("found", () => {
  solved("no-server");
  for (const { peer } of others.values()) if (!peer.connected) peer.mend();
});
addEventListener("online", () => {
  for (const { peer } of others.values()) if (!peer.connected) peer.mend();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && view === "stage") keepAwake();
});
document.addEventListener("fullscreenchange", () => {
  for (const button of buttons("full-screen")) button.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
addEventListener("pagehide", () => server.close());

for (const button of buttons("screen")) button.hidden = !canShareScreen();
for (const button of buttons("full-screen")) button.hidden = !room.requestFullscreen;
canCaption().then((can) => {
  for (const button of buttons("captions")) button.hidden = !can;
  one("no-captions").hidden = can;
});
tick(state);
setInterval(() => tick(state), 5000);
setInterval(look, MEASURED_EACH);
one("own-says").textContent = say("asking");
take(config.state);
server.arrive();
own.start();

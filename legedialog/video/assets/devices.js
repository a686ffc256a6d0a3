// Test of camera, microphone, speaker and network before the visit. Each fault says what to do.
import { announce } from "../../ui/assets/announce.js";
import { tokens } from "../../ui/assets/tokens.js";
import { canChooseSpeaker, devices, offer, openBoth, openOne } from "./media.js";
import { measureRelay, measureServer } from "./network.js";
import { meter, tone } from "./sound.js";
import { say } from "./words.js";

const LOUD = 0.12; // level that speech passes and a quiet room does not
const PATIENCE = 10_000; // milliseconds to say something
const PARTS = ["camera", "microphone", "speaker", "network", "relay"];
const STILL_WORKS = ["slow", "no-udp", "no-relay"]; // a fault that does not stop the visit
const COLOURS = { ok: "success", failed: "danger", skipped: "neutral", running: "info", slow: "warning" };

const test = document.getElementById("device-test");
const config = JSON.parse(document.getElementById("test-config").textContent);
const results = Object.fromEntries(PARTS.map((part) => [part, { result: "skipped", fault: "" }]));
const tracks = { audio: null, video: null };
const waiting = {}; // timers and the meter's end

const one = (name) => test.querySelector(`[data-${name}]`);
const part = (name) => test.querySelector(`[data-part="${name}"]`);

function mark(name, state, text) {
  const tag = part(name).querySelector("[data-tag]");
  tag.textContent = say(`test-${state}`);
  tag.dataset.color = COLOURS[state];
  part(name).querySelector("[data-says]").textContent = text;
}

function settle(name, { fault = "", ...values } = {}) {
  const works = !fault || STILL_WORKS.includes(fault);
  results[name] = { result: works ? "ok" : "failed", fault };
  const text = fault ? config.faults[fault] ?? config.faults.other : say(`test-${name}-ok`, values);
  mark(name, fault === "no-relay" ? "skipped" : fault && works ? "slow" : results[name].result, text);
  announce(`${part(name).querySelector("h2").textContent}: ${text}`);
  conclude();
}

function use(kind, { track, fault }) {
  tracks[kind]?.stop();
  tracks[kind] = track ?? null;
  if (kind === "video") {
    one("picture").srcObject = track ? new MediaStream([track]) : null;
    one("picture").hidden = !track;
    if (!track) return settle("camera", { fault });
    return one("picture").requestVideoFrameCallback
      ? one("picture").requestVideoFrameCallback(() => settle("camera"))
      : one("picture").addEventListener("playing", () => settle("camera"), { once: true });
  }
  waiting.meter?.();
  clearTimeout(waiting.sound);
  one("level").value = 0;
  if (!track) return settle("microphone", { fault });
  mark("microphone", "running", say("test-microphone-listening"));
  let heard = false;
  waiting.meter = meter(track, (level) => {
    one("level").value = level;
    if (heard || level < LOUD) return;
    heard = true;
    clearTimeout(waiting.sound);
    settle("microphone");
  });
  waiting.sound = setTimeout(() => settle("microphone", { fault: "silent" }), PATIENCE);
}

async function listDevices() {
  const found = await devices();
  const lists = { audio: found.audioinput, video: found.videoinput, speaker: canChooseSpeaker() ? found.audiooutput : [] };
  for (const select of test.querySelectorAll("[data-device]")) {
    const kind = select.dataset.device;
    offer(select, lists[kind], tracks[kind]?.getSettings().deviceId, say(`device-${kind}`));
  }
}

async function start() {
  one("start").setAttribute("aria-busy", "true");
  one("parts").hidden = false;
  for (const name of PARTS) {
    results[name] = { result: "skipped", fault: "" };
    mark(name, "running", "");
  }
  mark("speaker", "skipped", "");
  one("conclusion").hidden = true;
  const measured = [
    measureServer().then((answer) => settle("network", answer)),
    measureRelay(config.iceServers).then((answer) => settle("relay", answer)),
  ];
  const { audio, video } = await openBoth();
  use("video", video);
  use("audio", audio);
  await listDevices();
  await Promise.all(measured);
  one("start").removeAttribute("aria-busy");
  one("start").textContent = one("start").dataset.again;
}

/** When all but the speaker have an answer, and once more when that has one. */
function conclude() {
  const done = PARTS.filter((name) => name !== "speaker").every((name) => results[name].result !== "skipped");
  if (!done) return;
  const failed = PARTS.some((name) => results[name].result === "failed");
  const conclusion = one("conclusion");
  conclusion.hidden = false;
  const isWhole = results.speaker.result !== "skipped";
  conclusion.dataset.color = failed ? "warning" : isWhole ? "success" : "info";
  one("conclusion-says").textContent = say(failed ? "test-some-failed" : isWhole ? "test-all-ok" : "test-sound-left");
  clearTimeout(waiting.save);
  waiting.save = setTimeout(save, 400);
}

async function save() {
  const fields = PARTS.flatMap((name) => [[name, results[name].result], [`${name}_fault`, results[name].fault]]);
  const saved = await fetch(test.dataset.post, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...tokens(test) },
    body: JSON.stringify(Object.fromEntries(fields)),
  }).then(({ ok }) => ok, () => false);
  one("saved").textContent = say(saved ? "test-saved" : "test-not-saved");
}

one("start").addEventListener("click", start);
one("play").addEventListener("click", async () => {
  const chosen = test.querySelector('[data-device="speaker"]').value;
  try {
    mark("speaker", "running", "");
    await tone(chosen);
    mark("speaker", "running", say("test-speaker-ask"));
    one("heard").hidden = false;
    one("heard").querySelector("button").focus();
  } catch {
    settle("speaker", { fault: "other" });
  }
});
one("heard").addEventListener("click", ({ target }) => {
  const answer = target.closest("[data-answer]");
  if (!answer) return;
  one("heard").hidden = true;
  one("play").focus();
  settle("speaker", answer.dataset.answer === "yes" ? {} : { fault: "not-heard" });
});
for (const kind of ["audio", "video"]) {
  test.querySelector(`[data-device="${kind}"]`).addEventListener("change", async ({ target }) => {
    use(kind, await openOne(kind, target.value));
  });
}
addEventListener("pagehide", () => Object.values(tracks).forEach((track) => track?.stop()));
one("start").hidden = false;

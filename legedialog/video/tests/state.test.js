import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge } from "../assets/quality.js";
import {
  canComeBack, faultsOf, inside, mayDo, mediaIn, news, ownSays, ownShort, place, qualityNow, read, worst,
} from "../assets/state.js";

const own = (media, faults = {}) => ({ media: { audio: true, video: true, ...media }, faults });
const each = (rows, check) => rows.forEach((row) => test(row.map((cell) => JSON.stringify(cell)).join(" -> "), () => check(...row)));

describe("where she is, as the server says it", () => each([
  [{ me: "waiting", room: "open" }, "lobby"],
  [{ me: "admitted", room: "open" }, "stage"],
  [{ me: "admitted", room: "phone" }, "stage"],
  [{ me: "left", room: "open" }, "left"],
  [{ me: "left", room: "ended" }, "ended"],
  [{ me: "admitted", room: "ended" }, "ended"],
  [{ me: "removed", room: "ended" }, "removed"],
], (state, expected) => assert.equal(place(state), expected)));

test("who left, or was replaced by another page, can come back; who was removed cannot", () => {
  assert.deepEqual(["left", "replaced", "removed", "ended"].filter(canComeBack), ["left", "replaced"]);
});

test("what cannot be read is a room without seats", () => {
  assert.deepEqual(read({ me: "waiting", seats: "three" }), { me: "waiting", seats: [] });
});

test("there is a connection to the others who are in, and to nobody who waits", () => {
  const seats = [{ id: "me", admitted: true }, { id: "doctor", admitted: true }, { id: "guest", admitted: false }];
  assert.deepEqual([...inside({ seats }, "me").keys()], ["doctor"]);
});

describe("the word for a connection", () => each([
  [{ connected: false, met: false, quality: "wait" }, "wait"],
  [{ connected: true, met: false, quality: "wait" }, "good"],
  [{ connected: true, met: true, quality: "poor" }, "poor"],
  [{ connected: true, met: true, quality: "lost" }, "good"],
  [{ connected: false, met: true, quality: "good" }, "lost"],
], (other, expected) => assert.equal(qualityNow(other), expected)));

describe("a slow or a lossy line is poor", () => each([
  [{ connected: true, rtt: 0.1, loss: 0 }, "good"],
  [{ connected: true, rtt: 0.5, loss: 0 }, "poor"],
  [{ connected: true, rtt: 0.1, loss: 0.06 }, "poor"],
  [{ connected: false, rtt: 0.1, loss: 0 }, "lost"],
], (measured, expected) => assert.equal(judge(measured), expected)));

describe("what is said aloud of her", () => each([
  [{ connected: true, met: false, present: true, before: "wait", quality: "good" }, "has-come"],
  [{ connected: true, met: true, present: true, before: "lost", quality: "good" }, "back"],
  [{ connected: true, met: true, present: true, before: "poor", quality: "good" }, ""],
  [{ connected: false, met: true, present: true, before: "good", quality: "lost" }, "lost"],
  [{ connected: false, met: true, present: true, before: "lost", quality: "lost" }, ""], // said once
  [{ connected: false, met: true, present: false, before: "good", quality: "lost" }, ""], // that she is away was said
], (other, expected) => assert.equal(news(other), expected)));

describe("the server is told of the worst", () => each([
  [[], null],
  [["wait"], null],
  [["wait", "good"], "good"],
  [["good", "lost", "poor"], "lost"],
], (qualities, expected) => assert.equal(worst(qualities), expected)));

describe("what another browser says it sends may be anything", () => each([
  [{ type: "media", media: { audio: 1, screen: "yes" } }, { audio: true, video: false, screen: true }],
  [{ type: "media", media: null }, null],
  [{ type: "media", media: "all" }, null],
  [{ type: "chat", media: { audio: true } }, null],
  [null, null],
], (message, expected) => assert.deepEqual(mediaIn(message), expected)));

describe("a fault of her own camera says more than that it is off", () => each([
  [own({}), []],
  [own({ video: false }), ["own-camera-off"]],
  [own({ video: false }, { video: "denied" }), ["own-denied"]],
  [own({ video: false, audio: false }, { video: "in-use", audio: "denied" }), ["own-in-use", "own-audio-denied"]],
], (mine, expected) => assert.deepEqual(ownSays(mine), expected)));

test("inside, the short words say what is off, and the faults are told once more", () => {
  const mine = own({ video: false, audio: false }, { audio: "denied" });
  assert.deepEqual(ownShort(mine), ["short-camera", "short-microphone"]);
  assert.deepEqual(faultsOf(mine), ["own-audio-denied"]);
});

describe("a key does what is possible here", () => each([
  ["stage", "chat", true],
  ["stage", "microphone", true],
  ["lobby", "microphone", true],
  ["lobby", "chat", false],
  ["over", "microphone", false],
  ["", "microphone", false],
], (view, act, expected) => assert.equal(mayDo(view, act), expected)));

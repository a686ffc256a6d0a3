// What decides in the room, without a page and without a connection. It is tested alone: tests/state.test.js.
const ORDER = ["good", "poor", "lost"]; // from best to worst
const INSIDE = ["screen", "chat", "safety", "audio-only", "full-screen", "captions"];
const FOR_GOOD = ["ended", "removed"];

/** What the server says, so that it can be read: seats are a list. */
export const read = (message) => ({ ...message, seats: Array.isArray(message.seats) ? message.seats : [] });

/** Where she is: "stage" or "lobby", or why it is over for her: "removed", "ended" or "left". The first that fits. */
export function place(state) {
  if (state.me === "removed") return "removed";
  if (state.room === "ended") return "ended";
  if (state.me === "left") return "left";
  return state.me === "admitted" ? "stage" : "lobby";
}

export const canComeBack = (why) => !FOR_GOOD.includes(why);

/** The others who are in, by seat. To each of them there is a connection, and to nobody else. */
export const inside = (state, me) =>
  new Map(state.seats.filter((seat) => seat.admitted && seat.id !== me).map((seat) => [seat.id, seat]));

/** The word for a connection now; `quality` is the word before, which was measured and holds while it is connected. */
export function qualityNow({ connected, met, quality }) {
  if (connected) return ["wait", "lost"].includes(quality) ? "good" : quality;
  return met ? "lost" : "wait";
}

/** What is said aloud of her: "has-come", "back", "lost", or "" when it is no news. */
export function news({ connected, met, present, before, quality }) {
  if (connected) return !met ? "has-come" : before === "lost" ? "back" : "";
  return before !== "lost" && quality === "lost" && present ? "lost" : "";
}

/** How it goes in all, as the server is told: null before anybody is met. */
export function worst(qualities) {
  const [first] = [...qualities].sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a));
  return ORDER.includes(first) ? first : null;
}

/** What another browser says it sends, or null. Anything may stand in it. */
export function mediaIn(message) {
  if (message?.type !== "media" || typeof message.media !== "object" || !message.media) return null;
  const { audio, video, screen } = message.media;
  return { audio: Boolean(audio), video: Boolean(video), screen: Boolean(screen) };
}

// My own picture and sound, as codes of texts. A fault says more than that a thing is off.

export const audioFault = ({ faults }) => (faults.audio ? `own-audio-${faults.audio}` : "");
export const videoFault = ({ faults }) => (faults.video ? `own-${faults.video}` : "");
export const faultsOf = (own) => [videoFault(own), audioFault(own)].filter(Boolean);

export const ownSays = (own) =>
  [own.media.video ? "" : videoFault(own) || "own-camera-off", audioFault(own)].filter(Boolean);

export const ownShort = ({ media }) => [!media.video && "short-camera", !media.audio && "short-microphone"].filter(Boolean);

/** Whether a key may do `act` in this view. */
export const mayDo = (view, act) => Boolean(view) && view !== "over" && !(view === "lobby" && INSIDE.includes(act));

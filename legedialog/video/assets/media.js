// Camera, microphone and screen, and one stable code for each thing that can go wrong with them.
const WANTED = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 }, facingMode: "user" },
};
const CODES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none-found",
  OverconstrainedError: "none-found",
  NotReadableError: "in-use",
  AbortError: "in-use",
};

/** The same words as `Fault` in rules.py. */
export function faultOf(error) {
  if (!isPossible()) return "insecure";
  return CODES[error?.name] ?? "other";
}

export function isPossible() {
  return Boolean(isSecureContext && navigator.mediaDevices?.getUserMedia);
}

function wish(kind, device) {
  return device ? { ...WANTED[kind], facingMode: undefined, deviceId: { exact: device } } : WANTED[kind];
}

/** `{ track }` or `{ fault }` for "audio" or "video". */
export async function openOne(kind, device) {
  if (!isPossible()) return { fault: "insecure" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: wish(kind, device) });
    return { track: stream.getTracks()[0] };
  } catch (error) {
    return device ? openOne(kind) : { fault: faultOf(error) }; // the chosen device is gone: any other will do
  }
}

/** Both with one question to the person; each by itself when that fails, because one "no" is not two. */
export async function openBoth(devices = {}) {
  if (isPossible()) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: wish("audio", devices.audio), video: wish("video", devices.video),
      });
      return { audio: { track: stream.getAudioTracks()[0] }, video: { track: stream.getVideoTracks()[0] } };
    } catch {
      // asked one by one below
    }
  }
  return { audio: await openOne("audio", devices.audio), video: await openOne("video", devices.video) };
}

/** Devices of "audioinput", "videoinput" and "audiooutput". They have names only after a permission. */
export async function devices() {
  const found = { audioinput: [], videoinput: [], audiooutput: [] };
  for (const device of (await navigator.mediaDevices?.enumerateDevices?.()) ?? []) {
    if (device.deviceId) found[device.kind]?.push(device);
  }
  return found;
}

/** Fill a <select> with devices, and hide its field when there is nothing to choose. */
export function offer(select, list, chosen, nameless) {
  select.replaceChildren(...list.map((device, at) => {
    const option = new Option(device.label || nameless.replace("{number}", at + 1), device.deviceId);
    option.selected = device.deviceId === chosen;
    return option;
  }));
  select.closest("[data-field]").hidden = list.length < 2;
}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);
export const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

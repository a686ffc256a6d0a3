// While a finger, a mouse button or the space bar is down, nothing under it may be drawn anew: the press would land on
// nothing, or on what has come in its place.
const LONGEST = 5_000; // milliseconds: a release that no event tells of
let since = 0;
let waiting = [];

/** Whether somebody is in the middle of a press. */
export const isPressing = () => since > 0 && performance.now() - since < LONGEST;

/** Do it now, or after the press and what it leads to. */
export function afterPress(act) {
  if (!isPressing()) return act();
  if (waiting.length === 0) setTimeout(release, LONGEST);
  waiting.push(act);
}

function release() {
  since = 0;
  const acts = waiting;
  waiting = [];
  for (const act of acts) setTimeout(act); // the click comes after the release
}

addEventListener("pointerdown", () => { since = performance.now(); }, true);
addEventListener("keydown", ({ key }) => { if (key === " ") since ||= performance.now(); }, true);
addEventListener("keyup", ({ key }) => key === " " && release(), true);
for (const over of ["pointerup", "pointercancel", "blur", "pagehide"]) addEventListener(over, release, over !== "blur");

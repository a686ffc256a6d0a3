// One's own picture moves to any corner: by its button, the arrow keys, or a drag.
import { announce } from "../../ui/assets/announce.js";
import { buttons, one } from "./page.js";
import { say } from "./words.js";

const CORNERS = ["top-left", "top-right", "bottom-right", "bottom-left"]; // clockwise

export function turn(steps) {
  const frame = one("own-frame");
  place(CORNERS[(CORNERS.indexOf(frame.dataset.corner) + steps) % CORNERS.length]);
}

function place(corner) {
  one("own-frame").dataset.corner = corner;
  one("own-frame").dataset.moved = "";
  announce(say(`corner-${corner}`));
}

for (const button of buttons("move")) {
  button.addEventListener("keydown", (event) => {
    const [vertical, horizontal] = one("own-frame").dataset.corner.split("-");
    const corner = {
      ArrowUp: `top-${horizontal}`, ArrowDown: `bottom-${horizontal}`, ArrowLeft: `${vertical}-left`, ArrowRight: `${vertical}-right`,
    }[event.key];
    if (!corner) return;
    event.preventDefault();
    place(corner);
  });
}
one("own-frame").addEventListener("pointerup", (event) => {
  const box = one("own-frame").parentElement.getBoundingClientRect();
  const vertical = event.clientY < box.top + box.height / 2 ? "top" : "bottom";
  const corner = `${vertical}-${event.clientX < box.left + box.width / 2 ? "left" : "right"}`;
  if (one("own-frame").dataset.corner !== corner) place(corner);
});
one("own-frame").addEventListener("pointerdown", (event) => {
  if (!event.target.closest("button")) one("own-frame").setPointerCapture(event.pointerId);
});

// One key for each thing, never while somebody writes, and they can be switched off: other tools use single keys too.
const KEYS = { m: "microphone", k: "camera", d: "screen", c: "chat", s: "safety", l: "audio-only", f: "full-screen", "?": "keys" };
const SWITCH = "video-keys";
const AWAY = "input:not([type='checkbox']), textarea, select, [contenteditable], dialog[open]";

export function listen(room, act) {
  const box = room.querySelector("[data-keys]");
  box.checked = localStorage.getItem(SWITCH) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest?.(AWAY)) return;
    const name = KEYS[event.key.toLowerCase()];
    if (!name || (!box.checked && name !== "keys")) return;
    if (act(name)) event.preventDefault();
  });
}

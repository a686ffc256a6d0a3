let waiting;

/** Read aloud when the reader is free. The pause lets the same words be said twice. */
export function announce(text) {
  const announcer = document.getElementById("announcer");
  if (!announcer || !text) return;
  announcer.textContent = "";
  clearTimeout(waiting);
  waiting = setTimeout(() => { announcer.textContent = text; }, 150);
}

// The server says `stale`: the page is asked for again, but never over something that is being typed or sent.
import { isTyped } from "./typed.js";

const MOMENT = 500; // milliseconds: the page that changed it gets its own answer, with its message, before the others ask

document.addEventListener("stale", () => setTimeout(() => {
  const isSending = document.querySelector('button[aria-busy="true"]'); // its answer is a new page anyway
  if (!isSending && !isTyped()) location.reload();
}, MOMENT));

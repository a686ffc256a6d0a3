// What has been typed on the page that is open. ADR 61: it stays with the page it was typed on, and nobody loses it unasked.
const fields = () => [...document.querySelectorAll("#content input, #content textarea")];
let sent = null;

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.tagName === "TEXTAREA" || field.matches('input:not([type="hidden"])') ? field.value !== field.defaultValue : false;
}

// An answer to what was sent holds it too, as what the server wrote: a form and what is wrong in it, or that nothing was sent.
let isAnswer = document.getElementById("content").hasAttribute("data-answer");
document.addEventListener("htmx:afterSwap", ({ detail }) => { isAnswer ||= detail.requestConfig?.verb === "post"; });

export function isTyped() {
  return isAnswer || fields().some(isChanged);
}

// A page that the browser comes back to is drawn anew, perhaps for another person. Forms say autocomplete="off", so nothing
// is put back into them; a telephone number, which the browser may know, is told apart from that by its field alone.
addEventListener("pageshow", ({ persisted }) => {
  const [come] = performance.getEntriesByType("navigation");
  if (!persisted && come?.type === "back_forward") for (const form of document.forms) form.reset();
});

document.addEventListener("submit", (event) => { sent = event.target; }); // also by htmx, whose answer may lead on
document.addEventListener("input", () => { sent = null; });
addEventListener("beforeunload", (event) => {
  const written = (field) => field.form?.method === "post" && field.form !== sent && !["checkbox", "radio", "file"].includes(field.type);
  if (fields().some((field) => written(field) && isChanged(field))) event.preventDefault();
});

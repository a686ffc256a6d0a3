// The server says `stale`: the page is asked for again, but never over something that is being typed or sent.
const MOMENT = 500; // milliseconds: the page that changed it gets its own answer, with its message, before the others ask

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.tagName === "TEXTAREA" || field.matches('input:not([type="hidden"])') ? field.value !== field.defaultValue : false;
}

document.addEventListener("stale", () => setTimeout(() => {
  const fields = document.querySelectorAll("#content input, #content textarea");
  const isSending = document.querySelector('button[aria-busy="true"]'); // its answer is a new page anyway
  if (!isSending && ![...fields].some(isChanged)) location.reload();
}, MOMENT));

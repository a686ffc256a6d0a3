// A pressed submit button answers at once, and a second press sends nothing.
const busy = new WeakMap();

function isHtmx(form) {
  return form.hasAttribute("hx-post") || form.hasAttribute("hx-get");
}

function free(form) {
  const submitter = busy.get(form);
  if (!submitter) return;
  clearTimeout(submitter.timer);
  submitter.button?.removeAttribute("aria-busy");
  busy.delete(form);
}

// First of all listeners, so that neither the browser nor htmx sees the second press.
document.addEventListener("submit", (event) => {
  if (!busy.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  // What asks and changes nothing may be sent again: a file is fetched, and the page stands as it did.
  if (form.method === "dialog" || (form.method === "get" && !isHtmx(form)) || (event.defaultPrevented && !isHtmx(form))) return;
  event.submitter?.setAttribute("aria-busy", "true");
  // A download answers without leaving the page, and a lost answer must not lock the form for ever.
  busy.set(form, { button: event.submitter, timer: setTimeout(free, 25_000, form) });
});

document.addEventListener("htmx:afterRequest", (event) => free(event.detail.elt));
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) free(form);
});

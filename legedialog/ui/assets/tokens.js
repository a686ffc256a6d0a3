/** What a script sends in place of a form's hidden fields: the proof that the page is ours, and whom it was drawn for. */
export function tokens(within) {
  const value = (name) => within.querySelector(`input[name="${name}"]`)?.value ?? "";
  return { "X-CSRFToken": value("csrfmiddlewaretoken"), "X-Seal": value("seal") };
}

// All that htmx asks for says whom the page was drawn for: nothing of another's is drawn into it.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-Page-Seal"] = document.querySelector('meta[name="seal"]')?.content ?? "";
});

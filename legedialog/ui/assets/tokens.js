/** What a script sends in place of a form's hidden fields: the proof that the page is ours, and whom it was drawn for. */
export function tokens(within) {
  const value = (name) => within.querySelector(`input[name="${name}"]`)?.value ?? "";
  return { "X-CSRFToken": value("csrfmiddlewaretoken"), "X-Seal": value("seal") };
}

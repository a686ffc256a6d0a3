// The server says `stale`: the page is asked for again, but never over something that is being typed.
function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.tagName === "TEXTAREA" || field.matches('input:not([type="hidden"])') ? field.value !== field.defaultValue : false;
}

document.addEventListener("stale", () => {
  const fields = document.querySelectorAll("#content input, #content textarea");
  if (![...fields].some(isChanged)) location.reload();
});

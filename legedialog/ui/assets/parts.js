// What happens around a part that htmx has fetched: focus, printing, and a word when it could not be fetched.
const DENIED = [401, 403];

function focusNew(part) {
  if (part === document.body || part.querySelector("ds-error-summary")) return; // a summary takes focus by itself
  const heading = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true }); // what is in sight stays where it is: a browser looks for what is sticky elsewhere
  const { top, bottom } = heading.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) heading.scrollIntoView({ block: "center" });
}

function sayInTitle() { // as ui/htmx.py does for a whole page
  const word = `${document.querySelector("title").dataset.error} `;
  const bare = document.title.startsWith(word) ? document.title.slice(word.length) : document.title;
  document.title = (document.querySelector("ds-error-summary") ? word : "") + bare;
}

document.addEventListener("htmx:load", (event) => {
  focusNew(event.target);
  sayInTitle();
  for (const button of event.target.querySelectorAll("[data-print]")) button.hidden = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

function say(name) {
  const banner = document.getElementById("network");
  banner.textContent = banner.dataset[name];
  banner.hidden = false;
}
const isQuiet = (event) => event.detail.elt?.id === "another"; // nobody did anything: whose.js asks
document.addEventListener("htmx:sendError", (event) => isQuiet(event) || say("offline"));
document.addEventListener("htmx:timeout", (event) => isQuiet(event) || say("offline"));
document.addEventListener("htmx:responseError", (event) => {
  if (isQuiet(event)) return;
  const status = event.detail.xhr.status;
  say(status === 429 ? "busy" : DENIED.includes(status) ? "denied" : "failed");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.shouldSwap) document.getElementById("network").hidden = true;
});

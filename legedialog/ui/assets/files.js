// Files in a form: each is uploaded at once, with its own progress, cancel and error. Without this file the input sends them.
import { announce } from "./announce.js";
import { tokens } from "./tokens.js";

const PATIENCE = 300_000; // milliseconds for one file
const AT_ONCE = 2; // as many as the server takes of one person
const TRIES = 6; // when it is busy
const BUSY = [429, 503]; // it says when to come again
const requests = new WeakMap(); // row -> its running request, or the timer until the next

const words = (text, name) => text.replace("{name}", name);
const rows = (field) => [...field.querySelectorAll(".files__list > [data-file]")];
// Those that are there or on their way: what was refused takes nobody's place.
const taken = (field) => rows(field).filter((row) => sent(row) || row.waits || requests.has(row));
const isFull = (field) => taken(field).length >= Number(field.dataset.count);
const sent = (row) => row.querySelector('input[name="attachment"]');

function changed(field) { // a draft that saves itself listens for this
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function size(bytes) {
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: unit === "kilobyte" ? 0 : 1 }).format(amount);
}

function problem(field, row, text, mayTryAgain = false) {
  const place = row.querySelector(".files__problem");
  place.textContent = text;
  place.hidden = false;
  row.querySelector("progress").hidden = true;
  row.querySelector("[data-cancel]").hidden = true;
  row.querySelector("[data-remove]").hidden = false;
  row.querySelector("[data-again]").hidden = !mayTryAgain;
}

function abort(row) {
  const request = requests.get(row);
  if (request instanceof XMLHttpRequest) request.abort();
  else clearTimeout(request);
  requests.delete(row);
}

function next(field) { // the first of those that wait, while there is room
  const all = rows(field);
  if (all.filter((row) => requests.has(row)).length >= AT_ONCE) return;
  const row = all.find((each) => each.waits);
  if (row) upload(field, row);
}

function wait(field, row) {
  row.waits = true;
  row.tries = TRIES;
  row.querySelector(".files__problem").hidden = row.querySelector("[data-again]").hidden = row.querySelector("[data-remove]").hidden = true;
  row.querySelector("[data-cancel]").hidden = row.querySelector("progress").hidden = false;
  next(field);
}

function finished(field, row, told) {
  row.querySelector("progress").hidden = true;
  row.querySelector("[data-cancel]").hidden = true;
  row.querySelector("[data-remove]").hidden = false;
  row.querySelector(".files__size").textContent = told.size;
  const missing = row.querySelector(".files__left-out");
  missing.textContent = told.left_out;
  missing.hidden = !told.left_out;
  const link = Object.assign(document.createElement("a"), { href: told.url, target: "_blank", rel: "noopener", textContent: told.name });
  link.className = "ds-link files__name";
  row.querySelector(".files__name").replaceWith(link);
  if (told.shown) {
    const picture = Object.assign(document.createElement("img"), { src: told.url, alt: "", width: 48, height: 48 });
    picture.className = "files__picture";
    row.querySelector(".files__picture").replaceWith(picture);
  }
  row.append(Object.assign(document.createElement("input"), { type: "hidden", name: "attachment", value: told.id }));
  announce(words(field.dataset.done, told.name));
  changed(field);
}

function upload(field, row) {
  const request = new XMLHttpRequest();
  const bar = row.querySelector("progress");
  requests.set(row, request);
  row.waits = false;
  bar.value = 0;
  request.upload.onprogress = (event) => {
    bar.value = Math.round((event.loaded / event.total) * 100);
    if (event.loaded === event.total) row.querySelector(".files__size").textContent = field.dataset.checking;
  };
  request.onloadend = () => {
    if (requests.get(row) === request) requests.delete(row);
    next(field);
  };
  request.onload = () => {
    const told = request.response;
    const seconds = Number(request.getResponseHeader("Retry-After"));
    if (BUSY.includes(request.status) && told && seconds && row.tries-- > 0) {
      requests.set(row, setTimeout(() => upload(field, row), seconds * 1000));
    } else if (request.status === 200 && told) finished(field, row, told);
    else if (request.status === 413) problem(field, row, field.dataset.tooLarge);
    else if (request.status === 507) problem(field, row, field.dataset.noRoom, true);
    else if (request.status === 400) problem(field, row, field.dataset.unread);
    else if (request.status === 408) problem(field, row, field.dataset.slow, true);
    else problem(field, row, told?.problem ?? field.dataset.failed, !told?.problem || BUSY.includes(request.status));
  };
  request.onerror = () => problem(field, row, field.dataset.offline, true);
  request.ontimeout = () => problem(field, row, field.dataset.slow, true);
  request.open("POST", field.dataset.url);
  request.timeout = PATIENCE;
  request.responseType = "json";
  for (const [name, value] of Object.entries(tokens(field.closest("form")))) request.setRequestHeader(name, value);
  const form = new FormData();
  form.append("practice", field.dataset.practice);
  form.append("patient", field.dataset.patient);
  form.append("file", row.file, row.file.name || "bilde.png");
  request.send(form);
}

function add(field, files) {
  for (const file of files) {
    const row = field.querySelector("template").content.firstElementChild.cloneNode(true);
    const name = file.name || "bilde.png";
    row.querySelector(".files__name").textContent = name;
    row.querySelector(".files__size").textContent = size(file.size);
    row.querySelector("progress").setAttribute("aria-label", words(field.dataset.uploading, name));
    for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent.trim()} ${name}`);
    row.file = file;
    const full = isFull(field);
    field.querySelector(".files__list").append(row);
    if (full) problem(field, row, field.dataset.tooMany);
    else if (file.size > Number(field.dataset.most)) problem(field, row, field.dataset.tooLarge);
    else wait(field, row);
  }
}

function drop(field, row) {
  const name = row.querySelector(".files__name").textContent;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("button:not([hidden])") ?? field.querySelector("[data-choose]")).focus();
  announce(words(field.dataset.removed, name));
  changed(field);
}

function remove(field, row) {
  const input = sent(row);
  if (input) {
    const address = `${field.dataset.url}${input.value}/fjern/`;
    fetch(address, { method: "POST", headers: tokens(field.closest("form")) }).catch(() => {}); // what is not sent goes by itself after thirty days
  }
  drop(field, row);
}

function prepare(field) {
  if (field.dataset.ready) return;
  field.dataset.ready = "yes";
  const input = field.querySelector('input[type="file"]');
  for (const plain of field.querySelectorAll(".files__plain")) plain.hidden = true;
  for (const buttons of field.querySelectorAll(".files__buttons")) buttons.hidden = false;
  for (const mark of field.querySelectorAll(".files__remove")) { // those that were there when the page came
    const button = field.querySelector("template").content.querySelector("[data-remove]").cloneNode(true);
    button.hidden = false;
    button.setAttribute("aria-label", mark.textContent.trim());
    mark.replaceWith(button);
  }
  field.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const row = button?.closest("[data-file]");
    if (button?.matches("[data-choose], [data-camera]")) {
      input.toggleAttribute("capture", button.matches("[data-camera]"));
      if (input.hasAttribute("capture")) input.setAttribute("capture", "environment");
      input.click();
    } else if (button?.matches("[data-cancel]")) {
      abort(row);
      drop(field, row);
      next(field);
    } else if (button?.matches("[data-again]")) {
      if (isFull(field)) problem(field, row, field.dataset.tooMany, true);
      else wait(field, row);
    }
    else if (button?.matches("[data-remove]")) remove(field, row);
  });
  if (!input) return; // no file is taken now
  input.addEventListener("change", (event) => {
    event.stopPropagation(); // a draft has nothing to save before the file is there
    add(field, [...input.files]);
    input.value = "";
  });
  field.addEventListener("dragover", (event) => event.preventDefault());
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    add(field, event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const field = document.querySelector("[data-files][data-ready]");
  if (!field?.querySelector('input[type="file"]') || !event.clipboardData.files.length) return;
  event.preventDefault();
  add(field, event.clipboardData.files);
});
// Before anybody else hears of it: a form is not sent while a file is on its way.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("[data-files][data-ready]");
  const row = field && rows(field).find((each) => each.waits || requests.has(each));
  if (!row || event.submitter?.formNoValidate) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  announce(field.dataset.wait);
  row.querySelector("[data-cancel]").focus();
}, true);
document.addEventListener("htmx:load", (event) => {
  const found = event.target.matches?.("[data-files]") ? [event.target] : event.target.querySelectorAll("[data-files]");
  for (const field of found) prepare(field);
});

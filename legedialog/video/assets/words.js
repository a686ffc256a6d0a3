// Every text that scripts show comes from the server, translated: see texts.py.
const element = document.getElementById("video-words");
const words = element ? JSON.parse(element.textContent) : {};

/** The text of `code` with its named places filled in. */
export function say(code, values = {}) {
  let text = words[code] ?? code;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

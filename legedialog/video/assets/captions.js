// Captions made in this browser, on this machine. Where it cannot do that there are none: no sound goes to a cloud service.
const Recognition = globalThis.SpeechRecognition;
const LANGUAGES = { nb: "nb-NO", nn: "nb-NO", en: "en-GB" };
const LONGEST = 160; // signs on the screen

const language = () => LANGUAGES[document.documentElement.lang] ?? "nb-NO";

export async function canCaption() {
  if (!Recognition || !("processLocally" in Recognition.prototype) || !Recognition.available) return false;
  return Recognition.available({ langs: [language()], processLocally: true }).then((answer) => answer === "available", () => false);
}

/** Words of `track` go to `show`, until the returned function is called. */
export function caption(track, show) {
  const recognition = new Recognition();
  let stopped = false;
  Object.assign(recognition, { lang: language(), processLocally: true, continuous: true, interimResults: true });
  recognition.onresult = ({ results, resultIndex }) => {
    const text = [...results].slice(resultIndex).map((result) => result[0].transcript).join(" ");
    show(text.slice(-LONGEST));
  };
  recognition.onerror = ({ error }) => { stopped ||= error !== "no-speech"; };
  recognition.onend = () => { if (!stopped) recognition.start(track); };
  recognition.start(track);
  return () => {
    stopped = true;
    recognition.stop();
  };
}

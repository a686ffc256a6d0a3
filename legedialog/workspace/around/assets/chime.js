// A short chime when somebody new waits on video. Browsers play nothing before the first press on a page.
let before = null; // who waited when the page was last told
document.addEventListener("htmx:load", ({ target }) => {
  const door = target.closest?.("[data-door]") ?? target.querySelector?.("[data-door]");
  if (!door) return;
  const now = new Set(door.dataset.door.split(" ").filter(Boolean));
  const isNew = before && [...now].some((each) => !before.has(each));
  before = now;
  if (isNew) chime();
});

function chime() {
  if (!navigator.userActivation?.hasBeenActive) return;
  const sound = new AudioContext();
  for (const [at, pitch] of [[0, 660], [0.18, 880]]) {
    const tone = new OscillatorNode(sound, { frequency: pitch });
    const volume = new GainNode(sound, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.15, sound.currentTime + at + 0.02);
    volume.gain.linearRampToValueAtTime(0, sound.currentTime + at + 0.35);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + at);
    tone.stop(sound.currentTime + at + 0.4);
    if (at) tone.onended = () => sound.close();
  }
}

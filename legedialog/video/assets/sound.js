// What is heard: the level of a microphone, and short tones.
let shared;

/** One for the page. It may stand still until the person has pressed something. */
function context() {
  shared ??= new AudioContext();
  if (shared.state === "suspended") shared.resume().catch(() => {});
  return shared;
}

/** Calls `show` with 0 to 1 ten times a second until the returned function is called. */
export function meter(track, show) {
  const source = context().createMediaStreamSource(new MediaStream([track]));
  const analyser = context().createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const decibels = 10 * Math.log10(power + 1e-9); // -90 is silence, about -20 is speech
    show(Math.min(1, Math.max(0, (decibels + 65) / 50)));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}

/** Two soft notes through `speaker` (a device id, or nothing for the usual one). Resolves when they are over. */
export async function tone(speaker) {
  const end = context().createMediaStreamDestination();
  const start = context().currentTime + 0.05;
  for (const [at, frequency] of [[0, 523.25], [0.45, 659.25]]) {
    const note = context().createOscillator();
    const volume = context().createGain();
    note.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start + at);
    volume.gain.linearRampToValueAtTime(0.25, start + at + 0.05);
    volume.gain.linearRampToValueAtTime(0, start + at + 0.75);
    note.connect(volume).connect(end);
    note.start(start + at);
    note.stop(start + at + 0.8);
  }
  const audio = new Audio();
  audio.srcObject = end.stream;
  if (speaker && audio.setSinkId) await audio.setSinkId(speaker).catch(() => {});
  await audio.play();
  await new Promise((resolve) => setTimeout(resolve, 1400));
  audio.pause();
  audio.srcObject = null;
}

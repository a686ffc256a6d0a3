// The connection to one other person: perfect negotiation, ICE restart with back-off, and a channel for words between browsers.
//
// Both sides name their own connection. A name the other does not know yet means that she has reloaded or started over: then
// this side starts over too. So late messages of an older connection are told apart, and no reload needs a special case.
import { fingerprint } from "./safety.js";

const PIECES = ["audio", "video", "screen"]; // the media lines, in this order
const FIRST_PATIENCE = 10_000; // milliseconds to connect at all
const HICCUP = 2500; // a lost path often comes back by itself
const LONGEST = 15_000;
const LONGEST_WORDS = 8192; // bytes of one message in the channel
const BITRATES = { video: [0, 1_500_000, 700_000, 450_000], screen: [0, 1_800_000, 1_200_000, 900_000] }; // by people

const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Peer extends EventTarget {
  #settings;
  #tracks = {};
  #wantsPicture = true;
  #others = 1;
  #mine = "";
  #theirs = "";
  #connection;
  #channel;
  #pieces = {};
  #making = false;
  #ignoring = false;
  #candidates = [];
  #work = Promise.resolve();
  #tries = 0;
  #timer;
  #closed = false;

  /** `me` and `seat` are seat ids; `send` carries a signal; `iceServers` is a function that resolves to fresh ones. */
  constructor({ me, seat, send, configuration, iceServers }) {
    super();
    this.seat = seat;
    this.leads = me < seat; // lays out the media lines, and keeps its offer when two cross
    this.#settings = { send, configuration, iceServers };
    this.present = true;
    this.#build();
    this.#greet();
  }

  get state() {
    return this.#connection.connectionState;
  }

  get connected() {
    return this.state === "connected";
  }

  get connection() {
    return this.#connection;
  }

  /** What comes in: tracks by piece. */
  get received() {
    return Object.fromEntries(PIECES.map((piece) => [piece, this.#pieces[piece]?.receiver.track]));
  }

  get fingerprints() {
    return [fingerprint(this.#connection.currentLocalDescription), fingerprint(this.#connection.currentRemoteDescription)];
  }

  /** What goes out, now and after a restart. */
  put(piece, track) {
    this.#tracks[piece] = track;
    this.#pieces[piece]?.sender.replaceTrack(track ?? null).catch(() => {});
  }

  /** With false the other side stops sending pictures at all. */
  wantPicture(wanted) {
    this.#wantsPicture = wanted;
    this.#point();
  }

  /** How many are connected, so that four people share what one line carries. */
  share(others) {
    this.#others = Math.min(3, Math.max(1, others));
    this.#limit();
  }

  tell(message) {
    if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify(message));
  }

  /** A signal from the other side. Untrusted: anything may stand in it. */
  hear(data) {
    if (this.#closed || typeof data?.from !== "string" || data.from.length > 64) return;
    const knowsMe = data.to === this.#mine;
    if (data.hello) {
      if (this.#theirs && this.#theirs !== data.from) this.#startOver();
      this.#theirs = data.from;
      if (!knowsMe) this.#greet();
    } else if (!knowsMe || (this.#theirs && this.#theirs !== data.from)) {
      return;
    }
    this.#theirs = data.from;
    this.#layOut();
    const connection = this.#connection;
    this.#work = this.#work.then(() => connection === this.#connection && this.#take(data)).catch(() => this.mend());
  }

  /** A new path, or all over again when the old connection is stuck. Called when it broke, and by people who press the button. */
  async mend() {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#tries += 1;
    this.#timer = setTimeout(() => !this.connected && this.mend(), Math.min(LONGEST, 2000 * 2 ** this.#tries));
    if (!this.present) return; // nobody there to answer; she says hello when she is back
    const iceServers = await this.#settings.iceServers();
    if (this.#closed || (this.connected && this.#tries > 1)) return;
    if (iceServers) this.#settings.configuration.iceServers = iceServers;
    if (this.#connection.signalingState !== "stable" || !this.#pieces.audio || this.#tries % 3 === 0) {
      this.#startOver();
      this.#greet();
      return;
    }
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers: this.#settings.configuration.iceServers });
    this.#connection.restartIce();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection.close();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #say(message) {
    this.#settings.send({ from: this.#mine, to: this.#theirs, ...message });
  }

  #greet() {
    this.#say({ hello: true });
  }

  #startOver() {
    this.#connection.close();
    this.#theirs = "";
    this.#build();
    this.#changed();
  }

  #build() {
    const connection = new RTCPeerConnection(this.#settings.configuration);
    this.#connection = connection;
    this.#mine = newName();
    this.#pieces = {};
    this.#channel = undefined;
    this.#making = this.#ignoring = false;
    this.#candidates = [];

    connection.onnegotiationneeded = () => this.#offer(connection);
    connection.onicecandidate = ({ candidate }) => candidate && connection === this.#connection && this.#collect(candidate);
    connection.ontrack = () => this.#changed();
    connection.onconnectionstatechange = () => connection === this.#connection && this.#moved();
    connection.onsignalingstatechange = () => connection === this.#connection && this.#changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => !this.connected && this.mend(), FIRST_PATIENCE);
  }

  /** The leading side makes the media lines once; the other finds them in the first offer. All are there from the start,
      so that a camera that is switched on, changed or shared as a screen needs no new negotiation. */
  #layOut() {
    if (!this.leads || this.#pieces.audio) return;
    for (const piece of PIECES) {
      this.#pieces[piece] = this.#connection.addTransceiver(piece === "audio" ? "audio" : "video", { direction: "sendrecv" });
    }
    this.#fill();
  }

  #adopt() {
    if (this.#pieces.audio) return;
    const transceivers = this.#connection.getTransceivers();
    PIECES.forEach((piece, at) => {
      if (transceivers[at]) this.#pieces[piece] = transceivers[at];
    });
    this.#fill();
  }

  #fill() {
    this.#openChannel();
    this.#point();
    for (const piece of PIECES) this.put(piece, this.#tracks[piece]);
    this.#limit();
  }

  /** Not before the media lines: the browser would ask for a negotiation of the channel alone, and not again for the rest. */
  #openChannel() {
    const channel = this.#connection.createDataChannel("words", { negotiated: true, id: 0 });
    this.#channel = channel;
    channel.onopen = () => this.dispatchEvent(new Event("channel"));
    channel.onmessage = ({ data }) => {
      if (typeof data !== "string" || data.length > LONGEST_WORDS) return;
      try {
        this.dispatchEvent(new CustomEvent("words", { detail: JSON.parse(data) }));
      } catch {
        // not ours
      }
    };
  }

  #point() {
    for (const [piece, { direction }] of Object.entries(this.#pieces)) {
      const wanted = piece === "audio" || this.#wantsPicture ? "sendrecv" : "sendonly";
      if (direction !== wanted) this.#pieces[piece].direction = wanted;
    }
  }

  #limit() {
    for (const piece of ["video", "screen"]) {
      const sender = this.#pieces[piece]?.sender;
      const parameters = sender?.getParameters();
      if (!parameters?.encodings?.length) continue;
      parameters.encodings[0].maxBitrate = BITRATES[piece][this.#others];
      sender.setParameters(parameters).catch(() => {});
    }
  }

  async #offer(connection) {
    if (connection !== this.#connection) return;
    try {
      this.#making = true;
      await connection.setLocalDescription();
      if (connection === this.#connection) this.#say({ description: connection.localDescription });
    } catch {
      this.mend();
    } finally {
      this.#making = false;
    }
  }

  async #take({ description, candidates }) {
    const connection = this.#connection;
    if (description) {
      const crossed = description.type === "offer" && (this.#making || connection.signalingState !== "stable");
      this.#ignoring = this.leads && crossed;
      if (this.#ignoring) return;
      await connection.setRemoteDescription(description); // rolls our own offer back when it crossed
      if (description.type === "offer") {
        this.#adopt();
        await connection.setLocalDescription();
        this.#say({ description: connection.localDescription });
      }
      this.#limit();
      this.#changed();
    }
    for (const candidate of Array.isArray(candidates) ? candidates.slice(0, 64) : []) {
      await connection.addIceCandidate(candidate).catch((error) => {
        if (!this.#ignoring) throw error;
      });
    }
  }

  /** Several at once, for each message has its price. */
  #collect(candidate) {
    const batch = this.#candidates;
    if (!batch.length) {
      setTimeout(() => batch === this.#candidates && this.#say({ candidates: batch.splice(0) }), 60);
    }
    batch.push(candidate.toJSON());
  }

  #moved() {
    if (this.connected) {
      clearTimeout(this.#timer);
      this.#tries = 0;
    } else if (this.state === "disconnected") {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => !this.connected && this.mend(), HICCUP);
    } else if (this.state === "failed") {
      this.mend();
    }
    this.#changed();
  }
}

// Measured before the visit: the way to our server, and the way through the relay that is used when no direct way is open.
const PATIENCE = 8000; // milliseconds
const ROUNDS = 8;
const SLOW = 500; // milliseconds to the server and back

const isRelay = (server) => [server.urls].flat().some((url) => /^turns?:/.test(url));

/** Only the relay addresses of one transport. */
function only(servers, transport) {
  const fits = (url) => /^turns?:/.test(url) && (/^turns:|transport=tcp/.test(url) ? "tcp" : "udp") === transport;
  return servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter(fits) }))
    .filter((server) => server.urls.length);
}

function within(milliseconds, promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, milliseconds, new Error("too late")))]);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** `{ milliseconds }` to our server and back, or a fault: "blocked", or "slow" with its milliseconds. */
export async function measureServer() {
  const times = [];
  try {
    for (let round = 0; round < 4; round += 1) {
      const start = performance.now();
      await within(PATIENCE, fetch("/health/live", { cache: "no-store" }));
      times.push(performance.now() - start);
    }
  } catch {
    return { fault: "blocked" };
  }
  const milliseconds = Math.round(median(times.slice(1))); // the first one also opens the connection
  return milliseconds > SLOW ? { milliseconds, fault: "slow" } : { milliseconds };
}

/** Bytes sent through the relay to oneself and back. */
async function through(iceServers) {
  const settings = { iceServers, iceTransportPolicy: "relay" };
  const here = new RTCPeerConnection(settings);
  const there = new RTCPeerConnection(settings);
  let refused = false;
  for (const [one, other] of [[here, there], [there, here]]) {
    one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate).catch(() => {});
    one.onicecandidateerror = ({ errorCode }) => { refused ||= errorCode === 401 || errorCode === 403; };
  }
  there.ondatachannel = ({ channel }) => { channel.onmessage = ({ data }) => channel.send(data); };
  const channel = here.createDataChannel("probe");
  const opened = new Promise((resolve) => { channel.onopen = resolve; });
  try {
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription);
    await within(PATIENCE, opened);
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      const back = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data.byteLength ?? data.size); });
      channel.send(new Uint8Array(1024));
      if ((await within(PATIENCE, back)) !== 1024) return { fault: "other" };
      times.push(performance.now() - start);
    }
    return { milliseconds: Math.round(median(times)) };
  } catch {
    return { fault: refused ? "other" : "blocked" }; // refused: our own server and its relay disagree
  } finally {
    here.close();
    there.close();
  }
}

/**
 * The relay by UDP, and by TCP when that is blocked. `{ milliseconds, transport }`, with the fault "no-udp" when only TCP
 * comes through; else the fault "blocked", "other", or "no-relay" when our server offers no relay.
 */
export async function measureRelay(servers) {
  if (!servers.some(isRelay)) return { fault: "no-relay" };
  const udp = await through(only(servers, "udp"));
  if (!udp.fault) return { ...udp, transport: "udp" };
  const slow = only(servers, "tcp");
  if (!slow.length) return udp;
  const tcp = await through(slow);
  return tcp.fault ? udp : { ...tcp, transport: "tcp", fault: "no-udp" };
}

// One word for how the connection is: "good", "poor" or "lost".
const SLOW = 0.4; // seconds to the other and back
const LOSSY = 0.05; // of what was sent to us
const FEWEST = 20; // packets: fewer say nothing

export function judge({ connected, rtt, loss }) {
  if (!connected) return "lost";
  return rtt > SLOW || loss > LOSSY ? "poor" : "good";
}

/** What getStats says since `before` (an earlier answer of this function). */
export async function measure(connection, before) {
  const now = { at: performance.now(), received: 0, lost: 0, bytes: 0, rtt: 0 };
  for (const report of (await connection.getStats()).values()) {
    if (report.type === "inbound-rtp") {
      now.received += report.packetsReceived ?? 0;
      now.lost += Math.max(0, report.packetsLost ?? 0);
      now.bytes += report.bytesReceived ?? 0;
    }
    if (report.type === "candidate-pair" && report.nominated) now.rtt = report.currentRoundTripTime ?? now.rtt;
    if (report.type === "remote-inbound-rtp") now.rtt = Math.max(now.rtt, report.roundTripTime ?? 0);
  }
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const seconds = (now.at - (before?.at ?? now.at)) / 1000;
  return {
    ...now,
    loss: received + lost < FEWEST ? 0 : lost / (received + lost),
    kilobits: seconds > 0 ? Math.max(0, Math.round(((now.bytes - before.bytes) * 8) / 1000 / seconds)) : 0,
  };
}

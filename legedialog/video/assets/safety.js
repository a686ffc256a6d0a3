// A code that is the same on both screens only when nobody stands between the two browsers.
//
// It is made from the fingerprints of the two DTLS certificates, which the browsers themselves enforce. Somebody in between
// has certificates of his own, so the two screens differ. The slow hash is there because he could look for certificates that
// give both screens the same code: see docs/adr/0022-safety-code.md.
const ROUNDS = 200_000;
const GROUPS = 4; // of four digits

/** The SHA-256 fingerprint a description promises, or "" when it has none. */
export function fingerprint(description) {
  return /^a=fingerprint:sha-256 ([0-9A-F:]{95})\s*$/im.exec(description?.sdp ?? "")?.[1].toUpperCase() ?? "";
}

/** "1234 5678 9012 3456", or "" while one side is unknown. `room` binds the code to this visit. */
export async function safetyCode(one, other, room) {
  if (!one || !other) return "";
  const bytes = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes([one, other].sort().join("|")), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: bytes(`legedialog video ${room}`), iterations: ROUNDS }, key, GROUPS * 32,
  );
  const numbers = new DataView(bits);
  return Array.from({ length: GROUPS }, (_, at) => String(numbers.getUint32(at * 4) % 10_000).padStart(4, "0")).join(" ");
}

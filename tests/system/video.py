"""What the video journeys have in common: a visit that is now, picture and sound, and a line that is cut or tapped."""

import contextlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, Route, expect

from tests.system.steps import reload_until, when_she_states_a_purpose_if_asked

OSLO = ZoneInfo("Europe/Oslo")
SEEN = re.compile(r"God forbindelse")

# Remembers every connection a page makes, so that a test can ask what really came through it.
WATCH = """
window.connections = [];
const Real = RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(settings) { super(settings); window.connections.push(this); }
};
"""
# As WATCH, and nothing but the relay is tried, through one port that the test can close.
RELAY_ONLY = """
window.connections = [];
const Real = RTCPeerConnection;
const bent = (settings) => ({ ...settings, iceTransportPolicy: "relay", iceServers: settings.iceServers
  .filter(({ urls }) => [urls].flat().some((url) => url.startsWith("turn:")))
  .map((server) => ({ ...server, urls: "turn:127.0.0.1:PORT?transport=udp" })) });
window.RTCPeerConnection = class extends Real {
  constructor(settings) { super(bent(settings)); window.connections.push(this); }
  setConfiguration(settings) { super.setConfiguration(bent(settings)); }
};
"""
# As a browser whose camera fails with the error that the tab remembers, on a network that stops UDP.
UNLUCKY = """
const error = sessionStorage.getItem("error");
if (error) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", error));
const Real = RTCPeerConnection;
const shut = ({ urls, ...server }) => ({ ...server, urls: [urls].flat().map((url) =>
  url.endsWith("transport=udp") ? "turn:127.0.0.1:9?transport=udp" : url) });
window.RTCPeerConnection = class extends Real {
  constructor(settings) { super({ ...settings, iceServers: settings.iceServers.map(shut) }); }
};
"""
HEARD = """async () => {
  let frames = 0, energy = 0;
  for (const connection of window.connections.filter((each) => each.connectionState === "connected")) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      frames += report.framesDecoded ?? 0;
      energy += report.totalAudioEnergy ?? 0;
    }
  }
  const shown = [...document.querySelectorAll(".tile video[data-picture]:not([hidden])")]
    .map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
  return { frames, energy, shown };
}"""
SENT = """window.connections.findLast((each) => each.connectionState === "connected").getSenders()"""
CAMERA = f"""() => {SENT}.find(({{ track }}) => track?.kind === "video")?.track.getSettings().deviceId"""
# What the system tells a page when a device is gone or taken.
TRACK = (
    f"""([kind, event]) => {SENT}.find(({{ track }}) => track?.kind === kind).track.dispatchEvent(new Event(event))"""
)
PATHS = """async () => {
  const kinds = [];
  for (const connection of window.connections.filter((each) => each.connectionState === "connected")) {
    const reports = await connection.getStats();
    for (const report of reports.values()) {
      if (report.type !== "candidate-pair" || !report.nominated) continue;
      kinds.push(reports.get(report.localCandidateId).candidateType);
    }
  }
  return kinds;
}"""


def given_a_video_visit(mona: Page, *, patient: str = "Kari Testdal") -> str:
    """The office books one with Ingrid Aas that begins in two minutes. Its id."""
    mona.goto("/kontor/videotimer/")
    before = _visits_of(mona, patient)
    starts_at = datetime.now(OSLO) + timedelta(minutes=2)
    mona.goto("/kontor/kalender/bestill/")
    main = mona.get_by_role("main")  # the page's own search: another stands in the head of every page
    main.get_by_role("searchbox", name="Finn pasient").fill(patient)
    main.get_by_role("button", name="Søk").click()
    main.get_by_role("link", name=re.compile(patient)).first.click()
    form = mona.locator("#book")
    when_she_states_a_purpose_if_asked(mona, form)
    for choose in (  # each draws the free times anew
        lambda: form.get_by_label("Timetype").select_option(index=0),
        lambda: form.get_by_label("Video").check(),
        lambda: form.locator('select[name="calendar"]').select_option(label="Ingrid Aas"),
        lambda: form.get_by_label("Ledig fra dag").fill(starts_at.date().isoformat()),
    ):
        with mona.expect_response(lambda answer: answer.request.method == "POST"):
            choose()
    form.get_by_text("Et annet klokkeslett, eller dobbeltbooking").click()
    form.get_by_label("Klokkeslett", exact=True).fill(starts_at.strftime("%H:%M"))
    form.get_by_label("Grunn til å booke likevel").fill("Avtalt på telefon")
    form.get_by_role("button", name="Book dette klokkeslettet").click()
    expect(mona.get_by_role("status").filter(has_text="Pasienten får timen og beskjed")).to_be_visible()
    mona.goto("/kontor/videotimer/")
    reload_until(mona, lambda: _visits_of(mona, patient) > before)  # she could have taken it back until then
    return (_visits_of(mona, patient) - before).pop().removeprefix("visit-")


def _visits_of(page: Page, patient: str) -> set[str]:
    rows = page.locator('tr[id^="visit-"]').filter(has_text=patient)
    return {row.get_attribute("id") or "" for row in rows.all()}


def allow(page: Page, *devices: str) -> None:
    page.context.grant_permissions(list(devices or ("camera", "microphone")))


def tile(page: Page, name: str) -> Any:
    return page.locator(".tile").filter(has_text=name)


def when_she_goes_in(page: Page, visit: str) -> None:
    page.goto(f"/timeavtaler/{visit}/video/")
    page.get_by_role("button", name="Gå inn i venterommet").click()
    expect(page.get_by_role("heading", name="Du er i venterommet")).to_be_visible()


def when_the_doctor_goes_in(page: Page, visit: str) -> None:
    page.goto(f"/kontor/videotimer/{visit}/")
    page.get_by_role("button", name="Åpne videorommet").click()


def when_she_is_let_in(doctor: Page, name: str) -> None:
    doctor.get_by_role("button", name=f"Slipp inn {name}").click()


def then_they_are_connected(*pages: Page) -> None:
    """Each with all the others, in the words on the screen."""
    for page in pages:
        expect(page.locator(".tile [data-quality]")).to_have_text([SEEN] * (len(pages) - 1))


def then_picture_and_sound_arrive(page: Page, *, pictures: int = 1) -> None:
    """New frames are decoded and shown, and what is heard has energy: numbers of the browser, twice."""
    before = page.evaluate(HEARD)
    page.wait_for_function(
        f"""async (before) => {{ const now = await ({HEARD})();
          return now.shown.length === {pictures} && now.frames > before.frames + 5 * {pictures}
            && now.energy > before.energy && now.shown.every((frames, at) => frames > (before.shown[at] ?? 0)); }}""",
        arg=before,
    )


def the_code(page: Page, name: str) -> str:
    """The safety code with `name`, as it stands in the side sheet."""
    button = page.get_by_role("button", name="Sikkerhet")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    shown = page.locator("[data-codes] li").filter(has_text=name).locator("[data-code]")
    expect(shown).to_have_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$"))
    return shown.inner_text()


def turn_port(page: Page) -> int:
    """Where the site says that its TURN server is."""
    page.goto("/timeavtaler/test-utstyr/")
    servers = json.loads(page.locator("#test-config").text_content() or "")["iceServers"]
    urls = [url for server in servers for url in server["urls"]]
    udp = next(url for url in urls if url.startswith("turn:") and url.endswith("transport=udp"))
    return int(udp.split("?")[0].rpartition(":")[2])


class Line:
    """A line to the TURN server that can be cut: packets go through, or nowhere."""

    def __init__(self, port: int) -> None:
        self.is_cut = False
        self._server = ("127.0.0.1", port)
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.port: int = self._front.getsockname()[1]
        self._ways: dict[Any, socket.socket] = {}
        threading.Thread(target=self._inwards, daemon=True).start()

    def _inwards(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                packet, browser = self._front.recvfrom(65535)
                if browser not in self._ways:
                    self._ways[browser] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    self._ways[browser].connect(self._server)
                    threading.Thread(target=self._outwards, args=(browser,), daemon=True).start()
                if not self.is_cut:
                    self._ways[browser].send(packet)

    def _outwards(self, browser: Any) -> None:
        with contextlib.suppress(OSError):
            while True:
                packet = self._ways[browser].recv(65535)
                if not self.is_cut:
                    self._front.sendto(packet, browser)

    def close(self) -> None:
        self._front.close()
        for way in self._ways.values():
            way.close()


# Two connections of his own, and what comes in by one goes out by the other.
MIDDLE = """
const make = () => new RTCPeerConnection();
const sides = { one: make(), other: make() };
const far = { one: "other", other: "one" };
const channels = {}, open = {};
for (const side of ["one", "other"]) {
  channels[side] = sides[side].createDataChannel("words", { negotiated: true, id: 0 });
  channels[side].onmessage = ({ data }) => open[far[side]].then(() => channels[far[side]].send(data));
  open[side] = new Promise((resolve) => { channels[side].onopen = resolve; });
}
const gathered = (connection) => new Promise((resolve) => {
  if (connection.iceGatheringState === "complete") resolve();
  connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
});
const passOn = (from, to) => to.getTransceivers().forEach((transceiver, at) => {
  transceiver.direction = "sendrecv";
  const { track } = from.getTransceivers()[at].receiver;
  const element = document.createElement(track.kind);  // a track that nobody plays carries no sound
  Object.assign(element, { srcObject: new MediaStream([track]), muted: true });
  element.play().catch(() => {});
  transceiver.sender.replaceTrack(track);
});
window.take = async (side, { description, candidates }) => {
  const near = sides[side], away = sides[far[side]];
  for (const candidate of candidates ?? []) await near.addIceCandidate(candidate);
  if (!description) return null;
  await near.setRemoteDescription(description);
  if (description.type === "offer") for (const kind of ["audio", "video", "video"]) away.addTransceiver(kind);
  passOn(near, away);
  if (description.type === "answer") passOn(away, near);
  await away.setLocalDescription();
  await gathered(away);
  return { type: away.localDescription.type, sdp: away.localDescription.sdp };
};
"""


@dataclass
class ManInTheMiddle:
    """Changes the signals between two pages, so that both connect to him without knowing."""

    page: Page
    altered: list[str] = field(default_factory=list)

    def stand_between(self, one: Page, other: Page) -> None:
        self.page.evaluate(f"() => {{ {MIDDLE} }}")
        for side, page in (("one", one), ("other", other)):
            page.route(re.compile(r"/live/video/[^/]+/\?"), partial(self._meet, side))

    def _meet(self, side: str, route: Route) -> None:
        message = json.loads(route.request.post_data or "null") if route.request.method == "POST" else None
        if not message or message["type"] != "signal" or message["data"].get("hello"):
            route.continue_()
            return
        description = self.page.evaluate("([side, data]) => window.take(side, data)", [side, message["data"]])
        if description is None:
            route.fulfill(status=204)
            return
        self.altered.append(description["type"])
        message["data"]["description"] = description
        route.continue_(post_data=json.dumps(message))

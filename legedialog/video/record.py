"""A video visit as the patient's record tells it, in bokmål, the language of the record."""

from collections.abc import Iterable
from datetime import datetime

from legedialog.core.times import CLINIC
from legedialog.video.models import Room, Seat
from legedialog.video.rules import Outcome, SeatRole

HOW = {
    "photo-id": "viste legitimasjon",
    "known": "kjent av legen",
    "login": "innlogget på høyt nivå",
}
QUALITY = {
    "good": "God forbindelse hele tiden.",
    "poor": "Forbindelsen var dårlig i perioder.",
    "lost": "Forbindelsen ble brutt underveis.",
    "": "Forbindelsen ble ikke målt.",
}
ROLES = {"patient": "pasienten", "representative": "representant", "doctor": "lege"}
KINDS = {"interpreter": "tolk", "relative": "pårørende"}


def title(room: Room) -> str:
    """`Videotime kl. 10.20–10.38`."""
    started_at = room.started_at or room.opened_at
    period = f"kl. {_clock(started_at)}–{_clock(room.ended_at)}" if room.ended_at else ""
    kind = "Videotime fortsatt på telefon" if room.outcome == Outcome.PHONE else "Videotime"
    return f"{kind} {period}".strip()


def text(room: Room, seats: Iterable[Seat]) -> str:
    """Who was in, when each came, how identity was confirmed, and the connection. `seats` with their people loaded."""
    seats = list(seats)
    were_in = [seat for seat in seats if seat.admitted_at]
    lines = ["Til stede: " + ("; ".join(_who(seat) for seat in were_in) or "ingen i rommet") + "."]
    lines += [_identity(seat) for seat in were_in if seat.role != SeatRole.DOCTOR]
    worst = max((seat.worst_quality for seat in were_in), key=["", "good", "poor", "lost"].index, default="")
    lines.append(QUALITY[worst])
    if room.outcome == Outcome.PHONE:
        lines.append("Timen var bestilt på video og ble fullført på telefon.")
    if room.outcome == Outcome.LEFT_OPEN:
        lines.append("Ingen avsluttet timen; rommet ble stengt av seg selv.")
    return "\n".join(lines)


def name(seat: Seat) -> str:
    """Of the person, or of what a guest is when she gave no name."""
    if seat.person:
        return seat.person.name
    if seat.employee:
        return seat.employee.clinician.name if seat.employee.clinician else seat.employee.name
    return seat.guest.name if seat.guest else ""


def _who(seat: Seat) -> str:
    role = KINDS[seat.guest.kind] if seat.guest else ROLES[seat.role]
    number = f", HPR {seat.employee.clinician.hpr_number}" if seat.employee and seat.employee.clinician else ""
    came = f", fra kl. {_clock(seat.admitted_at)}" if seat.admitted_at else ""
    return f"{name(seat)} ({role}{number}{came})"


def _identity(seat: Seat) -> str:
    how = HOW.get(seat.identity, "ikke bekreftet av legen")
    agreed = ""
    if seat.guest:
        agreed = " Pasienten sa ja til gjesten." if seat.guest.agreed_at else ""
    return f"Identitet, {name(seat)}: {how}.{agreed}"


def _clock(at: datetime) -> str:
    return at.astimezone(CLINIC).strftime("%H.%M")

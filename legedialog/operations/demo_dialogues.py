"""The demo's written dialogues, in every state: waiting, near its date, answered, asked to book, closed.

All are sent through the services on working days before today, so that dates, story, record and log are right.
"""

from datetime import datetime, timedelta
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments.models import Calendar, VisitType
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.core.workdays import last_working_day_before
from legedialog.dialogues import services
from legedialog.dialogues.models import Kind
from legedialog.dialogues.queries import Offer

CALM = {"urgent": "none", "since": "weeks", "known": "yes", "rash-fever": "no", "medicine-reaction": "no"}
RASH = CALM | {"rash-where": "På innsiden av armen"}
MEDICINE = CALM | {"medicine": "Blodtrykksmedisinen"}

# Working days ago, kind, topic, answers, text. Who sends: the crowd in turn.
WAITING: tuple[tuple[int, str, str, dict[str, str], str], ...] = (
    (6, Kind.ECONSULTATION, "rash", RASH, "Utslettet klør mest om natten. Jeg har prøvd fuktighetskrem i to uker."),
    (4, Kind.CONTACT, "certificate", {}, "Jeg trenger en attest til treningssenteret. Kan jeg hente den torsdag?"),
    (4, Kind.ECONSULTATION, "medicine", MEDICINE, "Jeg blir svimmel når jeg reiser meg. Kan dosen være for høy?"),
    (2, Kind.CONTACT, "bill", {}, "Jeg har fått to regninger for samme time."),
    (1, Kind.ECONSULTATION, "follow-up", CALM, "Ryggen er bedre, men jeg våkner fortsatt av smertene."),
    (1, Kind.CONTACT, "access", {}, "Er det heis opp til dere? Jeg kommer med rullestol."),
    (1, Kind.CONTACT, "holiday", {}, "Har dere åpent i romjulen?"),
)


def load(*, mona: Actor, ingrid: Actor, kari: Actor, crowd: list[Actor], calendar: Calendar, now: datetime) -> None:
    """`crowd` are patients of Ingrid Aas, at least as many as WAITING and two."""
    for sender, (days, kind, topic, answers, text) in zip(crowd, WAITING, strict=False):
        _send(sender, kind, topic, answers, text, _ago(now, days))
    _answered(ingrid, kari, now)
    _needs_a_visit(ingrid, crowd[-1], calendar, now)
    _closed(mona, crowd[-2], now)
    _begun_by_the_doctor(ingrid, crowd[0], now)
    _forwarded(mona, crowd[-3], ingrid, now)
    _own_template(mona, now)
    services.escalate(now)


def _send(actor: Actor, kind: str, topic: str, answers: dict[str, str], text: str, at: datetime) -> UUID:
    assert actor.person_id  # noqa: S101  citizens
    draft = services.save_draft(actor=actor, patient_id=actor.person_id, kind=kind, topic_code=topic, now=at)
    services.save_draft(actor=actor, patient_id=actor.person_id, kind=kind, answers=answers, text=text, now=at)
    return services.send(actor=actor, draft_id=draft.pk, now=at).pk


def _answered(ingrid: Actor, kari: Actor, now: datetime) -> None:
    """Kari's: answered yesterday, unread, and open for a reply."""
    at = _ago(now, 3)
    dialogue_id = _send(
        kari, Kind.ECONSULTATION, "rash", RASH, "Utslettet på armen er tilbake. Skal jeg bruke salven?", at
    )
    services.open_(actor=ingrid, dialogue_id=dialogue_id, now=_ago(now, 2))
    services.answer(
        actor=ingrid,
        dialogue_id=dialogue_id,
        key=new_id(),
        text="Hei Kari. Bruk salven morgen og kveld i en uke. Skriv hvis det ikke blir bedre.\n\nHilsen Ingrid Aas",
        problem_code="S88",
        now=_ago(now, 1),
    )


def _needs_a_visit(ingrid: Actor, sender: Actor, calendar: Calendar, now: datetime) -> None:
    dialogue_id = _send(sender, Kind.ECONSULTATION, "follow-up", CALM, "Jeg har fått en kul i lysken.", _ago(now, 3))
    visit_type = VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time")
    day = now + timedelta(days=7 - now.weekday())
    times = [day.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (8, 9)]
    services.answer(
        actor=ingrid,
        dialogue_id=dialogue_id,
        key=new_id(),
        text="Dette vil jeg se på. Velg en av timene under.",
        needs_appointment=True,
        offered=[Offer(calendar.pk, calendar.clinician_id, visit_type.pk, "attendance", at) for at in times],
        problem_code="D89",
        now=_ago(now, 2),
    )


def _closed(mona: Actor, sender: Actor, now: datetime) -> None:
    dialogue_id = _send(sender, Kind.CONTACT, "certificate", {}, "Kan jeg få en kopi av henvisningen?", _ago(now, 5))
    services.answer(
        actor=mona,
        dialogue_id=dialogue_id,
        key=new_id(),
        text="Den ligger i luken.",
        closes=True,
        now=_ago(now, 4),
    )


def _begun_by_the_doctor(ingrid: Actor, patient: Actor, now: datetime) -> None:
    assert patient.person_id  # noqa: S101  a citizen
    services.start(
        actor=ingrid,
        patient_id=patient.person_id,
        kind=Kind.ECONSULTATION,
        key=new_id(),
        subject="Svar på blodprøver",
        text="Hei. Blodprøvene dine er fine. Du trenger ikke gjøre noe.\n\nHilsen Ingrid Aas",
        is_reply_open=False,
        now=_ago(now, 2),
    )


def _forwarded(mona: Actor, sender: Actor, ingrid: Actor, now: datetime) -> None:
    dialogue_id = _send(sender, Kind.CONTACT, "other", {}, "Kan jeg få skjema til forsikringen fylt ut?", _ago(now, 2))
    assert ingrid.employee_id  # noqa: S101  she works there
    services.forward(
        actor=mona,
        dialogue_id=dialogue_id,
        employee_id=ingrid.employee_id,
        text="Trenger vi time til dette, eller kan det gjøres uten?",
        now=_ago(now, 1),
    )


def _own_template(mona: Actor, now: datetime) -> None:
    assert mona.practice_id  # noqa: S101  she works there
    services.save_template(
        actor=mona,
        practice_id=mona.practice_id,
        template_id=None,
        name="Vi har mottatt",
        kind=Kind.CONTACT,
        texts={
            "nb": "Hei {fornavn}. Vi har mottatt meldingen og svarer så snart vi kan.\n\nHilsen {avsender}, {kontor}",
            "nn": "Hei {fornavn}. Vi har fått meldinga og svarar så snart vi kan.\n\nHelsing {avsender}, {kontor}",
            "en": "Hello {fornavn}. We have your message and answer as soon as we can.\n\n{avsender}, {kontor}",
        },
        position=3,
        now=now,
    )


def _ago(now: datetime, days: int) -> datetime:
    """The same clock that many working days before today."""
    day = local_day(now)
    for _number in range(days):
        day = last_working_day_before(day)
    return now - (local_day(now) - day)

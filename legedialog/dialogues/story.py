"""Dialogues in every state: Kari's, Ola's by Kari, Hassan's contact, and an inbox full of the crowd's. With files both
ways.

Everything goes through the services, at the times when it would have happened.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from io import BytesIO
from uuid import UUID, uuid5

from legedialog.access.actor import Actor
from legedialog.attachments import samples as files
from legedialog.core.contexts import Stage
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import add_working_days, is_working_day, last_working_day_before
from legedialog.dialogues import services
from legedialog.dialogues.conversations import Offer
from legedialog.dialogues.models import Dialogue, Kind

KEY = UUID("5f3c1a52-7f0e-4a86-9b41-2f6f4de4f2a1")
CALM = {"urgent": "none", "since": "weeks", "known": "yes", "rash-fever": "no", "rash-where": "Armen"}
QUESTIONS = {
    "follow-up": ("urgent", "since"),
    "rash": ("urgent", "rash-fever", "since", "rash-where"),
    "other": ("urgent", "known", "since"),
}
ASKED = (
    ("follow-up", "Jeg er fortsatt plaget av hosten. Skal jeg fortsette med medisinen?"),
    ("rash", "Utslettet på armen klør mer nå. Det har vært der i to uker."),
    ("follow-up", "Er blodprøvene fra forrige uke kommet?"),
    ("other", "Jeg sover dårlig og lurer på hva jeg kan gjøre selv."),
)
WRITTEN = (
    ("certificate", "Jeg trenger en attest til arbeidsgiveren om at jeg var hos dere i forrige uke."),
    ("holiday", "Holder dere åpent mellom jul og nyttår?"),
    ("other", "Er det plass til rullestol i heisen, og kan vi parkere ved inngangen?"),
    ("bill", "Jeg har fått to regninger for samme time. Kan dere se på det?"),
)


def play(stage: Stage) -> None:
    """In every state. Those of the crowd who are on Ingrid Aas's list write to her, and a third to the office only."""
    kari, hassan = (stage.citizen(stage.person(name)) for name in ("Kari Testdal", "Hassan Testrud"))
    ingrid, mona, siri = (stage.staff(name) for name in ("Ingrid Aas", "Mona Haug", "Siri Berge"))
    crowd = [stage.citizen(each) for at, each in enumerate(stage.crowd) if at % 3][:40]
    now = stage.now
    _settings(siri, now)
    _of_kari(kari, ingrid, mona, now, stage.bookable("Ingrid Aas"))
    _of_ola(stage.acting("Kari", "Ola"), ingrid, now)
    for number, who in enumerate(crowd):
        _of_crowd(number, who, ingrid, mona, now)
    _shared_out(crowd, ingrid, mona, now)
    _own_template(mona, now)
    _to_emil(stage.person("Emil Testhaug"), mona, now)
    _of_hassan(hassan, now)
    services.escalate(now)


def _to_emil(emil: UUID, mona: Actor, now: datetime) -> None:
    """What the office wrote to a youth: he reads it himself, with the access a parent has given him."""
    services.start(
        actor=mona,
        patient_id=emil,
        kind=Kind.CONTACT,
        key=uuid5(KEY, "emil"),
        subject="Vaksine på skolen",
        text="Du får vaksinen hos helsesykepleieren på skolen, så du trenger ikke komme til oss.",
        is_reply_open=False,
        now=_worked(now, days=3),
    )


def _of_hassan(hassan: Actor, now: datetime) -> None:
    """To the office, with a picture and a document that are not read yet."""
    (patient_id,) = hassan.patients
    at = _worked(now, days=0, clock=time(8, 5))
    draft = services.save_draft(
        actor=hassan, patient_id=patient_id, kind=Kind.CONTACT, topic_code="certificate", now=at
    )
    form = files.letter("Skjema fra arbeidsgiver", "Bekreftelse på oppmøte hos lege.", "Dato: ............")
    ids = [
        files.send_in(hassan, draft.practice_id, patient_id, name, file, at)
        for name, file in (("skjema.pdf", form), ("forsiden.jpg", files.photo()))
    ]
    text = "Kan dere fylle ut skjemaet fra arbeidsgiveren min?"
    services.save_draft(actor=hassan, patient_id=patient_id, kind=Kind.CONTACT, text=text, attachment_ids=ids, now=at)
    services.send(actor=hassan, draft_id=draft.pk, now=at)


def _shared_out(crowd: Sequence[Actor], ingrid: Actor, mona: Actor, now: datetime) -> None:
    """What the office has done with some of what waits: late, assigned, forwarded with a comment, moved, taken back."""
    assert mona.employee_id  # noqa: S101  she works there
    late = _contact(crowd[1], *WRITTEN[1], at=_worked(now, days=8, clock=time(9, 12)))
    services.open_(actor=mona, dialogue_id=late.pk, now=_worked(now, days=7))
    services.assign(actor=ingrid, dialogue_id=late.pk, employee_id=mona.employee_id, now=_worked(now, days=6))

    forwarded = _contact(crowd[3], *WRITTEN[2], at=_worked(now, days=2, clock=time(10, 40)))
    services.open_(actor=ingrid, dialogue_id=forwarded.pk, now=_worked(now, days=1, clock=time(8, 30)))
    services.forward(
        actor=ingrid,
        dialogue_id=forwarded.pk,
        employee_id=mona.employee_id,
        text="Vet du om heisen er reparert? Svar gjerne for meg.",
        now=_worked(now, days=1, clock=time(8, 32)),
    )

    clinical = ("other", "Jeg har blitt tungpusten av den nye medisinen. Hva gjør jeg?")
    moved = _contact(crowd[5], *clinical, at=_worked(now, days=2, clock=time(11, 2)))
    services.move(actor=mona, dialogue_id=moved.pk, kind=Kind.ECONSULTATION, now=_worked(now, days=1, clock=time(9)))

    taken_back = _ask(crowd[7], *ASKED[0], at=_worked(now, days=1, clock=time(12)))
    services.withdraw(actor=crowd[7], dialogue_id=taken_back.pk, now=_worked(now, days=1, clock=time(12, 20)))


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


def _settings(siri: Actor, now: datetime) -> None:
    assert siri.practice_id  # noqa: S101  the manager works at the office
    services.save_intake(
        actor=siri,
        practice_id=siri.practice_id,
        guidance={
            "nb": "E-konsultasjon passer godt for spørsmål om noe vi allerede har snakket om, for prøvesvar, og for "
            "hud når du kan legge ved et bilde. Nye plager i bryst eller mage, og barn med feber, vil vi helst se.",
            "nn": "E-konsultasjon passar godt for spørsmål om noko vi alt har snakka om, for prøvesvar, og for hud når "
            "du kan leggje ved eit bilete. Nye plager i bryst eller mage, og barn med feber, vil vi helst sjå.",
            "en": "An e-consultation suits questions about something we have already talked about, test results, and "
            "skin when you can add a picture. New trouble in the chest or stomach, and children with fever, we would "
            "rather see.",
        },
        contact_guidance={
            "nb": "Vi svarer vanligvis samme dag. Skal du avbestille en time, går det raskere under Timeavtaler.",
            "nn": "Vi svarar vanlegvis same dag. Skal du avbestille ein time, går det raskare under Timeavtaler.",
            "en": "We usually answer the same day. To cancel an appointment, Timeavtaler is quicker.",
        },
        secretary_reads=False,
        opens=None,
        closes=None,
        max_open=None,
        max_a_day=None,
        now=now,
    )


def _of_kari(kari: Actor, ingrid: Actor, mona: Actor, now: datetime, bookable: tuple[UUID, UUID]) -> None:
    """Closed, answered and unread, asked to book, opened, taken back, and one that the doctor began."""
    old = _ask(kari, "follow-up", "Er det noe jeg bør passe på etter blodprøven?", at=_worked(now, days=40))
    _answer(ingrid, old, "Alt er fint. Ta en ny prøve om et år.", at=_worked(now, days=38), closes=True)
    services.read(actor=kari, dialogue_id=old.pk, now=_worked(now, days=37))

    answered = _ask(kari, "follow-up", "Ryggen er bedre. Kan jeg begynne å trene igjen?", at=_worked(now, days=4))
    _answer(ingrid, answered, "Så bra! Begynn rolig, og stopp hvis det gjør vondt.", at=_worked(now, days=2))

    booked = _ask(kari, "rash", "Jeg har et utslett på leggen som brer seg.", at=_worked(now, days=3), photo=True)
    services.open_(actor=ingrid, dialogue_id=booked.pk, now=_worked(now, days=2, clock=time(9)))
    _answer(
        ingrid,
        booked,
        "Dette vil jeg gjerne se på. Velg en av timene, eller en annen som passer. Rådene i vedlegget lindrer imens.",
        at=_worked(now, days=1),
        offered=_offered(ingrid, *bookable, now),
        file=(
            "Råd ved kløe.pdf",
            files.letter("Råd ved kløe", "Dusj kort og lunkent.", "Smør inn huden morgen og kveld."),
        ),
    )
    services.read(actor=kari, dialogue_id=booked.pk, now=_worked(now, days=1, clock=time(18)))

    (patient_id,) = kari.patients
    assert ingrid.practice_id  # noqa: S101  she works there
    at = _worked(now, days=9)
    results = files.letter("Prøvesvar", "Hemoglobin 13,9 g/dl", "Ferritin 62 µg/l")
    began = services.start(
        actor=ingrid,
        patient_id=patient_id,
        kind=Kind.ECONSULTATION,
        key=uuid5(KEY, "results"),
        subject="Blodprøvene dine er kommet",
        problem_code="A97",
        text="Prøvene dine er fine. Svarene er lagt ved, så du har dem.",
        attachment_ids=[files.send_in(ingrid, ingrid.practice_id, patient_id, "Prøvesvar.pdf", results, at)],
        now=at,
    )
    services.read(actor=kari, dialogue_id=began.pk, now=_worked(now, days=8))

    taken_back = _contact(kari, *WRITTEN[1], at=_worked(now, days=6))
    services.withdraw(actor=kari, dialogue_id=taken_back.pk, now=_worked(now, days=6, clock=time(10, 30)))

    opened = _contact(kari, *WRITTEN[3], at=_worked(now, days=1, clock=time(13)))
    services.open_(actor=mona, dialogue_id=opened.pk, now=min(now, _worked(now, days=1, clock=time(14))))


def _of_ola(kari_for_ola: Actor, ingrid: Actor, now: datetime) -> None:
    sent = _ask(
        kari_for_ola, "follow-up", "Ola har hatt ørevondt igjen. Skal vi komme til kontroll?", at=_worked(now, days=1)
    )
    services.open_(actor=ingrid, dialogue_id=sent.pk, now=min(now, _worked(now, days=1, clock=time(15))))


def _of_crowd(number: int, who: Actor, ingrid: Actor, mona: Actor, now: datetime) -> None:
    """Most of them wait; one in four is answered, and the oldest near their date."""
    days = number % 5
    at = _worked(now, days=days, clock=time(8, number % 60))
    if number % 2:
        contact = _contact(who, *WRITTEN[number // 2 % len(WRITTEN)], at=at)
        if number % 4 == 3 and days:
            _answer(
                mona, contact, "Ja, det ordner vi. Ha en fin dag!", at=min(now, at + timedelta(hours=2)), closes=True
            )
        return
    asked = _ask(who, *ASKED[number // 2 % len(ASKED)], at=at, photo=number == 2)
    if number % 8 == 6 and days:
        _answer(
            ingrid,
            asked,
            "Fortsett en uke til, og ta kontakt hvis det ikke er bedre.",
            at=min(now, at + timedelta(hours=5)),
        )
    elif number % 8 == 4:
        services.open_(actor=ingrid, dialogue_id=asked.pk, now=min(now, at + timedelta(hours=1)))


def _ask(who: Actor, topic: str, text: str, *, at: datetime, photo: bool = False) -> Dialogue:
    answers = {name: CALM[name] for name in QUESTIONS[topic]}
    return _send(who, Kind.ECONSULTATION, topic, answers, text, at, photo=photo)


def _contact(who: Actor, topic: str, text: str, *, at: datetime) -> Dialogue:
    return _send(who, Kind.CONTACT, topic, {}, text, at)


def _send(
    who: Actor, kind: str, topic: str, answers: dict[str, str], text: str, at: datetime, *, photo: bool = False
) -> Dialogue:
    (patient_id,) = who.patients
    services.save_draft(actor=who, patient_id=patient_id, kind=kind, topic_code=topic, now=at)
    draft = services.save_draft(actor=who, patient_id=patient_id, kind=kind, answers=answers, text=text, now=at)
    if photo:
        made = files.send_in(who, draft.practice_id, patient_id, "legg.jpg", files.photo(), at)
        services.save_draft(actor=who, patient_id=patient_id, kind=kind, attachment_ids=[made], now=at)
    return services.send(actor=who, draft_id=draft.pk, now=at)


def _answer(
    who: Actor,
    dialogue: Dialogue,
    text: str,
    *,
    at: datetime,
    closes: bool = False,
    offered: Sequence[Offer] = (),
    file: tuple[str, BytesIO] | None = None,
) -> None:
    ids = [files.send_in(who, dialogue.practice_id, dialogue.patient_id, *file, at)] if file else []
    services.answer(
        actor=who,
        dialogue_id=dialogue.pk,
        key=uuid5(KEY, f"answer {dialogue.pk}"),
        text=text,
        closes=closes,
        offered=offered,
        problem_code="A97" if dialogue.kind == Kind.ECONSULTATION else "",
        attachment_ids=ids,
        now=at,
    )


def _offered(ingrid: Actor, calendar_id: UUID, visit_type_id: UUID, now: datetime) -> list[Offer]:
    """Two times some days ahead; whether they are free is the booking page's to say."""
    assert ingrid.clinician_id  # noqa: S101  she is a doctor
    day = add_working_days(local_day(now), 6)
    return [
        Offer(calendar_id, ingrid.clinician_id, visit_type_id, "attendance", at_local(day, clock))
        for clock in (time(9, 20), time(13))
    ]


def _worked(now: datetime, *, days: int, clock: time = time(10)) -> datetime:
    """So many working days ago, at that time; never after now."""
    day = local_day(now)
    if not is_working_day(day):
        day = last_working_day_before(day)
    for _day in range(days):
        day = last_working_day_before(day)
    return min(now, at_local(day, clock))

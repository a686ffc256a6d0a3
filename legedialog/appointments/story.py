"""The demo's plans and visits: three doctors' weeks, some weeks of visits around today, and those who wait."""

from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID, uuid5

from legedialog.access.actor import Actor
from legedialog.appointments import free, services
from legedialog.appointments.models import Calendar, Channel, VisitKind, VisitType
from legedialog.core.contexts import Chapter, Stage
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import is_working_day
from legedialog.fees import prices
from legedialog.fees.rules import Laboratory
from legedialog.patients import searching
from legedialog.practices import services as practices
from legedialog.practices.rules import Service

SINCE = date(2015, 1, 1)
DAYS_BACK, DAYS_AHEAD = 7, 10
REASONS = (
    "Vondt i skulderen, tre uker",
    "Kontroll av blodtrykk",
    "Hoste som ikke gir seg",
    "Utslett på armen",
    "Samtale om søvn",
    "Ønsker legeattest",
)


def plans(stage: Stage) -> None:
    siri, now = stage.staff("Siri Berge"), stage.now
    both = [Channel.ATTENDANCE, Channel.PHONE]
    every = [*both, Channel.VIDEO]
    ordinary = _visit_type(siri, "Vanlig time", "Vanleg time", "Ordinary visit", 20, every, now, position=1)
    long = _visit_type(siri, "Lang time", "Lang time", "Long visit", 40, [Channel.ATTENDANCE], now, position=2)
    own = {each.name: each.pk for each in prices.own_prices(siri)}
    vaccine = _visit_type(
        siri,
        "Vaksine",
        "Vaksine",
        "Vaccination",
        10,
        [Channel.ATTENDANCE],
        now,
        position=3,
        kind=VisitKind.VACCINE,
        preparation="Ha på deg klær som er lette å brette opp på overarmen.",
        own_price_id=own.get("Influensavaksine"),
    )
    urgent = _visit_type(
        siri, "Hastetime", "Hastetime", "Urgent visit", 20, both, now, position=4, kind=VisitKind.URGENT, citizens=False
    )
    samples = _visit_type(
        siri,
        "Kontroll med blodprøve",
        "Kontroll med blodprøve",
        "Check-up with blood test",
        20,
        [Channel.ATTENDANCE],
        now,
        position=5,
        preparation="Ta med listen over legemidlene dine.",
        laboratory=Laboratory.WITH,
    )
    _laboratory(stage)
    for doctor in ("Ingrid Aas", "Jonas Vik", "Leif Strand"):
        calendar = _calendar(stage, doctor)
        online = doctor != "Jonas Vik"
        for weekday in range(5) if doctor != "Leif Strand" else (1, 3):
            _block(
                siri, calendar, weekday, time(8), time(11, 20), 20, [ordinary, long, samples], every, now, online=online
            )
            _block(siri, calendar, weekday, time(11, 20), time(12), 20, [urgent], both, now, online=False)
            _block(siri, calendar, weekday, time(12, 40), time(15), 20, [ordinary], every, now, online=online)
        if doctor == "Ingrid Aas":
            _block(siri, calendar, 2, time(15), time(16), 10, [vaccine], [Channel.ATTENDANCE], now, online=True)


def _laboratory(stage: Stage) -> None:
    """A column that is no doctor, with a kind of its own."""
    siri, now = stage.staff("Siri Berge"), stage.now
    responsible, practice = stage.staff("Ingrid Aas").clinician_id, siri.practice_id
    assert responsible  # noqa: S101  she is a doctor
    assert practice  # noqa: S101  she works there
    column = services.save_column(
        actor=siri,
        practice_id=practice,
        column_id=None,
        name="Laboratoriet",
        column="laboratory",
        responsible_id=responsible,
        is_active=True,
        now=now,
    )
    blood = _visit_type(
        siri,
        "Blodprøve",
        "Blodprøve",
        "Blood test",
        10,
        [Channel.ATTENDANCE],
        now,
        position=6,
        kind=VisitKind.LAB,
        needs_order=True,
        preparation="Drikk gjerne vann. Si fra hvis du skal faste.",
    )
    practices.open_service(
        actor=siri, practice_id=practice, clinician_id=column.clinician_id, service=Service.BOOK, now=now
    )
    for weekday in range(5):
        _block(siri, column, weekday, time(8), time(11), 10, [blood], [Channel.ATTENDANCE], now, online=True)


def _visit_type(
    actor: Actor,
    name: str,
    name_nn: str,
    name_en: str,
    minutes: int,
    channels: list[Channel],
    now: datetime,
    *,
    position: int,
    kind: VisitKind = VisitKind.ORDINARY,
    citizens: bool = True,
    preparation: str = "",
    own_price_id: UUID | None = None,
    laboratory: str = "",
    needs_order: bool = False,
) -> VisitType:
    if actor.practice_id is None:
        raise RuntimeError("a visit type belongs to an office")
    return services.save_visit_type(
        actor=actor,
        practice_id=actor.practice_id,
        visit_type_id=None,
        name=name,
        name_nn=name_nn,
        name_en=name_en,
        kind=kind,
        minutes=minutes,
        channels=list(channels),
        is_bookable_by_citizens=citizens,
        is_with_anybody=kind is VisitKind.VACCINE or needs_order,
        needs_order=needs_order,
        horizon_days=60,
        lead_minutes=60,
        release_clock=time(8),
        buffer_minutes=0,
        cutoff_hours=24,
        max_coming=3,
        preparation=preparation,
        own_price_id=own_price_id,
        laboratory=laboratory,
        is_own_price_alone=own_price_id is not None,
        is_active=True,
        position=position,
        now=now,
    )


def _block(
    actor: Actor,
    calendar: Calendar,
    weekday: int,
    starts: time,
    ends: time,
    step: int,
    visit_types: list[VisitType],
    channels: list[Channel],
    now: datetime,
    *,
    online: bool,
) -> None:
    services.save_block(
        actor=actor,
        calendar_id=calendar.pk,
        block_id=None,
        weekday=weekday,
        starts=starts,
        ends=ends,
        step_minutes=step,
        visit_type_ids=[each.pk for each in visit_types],
        channels=list(channels),
        is_online=online,
        first_date=SINCE,
        last_date=None,
        now=now,
    )


def visits(days_ahead: int, stage: Stage) -> None:
    """Some of a working day's times booked by reception; what is over has been held, or not."""
    mona, crowd, now = stage.staff("Mona Haug"), stage.crowd, stage.now
    day = local_day(now) + timedelta(days=days_ahead)
    if not is_working_day(day):
        return
    ordinary = VisitType.objects.get(practice=mona.practice_id, name="Vanlig time")
    for number, doctor in enumerate(("Ingrid Aas", "Jonas Vik")):
        calendar = _calendar(stage, doctor)
        booked = min(at_local(day, time(8)) - timedelta(days=4), now)
        wanted = free.Wanted(
            calendar.practice_id, [calendar.clinician_id], ordinary, Channel.ATTENDANCE, booked, for_citizen=False
        )
        for at, each in enumerate(free.days(wanted, day, day)[0].times):
            if (at * 7 + day.day * 3 + number) % 10 >= (6 if day <= local_day(now) else 4):
                continue
            appointment = services.book_for_patient(
                actor=mona,
                patient_id=crowd[(day.toordinal() * 31 + at * 5 + number * 53) % len(crowd)],
                calendar_id=calendar.pk,
                visit_type_id=ordinary.pk,
                channel=(Channel.ATTENDANCE, Channel.ATTENDANCE, Channel.PHONE, Channel.VIDEO)[(at + day.day) % 4],
                starts_at=each.starts_at,
                reason=REASONS[(at + day.day) % len(REASONS)],
                now=booked,
            )
            if each.ends_at < now:
                if (at + day.day) % 17 == 0:
                    services.no_show(actor=mona, appointment_id=appointment.pk, now=each.ends_at)
                else:
                    services.arrive(actor=mona, appointment_id=appointment.pk, now=each.starts_at)
                    services.complete(actor=mona, appointment_id=appointment.pk, now=each.ends_at)


def history(stage: Stage) -> None:
    """Two of Kari's visits long ago, one of them cancelled, and one of her son's."""
    mona, calendar = stage.staff("Mona Haug"), _calendar(stage, "Ingrid Aas")
    kari, ola = stage.person("Kari Testdal"), stage.person("Ola Testdal")
    ordinary = VisitType.objects.get(practice=mona.practice_id, name="Vanlig time")
    today = local_day(stage.now)
    for who, weeks, clock, is_kept in (
        (kari, 14, time(9), True),
        (kari, 30, time(13), False),
        (ola, 5, time(10), True),
    ):
        day = today - timedelta(weeks=weeks, days=today.weekday() - 1)
        starts_at = at_local(day, clock)
        appointment = services.book_for_patient(
            actor=mona,
            patient_id=who,
            calendar_id=calendar.pk,
            visit_type_id=ordinary.pk,
            channel=Channel.ATTENDANCE,
            starts_at=starts_at,
            reason=REASONS[0],
            now=starts_at - timedelta(days=9),
            overbook_reason="Historikk i demoen",
        )
        if is_kept:
            services.arrive(actor=mona, appointment_id=appointment.pk, now=starts_at)
            services.complete(actor=mona, appointment_id=appointment.pk, now=starts_at + timedelta(minutes=20))
        else:
            services.cancel(actor=stage.citizen(who), appointment_id=appointment.pk, now=starts_at - timedelta(days=3))


def wishes(stage: Stage) -> None:
    """Two wishes that wait for the office."""
    jonas = _calendar(stage, "Jonas Vik")
    wanted = (
        ("Jeg trenger en time for å snakke om ryggen. Helst ikke på mandager.", ["tuesday-am", "thursday-am"], 26),
        ("Kontroll etter prøver. Telefon går fint.", ["wednesday-pm"], 3),
    )
    on_the_list = stage.crowd[::3]
    for at, (words, coarse_times, hours) in enumerate(wanted):
        person_id = on_the_list[at + 4]
        services.send_request(
            actor=stage.citizen(person_id),
            patient_id=person_id,
            clinician_id=jonas.clinician_id,
            key=uuid5(jonas.pk, f"request {at}"),
            wishes=words,
            coarse_times=coarse_times,
            channels=[Channel.ATTENDANCE, Channel.PHONE],
            now=stage.now - timedelta(hours=hours),
        )


def walk_in(stage: Stage) -> None:
    """The tourist whom reception has registered gets a time with Jonas Vik."""
    mona, calendar, now = stage.staff("Mona Haug"), _calendar(stage, "Jonas Vik"), stage.now
    (lukas,) = searching.search(mona, calendar.practice_id, "lukas prøvemann", now=now).rows
    ordinary = VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time")
    wanted = free.Wanted(
        *(calendar.practice_id, [calendar.clinician_id], ordinary, Channel.ATTENDANCE, now, lukas.id),
        for_citizen=False,
    )
    services.book_for_patient(
        actor=mona,
        patient_id=lukas.id,
        calendar_id=calendar.pk,
        visit_type_id=ordinary.pk,
        channel=Channel.ATTENDANCE,
        starts_at=free.next_times(wanted, now + timedelta(days=1), 1)[0].starts_at,
        reason="Insektstikk på leggen, rødt og varmt",
        now=now,
    )


def waiting(stage: Stage) -> None:
    """One who would rather come on a Friday, some time sooner. The manager has decided how long one has to answer."""
    mona, calendar, now = stage.staff("Mona Haug"), _calendar(stage, "Ingrid Aas"), stage.now
    services.save_waitlist(
        actor=stage.staff("Siri Berge"), practice_id=calendar.practice_id, is_open=True, answer_minutes=120, now=now
    )
    person_id = stage.crowd[4]
    ordinary = VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time")
    wanted = free.Wanted(
        *(calendar.practice_id, [calendar.clinician_id], ordinary, Channel.ATTENDANCE, now, person_id),
        for_citizen=False,
    )
    first = local_day(now) + timedelta(days=14)
    times = [each for day in free.days(wanted, first, first + timedelta(days=13)) for each in day.times]
    appointment = services.book_for_patient(
        actor=mona,
        patient_id=person_id,
        calendar_id=calendar.pk,
        visit_type_id=ordinary.pk,
        channel=Channel.ATTENDANCE,
        starts_at=times[0].starts_at,
        reason=REASONS[1],
        now=now,
    )
    services.ask_for_earlier(
        actor=stage.citizen(person_id),
        appointment_id=appointment.pk,
        coarse_times=["friday-pm"],
        with_anybody=False,
        notice_minutes=1440,
        now=now,
    )


def recalled(stage: Stage) -> None:
    """Reception asks a few to come for a vaccine; one of them does not want it."""
    mona, now = stage.staff("Mona Haug"), stage.now
    kind = VisitType.objects.get(practice=mona.practice_id, kind=VisitKind.VACCINE)
    today = local_day(now)
    asked = services.ask_to_book(
        actor=mona,
        practice_id=kind.practice_id,
        round_id=uuid5(kind.pk, "recall"),
        patient_ids=stage.crowd[10:16],
        visit_type_id=kind.pk,
        calendar_id=None,
        first_date=today,
        last_date=today + timedelta(weeks=6),
        now=now - timedelta(days=1),
    )
    services.decline_recall(actor=stage.citizen(asked[0].patient_id), recall_id=asked[0].pk, now=now)


def ordered(stage: Stage) -> None:
    """Ingrid Aas orders a blood test of one, who books it herself in the laboratory."""
    ingrid, now = stage.staff("Ingrid Aas"), stage.now
    kind = VisitType.objects.get(practice=ingrid.practice_id, kind=VisitKind.LAB)
    services.ask_to_book(
        actor=ingrid,
        practice_id=kind.practice_id,
        round_id=uuid5(kind.pk, "order"),
        patient_ids=[stage.person("Tor Testli")],
        visit_type_id=kind.pk,
        calendar_id=None,
        first_date=local_day(now),
        last_date=local_day(now) + timedelta(weeks=4),
        now=now - timedelta(days=1),
    )


def feed(stage: Stage) -> None:
    """One has an address that her calendar reads."""
    services.make_feed(actor=stage.citizen(stage.person("Tor Testli")), now=stage.now)


def _calendar(stage: Stage, doctor: str) -> Calendar:
    return Calendar.objects.get(clinician=stage.staff(doctor).clinician_id)


CHAPTERS = (
    Chapter(40, plans),
    *(Chapter(60, partial(visits, day)) for day in range(-DAYS_BACK, DAYS_AHEAD)),
    Chapter(70, history),
    Chapter(80, wishes),
    Chapter(84, walk_in),
    Chapter(85, waiting),
    Chapter(86, recalled),
    Chapter(86, ordered),
    Chapter(87, feed),
)

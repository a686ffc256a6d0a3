"""The demo's orders: renewals in each state of the office's queue, and what the named people have ordered."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from legedialog.access.actor import Actor
from legedialog.core.contexts import Stage
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import add_working_days, is_working_day
from legedialog.prescriptions import duties, services, treating
from legedialog.prescriptions.models import Prescription, Renewal
from legedialog.prescriptions.rules import Status, Verdict

LONGEST = 8  # days until what the crowd orders runs out: three weeks ago that was not too early either
SPACE = UUID("6d1f0a52-2f0e-4c1b-9a57-0d6a3a7f0001")


def play(stage: Stage) -> None:
    """One in every state, a queue worth a doctor's morning, and what the named people have ordered."""
    mona, ingrid, jonas = stage.staff("Mona Haug"), stage.staff("Ingrid Aas"), stage.staff("Jonas Vik")
    now = stage.now
    assert ingrid.practice_id  # noqa: S101
    allowed = (
        ("C09", "Blodtrykk: ACE-hemmere og angiotensinblokkere"),
        ("C10AA", "Statiner"),
        ("H03AA", "Hormon mot lavt stoffskifte"),
    )
    for atc, label in allowed:
        treating.allow(
            actor=ingrid,
            practice_id=ingrid.practice_id,
            clinician_id=None,
            atc=atc,
            label=label,
            verdict=Verdict.ALLOWED,
            now=now,
        )
    treating.allow(
        actor=ingrid,
        practice_id=ingrid.practice_id,
        clinician_id=ingrid.clinician_id,
        atc="B01AA",
        label="Blodfortynnende: INR må være målt",
        verdict=Verdict.CONSULTATION,
        now=now,
    )
    odd = stage.staff("Odd Lund")
    assert odd.practice_id  # noqa: S101
    treating.allow(
        actor=odd,
        practice_id=odd.practice_id,
        clinician_id=odd.clinician_id,
        atc="C10AA",
        label="Statiner",
        verdict=Verdict.ALLOWED,
        now=now,
    )
    aas = [each for at, each in enumerate(stage.crowd) if at % 3]
    vik = stage.crowd[::3]

    def order(who: UUID, days: int, note: str = "", count: int = 1) -> Renewal:
        return _order(stage.citizen(who), now - timedelta(days=days, hours=3), note, count)

    for at in range(6):
        order(aas[at], at // 2, note="Reiser bort i neste uke." if at == 1 else "", count=1 + at % 2)
    for at in range(6, 8):
        treating.open_(actor=mona, renewal_id=order(aas[at], 1).pk, now=now - timedelta(hours=2))
    for at in range(8, 11):
        _prepare(mona, order(aas[at], 2), now - timedelta(hours=2), note="Blodtrykk målt i høst.", hand_over=False)
    for at in range(11, 20):
        _prepare(mona, order(aas[at], 2 + at % 2), now - timedelta(hours=1), hand_over=True)
    for at in range(4):
        _prepare(mona, order(vik[at], 2), now - timedelta(hours=1), hand_over=True)
    late = order(aas[20], _days_for(9, now))
    treating.open_(actor=mona, renewal_id=late.pk, now=now - timedelta(days=5))
    for at, status in enumerate(
        (Status.RENEWED, Status.CHANGED, Status.REFUSED, Status.NEEDS_APPOINTMENT, Status.WITHDRAWN)
    ):
        _end(stage, order(aas[21 + at], 6), status, ingrid, now - timedelta(days=3))
    _lapse(order(aas[26], _days_for(12, now)), now)
    _end(stage, order(vik[4], 5), Status.RENEWED, jonas, now - timedelta(days=2))
    _named(stage, mona, ingrid)


def _named(stage: Stage, mona: Actor, ingrid: Actor) -> None:
    now = stage.now

    def send(actor: Actor, who: str, product: str, days: int, note: str = "") -> Renewal:
        patient_id = stage.person(who)
        rows = [row for row in Prescription.objects.filter(patient=patient_id) if row.name == product]
        return services.send(
            actor=actor,
            patient_id=patient_id,
            prescription_ids=[rows[0].pk],
            key=uuid5(SPACE, f"{who} {product}"),
            note=note,
            now=now - timedelta(days=days, hours=4),
        )

    kari, sara = (stage.citizen(stage.person(name)) for name in ("Kari Testdal", "Sara Testberg"))
    _prepare(mona, send(kari, "Kari Testdal", "Lipitor", 2), now - timedelta(days=1), hand_over=True)
    text = "Det er over ett år siden sist vi målte pusten din. Bestill en time, så fornyer vi der."
    refused = send(kari, "Kari Testdal", "Ventoline", 6, "Bruker den mest om våren.")
    treating.ask_for_appointment(
        actor=ingrid,
        item_ids=refused.items.values_list("pk", flat=True),
        text=text,
        times=[at_local(add_working_days(local_day(now), count), time(9, 20)) for count in (2, 3)],
        now=now - timedelta(days=3),
    )
    ola = stage.acting("Kari", "Ola")
    send(ola, "Ola Testdal", "Singulair", 1, "Han har bare tre uker igjen.")
    nora = stage.acting("Kari", "Nora")
    send(nora, "Nora Testdal", "Aerius", 1)
    emil = stage.acting("Emil", "Emil")
    send(emil, "Emil Testhaug", "Aerius", 1)
    tor = stage.acting("Tor", "Grethe")
    _prepare(
        mona,
        send(tor, "Grethe Testli", "Ibux", 1, "Mamma har vondt i kneet."),
        now - timedelta(hours=5),
        hand_over=True,
    )
    send(tor, "Grethe Testli", "Renitec", 1)
    send(sara, "Sara Testberg", "Aerius", 0)


def _order(actor: Actor, at: datetime, note: str, count: int) -> Renewal:
    (patient_id,) = actor.patients
    rows = Prescription.objects.filter(patient=patient_id).order_by("valid_until_date", "pk")[:count]
    return services.send(
        actor=actor,
        patient_id=patient_id,
        prescription_ids=[row.pk for row in rows],
        key=uuid5(SPACE, str(patient_id)),
        note=note,
        now=at,
    )


def _prepare(actor: Actor, renewal: Renewal, at: datetime, *, hand_over: bool, note: str | None = None) -> None:
    ids = list(renewal.items.values_list("pk", flat=True))
    treating.open_(actor=actor, renewal_id=renewal.pk, now=at - timedelta(minutes=20))
    treating.prepare(actor=actor, item_ids=ids, note=note, now=at - timedelta(minutes=10))
    if hand_over:
        treating.prepare(actor=actor, item_ids=ids, hand_over=True, now=at)


def _end(stage: Stage, renewal: Renewal, status: str, doctor: Actor, at: datetime) -> None:
    items = list(renewal.items.all())
    ids = [item.pk for item in items]
    if status == Status.RENEWED:
        treating.sign(actor=doctor, item_ids=ids, now=at)
    elif status == Status.CHANGED:
        drafts = {item.pk: treating.Draft(item.strength, item.use, 2, 2, 12) for item in items}
        treating.sign(actor=doctor, item_ids=ids, drafts=drafts, answer="Du får to pakninger om gangen.", now=at)
    elif status == Status.REFUSED:
        treating.refuse(actor=doctor, item_ids=ids, text="Vi trenger nye blodprøver før resepten fornyes.", now=at)
    elif status == Status.NEEDS_APPOINTMENT:
        treating.ask_for_appointment(actor=doctor, item_ids=ids, text="Kom til kontroll først.", now=at)
    else:
        services.withdraw(actor=stage.citizen(renewal.patient_id), renewal_id=renewal.pk, now=at)


def _lapse(renewal: Renewal, now: datetime) -> None:
    duties.lapse(now - timedelta(hours=6))
    renewal.refresh_from_db()


def _days_for(workdays: int, now: datetime) -> int:
    """How many days ago it was so many working days ago."""
    day, days = now.date(), 0
    while workdays:
        days += 1
        workdays -= is_working_day(day - timedelta(days=days))
    return days

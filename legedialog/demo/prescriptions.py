"""The demo's prescriptions: every group and state, and renewals in each state of the office's queue.

The medicines are real: names, ATC codes and strengths as they are sold in Norway. Who uses them is invented.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from legedialog.access.actor import Actor, system
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import add_working_days, is_working_day
from legedialog.demo.people import PEOPLE
from legedialog.demo.register import DALEN, FJORDBYEN
from legedialog.integrations.prescriptions import load
from legedialog.integrations.registers.checking import encode
from legedialog.patients import queries as patients
from legedialog.patients.representation import Restriction
from legedialog.prescriptions import services, treating
from legedialog.prescriptions.models import Prescription, Renewal
from legedialog.prescriptions.rules import Status, Verdict

SOURCE = "Reseptformidleren"
LONGEST = 8  # days until what the crowd orders runs out: three weeks ago that was not too early either
SPACE = UUID("6d1f0a52-2f0e-4c1b-9a57-0d6a3a7f0001")  # so that keys are the same in every demo

PRESSURE = "1 tablett om morgenen mot høyt blodtrykk"
CHOLESTEROL = "1 tablett om kvelden mot høyt kolesterol"


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    atc: str
    substance: str
    strength: str
    form: str
    use: str
    days: int | None = 100  # one dispensing lasts
    group: str = "C"
    kind: str = "medicine"


PRODUCTS = {
    each.name: each
    for each in (
        Product(
            "Metoprolol Sandoz",
            "C07AB02",
            "Metoprolol",
            "50 mg",
            "depottablett",
            PRESSURE,
        ),
        Product("Cozaar", "C09CA01", "Losartan", "50 mg", "tablett", PRESSURE),
        Product("Renitec", "C09AA02", "Enalapril", "20 mg", "tablett", PRESSURE),
        Product("Lipitor", "C10AA05", "Atorvastatin", "20 mg", "tablett", CHOLESTEROL),
        Product("Zocor", "C10AA01", "Simvastatin", "20 mg", "tablett", CHOLESTEROL),
        Product("Levaxin", "H03AA01", "Levotyroksin", "100 mikrog", "tablett", "1 tablett om morgenen"),
        Product(
            "Ventoline",
            "R03AC02",
            "Salbutamol",
            "0,1 mg/dose",
            "inhalasjonsaerosol",
            "1–2 doser når du er tungpusten",
            60,
        ),
        Product("Singulair", "R03DC03", "Montelukast", "5 mg", "tyggetablett", "1 tablett om kvelden mot astma", 98),
        Product("Zyrtec", "R06AE07", "Cetirizin", "10 mg", "tablett", "1 tablett om dagen mot allergi"),
        Product("Aerius", "R06AX27", "Desloratadin", "5 mg", "tablett", "1 tablett om dagen mot allergi"),
        Product("Glucophage", "A10BA02", "Metformin", "500 mg", "tablett", "1 tablett morgen og kveld mot diabetes"),
        Product("Somac", "A02BC02", "Pantoprazol", "40 mg", "enterotablett", "1 tablett om dagen mot sure oppstøt"),
        Product("Albyl-E", "B01AC06", "Acetylsalisylsyre", "75 mg", "enterotablett", "1 tablett om dagen"),
        Product("Marevan", "B01AA03", "Warfarin", "2,5 mg", "tablett", "Etter skjema mot blodpropp", None),
        Product("Ibux", "M01AE01", "Ibuprofen", "400 mg", "tablett", "1 tablett ved behov mot smerter", 30),
        Product("Spirix", "C03DA01", "Spironolakton", "25 mg", "tablett", "1 tablett om dagen mot væske i kroppen"),
        Product("Cerazette", "G03AC09", "Desogestrel", "75 mikrog", "tablett", "1 tablett om dagen", 84),
        Product("Imovane", "N05CF01", "Zopiklon", "7,5 mg", "tablett", "1 tablett ved behov for søvn", 30, "B"),
        Product(
            "Paralgin forte",
            "N02AJ06",
            "Kodein og paracetamol",
            "400 mg/30 mg",
            "tablett",
            "1 ved sterke smerter",
            14,
            "B",
        ),
        Product("Ritalin", "N06BA04", "Metylfenidat", "10 mg", "tablett", "1 tablett morgen og midt på dagen", 30, "A"),
        Product(
            "Apocillin",
            "J01CE02",
            "Fenoksymetylpenicillin",
            "660 mg",
            "tablett",
            "1 tablett fire ganger om dagen",
            7,
        ),
        Product("Teststrimler", "", "", "", "blodsukker", "Mål blodsukkeret etter avtale", 50, "", "equipment"),
        Product("Nutridrink", "", "", "200 ml", "næringsdrikk", "2 flasker om dagen", 30, "", "nutrition"),
    )
}


@dataclass(frozen=True, slots=True)
class Given:
    """A prescription of a product: when it ends, and how much of it was collected."""

    product: str
    days_left: int
    dispensings: int = 4
    dispensed: int = 3
    office: str = FJORDBYEN
    doctor: str = "Ingrid Aas"
    restriction: str = "N"
    values: tuple[tuple[str, object], ...] = ()


HOSPITAL = ("", "Overlege Testmann, Fjordbyen sykehus")
NAMED: Mapping[str, tuple[Given, ...]] = {
    "Kari Testdal": (
        Given("Metoprolol Sandoz", 9),  # looked at on Hjem: runs out soon
        Given("Lipitor", 20),
        Given("Ventoline", 21),
        Given("Levaxin", 210, dispensed=1),  # too early
        Given("Zyrtec", 320, dispensed=0),  # never had
        Given("Imovane", 45, dispensings=1, dispensed=1),
        Given("Apocillin", 150, dispensings=1, dispensed=1),
        Given("Somac", 100, dispensed=2, office=HOSPITAL[0], doctor=HOSPITAL[1]),
        Given("Nutridrink", 12, dispensings=3, dispensed=2),
        Given("Albyl-E", -75, dispensed=2),
        Given("Ibux", -200, dispensings=2, dispensed=2),
        Given("Paralgin forte", 80, dispensings=1, dispensed=0, values=(("is_withdrawn", True),)),
    ),
    "Ola Testdal": (
        Given("Singulair", 18),
        Given("Ventoline", 160, dispensings=3, dispensed=1),
    ),
    "Nora Testdal": (
        Given("Cerazette", 14, restriction=Restriction.FROM_PARENTS.value),
        Given("Aerius", 13, dispensings=3, dispensed=2),
    ),
    "Emil Testhaug": (
        Given("Ritalin", 60, dispensings=1, dispensed=1),
        Given("Aerius", 8),
        Given("Zyrtec", 26),
    ),
    "Per Testvik": (Given("Cozaar", 15),),
    "Arne Testmo": (Given("Albyl-E", 12, office=DALEN, doctor="Odd Lund"),),
    "Grethe Testli": (
        Given("Marevan", 11, dispensings=3, dispensed=2),
        Given("Ibux", 16, dispensings=3, dispensed=2),
        Given("Renitec", 24),
        Given("Spirix", 90, dispensed=2),
        Given("Teststrimler", 19, dispensings=6, dispensed=5),
        Given("Glucophage", 17),
    ),
    "Hassan Testrud": (
        Given("Glucophage", 10, doctor="Jonas Vik"),
        Given("Lipitor", 150, dispensed=2, doctor="Jonas Vik"),
    ),
    "Sara Testberg": (Given("Aerius", 6),),
}
# The crowd: what each uses, in turn.
ORDINARY = (
    "Metoprolol Sandoz",
    "Cozaar",
    "Lipitor",
    "Zocor",
    "Levaxin",
    "Somac",
    "Glucophage",
    "Albyl-E",
    "Ventoline",
    "Zyrtec",
)


def load_all(today: date, now: datetime, crowd: list[str]) -> None:
    """From a file, like any other system's: the crowd's numbers are given in their order."""
    lines = list(_lines(today, crowd))
    hidden = [line for line in lines if line.get("restriction", "N") != "N"]
    of_hidden = {line["identifier"] for line in hidden}
    first = [line for line in lines if line["identifier"] in of_hidden or line.get("prescription") in of_hidden]
    for part in (first, [line for line in lines if line not in first]):  # what was written last is nobody's secret
        report = load.load(encode(part), source=SOURCE, actor=system(), now=now, phone="23327000")
        if report.bad:
            raise RuntimeError(f"the demo's prescription file is wrong: {next(iter(report.bad.items()))}")


def _lines(today: date, crowd: list[str]) -> Iterator[dict[str, Any]]:
    numbers = {person.name: person.number for person in PEOPLE}
    for person, (name, given) in enumerate(NAMED.items()):
        for at, each in enumerate(given):
            yield from _prescription(f"named-{person}-{at}", numbers[name], each, today)
    for at, number in enumerate(crowd):
        doctor = "Ingrid Aas" if at % 3 else "Jonas Vik"
        for count in range(1 + at % 3):
            product = ORDINARY[(at * 3 + count * 7) % len(ORDINARY)]
            each = Given(product, 1 + (at * 5 + count * 3) % LONGEST + 60 * (count == 2), doctor=doctor)
            yield from _prescription(f"crowd-{at}-{count}", number, each, today)


def _prescription(identifier: str, number: str, given: Given, today: date) -> Iterator[dict[str, Any]]:
    product = PRODUCTS[given.product]
    last = today + timedelta(days=given.days_left)
    doctor = next((person for person in PEOPLE if person.name == given.doctor), None)
    yield {
        "type": "prescription",
        "identifier": identifier,
        "patient": number,
        "written_date": (last - timedelta(days=365)).isoformat(),
        "valid_until_date": last.isoformat(),
        "name": product.name,
        "substance": product.substance,
        "atc": product.atc,
        "strength": product.strength,
        "form": product.form,
        "use": product.use,
        "kind": product.kind,
        "dispensings": given.dispensings,
        "prescriber_name": given.doctor,
        "restriction": given.restriction,
        **({"group": product.group} if product.group else {}),
        **({"supply_days": product.days} if product.days else {}),
        **({"office": given.office} if given.office else {}),
        **({"prescriber_hpr": doctor.hpr} if doctor else {}),
        **dict(given.values),
    }
    step = product.days or 60
    for count in range(given.dispensed):
        day = min(last, today) - timedelta(days=min(12, step // 2) + step * count)
        if day >= last - timedelta(days=365):
            yield {
                "type": "dispensing",
                "identifier": f"{identifier}-{count}",
                "prescription": identifier,
                "dispensed_date": day.isoformat(),
                "pharmacy": "Apoteket i Fjordbyen",
            }


@dataclass(frozen=True, slots=True)
class Cast:
    """Who does what, from demo.py."""

    staff: Callable[[str], Actor]
    citizen: Callable[[UUID], Actor]
    acting: Callable[[str, str, datetime], tuple[Actor, UUID]]


def renewals(now: datetime, crowd: list[str], cast: Cast) -> None:
    """One in every state, a queue worth a doctor's morning, and what the named people have ordered."""
    mona, ingrid, jonas = cast.staff("Mona Haug"), cast.staff("Ingrid Aas"), cast.staff("Jonas Vik")
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
    odd = cast.staff("Odd Lund")
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
    aas = [number for at, number in enumerate(crowd) if at % 3]
    vik = [number for at, number in enumerate(crowd) if not at % 3]

    def order(number: str, days: int, note: str = "", count: int = 1) -> Renewal:
        return _order(number, now - timedelta(days=days, hours=3), cast, note, count)

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
        _end(order(aas[21 + at], 6), status, ingrid, cast, now - timedelta(days=3))
    _lapse(order(aas[26], _days_for(12, now)), now)
    _end(order(vik[4], 5), Status.RENEWED, jonas, cast, now - timedelta(days=2))
    _named(now, mona, ingrid, cast)


def _named(now: datetime, mona: Actor, ingrid: Actor, cast: Cast) -> None:
    ids = {person.given_name: patients.id_of(person.number) for person in PEOPLE if person.kind == "citizen"}

    def send(actor: Actor, who: str, product: str, days: int, note: str = "") -> Renewal:
        patient_id = ids[who]
        assert patient_id  # noqa: S101
        rows = [row for row in Prescription.objects.filter(patient=patient_id) if row.name == product]
        return services.send(
            actor=actor,
            patient_id=patient_id,
            prescription_ids=[rows[0].pk],
            key=uuid5(SPACE, f"{who} {product}"),
            note=note,
            now=now - timedelta(days=days, hours=4),
        )

    kari, sara = ids["Kari"], ids["Sara"]
    assert kari and sara  # noqa: S101, PT018
    _prepare(mona, send(cast.citizen(kari), "Kari", "Lipitor", 2), now - timedelta(days=1), hand_over=True)
    text = "Det er over ett år siden sist vi målte pusten din. Bestill en time, så fornyer vi der."
    refused = send(cast.citizen(kari), "Kari", "Ventoline", 6, "Bruker den mest om våren.")
    treating.ask_for_appointment(
        actor=ingrid,
        item_ids=refused.items.values_list("pk", flat=True),
        text=text,
        times=[at_local(add_working_days(local_day(now), count), time(9, 20)) for count in (2, 3)],
        now=now - timedelta(days=3),
    )
    ola = cast.acting("Kari", "Ola", now)[0]
    send(ola, "Ola", "Singulair", 1, "Han har bare tre uker igjen.")
    nora = cast.acting("Kari", "Nora", now)[0]
    send(nora, "Nora", "Aerius", 1)
    emil = cast.acting("Emil", "Emil", now)[0]
    send(emil, "Emil", "Aerius", 1)
    tor = cast.acting("Tor", "Grethe", now)[0]
    _prepare(mona, send(tor, "Grethe", "Ibux", 1, "Mamma har vondt i kneet."), now - timedelta(hours=5), hand_over=True)
    send(tor, "Grethe", "Renitec", 1)
    send(cast.citizen(sara), "Sara", "Aerius", 0)


def _order(number: str, at: datetime, cast: Cast, note: str, count: int) -> Renewal:
    patient_id = patients.id_of(number)
    assert patient_id  # noqa: S101
    rows = Prescription.objects.filter(patient=patient_id).order_by("valid_until_date", "pk")[:count]
    return services.send(
        actor=cast.citizen(patient_id),
        patient_id=patient_id,
        prescription_ids=[row.pk for row in rows],
        key=uuid5(SPACE, number),
        note=note,
        now=at,
    )


def _prepare(actor: Actor, renewal: Renewal, at: datetime, *, hand_over: bool, note: str | None = None) -> None:
    ids = list(renewal.items.values_list("pk", flat=True))
    treating.open_(actor=actor, renewal_id=renewal.pk, now=at - timedelta(minutes=20))
    treating.prepare(actor=actor, item_ids=ids, note=note, now=at - timedelta(minutes=10))
    if hand_over:
        treating.prepare(actor=actor, item_ids=ids, hand_over=True, now=at)


def _end(renewal: Renewal, status: str, doctor: Actor, cast: Cast, at: datetime) -> None:
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
        services.withdraw(actor=cast.citizen(renewal.patient_id), renewal_id=renewal.pk, now=at)


def _lapse(renewal: Renewal, now: datetime) -> None:
    from legedialog.prescriptions import duties

    duties.lapse(now - timedelta(hours=6))
    renewal.refresh_from_db()


def _days_for(workdays: int, now: datetime) -> int:
    """How many days ago it was so many working days ago."""
    day, days = now.date(), 0
    while workdays:
        days += 1
        workdays -= is_working_day(day - timedelta(days=days))
    return days

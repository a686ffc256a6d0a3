"""The demo's prescriptions, of every group and in every state.

The medicines are real: names, ATC codes and strengths as they are sold in Norway. Who uses them is invented.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from legedialog.access.actor import system
from legedialog.core.contexts import Stage
from legedialog.core.times import local_day
from legedialog.integrations.prescriptions import load
from legedialog.integrations.registers.checking import encode
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction
from legedialog.practices.models import Clinician, Practice
from legedialog.prescriptions.story import LONGEST

SOURCE = "Reseptformidleren"

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
    doctor: str = "Ingrid Aas"
    restriction: str = "N"
    values: tuple[tuple[str, object], ...] = ()


DOCTORS = ("Ingrid Aas", "Jonas Vik", "Odd Lund")
HOSPITAL = "Overlege Testmann, Fjordbyen sykehus"
NAMED: Mapping[str, tuple[Given, ...]] = {
    "Kari Testdal": (
        Given("Metoprolol Sandoz", 9),  # looked at on Hjem: runs out soon
        Given("Lipitor", 20),
        Given("Ventoline", 21),
        Given("Levaxin", 210, dispensed=1),  # too early
        Given("Zyrtec", 320, dispensed=0),  # never had
        Given("Imovane", 45, dispensings=1, dispensed=1),
        Given("Apocillin", 150, dispensings=1, dispensed=1),
        Given("Somac", 100, dispensed=2, doctor=HOSPITAL),
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
    "Arne Testmo": (Given("Albyl-E", 12, doctor="Odd Lund"),),
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


def play(stage: Stage) -> None:
    """From a file, like any other system's. The crowd has its own in turn."""
    now, today = stage.now, local_day(stage.now)
    lines = list(_lines(stage, today))
    hidden = [line for line in lines if line.get("restriction", "N") != "N"]
    of_hidden = {line["identifier"] for line in hidden}
    first = [line for line in lines if line["identifier"] in of_hidden or line.get("prescription") in of_hidden]
    for part in (first, [line for line in lines if line not in first]):  # what was written last is nobody's secret
        report = load.load(encode(part), source=SOURCE, actor=system(), now=now, phone="23327000")
        if report.bad:
            raise RuntimeError(f"the demo's prescription file is wrong: {next(iter(report.bad.items()))}")


def _lines(stage: Stage, today: date) -> Iterator[dict[str, Any]]:
    ids = {name: stage.person(name) for name in NAMED}
    people = Person.objects.in_bulk([*ids.values(), *stage.crowd])
    doctors = {name: _doctor(stage, name) for name in DOCTORS}
    for person, (name, given) in enumerate(NAMED.items()):
        for at, each in enumerate(given):
            number = people[ids[name]].national_number
            yield from _prescription(f"named-{person}-{at}", number, each, doctors.get(each.doctor, {}), today)
    for at, person_id in enumerate(stage.crowd):
        doctor = "Ingrid Aas" if at % 3 else "Jonas Vik"
        for count in range(1 + at % 3):
            product = ORDINARY[(at * 3 + count * 7) % len(ORDINARY)]
            each = Given(product, 1 + (at * 5 + count * 3) % LONGEST + 60 * (count == 2), doctor=doctor)
            number = people[person_id].national_number
            yield from _prescription(f"crowd-{at}-{count}", number, each, doctors[doctor], today)


def _doctor(stage: Stage, name: str) -> dict[str, str]:
    """Who wrote it, and at which office."""
    work = stage.staff(name)
    return {
        "prescriber_hpr": Clinician.objects.get(pk=work.clinician_id).hpr_number or "",
        "office": Practice.objects.get(pk=work.practice_id).organisation_number,
    }


def _prescription(
    identifier: str, number: str, given: Given, doctor: dict[str, str], today: date
) -> Iterator[dict[str, Any]]:
    product = PRODUCTS[given.product]
    last = today + timedelta(days=given.days_left)
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
        **doctor,
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

"""`make bench-prescriptions`: 100,000 persons, 1,000,000 prescriptions; the list, and fifty signed in one step.

A database of its own, filled by COPY, thrown away at the start of the next run. `PERSONS` (100,000) and `EACH` (10)
say how large. Writes its rows into bench/results.md and bench/results.json beside those of `make bench`.
"""

import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bench import sections

CLIENTS = 8
FIFTY = 50
MEDICINES = (
    ("Metoprolol Sandoz", "C07AB02", "50 mg"),
    ("Cozaar", "C09CA01", "50 mg"),
    ("Lipitor", "C10AA05", "20 mg"),
    ("Levaxin", "H03AA01", "100 mikrog"),
    ("Somac", "A02BC02", "40 mg"),
    ("Glucophage", "A10BA02", "500 mg"),
    ("Albyl-E", "B01AC06", "75 mg"),
    ("Ventoline", "R03AC02", "0,1 mg/dose"),
    ("Zyrtec", "R06AE07", "10 mg"),
    ("Imovane", "N05CF01", "7,5 mg"),
)


def main() -> None:
    from bench import world  # sets the environment before Django reads it
    from legedialog.operations import database, environment

    persons, each = int(os.environ.get("PERSONS", "100000")), int(os.environ.get("EACH", "10"))
    seconds = int(os.environ.get("SECONDS", "6"))
    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from legedialog.demo import crowd
        from legedialog.operations import migrate

        migrate.prepare()
        crowd.grow(persons, say=lambda done, total: print(f"\r{done} of {total} people", end="", flush=True))
        print()
        rows = _fill(each)
        patients = world.patients()
        with world.serving():
            lists = _lists(world.PORT, patients, seconds)
        signed = [_sign_fifty(batch) for batch in range(8)]
    _write(persons, rows, lists, signed)


def _fill(each: int) -> int:
    """`each` prescriptions for everybody, each collected twice, by COPY. Sealed text is sealed once for each medicine
    and office: it is bound to its column, not its row."""
    from django.db import connections

    from legedialog.core.ids import new_id
    from legedialog.patients.models import Membership
    from legedialog.prescriptions.models import Dispensing, Prescription

    owner = connections["owner"]
    owner.ensure_connection()
    today = date.today()  # noqa: DTZ011
    columns = [str(column.column) for column in Prescription._meta.concrete_fields]
    quoted = ", ".join(f'"{name}"' for name in columns)  # one of them is a word of SQL
    sealed: dict[tuple[UUID, str, str], bytes] = {}
    count = 0
    started = time.monotonic()
    members = Membership.objects.order_by("pk").values_list(
        "person_id", "contract__practice_id", "contract__doctors__clinician_id"
    )
    dispensed: list[tuple[Any, ...]] = []
    with owner.connection.cursor() as cursor:
        with cursor.copy(f"COPY prescriptions_prescription ({quoted}) FROM STDIN") as copy:
            for person_id, practice_id, clinician_id in members.iterator(chunk_size=10_000):
                for number in range(each):
                    values = _row(person_id, practice_id, clinician_id, number, today, sealed)
                    values["id"] = new_id()
                    copy.write_row([values[name] for name in columns])
                    dispensed += [
                        (new_id(), values["id"], f"{at}", today - timedelta(days=30 + 90 * at)) for at in (0, 1)
                    ]
                    count += 1
                    if count % 100_000 == 0:
                        print(f"\r{count} prescriptions, {time.monotonic() - started:.0f} s", end="", flush=True)
        print()
        names = ("id", "prescription_id", "identifier", "dispensed_date", "amount", "pharmacy_name")
        pharmacy = _sealed(Dispensing._meta.get_field("pharmacy"), None, "Apotek Test", sealed)
        with cursor.copy(f"COPY {Dispensing._meta.db_table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in dispensed:
                copy.write_row([*row, 1, pharmacy])
        cursor.execute("ANALYZE")
    owner.connection.commit()
    return count


def _row(
    person_id: UUID, practice_id: UUID, clinician_id: UUID, number: int, today: date, sealed: dict[Any, bytes]
) -> dict[str, Any]:
    from legedialog.prescriptions.models import Prescription

    name, atc, strength = MEDICINES[number % len(MEDICINES)]
    last = today + timedelta(days=10 + number * 40) if number < 6 else today - timedelta(days=30 * number)
    plain: dict[str, Any] = {
        "patient_id": person_id,
        "practice_id": practice_id,
        "prescriber_id": clinician_id,
        "source_id": None,
        "identifier": "",
        "renews_id": None,
        "kind": "medicine",
        "amount": 1,
        "dispensings": 1 if atc == "N05CF01" else 4,
        "supply_days": None,
        "is_reimbursed": False,
        "written_date": last - timedelta(days=365),
        "valid_until_date": last,
        "withdrawn_at": None,
        "restriction": "N",
    }
    texts = {"name": name, "atc": atc, "strength": strength, "substance": name, "use": "1 tablett om dagen"}
    texts |= {"prescriber_name": "Lege Test", "group": "B" if atc == "N05CF01" else "C"}
    for field in Prescription._meta.concrete_fields:
        if field.column not in plain and field.name != "id":
            plain[str(field.column)] = _sealed(field, practice_id, texts.get(field.name, ""), sealed)
    return plain


def _sealed(field: Any, practice_id: UUID | None, text: str, known: dict[Any, bytes]) -> bytes:
    from legedialog.core.crypto import seal

    key = (practice_id, field.column, text)
    if key not in known:
        known[key] = seal(text, scope=practice_id, context=field.context)
    return known[key]


def _lists(port: int, patients: list[dict[str, Any]], seconds: int) -> dict[str, Any]:
    from bench import load

    found: dict[str, Any] = {}
    for name, path in (("page: Legemidler", "/legemidler/"), ("page: Forny resept", "/legemidler/forny/")):
        for clients in (CLIENTS, 1):
            actions: list[Callable[[], str]] = [
                load.get(load.Client(port, each["session"], at), path) for at, each in enumerate(patients[:clients])
            ]
            words = f"{name}, {clients} client{'s' if clients > 1 else ''}"
            found[words] = load.measure(actions, seconds=seconds)
            print(words, found[words])
    return found


def _sign_fifty(batch: int) -> float:
    """Fifty patients of one doctor have ordered; she signs them in one step. Milliseconds."""
    from django.utils import timezone

    from legedialog.access.actor import Actor, Assurance, Kind, Role
    from legedialog.core.crypto import blind_index
    from legedialog.core.ids import new_id
    from legedialog.patients.models import Membership
    from legedialog.practices.models import ContractDoctor, Employee
    from legedialog.prescriptions import services, treating
    from legedialog.prescriptions.models import Item, Prescription

    now = timezone.now()
    list_ = ContractDoctor.objects.select_related("contract").order_by("pk")[batch % 4]
    practice_id = list_.contract.practice_id
    index = blind_index(f"bench doctor {batch}", purpose="national-number")
    work = Employee.objects.create(
        practice_id=practice_id,
        clinician_id=list_.clinician_id,
        name="Lege Test",
        role=Role.DOCTOR,
        national_number_index=index,
        starts_date=date(2020, 1, 1),
    )
    doctor = Actor(
        kind=Kind.STAFF,
        assurance=Assurance.HIGH,
        employee_id=work.pk,
        clinician_id=list_.clinician_id,
        role=Role.DOCTOR,
        practice_id=practice_id,
        practices=frozenset({practice_id}),
    )
    members = Membership.objects.filter(contract=list_.contract).order_by("pk").values_list("person_id", flat=True)
    items: list[UUID] = []
    for person_id in members[200 + batch * FIFTY : 200 + (batch + 1) * FIFTY]:
        citizen = Actor(
            kind=Kind.CITIZEN,
            assurance=Assurance.HIGH,
            person_id=person_id,
            acting_for_id=person_id,
            patients=frozenset({person_id}),
        )
        first = Prescription.objects.filter(patient=person_id, valid_until_date__gt=now).earliest("valid_until_date")
        renewal = services.send(
            actor=citizen, patient_id=person_id, prescription_ids=[first.pk], key=new_id(), note="", now=now
        )
        items += Item.objects.filter(renewal=renewal).values_list("pk", flat=True)
    started = time.perf_counter()
    treating.sign(actor=doctor, item_ids=items, now=datetime.now(now.tzinfo))
    return (time.perf_counter() - started) * 1000


def _write(persons: int, prescriptions: int, lists: dict[str, Any], signed: list[float]) -> None:
    lines = [
        "## Prescriptions (`make bench-prescriptions`)",
        "",
        f"{date.today()}, commit {sections.commit()}, {os.cpu_count()} cores, {persons:,} people,"  # noqa: DTZ011
        f" {prescriptions:,} prescriptions, {2 * prescriptions:,} dispensings. Load average when it ended:"
        f" {os.getloadavg()[0]:.0f}; what is above the number of cores was other work beside it.",
        "",
        "| what | a second | p50 ms | p95 ms |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {figures['rate']:,.0f} | {figures['p50']:.1f} | {figures['p95']:.1f} |"
            for name, figures in lists.items()
        ),
        "",
        f"{FIFTY} renewals signed in one step, {len(signed)} times: {sorted(signed)[len(signed) // 2]:.0f} ms in the"
        f" middle, {max(signed):.0f} ms at most. Targets: the list p95 under 60 ms, the step under 1,000 ms.",
    ]
    figures = {"persons": persons, "prescriptions": prescriptions, "lists": lists, "sign_fifty_ms": signed}
    sections.write("prescriptions", lines, figures)


if __name__ == "__main__":
    main()

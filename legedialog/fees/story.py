"""Money in the demo: a table that is marked as invented, own prices, and charges that are paid, owed and proposed."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from legedialog.access.actor import Actor, system
from legedialog.core.contexts import Stage
from legedialog.core.times import local_day
from legedialog.fees import billing, cards, charging, holding, online, paying, services, tables
from legedialog.fees.charge_rules import Stand, Way
from legedialog.fees.models import Charge, RateTable, Transfer
from legedialog.fees.online import Told
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status as Sent

NAME = "demo"
ACCOUNT = "15032080119"
AFTER = timedelta(hours=2)  # a visit, somebody approves what it costs
KEY = UUID("5f0c3b5e-6a0e-4a54-9d53-0b2d4a1c7e11")
# Invented. Close to what offices asked for in 2024, so that pages look as they will.
AMOUNTS = (
    ("2ad", "180", "300", "235", "355"),
    ("2ae", "180", "300", "235", "355"),
    ("1ad", "65", "", "", ""),
    ("1bd", "65", "", "", ""),
    ("11ad", "245", "390", "285", "430"),
    ("701a", "65", "", "", ""),
    ("10a", "75", "", "", ""),
    ("10b", "115", "", "", ""),
    ("10c", "165", "", "", ""),
    ("10d", "220", "", "", ""),
    ("8", "60", "", "", ""),
    ("missed", "195", "", "315", ""),
    ("invoice", "60", "", "", ""),
    ("reminder", "35", "", "", ""),
    ("ceiling", "3300", "", "", ""),
)


def prices(stage: Stage) -> None:
    load(managers=[stage.staff("Siri Berge")], today=local_day(stage.now), now=stage.now)


def load(*, managers: list[Actor], today: date, now: datetime) -> None:
    row = RateTable.objects.filter(is_invented=True).first()
    if row is None:
        days = f"{date(today.year - 1, 1, 1)};{date(today.year + 1, 12, 31)}"
        lines = [";".join(tables.COLUMNS), *(f"{';'.join(each)};{days};Oppdiktet" for each in AMOUNTS)]
        row, _new = services.load(actor=system(), name=NAME, text="\n".join(lines), is_invented=True, now=now)
    for manager in managers:
        practice_id: UUID | None = manager.practice_id
        assert practice_id  # noqa: S101  she works there
        services.decide(
            actor=manager,
            practice_id=practice_id,
            promises_day_rate=False,
            charges_missed=True,
            account_number=ACCOUNT,
            now=now,
        )
        services.confirm(actor=manager, practice_id=practice_id, name=row.name, now=now)
        for name, ore in (("Attest for førerkort", 65_000), ("Influensavaksine", 45_000)):
            services.add_own_price(actor=manager, practice_id=practice_id, name=name, ore=ore, now=now)


def play(stage: Stage) -> None:
    """Each other charge of the past days is approved and paid; of Kari's, one is paid and one is sent as an invoice,
    and so is her son's, who pays for equipment alone."""
    mona, kari, now = stage.staff("Mona Haug"), stage.person("Kari Testdal"), stage.now
    for charge in Charge.objects.filter(practice=mona.practice_id, status="proposed").select_related("patient"):
        if charge.patient.name != "Grethe Testli":  # of whom the register will tell otherwise
            cards.take(charge_id=charge.pk, has_card=False, now=now)
    own = Charge.objects.filter(patient=kari, practice=mona.practice_id, status="proposed").order_by("happened_at")
    for number, charge in enumerate(own):
        if number == 1:
            _invoiced_too_much(mona, charge, now)
            continue
        _approve(mona, charge, now)
        if number % 2:
            billing.invoice(actor=mona, charge_id=charge.pk, now=now)
        else:
            _paid(mona, charge, now)
    for charge in Charge.objects.filter(patient=stage.person("Ola Testdal"), status="proposed"):
        charging.add_line(actor=mona, charge_id=charge.pk, code="10a", now=now)
        _approve(mona, charge, now)
        billing.invoice(actor=mona, charge_id=charge.pk, now=now)
    others = Charge.objects.filter(practice=mona.practice_id, status="proposed").order_by("happened_at", "pk")
    for number, charge in enumerate(others[:60]):
        if number == 3:
            charging.waive(actor=mona, charge_id=charge.pk, reason="Timen ble avlyst av kontoret", now=now)
            continue
        if number == 4:
            _invoiced_too_much(mona, charge, now)
        elif number % 3:
            _approve(mona, charge, now)
        if number == 5:
            _paid_online(charge, now)
        elif number % 3 == 2:
            _paid(mona, charge, now)
    Notification.objects.filter(event="charge.approved", due_at__lte=now).update(status=Sent.SENT, status_at=now)
    for charge in others.order_by("-happened_at", "pk")[:1]:
        cards.take(charge_id=charge.pk, has_card=True, now=now)


def _approve(mona: Actor, charge: Charge, now: datetime) -> None:
    """The same day, and the patient was told: so a run of invoices takes its fee of what is some days old."""
    charging.approve(actor=mona, charge_id=charge.pk, now=min(now, charge.happened_at + AFTER))


def _invoiced_too_much(mona: Actor, charge: Charge, now: datetime) -> None:
    line = charging.add_line(actor=mona, charge_id=charge.pk, code="10b", now=now)
    _approve(mona, charge, now)
    billing.invoice(actor=mona, charge_id=charge.pk, now=now)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=line.pk, reason="Materiellet ble ikke brukt", now=now)


def _paid(mona: Actor, charge: Charge, now: datetime) -> None:
    owed = holding.owed(charge)
    if owed > 0:
        key = uuid5(KEY, str(charge.pk))
        paying.pay(actor=mona, charge_id=charge.pk, way=Way.CARD, ore=owed, key=key, now=now)


def _paid_online(charge: Charge, now: datetime) -> None:
    ore = holding.owed(charge)
    if ore > 0:
        row = Transfer.objects.create(
            practice_id=charge.practice_id, charge=charge, direction="in", ore=ore, begun_at=now, stand_at=now
        )
        online.take(transfer_id=row.pk, told=Told(Stand.DONE, ore), now=now)

"""The population register says that somebody is dead: what is open ends, and her office is told. See docs/adr/0051.

Nobody is told in her name or of her death: not she, and not her relatives. Representation and powers of attorney end
by themselves, as one of the two is dead (patients/representation.py), and are there again when it was a mistake.

The death itself is taken in before, in a transaction of its own. Whatever is begun for a patient holds her row until it
is committed (patients.policy.check_lives), so what was begun before is here to be closed, and nothing is begun after.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from legedialog.access import services as access
from legedialog.access.models import Ended, Login
from legedialog.appointments import services as appointments
from legedialog.appointments.models import OPEN_REQUESTS, Appointment, Claim, Status, TimeRequest
from legedialog.core import fence, writing
from legedialog.core.giving_way import gives_way
from legedialog.dialogues import rules as dialogue_rules
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.models import Dialogue, Draft
from legedialog.journeys import changes
from legedialog.journeys.models import Change, RegisterChange
from legedialog.outbox import services as outbox
from legedialog.patients.models import Person
from legedialog.prescriptions import deaths as renewals
from legedialog.prescriptions import rules as renewal_rules
from legedialog.prescriptions.models import Item

AT_ONCE = 100  # persons in one run of the job


@fence.system("her death ends what is open at every office")
@gives_way
def close(*, person_id: UUID, now: datetime) -> None:
    """Safe to repeat: what was opened meanwhile is closed, and the office is told of that."""
    if not Person.objects.filter(pk=person_id, death_date__isnull=False).exists():
        return
    access.end_of(person_id=person_id, why=Ended.DECEASED, now=now)
    closed = [
        *appointments.close_for_death(patient_id=person_id, now=now),
        *dialogues.close_for_death(patient_id=person_id, now=now),
        *renewals.close_for_death(patient_id=person_id, now=now),
    ]
    outbox.stop(recipient_id=person_id, now=now)
    words = RegisterChange.objects.filter(person=person_id, kind__in=[Change.DEATH, Change.NO_DEATH])
    writing.remove(words.filter(kind=Change.NO_DEATH, seen_at=None))  # it says nothing any more
    latest = words.order_by("-at", "-pk").first()
    if closed or latest is None or latest.kind != Change.DEATH:
        changes.tell(person_id, Change.DEATH, closed, now)


@fence.system("what her death closed may be opened again")
@gives_way
def take_back(*, person_id: UUID, now: datetime) -> None:
    """The register has corrected itself: the offices are told what may be opened again, and open it themselves."""
    rows = list(RegisterChange.objects.select_for_update().filter(person=person_id, kind=Change.DEATH).order_by("at"))
    lines = [(row.practice_id, line) for row in rows for line in row.lines]
    changes.tell(person_id, Change.NO_DEATH, [], now, also={row.practice_id for row in rows})
    for word in RegisterChange.objects.select_for_update().filter(person=person_id, kind=Change.NO_DEATH, seen_at=None):
        known = {line["id"] for line in word.lines}
        word.lines += [
            line for practice_id, line in lines if practice_id == word.practice_id and line["id"] not in known
        ]
        word.save(update_fields=["lines"])
    # A word of the death that nobody has seen says nothing any more.
    writing.remove(RegisterChange.objects.filter(pk__in=[row.pk for row in rows], seen_at=None))


@fence.system("whoever is dead and has something open")
def follow(now: datetime) -> int:
    """Those whose death came another way, such as with a register file, or was taken in just before a machine fell.

    How many. Run by a job every ten minutes.
    """
    mine = {"patient": OuterRef("pk")}
    something = (
        Exists(Appointment.objects.filter(**mine, status=Status.BOOKED, starts_at__gt=now))
        | Exists(TimeRequest.objects.filter(**mine, status__in=OPEN_REQUESTS))
        | Exists(Claim.objects.filter(holder=OuterRef("pk")))
        | Exists(Dialogue.objects.filter(**mine).exclude(status__in=dialogue_rules.OVER))
        | Exists(Draft.objects.filter(Q(owner=OuterRef("pk")) | Q(patient=OuterRef("pk"))))
        | Exists(Item.objects.filter(**mine, status__in=renewal_rules.OPEN))
        | Exists(Login.objects.filter(person=OuterRef("pk"), ended_at=None))
    )
    dead = Person.objects.filter(something, death_date__isnull=False).order_by("pk")
    number = 0
    for person_id in list(dead.values_list("pk", flat=True)[:AT_ONCE]):
        close(person_id=person_id, now=now)
        number += 1
    return number

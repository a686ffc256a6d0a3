"""Who may read the log, ask about it, and answer."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.audit import rules
from legedialog.audit.models import Concern, Event, StatedPurpose
from legedialog.core import contexts
from legedialog.core.errors import Denied, Refusal
from legedialog.core.finding import found

FROM_YOUTH = "NORN_UNGDOM"  # code system 9603; the values are those of patients/representation.py
ANSWERS = frozenset({Role.MANAGER, Role.DOCTOR})

NOBODY_TO_ASK = Refusal(
    "nobody-to-ask", _("Denne linjen er ikke noe et legekontor har gjort. Kontakt hjelpetelefonen hvis noe er galt.")
)
ALREADY_ASKED = Refusal("already-asked", _("Du har allerede spurt kontoret om denne linjen."))
ALREADY_ANSWERED = Refusal(
    "already-answered",
    _("Kontoret har svart på dette."),
    _("En kollega har allerede svart. Svaret står på siden."),
)


def may_open(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether the patient has an open contact with the office in any context, or the reader has stated a purpose."""
    return stated(actor, patient_id, now) is not None or contexts.has_contact(actor, patient_id, now)


def own(actor: Actor) -> QuerySet[Event]:
    """The log is read by the one it is about, and by nobody who acts for her.

    Source: docs/facts.md#what-others-learnt.
    """
    if not (actor.is_citizen and actor.person_id and actor.acting_for_id in (None, actor.person_id)):
        return Event.objects.none()
    ids = own_ids(actor)
    rows = Event.objects.filter(patient_id__in=ids)
    if actor.areas is None:
        return rows
    # One under 16: not what a parent wrote or read for her, nor that something is kept from her.
    # Source: docs/facts.md#children.
    hidden = rows.filter(action__endswith=".hidden", facts__restriction=FROM_YOUTH).exclude(object_id=None)
    rows = rows.filter(Q(person_id=None) | Q(person_id__in=ids))
    return rows.exclude(object_id__in=hidden.values("object_id"))


def own_ids(actor: Actor) -> list[UUID]:
    """Hers, and those of rows that have become hers: the log is never rewritten."""
    return [each for each in (actor.person_id, *sorted(actor.former_ids)) if each]


def check_own(actor: Actor) -> None:
    if actor.acting_for_id not in (None, actor.person_id):
        raise Denied(_("Loggen kan bare leses av den den gjelder. Gå tilbake til å handle for deg selv."))


def find_own(actor: Actor, event_id: UUID) -> Event:
    return found(own(actor), event_id)


def may_ask(event: Event) -> bool:
    return bool(event.employee_id and event.practice_id)


def stated(actor: Actor, patient_id: UUID | None, now: datetime) -> rules.Purpose | None:
    """What she has said about this patient in this login, while it holds. One query, for staff only, where the
    request's session has not told it."""
    if not (actor.is_staff and actor.login_id and patient_id):
        return None
    if actor.stated is not None:
        return stated_for(actor, [patient_id], now).get(patient_id)
    code = (
        StatedPurpose.objects.filter(login_id=actor.login_id, patient_id=patient_id, ends_at__gt=now)
        .order_by("-stated_at")
        .values_list("code", flat=True)
        .first()
    )
    return rules.Purpose(code) if code else None


def stated_for(actor: Actor, patient_ids: Collection[UUID], now: datetime) -> dict[UUID, rules.Purpose]:
    """As `stated`, for many patients at once; without those about whom nothing was said. One query likewise."""
    if not (actor.is_staff and actor.login_id):
        return {}
    if actor.stated is not None:
        told = (each for each in actor.stated if each.patient_id in patient_ids and each.ends_at > now)
        return {each.patient_id: rules.Purpose(each.code) for each in told}
    rows = StatedPurpose.objects.filter(login_id=actor.login_id, patient_id__in=patient_ids, ends_at__gt=now)
    found = rows.order_by("stated_at").values_list("patient_id", "code")
    return {patient_id: rules.Purpose(code) for patient_id, code in found}


def check_state(actor: Actor, code: rules.Purpose) -> None:
    if not (actor.is_staff and actor.login_id and actor.employee_id and actor.practice_id and code in rules.STATED):
        raise Denied(_("Bare de som arbeider ved et legekontor, oppgir et formål."))


def concerns_visible_to(actor: Actor) -> QuerySet[Concern]:
    if actor.is_staff and actor.role in ANSWERS:
        return Concern.objects.filter(practice_id__in=actor.practices)
    return Concern.objects.none()


def check_answer(actor: Actor, concern: Concern) -> None:
    """A manager or a doctor, but never the one who is asked about."""
    if concern.about_employee_id == actor.employee_id:
        raise Denied(_("Spørsmålet gjelder noe du selv har gjort. En annen lege eller lederen svarer på det."))

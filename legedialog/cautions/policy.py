"""Who reads, adds and ends cautions: those at the office who work with patients, and the patient by the tables."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.cautions.models import Caution
from legedialog.core.errors import Denied
from legedialog.core.finding import found
from legedialog.journal import policy as record
from legedialog.visibility import policy as visibility
from legedialog.visibility.policy import Fields
from legedialog.visibility.rules import Content

FIELDS = Fields((Content.CAUTION,))


def visible_to(actor: Actor) -> QuerySet[Caution]:
    """Without those that stood in the wrong record."""
    return record.in_sight(Caution.objects.filter(visibility.rows(actor, FIELDS)), "pk")


def find(actor: Actor, caution_id: UUID, *, lock: bool = False) -> Caution:
    """For the office. Raises NotFound."""
    rows = visible_to(actor) if actor.is_staff else Caution.objects.none()
    return found(rows, caution_id, lock=lock)


def check_add(actor: Actor, practice_id: UUID) -> None:
    """Whoever writes in the record."""
    record.check_write(actor, practice_id)


def check_end(actor: Actor, caution: Caution) -> None:
    """A doctor, and whoever at the office wrote it: as an entry is corrected."""
    record.check_write(actor, caution.practice_id)
    if actor.role in record.DOCTORS or caution.by_employee_id == actor.employee_id:
        return
    raise Denied(_("Bare en lege og den som skrev advarselen, kan avslutte den."))


def check_restrict(actor: Actor, caution: Caution) -> None:
    record.check_write(actor, caution.practice_id)
    if actor.role not in record.DOCTORS:
        raise Denied(_("Bare legen kan skjule en advarsel."))

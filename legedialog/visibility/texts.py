""" "Hvem leser": what a patient is told of who reads what she writes, made from the tables in rules.py."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from legedialog.access.actor import Actor, Role
from legedialog.visibility.rules import OFFICE, Content, Office


def readers(content: Content, *, office: str, answerer: str = "", stands_in_for: str = "", is_told: bool) -> list[str]:
    """A sentence for each who may read it at the office, the one who answers first. `is_told`: reception reads too."""
    may = OFFICE[content]
    if may[Role.DOCTOR] is Office.HERS:
        lines = [_answers(answerer, stands_in_for)]
        if may[Role.SECRETARY] is Office.TOLD:
            lines.append(
                _("Helsesekretærene ved %(office)s leser også, for å fordele meldingene.") % {"office": office}
                if is_told
                else _("Helsesekretærene leser ikke.")
            )
        lines.append(_("Andre leger ved kontoret kan lese den i journalen når de gir deg helsehjelp."))
    else:
        lines = [_("Helsesekretærene ved %(office)s, og legene når de trenger det.") % {"office": office}]
    if may[Role.MANAGER] is Office.KNOWS:
        lines.append(_("Lederen av kontoret ser at den venter, men ikke hva som står i den."))
    return lines


def beside(actor: Actor, patient_id: UUID, found: Iterable[tuple[str, Actor]]) -> list[str]:
    """A sentence for each other of `policy.citizens`. Only the patient is told by name who acts for her."""
    others = [(name, who.person_id) for name, who in found if who.person_id != actor.person_id]
    if actor.person_id == patient_id:
        return [_("%(name)s kan også lese, på dine vegne.") % {"name": name} for name, _who in others]
    lines = [_("%(name)s kan også lese.") % {"name": name} for name, who in others if who == patient_id]
    if len(others) > len(lines):
        lines.append(_("Andre som kan handle for samme person, kan også lese."))
    return lines


def _answers(name: str, stands_in_for: str) -> str:
    if stands_in_for:
        return _("%(doctor)s svarer, som vikar for %(other)s.") % {"doctor": name, "other": stands_in_for}
    return _("%(doctor)s svarer.") % {"doctor": name}


def reception(*, reads: bool) -> str:
    """The office's own setting, in the words of its page."""
    if OFFICE[Content.ECONSULTATION][Role.SECRETARY] is Office.TOLD and reads:
        return _("Legen leser. Helsesekretærene kan lese for å fordele.")
    return _("Bare leger leser.")

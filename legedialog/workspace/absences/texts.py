"""What may become of what a doctor leaves, and what did, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from legedialog.journeys.handing_over import APPOINTMENT
from legedialog.journeys.handover_rules import Outcome, Way

OUTCOMES = {
    Outcome.CHANGED: gettext_lazy("Pasienten eller en kollega kom først."),
    Outcome.NOT_FREE: gettext_lazy("Vikaren er ikke ledig lenger."),
    Outcome.STOPPED: gettext_lazy("Stoppet."),
    Outcome.FAULT: gettext_lazy("Noe gikk galt hos oss. Prøv igjen."),
}


def way(each: Way, kind: str, substitute: str) -> str:
    if each == Way.SUBSTITUTE:
        words = _("Samme tid hos %(name)s") if kind == APPOINTMENT else _("Gi til %(name)s")
        return words % {"name": substitute}
    return {
        Way.OFFER: _("Avlys, og la pasienten velge ny time"),
        Way.CANCEL: _("Avlys med beskjed"),
        Way.OFFICE: _("Legg i kontorets liste"),
        Way.LEAVE: _("La stå"),
    }[each]


def for_all(each: Way, substitute: str) -> str:
    """The same where one is chosen for all."""
    if each == Way.SUBSTITUTE:
        return _("Alt til %(name)s, der det går") % {"name": substitute}
    return {
        Way.OFFER: _("Avlys alle, og la pasientene velge ny time"),
        Way.CANCEL: _("Avlys alle med beskjed"),
        Way.LEAVE: _("La alle stå"),
    }[each]


def by_itself(substitute: str) -> str:
    """Of an e-consultation that nobody has to give away."""
    if substitute:
        return _("%(name)s svarer i fraværet. Pasienten får beskjed.") % {"name": substitute}
    return _("Svarfristen flyttes til legen er tilbake. Pasienten får beskjed.")


def count(ways: list[Way], substitute: str) -> list[str]:
    """How many go each way, for the line above the button."""
    words = {
        Way.SUBSTITUTE: _("%(count)d går til %(name)s"),
        Way.OFFER: _("%(count)d avlyses og velger ny time"),
        Way.CANCEL: _("%(count)d avlyses"),
        Way.OFFICE: _("%(count)d går til kontorets liste"),
        Way.LEAVE: _("%(count)d blir stående"),
    }
    numbers = {each: ways.count(each) for each in words}
    return [words[each] % {"count": number, "name": substitute} for each, number in numbers.items() if number]


def total(visits: int, dialogues: int) -> str:
    times = ngettext("%(count)d time", "%(count)d timer", visits) % {"count": visits}
    if not dialogues:
        return times
    messages = ngettext("%(count)d melding", "%(count)d meldinger", dialogues) % {"count": dialogues}
    return _("%(times)s og %(messages)s") % {"times": times, "messages": messages} if visits else messages

"""Consent levels and what each opens. Source: docs/facts.md#consent-levels."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal


class Level(TextChoices):
    NONE = "none"
    BASIS = "basis"
    FULL = "full"


# Who has never chosen is on Basis, as nationally: she sees who her GP is, and learns here what is missing.
DEFAULT = Level.BASIS

NAMES = {Level.NONE: _("Ingen tilgang"), Level.BASIS: _("Basis"), Level.FULL: _("Full tilgang")}

# From least to most; each opens what those before it open. The pages' guards hold it: docs/consent.md.
OPENS = {
    Level.NONE: (
        _("Se og endre det du selv har oppgitt"),
        _("Hente ut opplysningene dine"),
        _("Sperre tilgangen hvis andre kan bruke den"),
    ),
    Level.BASIS: (
        _("Se hvem fastlegen din er, og hvordan du når kontoret"),
        _("Se hvordan du får fornyet resepter"),
        _("Se og betale det du skylder legekontoret, og hvor langt det er til frikort"),
    ),
    Level.FULL: (
        _("Bestille og avbestille time"),
        _("Be om time når fastlegen tilbyr det"),
        _("Se timene dine hos fastlegen, sykehuset og kommunen"),
        _("Få beskjed på SMS eller e-post om timer og svar"),
        _("Skrive til legen og kontoret når fastlegen tilbyr det"),
        _("Lese svar fra legekontoret"),
    ),
}


def table() -> list[tuple[str | Promise, list[bool]]]:
    """What may be done, and whether each level opens it, from the least level to the most."""
    return [(text, [is_enough(level, least) for level in Level]) for least, texts in OPENS.items() for text in texts]


def is_enough(level: str, needed: Level) -> bool:
    order = list(Level)
    return order.index(Level(level)) >= order.index(needed)


NEEDS_FULL = Refusal(
    code="needs-full-access",
    to_patient=_("Du må gi full tilgang før du kan bruke denne tjenesten."),
    to_practice=_("Stoppet: pasienten har ikke gitt full tilgang."),
    source="docs/facts.md#consent-levels",
)

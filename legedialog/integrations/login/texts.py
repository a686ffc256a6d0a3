"""What a person reads when a login did not happen. Codes are stable: they stand in the log."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Role


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    title: str | Promise
    text: str | Promise
    may_try_again: bool = True


BAD_ANSWER = Page(
    502,
    _("Innloggingen kunne ikke bekreftes"),
    _("Vi fikk et svar fra innloggingstjenesten som vi ikke kan stole på, så du er ikke logget inn. Prøv igjen."),
)
NOT_WORKING = Page(
    503,
    _("Innloggingen virker ikke akkurat nå"),
    _("Vi får ikke kontakt med innloggingstjenesten. Prøv igjen om noen minutter. Haster det, ring legekontoret ditt."),
)
PAGES = {
    "cancelled": Page(200, _("Du avbrøt innloggingen"), _("Du er ikke logget inn. Du kan prøve igjen når du vil.")),
    "attempt-gone": Page(
        400,
        _("Innloggingen ble ikke fullført"),
        _("Lenken er brukt før, eller det gikk mer enn ti minutter. Start innloggingen på nytt herfra."),
    ),
    "code-refused": Page(
        400,
        _("Innloggingen ble ikke fullført"),
        _("Innloggingstjenesten sier at svaret er brukt eller for gammelt. Start innloggingen på nytt herfra."),
    ),
    "wrong-acr": Page(
        403,
        _("Du må logge inn på høyeste sikkerhetsnivå"),
        _("Helsetjenester krever BankID, Buypass eller Commfides. Velg en av dem når du prøver igjen."),
    ),
    "no-number": Page(
        403,
        _("Vi fant ikke fødselsnummeret ditt"),
        _("Innloggingen ga oss ikke et norsk fødselsnummer eller D-nummer. Velg en annen innloggingsmåte."),
    ),
    "unknown-person": Page(
        403,
        _("Vi finner deg ikke her ennå"),
        _(
            "Innloggingen var riktig, men du står ikke på listen til en fastlege som bruker denne tjenesten. "
            "Har du nettopp byttet fastlege, kan det ta noen dager. Ring legekontoret ditt hvis det ikke ordner seg."
        ),
        may_try_again=False,
    ),
    "locked": Page(
        403,
        _("Den digitale tilgangen er sperret"),
        _(
            "Tjenestene er sperret med akuttsperre, så ingen kan logge inn. "
            "Ring legekontoret ditt. De kontrollerer hvem du er, og kan oppheve sperren."
        ),
        may_try_again=False,
    ),
    "unknown-employee": Page(
        403,
        _("Du er ikke registrert ved et legekontor her"),
        _("Innloggingen var riktig, men ingen har registrert deg som ansatt. Be den som leder kontoret om det."),
        may_try_again=False,
    ),
    "wrong-hpr": Page(
        403,
        _("HPR-nummeret stemmer ikke"),
        _(
            "HPR-nummeret fra HelseID er et annet enn det legekontoret har registrert på deg. "
            "Be den som leder kontoret, om å rette det."
        ),
        may_try_again=False,
    ),
    "provider-down": NOT_WORKING,
    "provider-refused": NOT_WORKING,
    "our-key": NOT_WORKING,
}


def page(code: str) -> Page:
    """Everything that is wrong with a token is one page: the person can do nothing about it."""
    return PAGES.get(code, BAD_ANSWER)


ROLES = {
    Role.DOCTOR: _("lege"),
    Role.SUBSTITUTE: _("vikarlege"),
    Role.SECRETARY: _("helsesekretær"),
    Role.MANAGER: _("daglig leder"),
}

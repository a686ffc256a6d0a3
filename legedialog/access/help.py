"""What people are told of logging in. Numbers are those of the rules."""

from datetime import timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access import rules
from legedialog.access.actor import Kind
from legedialog.core.contexts import Dated, HelpGroup, Topic

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMIT = rules.LIMITS[Kind.CITIZEN]

TOPICS = (
    Topic(
        *("logge-inn", 400, HelpGroup.USING, "log-in"),
        dated=Dated("2026-12-02", "ce0c4aa6"),
        title=_("Logge inn og ut"),
        about=_("Elektronisk ID, tidsgrenser og akuttsperre."),
        what=[_("Du logger inn med elektronisk ID på høyeste nivå, for eksempel BankID.")],
        who=[_("Bare du skal bruke innloggingen din. Skal andre hjelpe deg, gir du dem fullmakt.")],
        when=[
            format_lazy(_("Du blir logget ut etter {minutes} minutter uten bruk."), minutes=LIMIT.idle // MINUTE),
            format_lazy(
                _("Vi sier fra {minutes} minutter før. Ett trykk, og du er fortsatt innlogget."),
                minutes=rules.WARNED // MINUTE,
            ),
            format_lazy(_("Du blir alltid logget ut etter {hours} timer."), hours=LIMIT.absolute // HOUR),
        ],
        steps=[
            _("Velg Logg inn øverst på siden."),
            _("Velg elektronisk ID, og følg det som står der."),
            _("Logg ut når du er ferdig, særlig på en datamaskin andre bruker."),
        ],
        fails=[
            _("En BankID som bare gjelder i nettbanken, virker ikke her. Snakk med banken."),
            format_lazy(
                _("Ble du logget ut mens du skrev? Logg inn innen {minutes} minutter, så får du teksten tilbake."),
                minutes=rules.KEPT_LASTS // MINUTE,
            ),
            _("Har du ikke elektronisk ID? Ring kontoret, eller møt opp."),
        ],
        more=[
            (
                _("Hvis andre kan bruke innloggingen din"),
                [
                    _(
                        "I Profil, under Innlogging og sikkerhet, ser du hvor du er logget inn. "
                        "Der kan du logge ut overalt."
                    ),
                    _("Med akuttsperre kan ingen logge inn som deg. Bare legekontoret kan åpne igjen."),
                    _("Sperr også den elektroniske ID-en hos dem du har fått den fra."),
                ],
            )
        ],
        words=_("bankid buypass commfides id-porten innlogging passord kode utlogget sperre stjålet telefon"),
        asked_at=["portal:lock"],
        related=["full-tilgang", "uten-nett", "noe-virker-ikke"],
    ),
)

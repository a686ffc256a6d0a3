"""What people are told of renewing prescriptions. Numbers are those of the rules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days
from legedialog.fees import queries as fees
from legedialog.fees.rules import Service as Priced
from legedialog.fees.texts import in_words
from legedialog.patients.queries import Gp
from legedialog.practices.rules import Service
from legedialog.prescriptions import rules
from legedialog.ui.dates import long_date


def renewing(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    price = fees.price(
        patient_id=person_id, practice_id=gp.practice.id, service=Priced.RENEWAL, clinician_id=None, now=now
    )
    by = add_working_days(local_day(now), rules.DUE_DAYS)
    return [
        (_("Svar hvis du sender i dag"), format_lazy(_("Senest {date}"), date=long_date(by))),
        (_("Pris når legen fornyer"), in_words(price)),
    ]


TOPICS = (
    Topic(
        *("fornye-resept", 60, HelpGroup.DOCTOR, "medicine"),
        dated=Dated("2026-12-01", "e9706070"),
        title=_("Fornye resept"),
        about=_("Be om ny resept på det du bruker fast."),
        what=[
            _("Du ber legen om ny resept på noe du har hatt før: legemidler, utstyr eller næringsmidler."),
            _("Legen vurderer hver gang om du skal ha det."),
        ],
        who=[_("Helsesekretærene kan gjøre bestillingen klar. Legen eller vikaren avgjør og skriver resepten.")],
        when=[
            format_lazy(_("Svaret kommer innen {days} virkedager."), days=rules.DUE_DAYS),
            format_lazy(
                _("Etter {late} virkedager uten svar får du beskjed. Etter {gone} faller bestillingen bort."),
                late=rules.WARN_DAYS,
                gone=rules.LAPSE_DAYS,
            ),
        ],
        cost=[
            _("Du betaler en egenandel når legen har fornyet. Prisen står før du sender."),
            _("Du betaler ikke for å spørre, og ikke når legen sier nei."),
        ],
        not_for=[
            _("Sterkt vanedannende og vanedannende legemidler, gruppe A og B. Da må legen snakke med deg."),
            _("Antibiotika. Er du syk igjen, må legen vurdere hva som er rett."),
            _("Noe du ikke har hatt før, eller som en annen enn kontoret har skrevet. Bestill time."),
        ],
        steps=[
            _("Åpne Legemidler, og velg Forny resept."),
            format_lazy(_("Kryss av for det du trenger. Du kan velge opptil {most} om gangen."), most=rules.MOST_ITEMS),
            _("Velg om du vil hente på apotek eller få resepten på papir."),
            _("Les over, og send. Du kan følge bestillingen i Legemidler."),
        ],
        fails=[
            format_lazy(_("Du kan fornye fra {days} dager før du går tom."), days=rules.EARLY_DAYS),
            format_lazy(
                _("Gikk resepten ut for over {months} måneder siden? Bestill time."),
                months=rules.TOO_OLD_MONTHS,
            ),
            _("Angrer du? Du kan trekke bestillingen tilbake til legen har avgjort den."),
            _("Går du snart tom av noe du ikke kan være uten? Ring kontoret, eller legevakten når det er stengt."),
        ],
        more=[
            (
                _("To datoer på en resept"),
                [
                    _("Én dato sier hvor lenge det du har, rekker. Den andre sier hvor lenge resepten gjelder."),
                ],
            ),
            (
                _("Kontroll hos legen"),
                [
                    _("En resept varer vanligvis ett år. Bruker du legemidler fast, skal du til kontroll hvert år."),
                    _("Du bestiller kontrollen selv, også når du fornyer på nett."),
                ],
            ),
        ],
        words=_("medisin legemiddel piller tabletter apotek blå resept hente ut går tom fornying reseptfornyelse"),
        services=[Service.RENEW],
        begin="prescriptions:renew",
        begin_word=_("Forny resept"),
        asked_at=["prescriptions:index", "prescriptions:renew", "prescriptions:show", "prescriptions:order"],
        related=["bestille-time", "betaling"],
        mine=renewing,
    ),
)

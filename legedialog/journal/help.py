"""What people are told of correction and erasure. Numbers are those of the rules."""

from datetime import timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import Dated, HelpGroup, Topic
from legedialog.journal import rules

TOPICS = (
    Topic(
        *("retting-og-sletting", 310, HelpGroup.YOURS, "edit"),
        dated=Dated("2026-12-02", "e01f1660"),
        title=_("Rette eller slette noe i journalen"),
        about=_("Be kontoret rette det som er feil."),
        what=[_("Er noe i journalen feil, eller gjelder det ikke deg, kan du be kontoret rette eller slette det.")],
        who=[
            _("Legekontoret har ansvaret for journalen, og de svarer deg."),
            _("Den som kan skrive til kontoret for deg, kan også be om det."),
        ],
        when=[
            format_lazy(
                _("Kontoret må svare innen {days} dager. Datoen står på siden."),
                days=rules.ANSWER_WITHIN // timedelta(days=1),
            )
        ],
        cost=[_("Det er gratis.")],
        not_for=[
            _("Navn og adresse retter du i Folkeregisteret."),
            _("Ikke bruk det til nye spørsmål om helsen din. Start en e-konsultasjon."),
        ],
        steps=[
            _("Åpne Profil, og velg Samtykke og innsyn. Velg Be om retting eller sletting."),
            _("Skriv hva som er feil, og hva som er riktig."),
            _("Send. Svaret står på samme side."),
        ],
        fails=[
            _("Kontoret kan ikke alltid slette. Det som trengs for å gi deg hjelp, må de ta vare på."),
            _("Sier kontoret nei, skal de si hvorfor. Du kan klage til Statsforvalteren."),
        ],
        words=_("feil i journalen korrigere fjerne gdpr personvern klage innsyn"),
        begin="portal:corrections",
        begin_word=_("Be om retting eller sletting"),
        asked_at=["portal:corrections"],
        related=["loggen", "opplysningene-dine", "sikkerhet-og-personvern"],
    ),
)

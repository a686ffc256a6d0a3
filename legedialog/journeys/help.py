"""What people are told of taking their own data with them. Numbers are those of the rules."""

from datetime import timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import Dated, HelpGroup, Topic
from legedialog.journeys import own_data

TOPICS = (
    Topic(
        *("opplysningene-dine", 320, HelpGroup.YOURS, "download"),
        dated=Dated("2026-12-02", "20003d9d"),
        title=_("Hente opplysningene dine"),
        about=_("Få alt som er lagret om deg, i filer du kan ta med."),
        what=[
            _("Du kan hente alt vi har lagret om deg."),
            _("Du får en PDF du kan lese, en fil andre systemer kan lese, og bildene og dokumentene dine."),
        ],
        who=[_("Bare du kan hente dem. Den som handler for deg, kan ikke.")],
        when=[
            _("Filene er som regel klare etter kort tid. Du kan forlate siden mens du venter."),
            format_lazy(
                _("De ligger i {hours} timer. Så blir de slettet."), hours=own_data.LASTS // timedelta(hours=1)
            ),
        ],
        cost=[_("Det er gratis.")],
        not_for=[_("Filene er ikke en kopi av hele journalen fra sykehus eller andre leger.")],
        steps=[
            _("Åpne Profil, og velg Samtykke og innsyn. Velg Hent opplysningene dine."),
            _("Velg Lag filene, og vent til de er klare."),
            _("Hent filene, og lagre dem et sted bare du har tilgang til."),
        ],
        fails=[
            _("Tar det lang tid? Siden sier fra når du kan begynne på nytt."),
            _("Er filene borte? Lag dem på nytt."),
            _("Vil du slette det som kan slettes? Det gjør du når du trekker samtykket tilbake, i Profil."),
        ],
        words=_("innsyn eksport laste ned kopi gdpr dataportabilitet slette konto journalkopi pdf fhir"),
        begin="portal:export",
        begin_word=_("Hent opplysningene dine"),
        asked_at=["portal:export"],
        related=["loggen", "full-tilgang", "sikkerhet-og-personvern"],
    ),
)

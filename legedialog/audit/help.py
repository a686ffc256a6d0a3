"""What people are told of their log. Numbers are those of the rules."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.audit import rules
from legedialog.core.contexts import Dated, HelpGroup, Topic

TOPICS = (
    Topic(
        *("loggen", 300, HelpGroup.YOURS, "eye"),
        dated=Dated("2026-12-02", "0b6eca19"),
        title=_("Se hvem som har sett i journalen"),
        about=_("Loggen viser hvem som har lest eller endret noe om deg."),
        what=[
            _("Hver gang noen leser eller endrer noe om deg, får loggen en linje. Den sier hvem, når og hvorfor."),
            _("Ingen kan endre loggen eller slette fra den."),
        ],
        who=[_("Bare du kan lese loggen din. Den som handler for deg, ser den ikke.")],
        when=[
            _("Linjen står der med en gang."),
            format_lazy(
                _("Spør du kontoret om en linje, må de svare innen {days} virkedager."), days=rules.ANSWER_DAYS
            ),
            format_lazy(
                _("Linjer om behandlingen din blir lagret i minst {years} år."),
                years=rules.RETENTION_YEARS[rules.Category.CARE],
            ),
        ],
        cost=[_("Det er gratis.")],
        not_for=[_("Loggen gjelder legekontorer som bruker Legedialog. Sykehus har sin egen logg.")],
        steps=[
            _("Åpne Profil, og velg Samtykke og innsyn. Velg Hvem har sett og endret."),
            _("Velg en person. Åpne et besøk for å se hver linje."),
            _("Ser noe rart ut? Åpne linjen, og send et spørsmål til kontoret."),
            _("Vil du ta vare på loggen? Last den ned eller skriv den ut nederst på siden."),
        ],
        fails=[
            _("Den du spør om, svarer ikke selv. En annen på kontoret gjør det."),
            _("Er du ikke fornøyd med svaret? Du kan klage til Statsforvalteren eller Datatilsynet."),
        ],
        words=_("innsyn snoking tilgangslogg innsynslogg lest åpnet spor hvem har vært inne klage"),
        begin="portal:log",
        begin_word=_("Åpne loggen"),
        asked_at=["portal:log", "portal:log_react"],
        related=["sikkerhet-og-personvern", "retting-og-sletting"],
    ),
)

"""What people are told of consent, from the levels and what each opens."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.consent.rules import DEFAULT, NAMES, OPENS, Level
from legedialog.core.contexts import Dated, HelpGroup, Topic

TOPICS = (
    Topic(
        *("full-tilgang", 410, HelpGroup.USING, "lock"),
        dated=Dated("2026-12-02", "5435c7ab"),
        title=_("Gi eller trekke tilbake full tilgang"),
        about=_("Du må si ja én gang før du kan bruke tjenestene."),
        what=[
            _("Du bestemmer selv hvor mye du vil bruke her. Det kaller vi samtykke."),
            format_lazy(_("Har du ikke valgt noe, har du nivået {level}."), level=NAMES[DEFAULT]),
        ],
        when=[_("Det du velger, gjelder med en gang. Du kan ombestemme deg når du vil.")],
        cost=[_("Det er gratis.")],
        steps=[
            _("Åpne Profil, og velg Samtykke og innsyn. Vi spør deg også når du trenger det."),
            _("Velg Gi full tilgang, og les hva du sier ja til."),
            _("Vil du trekke det tilbake? Velg Trekk tilbake samtykket samme sted."),
        ],
        fails=[
            _("Timene du har, gjelder også når du trekker samtykket tilbake. Avbestill dem du ikke vil ha."),
            _("Det som står i journalen hos kontoret, blir der."),
            _("For et barn er det en forelder som velger."),
        ],
        more=[
            (format_lazy(_("Alle kan: {level}"), level=NAMES[Level.NONE]), OPENS[Level.NONE]),
            (format_lazy(_("I tillegg med {level}"), level=NAMES[Level.BASIS]), OPENS[Level.BASIS]),
            (format_lazy(_("I tillegg med {level}"), level=NAMES[Level.FULL]), OPENS[Level.FULL]),
        ],
        words=_("samtykke basis nivå slå av skru av godta personverninnstillinger"),
        begin="portal:insight",
        begin_word=_("Åpne Samtykke og innsyn"),
        asked_at=["consent:give", "portal:withdraw"],
        related=["logge-inn", "sikkerhet-og-personvern"],
    ),
)

"""What people are told of warnings about allergies."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import Dated, HelpGroup, Topic

TOPICS = (
    Topic(
        *("allergier", 315, HelpGroup.YOURS, "warning"),
        dated=Dated("2026-12-01", "19ebc582"),
        title=_("Allergier og advarsler"),
        about=_("Det kontoret skal huske på før du får en medisin."),
        what=[
            _("Kontoret kan skrive en advarsel om noe du reagerer på, for eksempel en medisin. Fagordet er CAVE."),
            _("Advarselen står øverst når de åpner siden din, og når de skal fornye en resept som ligner."),
        ],
        who=[
            _("Leger, vikarer og helsesekretærer ved kontoret leser den. Der står også hvem som har skrevet den."),
            _("Den som kan se reseptene dine for deg, ser også advarslene."),
        ],
        when=[_("Advarselen gjelder til kontoret avslutter den. Da står det hvorfor, og du kan fortsatt lese den.")],
        cost=[_("Det er gratis.")],
        not_for=[
            _("Legevakt og sykehus ser ikke det som står her. Fortell om allergiene dine når du får behandling."),
            _("Får du en kraftig reaksjon nå? Ring 113."),
        ],
        steps=[
            _("Åpne Legemidler. Advarslene står under medisinene."),
            _("Mangler noe, eller er noe feil? Velg Be om retting eller sletting, eller si det til legen."),
        ],
        fails=[
            _("At ingenting står her, betyr ikke at du tåler alt. Det betyr at kontoret ikke har skrevet noe."),
            _("Bytter du fastlege, må du fortelle det nye kontoret om allergiene dine."),
        ],
        words=_("allergi overfølsomhet cave kritisk informasjon penicillin bivirkning reaksjon tåler ikke advarsel"),
        begin="prescriptions:index",
        begin_word=_("Se advarslene dine"),
        related=["fornye-resept", "retting-og-sletting", "loggen"],
    ),
)

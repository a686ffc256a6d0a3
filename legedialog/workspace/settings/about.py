"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import DOCTORS, About, Place, Setting, Word
from legedialog.workspace.settings import parts

ABOUT = About(
    statements={
        "workspace:settings": 13,
        "workspace:settings-employee": 10,
    },
    finer={
        "workspace:intake-import": ("manager", *DOCTORS),
        "workspace:intake-new-topic": ("manager", *DOCTORS),
        "workspace:intake-questions": ("manager", *DOCTORS),
        "workspace:intake-take-in": ("manager", *DOCTORS),
        "workspace:intake-topic": ("manager", *DOCTORS),
        "POST workspace:settings-rates": ("manager",),
        "POST workspace:settings-arrival": ("manager",),
        "workspace:settings-block": ("manager", *DOCTORS),
        "workspace:settings-column": ("manager",),
        "workspace:settings-employee": ("manager",),
        "workspace:settings-exception": ("manager",),
        "workspace:settings-hours": ("manager",),
        "workspace:settings-leave": ("manager",),
        "workspace:settings-new-block": ("manager", *DOCTORS),
        "workspace:settings-new-column": ("manager",),
        "workspace:settings-new-employee": ("manager",),
        "workspace:settings-new-visit-type": ("manager",),
        "workspace:settings-office": ("manager",),
        "workspace:settings-remove-exception": ("manager",),
        "workspace:settings-service": ("manager", *DOCTORS),
        "workspace:settings-visit-type": ("manager",),
        "POST workspace:settings-waitlist": ("manager",),
    },
    parameters={
        "code": Word("other"),
        "kind": Word("contact"),
        "service": Word("book"),
    },
    settings=(
        Setting(
            *(10, "tjenester", _("Tjenester")),
            template="workspace/settings/part_services.html",
            shown=parts.services,
        ),
        Setting(
            *(15, "kontoret", _("Kontoret")), template="workspace/settings/part_office.html", shown=parts.own_office
        ),
        Setting(
            *(17, "ansatte", _("Ansatte")),
            text=_("Hvem som arbeider her, i hvilken rolle, og hvem som tar over når noen slutter."),
            route="workspace:settings-employees",
            word=_("Se ansatte"),
        ),
        Setting(
            *(20, "meldinger", _("Meldinger fra innbyggere")),
            text=_("Veiledning, emner og spørsmål, hvem som får hva, når det er stengt, og maler for svar."),
            route="workspace:intake",
            word=_("Se og endre"),
        ),
        Setting(
            *(30, "timetyper", _("Timetyper")),
            template="workspace/settings/part_visit_types.html",
            shown=parts.visit_types,
        ),
        Setting(
            *(35, "venteliste", _("Venteliste for tidligere time")),
            text=_("Om en time som blir ledig skal tilbys dem som venter, og hvor lenge de har på seg til å svare."),
            route="workspace:settings-waitlist",
            word=_("Se og endre"),
        ),
        Setting(
            *(40, "ukeplaner", _("Ukeplaner")),
            template="workspace/settings/part_plans.html",
            shown=parts.plans,
        ),
        Setting(
            *(38, "kolonner", _("Kolonner som ikke er en lege")),
            text=_("Sykepleier, laboratorium, vaksine, LIS1 og rom med egen kalender."),
            route="workspace:settings-columns",
            word=_("Se og endre kolonnene"),
        ),
        Setting(
            *(42, "fremmote", _("Fremmøte")),
            text=_("Pasienter som sier fra på telefonen at de er kommet, og koden som henger på veggen."),
            route="workspace:settings-arrival",
            word=_("Se og endre"),
        ),
        Setting(
            *(45, "priser", _("Priser")),
            text=_("Takster, gebyr, faktura og kontorets egne priser."),
            route="workspace:settings-prices",
            word=_("Se prisene"),
        ),
        Setting(
            *(50, "fravar", _("Fravær")),
            template="workspace/settings/part_absence_list.html",
            shown=parts.absences,
        ),
        Setting(
            *(60, "fornyelse", _("Fornyelse uten konsultasjon")),
            text=_("Hvilke legemidler legene fornyer uten konsultasjon."),
            route="workspace:settings-prescriptions",
            word=_("Se og endre"),
        ),
        Setting(
            *(70, "apningstider", _("Åpningstider")),
            template="workspace/settings/part_opening.html",
            shown=parts.opening_hours,
        ),
    ),
    office_menu=Place(
        60,
        "workspace:settings",
        _("Innstillinger"),
        "settings",
        page="settings",
        pages=("workspace:settings*", "workspace:intake*"),
    ),
)

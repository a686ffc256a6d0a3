"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Setting

ABOUT = About(
    settings=(
        Setting(
            *(25, "sok", _("Søk uten åpning"), "searches"),
            text=_("Hvem som søker etter pasienter mange ganger uten å åpne noen."),
            route="workspace:searches",
            word=_("Se søkene"),
        ),
    ),
)

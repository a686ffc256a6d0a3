"""The headings of the help, and the words of its groups."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import HelpGroup

GROUPS = {
    HelpGroup.DOCTOR: _("Kontakt med legen og kontoret"),
    HelpGroup.OTHERS: _("For barn, ungdom og andre"),
    HelpGroup.PAYING: _("Betaling"),
    HelpGroup.YOURS: _("Opplysningene dine"),
    HelpGroup.USING: _("Å bruke tjenestene"),
}
# The parts of a page in their order: the field of Topic, and its heading.
PARTS = {
    "what": _("Hva det er"),
    "who": _("Hvem det gjelder"),
    "when": _("Når det skjer"),
    "cost": _("Hva det koster"),
    "not_for": _("Dette er det ikke for"),
    "steps": _("Slik gjør du"),
    "fails": _("Hvis det ikke går"),
}
ANSWERS = {"who": _("Hvem som svarer"), "when": _("Når du får svar")}  # instead, for what is sent to somebody
OWNER = _("De som lager Legedialog. Det som gjelder legekontoret ditt, kommer fra kontoret.")

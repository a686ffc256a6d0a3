"""The words of errands."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.errands.queries import Box
from legedialog.errands.rules import Group

BOXES: dict[Box, str | Promise] = {
    Box.MINE: _("Mine"),
    Box.OFFICE: _("Hele kontoret"),
    Box.DONE: _("Gjort"),
}
EMPTY: dict[Box, str | Promise] = {
    Box.MINE: _("Du har ingen oppgaver. Det kollegaer ber deg om, kommer hit."),
    Box.OFFICE: _("Ingen ved kontoret har oppgaver."),
    Box.DONE: _("Ingen oppgaver er gjort ennå."),
}
GROUPS: dict[str, str | Promise] = {
    Group.SECRETARIES: _("Alle helsesekretærer"),
    Group.DOCTORS: _("Alle legene"),
    Group.MANAGER: _("Lederen"),
}

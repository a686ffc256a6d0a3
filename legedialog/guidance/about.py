"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place, Word
from legedialog.guidance.help import TOPICS

ABOUT = About(
    for_everybody={
        "guidance:help": "help is for everybody",
        "guidance:search": "a search in what everybody may read",
        "guidance:topic": "a page of help; a citizen sees her own office there as her level and her areas open it",
    },
    parameters={"topic": Word("bestille-time")},
    menu=Place(70, "guidance:help", _("Hjelp"), "help"),
    topics=TOPICS,
)

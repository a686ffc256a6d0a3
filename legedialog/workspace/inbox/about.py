"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, OfficeWaits, Place, RowOf
from legedialog.workspace.inbox import waiting

ABOUT = About(
    silent={
        "workspace:dialogue-presence": "which colleague is answering, and nothing of the patient",
        "workspace:dialogue-start": "an empty form with the patient's name; what is sent is logged",
    },
    parameters={
        "workspace:dialogue-attachment attachment_id": RowOf(
            "attachments.Attachment",
            practice="practice",
            states=(("object_id__isnull", False), ("by_person__isnull", False)),  # the demo's last: with a contact
            is_hers=True,
        ),
    },
    office_waits=(
        OfficeWaits(5, _("Ble ikke gjort"), "inbox", waiting.not_done, "workspace/inbox/not_done.html"),
        OfficeWaits(20, _("Endret i registrene"), "changes", waiting.changes),
        OfficeWaits(30, _("Spørsmål om innsyn"), "concerns", waiting.concerns),
        OfficeWaits(40, _("Ønsker om retting og sletting"), "concerns", waiting.corrections),
        OfficeWaits(
            50,
            _("Beskjeder som ikke nådde fram"),
            "inbox",
            waiting.undelivered,
            "workspace/inbox/undelivered.html",
        ),
    ),
    office_menu=Place(
        10,
        "workspace:inbox",
        _("Innboks"),
        "inbox",
        page="inbox",
        pages=(
            "workspace:inbox",
            "workspace:dialogue",
            "workspace:numbers",
            "workspace:requests",
            "workspace:request",
            "workspace:concern",
            "workspace:correction",
            "workspace:register-change",
        ),
        count=waiting.messages,
    ),
)

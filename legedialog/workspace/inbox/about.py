"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.audit import queries as audit
from legedialog.core.contexts import About, OfficeWaits, Pile, Place, RowOf
from legedialog.journeys import changes, misfiling
from legedialog.outbox import queries as outbox
from legedialog.pending import queries as pending
from legedialog.workspace.inbox import waiting

ABOUT = About(
    statements={
        "workspace:dialogue": 13,
        "workspace:dialogue-attachment": 23,
    },
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
        OfficeWaits(
            *(5, _("Ble ikke gjort"), "inbox"),
            asks=lambda actor, practice_id, now: [pending.failed(actor)],
            tells=waiting.not_done,
            template="workspace/inbox/not_done.html",
        ),
        OfficeWaits(
            *(20, _("Endret i registrene"), "changes"),
            asks=lambda actor, practice_id, now: [changes.unseen(actor, practice_id)],
            tells=waiting.changes,
        ),
        OfficeWaits(
            *(30, _("Spørsmål om innsyn"), "concerns"),
            asks=lambda actor, practice_id, now: [audit.open_concerns(actor, practice_id)],
            tells=waiting.concerns,
            due="answer_by",
        ),
        OfficeWaits(
            *(40, _("Ønsker om retting og sletting"), "concerns"),
            asks=lambda actor, practice_id, now: [misfiling.unanswered(actor)],
            tells=waiting.corrections,
            due="answer_by_date",
        ),
        OfficeWaits(
            *(50, _("Beskjeder som ikke nådde fram"), "inbox"),
            asks=lambda actor, practice_id, now: [outbox.not_delivered(actor, practice_id)],
            tells=waiting.undelivered,
            template="workspace/inbox/undelivered.html",
        ),
    ),
    piles=(
        Pile(
            *(5, _("Meldinger"), "inbox", "workspace:inbox", waiting.messages),
            query=lambda actor: f"fane={waiting.tab(actor)}",
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
        counts=waiting.messages,
    ),
)

"""One dialogue as a PDF to keep or print. Layout: dialogue.typ. All words arrive as text, never markup."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.dialogues.conversations import Conversation
from legedialog.dialogues.texts import CHANNELS, GROUNDS, KINDS, STATUSES, STEPS
from legedialog.ui import pdf
from legedialog.ui.dates import whole_datetime

LAYOUT = Path(__file__).with_name("dialogue.typ")


def make(found: Conversation, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(found, now), now)


def document(found: Conversation, now: datetime) -> dict[str, Any]:
    """What dialogue.typ draws."""
    row = found.row
    facts = [
        (_("Pasient"), found.patient_name),
        (_("Legekontor"), row.practice_name),
        (_("Lege"), found.clinician_name),
        (_("Status"), str(STATUSES[row.status][0])),
    ]
    return {
        "lang": get_language() or "nb",
        "title": f"{KINDS[row.kind]}: {row.subject}",
        "made": _("Laget %(time)s. Inneholder helseopplysninger: ta vare på filen selv.")
        % {"time": whole_datetime(now)},
        "page": _("Side"),
        "facts": [[name, value] for name, value in facts],
        "messages": [
            {
                "by": _by(message.by, message.ground, found.patient_name),
                "at": whole_datetime(message.at),
                "office": message.from_office,
                "answers": [list(pair) for pair in message.answers],
                "text": message.text or _("Teksten er trukket tilbake."),
                "files": [_("Vedlegg: %(name)s") % {"name": file.name} for file in message.files],
                "times": [
                    f"{whole_datetime(offer.starts_at)}, {CHANNELS.get(offer.channel, '')}" for offer in message.offered
                ],
            }
            for message in found.messages
        ],
        "story": _("Hva som har skjedd"),
        "steps": [[whole_datetime(step.at), str(STEPS[step.what])] for step in found.steps if step.what in STEPS],
    }


def _by(name: str, ground: str, patient: str) -> str:
    if ground not in GROUNDS:
        return name
    return _("%(name)s for %(patient)s (%(ground)s)") % {"name": name, "patient": patient, "ground": GROUNDS[ground]}

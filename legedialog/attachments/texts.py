"""The words about files."""

import json
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.core import broken

# What was in a document as it came and is not in what we keep: cleaning/documents.py.
LEFT_OUT: dict[str, str | Promise] = {
    "attachments": gettext_lazy("andre filer som lå inne i dokumentet"),
    "signature": gettext_lazy("den elektroniske signaturen"),
    "links": gettext_lazy("lenker til nettsider"),
    "media": gettext_lazy("lyd og film"),
}


def left_out(attachment_id: UUID, told: str | None) -> str:
    """A sentence for both sides; empty when nothing that a reader would look for was taken out."""
    if not told:
        return ""
    return broken.read(told, _left_out, str, of="attachments_attachment.left_out", row=attachment_id)


def _left_out(told: str) -> str:
    found = json.loads(told)
    parts = [str(word) for code, word in LEFT_OUT.items() if code in found["codes"]]
    if not parts:
        return ""
    said = _("Ikke med: %(parts)s.") % {"parts": ", ".join(parts)}
    if names := ", ".join(found["names"]):
        return f"{said} " + _("Last opp hver for seg: %(names)s.") % {"names": names}
    return said

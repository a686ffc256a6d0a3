"""A file as the answer to a request. Never as something a browser would run."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from legedialog.access.actor import Actor
from legedialog.attachments import queries, services
from legedialog.attachments.queries import Attachment
from legedialog.attachments.rules import SHOWN

Check = Callable[[Actor, Attachment], object]  # raises, or lets through


def asked(_actor: Actor, _attachment: Attachment) -> None:
    """For who has asked her policy already, because more than the file hangs on it."""


def serve(
    request: HttpRequest, attachment: Attachment, check: Check, *, now: datetime | None = None
) -> StreamingHttpResponse:
    """The file in parts. `check` is the policy of the context it is attached to: raises NotFound or Denied.

    Reading is logged. Raises Refused for a file that is damaged or gone. Photos may be shown in place; a PDF is
    downloaded, as a viewer is a program of its own.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check(actor, attachment)
    services.looked(actor, attachment, now or timezone.now())
    response = StreamingHttpResponse(queries.opened(attachment), content_type=attachment.media_type)
    way = "inline" if attachment.media_type in SHOWN else "attachment"
    plain = attachment.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    response["Content-Disposition"] = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name)}"
    response["Content-Length"] = str(attachment.size)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

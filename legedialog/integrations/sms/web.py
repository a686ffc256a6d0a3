"""The SMS gateway tells what became of a message. Signed, small, and safe to receive twice. See docs/integrator.md."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from legedialog.core import reading
from legedialog.integrations import signed
from legedialog.outbox import services
from legedialog.outbox.rules import Channel, Reason

LARGEST = 4096  # bytes


@csrf_exempt  # no cookies: the signature is the proof
@never_cache
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """204 when it is taken in, also for a message that we do not know: who asks learns nothing."""
    now = timezone.now()
    fault = signed.fault(request, settings.SMS_STATUS_SECRET, now.timestamp(), LARGEST)
    if fault:
        return HttpResponse(status=fault)
    report = _report(request.body)
    if report is None:
        return HttpResponse(status=400)
    notification_id, outcome = report
    if outcome == "delivered":
        services.delivered(notification_id=notification_id, channel=Channel.SMS, at=now)
    elif outcome == "failed":
        services.came_back(notification_id=notification_id, channel=Channel.SMS, reason=Reason.NOT_DELIVERED, now=now)
    return HttpResponse(status=204)


def _report(body: bytes) -> tuple[UUID, str] | None:
    """The id and the outcome: `delivered`, `failed`, or something on the way that changes nothing."""
    given = reading.json_object(body, LARGEST) or {}
    found, outcome = reading.uuid(given.get("id")), given.get("status")
    return (found, outcome) if found and isinstance(outcome, str) else None

"""The payment provider tells what became of a payment: signed, small, and safe to receive twice and in any order."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from legedialog.core import fence, reading
from legedialog.fees import online
from legedialog.integrations import signed
from legedialog.integrations.payments import mapping

LARGEST = 4096  # bytes


@csrf_exempt  # no cookies: the signature is the proof
@never_cache
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """204 when it is taken in, also for a payment that we do not know."""
    now = timezone.now()
    fault = signed.fault(request, settings.PAYMENT_PROVIDER["secret"], now.timestamp(), LARGEST)
    if fault:
        return HttpResponse(status=fault)
    given = reading.json_object(request.body, LARGEST) or {}
    transfer_id = reading.uuid(given.get("id"))
    try:
        said = mapping.told(given)
    except online.NoAnswer:
        return HttpResponse(status=400)
    if transfer_id is None:
        return HttpResponse(status=400)
    with fence.system("the payment provider tells what was paid, with its signature"):
        online.take(transfer_id=transfer_id, told=said, now=now)
    return HttpResponse(status=204)

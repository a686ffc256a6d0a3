import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import httpx
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.core import outside
from legedialog.demo.payments import store
from legedialog.fees import texts
from legedialog.integrations import signed
from legedialog.ui import htmx

SECONDS = 10.0
# The button → what became of the payment, and how often the product is told of it.
WAYS = {
    "pay": ("paid", 1),
    "twice": ("paid", 2),
    "silent": ("paid", 0),
    "refuse": ("refused", 1),
    "cancel": ("cancelled", 1),
}

View = Callable[..., HttpResponse]


def only_in_the_demo(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.DEMO or settings.TEST):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def with_key(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("Authorization") != f"Bearer {settings.PAYMENT_PROVIDER['token']}":
            return JsonResponse({}, status=401)
        return view(request, *args, **kwargs)

    return guarded


@csrf_exempt
@require_POST
@only_in_the_demo
@with_key
def opens(request: HttpRequest) -> HttpResponse:
    row = store.opened(json.loads(request.body))
    url = f"{settings.BASE_URL}{reverse('payments-demo:page', args=[row['payment']])}"
    return JsonResponse({"id": row["payment"], "url": url}, status=201)


@require_GET
@only_in_the_demo
@with_key
def status(request: HttpRequest, payment: str) -> HttpResponse:
    return JsonResponse(_said(_row(payment)))


@csrf_exempt
@require_POST
@only_in_the_demo
@with_key
def refunds(request: HttpRequest, payment: str) -> HttpResponse:
    asked = json.loads(request.body)
    return JsonResponse({"status": store.give_back(_row(payment), asked["id"], asked["amount"])})


@require_http_methods(["GET", "POST"])
@only_in_the_demo
def page(request: HttpRequest, payment: str) -> HttpResponse:
    """Where she pays. What she chooses is told by a signed call, then her browser goes back."""
    row = _row(payment)
    if request.method == "POST" and row["status"] == "open" and request.POST.get("do") in WAYS:
        row["status"], times = WAYS[request.POST["do"]]
        store.save(row)
        for _ in range(times):
            tell(row)
    if row["status"] != "open":
        return HttpResponseRedirect(row["return_url"])
    return htmx.page(request, "payments/page.html", {"amount": texts.kroner(row["amount"])})


def tell(row: dict[str, Any]) -> None:
    """One that does not get through is lost: the product asks by itself."""
    body = json.dumps({"id": row["id"], **_said(row)}).encode()
    seconds = str(int(timezone.now().timestamp()))
    signature = signed.signature(settings.PAYMENT_PROVIDER["secret"], seconds, body)
    headers = {"Content-Type": "application/json", "X-Timestamp": seconds, "X-Signature": signature}
    try:
        outside.ask("POST", row["callback_url"], seconds=SECONDS, content=body, headers=headers)
    except httpx.HTTPError:
        return


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("payment", "status", "amount", "currency")}


def _row(payment: str) -> dict[str, Any]:
    row = store.find(payment)
    if row is None:
        raise Http404
    return row

"""The pages for what went wrong. They need no database, no session and no context processor."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.ui.context import layout

# Status: what happened, and what to do.
TEXTS = {
    400: (
        _("Vi forsto ikke det som ble sendt"),
        _("Lenken eller skjemaet manglet noe. Gå tilbake og prøv en gang til."),
    ),
    403: (
        _("Du har ikke tilgang til denne siden"),
        _("Siden er for en annen person eller rolle. Er du logget inn som deg selv? Gå til forsiden og prøv derfra."),
    ),
    404: (
        _("Vi finner ikke siden"),
        _("Den kan være flyttet eller slettet, eller lenken kan ha en skrivefeil. Gå til forsiden og let derfra."),
    ),
    408: (
        _("Sendingen tok for lang tid"),
        _("Nettet var for tregt til å sende alt. Prøv igjen der nettet er bedre, eller send færre og mindre filer."),
    ),
    409: (
        _("Noe har endret seg"),
        _("Det ble gjort en endring mens du hadde siden åpen. Last siden på nytt og se hva som gjelder nå."),
    ),
    413: (
        _("Det du sendte, er for stort"),
        _("En fil kan være høyst 12 MB, og alle filene til sammen 64 MB. Send færre eller mindre filer om gangen."),
    ),
    429: (
        _("Det ble for mange forsøk"),
        _("Vi fikk mange forsøk på kort tid. Vent noen minutter og prøv igjen."),
    ),
    500: (
        _("Noe gikk galt hos oss"),
        _("Feilen er meldt til dem som drifter tjenesten. Prøv igjen om litt. Haster det, kan du ringe legekontoret."),
    ),
    503: (
        _("Tjenesten er borte en liten stund"),
        _("Vi får ikke tak i opplysningene akkurat nå. Prøv igjen om litt. Haster det, kan du ringe legekontoret."),
    ),
    507: (
        _("Vi kan ikke ta imot filer nå"),
        _("Det er ikke plass til dem hos oss. Prøv igjen om litt, eller send uten filer. Haster det, ring kontoret."),
    ),
}
NOT_DONE = {
    403: _("Ingenting er lagret: du kan ikke gjøre dette"),
    404: _("Ingenting er lagret: det du sendte, hører ikke til noe her"),
    409: _("Ingenting er lagret: noe har endret seg"),
}
UNREAD = _("Vi fikk ikke lest det du sendte. Har en fil et langt navn, så gi den et kortere og prøv igjen.")
GONE = _("Det siden gjaldt, er flyttet, slettet eller ferdig behandlet etter at du åpnet den.")
NO_FORM = _("Skjemaet du skrev i, står ikke på siden lenger.")
OTHER_OFFICE = _(
    "Du arbeider flere steder. Gjelder siden et annet av kontorene dine, så bytt dit. Da kommer du rett til den."
)
ONE_NOW = _("To oppføringer av samme pasient er blitt én etter at du åpnet siden. Åpne siden på nytt, og send derfra.")
TAKEN_OUT = _("Dette sto i feil pasients journal. %(name)s har tatt det ut derfra etter at du åpnet siden.")
MAY_TRY_AGAIN = {409, 429, 500, 503, 507}
SHOWN_BY_HTMX = {404, 409}  # at the others a banner comes, and what was typed stays


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form held that came without script, so that it can be sent again from this page. Files are not kept."""
    if request.method != "POST" or request.headers.get("HX-Request"):
        return []
    return [(name, value) for name, values in request.POST.lists() for value in values if isinstance(value, str)]


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody who is logged in sent and nothing was done with: her words, to copy, and the page of the form."""

    words: list[str]
    has_files: bool
    page: str


def page(
    request: HttpRequest,
    status: int,
    message: str | Promise | None = None,
    sent: Sent | None = None,
    office_url: str = "",
) -> HttpResponse:
    """`message` is for the person and stands first; without it the status speaks. Statuses as in TEXTS. `office_url`
    is where she who works at several offices goes to another of them."""
    title, advice = map(str, TEXTS[status])
    if sent and status in NOT_DONE:
        title, advice = str(NOT_DONE[status]), ""
    context = layout(request) | {
        "request": request,
        "csrf_token": get_token(request),
        "status": status,
        "title": title,
        "message": message,
        "advice": OTHER_OFFICE if office_url else "" if message and status == 429 else advice,  # a limit says how long
        "office_url": office_url,
        "try_again": request.get_full_path() if status in MAY_TRY_AGAIN and not sent else "",
        "sent": sent,
        "typed": _typed(request) if status == 503 else [],
        "request_id": getattr(request, "request_id", ""),
    }
    response = HttpResponse(render_to_string("ui/error.html", context), status=status)
    if status in SHOWN_BY_HTMX and request.headers.get("HX-Request"):
        response["HX-Retarget"] = response["HX-Reselect"] = "#content"
        response["HX-Reswap"] = "outerHTML"
    patch_vary_headers(response, ["HX-Request"])
    return response

"""Settings: tables of rates that the manager confirms, what the office decides about prices, and its own price list."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.core import reading, seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.fees import policy as fees_policy
from legedialog.fees import prices, queries, rules, services, texts
from legedialog.fees.kid import is_account_number
from legedialog.ui import htmx
from legedialog.ui.forms import NumberField
from legedialog.workspace import policy
from legedialog.workspace.charges.forms import KronerField
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.settings.seeing import seen_in, tried

ROLES = policy.PAGES["settings"]


class TermsForm(forms.Form):
    promises_day_rate = forms.BooleanField(
        label=gettext_lazy("Dagpris på e-konsultasjoner"),
        help_text=gettext_lazy("Pasienten betaler dagpris, også når legen svarer om kvelden eller i helgen."),
        required=False,
    )
    charges_missed = forms.BooleanField(
        label=gettext_lazy("Gebyr for time som ikke blir avbestilt i tide"),
        help_text=gettext_lazy(
            "Pasienten ser beløpet før bestilling. Gebyret kreves aldri uten at dere godkjenner det."
        ),
        required=False,
    )

    charges_invoice = forms.BooleanField(
        label=gettext_lazy("Fakturagebyr"),
        help_text=gettext_lazy(
            "Legges til når pasienten har hatt beskjed om kravet i to dager. Den som ikke har fått beskjeden, får "
            "fakturaen uten gebyr."
        ),
        required=False,
    )
    charges_reminder = forms.BooleanField(
        label=gettext_lazy("Purregebyr"),
        help_text=gettext_lazy("Legges til når en påminnelse sendes: én gang, tidligst to uker etter forfall."),
        required=False,
    )
    charges_dispatch = forms.BooleanField(
        label=gettext_lazy("Ekspedisjonsgebyr"),
        help_text=gettext_lazy("For det dere sender i posten. Pasienten ser beløpet før reseptfornyelse."),
        required=False,
    )
    account_number = forms.CharField(
        label=gettext_lazy("Kontonummer"),
        help_text=gettext_lazy("Elleve siffer. Uten det kan dere ikke sende faktura."),
        max_length=14,
        required=False,
    )
    due_days = NumberField(label=gettext_lazy("Dager til forfall"), min_value=1, max_value=90)
    kid_modulus = forms.TypedChoiceField(
        label=gettext_lazy("Kontrollsiffer i KID"),
        help_text=gettext_lazy("Det står i avtalen med banken."),
        choices=[(10, "MOD10"), (11, "MOD11")],
        coerce=int,
    )

    def clean_account_number(self) -> str:
        text = reading.typed(self.cleaned_data["account_number"]).replace(".", "").replace(" ", "")
        if text and not is_account_number(text):
            raise forms.ValidationError(_("Dette er ikke et kontonummer. Sjekk de elleve sifrene."))
        return text


class OwnPriceForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Hva det gjelder"), max_length=80)
    kroner = KronerField(
        label=gettext_lazy("Pris i kroner"),
        error_messages={
            "zero": gettext_lazy("Skriv et beløp som er større enn 0. Det som er gratis, trenger ingen pris.")
        },
    )


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    practice_id, now = practice_of(request.actor), timezone.now()
    known = queries.known(practice_id, local_day(now))
    context = {
        "tables": prices.tables(request.actor, practice_id),
        "has_prices": rules.CONSULTATION in known.rates,
        "is_running_out": prices.is_running_out(practice_id, now),
        "terms": known.terms,
        "fees": _fees(known.terms),
        "own": [(row, texts.kroner(row.ore)) for row in prices.own_prices(request.actor)],
        "decides": allows(fees_policy.check_decides, request.actor, practice_id),
    }
    return htmx.page(request, "workspace/settings/prices.html", context)


def _fees(terms: rules.Terms) -> str:
    """Those that the office takes beside what is done."""
    taken = [
        (terms.charges_invoice, _("Fakturagebyr")),
        (terms.charges_reminder, _("Purregebyr")),
        (terms.charges_dispatch, _("Ekspedisjonsgebyr")),
    ]
    return ", ".join(name for is_taken, name in taken if is_taken) or _("Ingen")


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def table(request: htmx.Request, table: str) -> HttpResponse:
    """A table beside what holds before it; the manager confirms what she has seen."""
    actor, practice_id = request.actor, practice_of(request.actor)
    status = None
    if request.method == "POST":
        try:
            services.confirm(
                actor=actor,
                practice_id=practice_id,
                name=table,
                mark=request.POST.get("mark", ""),
                now=timezone.now(),
            )
        except Refused as refused:
            messages.error(request, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Bekreftet. Pasientene ser prisene fra nå."))
            return htmx.redirect(request, "workspace:settings-prices")
    found = prices.table(practice_id, table)
    row = next(each for each in prices.tables(actor, practice_id) if each.name == table)
    context = {
        "table": found,
        "row": row,
        "rows": [
            (each, _what(each.rate.code), _amounts(each.rate), each.before and _amounts(each.before))
            for each in found.rows
        ],
        "unknown": ", ".join(map(_what, found.unknown)),
        "decides": allows(fees_policy.check_decides, actor, practice_id) and row.confirmed_at is None,
    }
    return htmx.page(request, "workspace/settings/rates.html", context, status=status)


def _what(code: str) -> str:
    return texts.named(code, rules.CODES[code].what)


def _amounts(rate: rules.Rate) -> list[str]:
    return [
        texts.kroner(each) or "–" for each in (rate.day, rate.evening, rate.specialist_day, rate.specialist_evening)
    ]


@staff_required(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def terms(request: htmx.Request) -> HttpResponse:
    practice_id = practice_of(request.actor)
    row = prices.terms(practice_id)
    initial = {name: getattr(row, name) for name in TermsForm.base_fields}
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    saved, changed = tried(
        form,
        lambda: services.decide(
            actor=request.actor,
            practice_id=practice_id,
            **form.cleaned_data,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
        ),
    )
    if saved:
        messages.success(request, _("Lagret. Det gjelder fra neste pris som vises."))
        return htmx.redirect(request, "workspace:settings-prices")
    mark = seen.mark(*prices.seen_of_terms(row))
    context = {"form": form, **seen_in(form, mark, changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/terms.html", context, part="form", form=form, status=status)


@staff_required(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def own_price(request: htmx.Request) -> HttpResponse:
    form = OwnPriceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.add_own_price(
                actor=request.actor,
                practice_id=practice_of(request.actor),
                name=form.cleaned_data["name"],
                ore=form.cleaned_data["kroner"],
                now=timezone.now(),
            )
        except Refused as refused:
            form.add_error("name", to_office(refused))
        else:
            messages.success(request, _("Lagret."))
            return htmx.redirect(request, "workspace:settings-prices")
    return htmx.page(request, "workspace/settings/own_price.html", {"form": form}, part="form", form=form)


@staff_required(Role.MANAGER)
@require_POST
def remove_own_price(request: htmx.Request, price_id: UUID) -> HttpResponse:
    try:
        services.remove_own_price(actor=request.actor, price_id=price_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, _("Fjernet fra prislisten."))
    return htmx.redirect(request, "workspace:settings-prices")

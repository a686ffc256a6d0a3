"""What the gallery shows. Only the demo and the tests load it."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind
from legedialog.ui import forms as fields
from legedialog.ui import htmx

CITIZEN = [
    ("/", _("Hjem"), "home"),
    ("/min-fastlege/", _("Min fastlege"), "doctor"),
    ("/timeavtaler/", _("Timeavtaler"), "calendar"),
    ("/meldinger/", _("Meldinger"), "messages"),
    ("/legemidler/", _("Legemidler"), "medicine"),
    ("/profil/", _("Profil"), "profile"),
    ("/hjelp/", _("Hjelp"), "help"),
]
OFFICE = [
    ("/kontor/", _("Innboks"), "inbox"),
    ("/kontor/kalender/", _("Kalender"), "calendar"),
    ("/kontor/resepter/", _("Resepter"), "prescription"),
    ("/kontor/videotimer/", _("Videotimer"), "video"),
    ("/kontor/pasienter/", _("Pasienter"), "people"),
    ("/kontor/innstillinger/", _("Innstillinger"), "settings"),
]


class ExampleForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("Hvordan vil du møte legen?"),
        choices=[("visit", _("Oppmøte")), ("phone", _("Telefon")), ("video", _("Video"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Hva gjelder det?"),
        help_text=_("Skriv kort. Bare legekontoret leser det."),
        max_length=100,
        widget=fields.Textarea,
    )
    day = forms.DateField(label=_("Dag"), widget=fields.DateInput, required=False)
    clock = forms.TimeField(label=_("Klokkeslett"), widget=fields.TimeInput, required=False)
    telephone = forms.CharField(label=_("Telefon"), help_text=_("Bare hvis legen skal ringe deg."), required=False)
    visit = forms.ChoiceField(label=_("Type time"), choices=[("short", _("Vanlig")), ("long", _("Lang"))])
    reminders = forms.MultipleChoiceField(
        label=_("Påminnelse"),
        choices=[("sms", "SMS"), ("email", _("E-post"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(label=_("Jeg har lest reglene for avbestilling"))


def page(request: HttpRequest) -> HttpResponse:
    """`?side=office` for the other side, `?acting=1` for somebody else's affairs, `?long=1` with messages."""
    office = request.GET.get("side") == "office"
    form = ExampleForm(request.POST if request.method == "POST" else None)
    now = timezone.now()
    at = (now + timedelta(days=1)).replace(hour=9, minute=20, second=0, microsecond=0)
    if request.GET.get("messages"):
        messages.success(request, _("Timen er bestilt."))
        messages.error(request, _("Noe gikk galt hos oss"))
    context: dict[str, Any] = {
        "layout": "ui/office.html" if office else "ui/citizen.html",
        "form": form,
        "at": at,
        "end": at + timedelta(minutes=20),
        "until": now + timedelta(minutes=9, seconds=42),
        "child": date(2018, 5, 17),
        "times": [at + timedelta(minutes=20 * step) for step in range(8)],
        "facts": [
            (_("Fastlege"), "Ingrid Aas"),
            (_("Legekontor"), "Fjordbyen legesenter"),
            (_("Adresse"), "Strandgata 1, 9999 Fjordbyen"),
        ],
        "navigation": [
            SimpleNamespace(url=url, text=text, icon=icon, current=index == 0)
            for index, (url, text, icon) in enumerate(OFFICE if office else CITIZEN)
        ],
        "acting_for": "Ola Testdal" if request.GET.get("acting") else "",
    }
    request.actor = Actor(kind=Kind.CITIZEN, display_name="Kari Testdal")  # type: ignore[attr-defined]
    return htmx.page(request, "ui/gallery.html", context, part="form", form=form)

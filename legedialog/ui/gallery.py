"""What the gallery shows, in bokmål only: nobody but those who build and check the pages sees it."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from legedialog.access.actor import Actor, Kind
from legedialog.ui import forms as fields
from legedialog.ui import htmx

CITIZEN = [
    ("/", "Hjem", "home"),
    ("/min-fastlege/", "Min fastlege", "doctor"),
    ("/timeavtaler/", "Timeavtaler", "calendar"),
    ("/meldinger/", "Meldinger", "messages"),
    ("/legemidler/", "Legemidler", "medicine"),
    ("/profil/", "Profil", "profile"),
    ("/hjelp/", "Hjelp", "help"),
]
OFFICE = [
    ("/kontor/", "Innboks", "inbox"),
    ("/kontor/kalender/", "Kalender", "calendar"),
    ("/kontor/resepter/", "Resepter", "prescription"),
    ("/kontor/videotimer/", "Videotimer", "video"),
    ("/kontor/pasienter/", "Pasienter", "people"),
    ("/kontor/innstillinger/", "Innstillinger", "settings"),
]


class ExampleForm(forms.Form):
    channel = forms.ChoiceField(
        label="Hvordan vil du møte legen?",
        choices=[("visit", "Oppmøte"), ("phone", "Telefon"), ("video", "Video")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Hva gjelder det?",
        help_text="Skriv kort. Bare legekontoret leser det.",
        max_length=100,
        widget=fields.Textarea,
    )
    day = fields.DayField(label="Dag", required=False)
    clock = forms.TimeField(label="Klokkeslett", widget=fields.TimeInput, required=False)
    telephone = forms.CharField(label="Telefon", help_text="Bare hvis legen skal ringe deg.", required=False)
    visit = forms.ChoiceField(label="Type time", choices=[("short", "Vanlig"), ("long", "Lang")])
    reminders = forms.MultipleChoiceField(
        label="Påminnelse",
        choices=[("sms", "SMS"), ("email", "E-post")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(label="Jeg har lest reglene for avbestilling")


def page(request: HttpRequest) -> HttpResponse:
    """`?side=office` for the other side, `?acting=1` for somebody else's affairs, `?long=1` with messages."""
    office = request.GET.get("side") == "office"
    form = ExampleForm(request.POST if request.method == "POST" else None)
    now = timezone.now()
    at = (now + timedelta(days=1)).replace(hour=9, minute=20, second=0, microsecond=0)
    if request.GET.get("messages"):
        messages.success(request, "Timen er bestilt.")
        messages.error(request, "Noe gikk galt hos oss")
    context: dict[str, Any] = {
        "layout": "ui/office.html" if office else "ui/citizen.html",
        "form": form,
        "at": at,
        "end": at + timedelta(minutes=20),
        "until": now + timedelta(minutes=9, seconds=42),
        "child": date(2018, 5, 17),
        "times": [at + timedelta(minutes=20 * step) for step in range(8)],
        "facts": [
            ("Fastlege", "Ingrid Aas"),
            ("Legekontor", "Fjordbyen legesenter"),
            ("Adresse", "Strandgata 1, 9999 Fjordbyen"),
        ],
        "navigation": [
            SimpleNamespace(url=url, text=text, icon=icon, current=index == 0)
            for index, (url, text, icon) in enumerate(OFFICE if office else CITIZEN)
        ],
        "acting_for": "Ola Testdal" if request.GET.get("acting") else "",
    }
    request.actor = Actor(kind=Kind.CITIZEN, display_name="Kari Testdal")  # type: ignore[attr-defined]
    return htmx.page(request, "ui/gallery.html", context, part="form", form=form)

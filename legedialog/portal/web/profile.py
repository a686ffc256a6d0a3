"""Profil: who I am, how I am reached, what I have agreed to, and where I am logged in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from legedialog.access import queries as access
from legedialog.access import services as logins
from legedialog.access.web import citizen_required
from legedialog.appointments import queries as appointments
from legedialog.consent import queries as consent
from legedialog.consent import rules as levels
from legedialog.consent import services as consents
from legedialog.consent.rules import Level
from legedialog.consent.web import adult_required
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients import services as persons
from legedialog.patients.rules import Language, is_too_young
from legedialog.portal.web.forms import ContactForm, WithdrawForm
from legedialog.portal.web.views import me
from legedialog.ui import htmx
from legedialog.ui.web import remember


@citizen_required
@require_safe
def profile(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    person = patients.profile(request.actor, me(request.actor), now)
    history = consent.history(request.actor, person.id)
    level = history[0].level if history else levels.DEFAULT
    context = {
        "profile": person,
        "is_young": is_too_young(person.birth_date, local_day(now)),
        "level": level,
        "level_name": levels.NAMES[level],
        "history": history,
        "opens": levels.OPENS,
        "logins": access.open_logins(request.actor, now),
        "next": request.path,
    }
    return htmx.page(request, "portal/profile.html", context)


@citizen_required
@require_http_methods(["GET", "POST"])
def contact(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    person = patients.profile(request.actor, me(request.actor), now)
    initial = {name: getattr(person, name) for name in ContactForm.base_fields}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        persons.update_contact(actor=request.actor, person_id=person.id, now=now, **form.cleaned_data)
        messages.success(request, _("Kontaktopplysningene er lagret og bekreftet."))
        return htmx.redirect(request, "portal:profile")
    return htmx.page(request, "portal/contact.html", {"form": form}, part="form", form=form)


@citizen_required
@require_POST
def confirm_contact(request: htmx.Request) -> HttpResponse:
    persons.confirm_contact(actor=request.actor, person_id=me(request.actor), now=timezone.now())
    messages.success(request, _("Takk. Kontaktopplysningene er bekreftet."))
    return htmx.redirect(request, "portal:profile")


@citizen_required
@require_POST
def language(request: htmx.Request) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = htmx.redirect(request, "portal:profile")
    if chosen in Language.values:
        persons.choose_language(
            actor=request.actor, person_id=me(request.actor), language=Language(chosen), now=timezone.now()
        )
        remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
        with override(chosen):
            messages.success(request, _("Språket er lagret."))
    return response


@adult_required
@require_http_methods(["GET", "POST"])
def withdraw(request: htmx.Request) -> HttpResponse:
    """What withdrawing means stands first, with the appointments that are coming."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        consents.withdraw(actor=actor, person_id=person_id, to=Level(form.cleaned_data["to"]), now=now)
        messages.success(request, _("Samtykket er trukket tilbake."))
        return htmx.redirect(request, "portal:profile")
    context = {
        "form": form,
        "level": consent.level(person_id),
        "coming": appointments.coming(actor, person_id, now),
        "opens": levels.OPENS,
    }
    return htmx.page(request, "portal/withdraw.html", context, part="form", form=form)


@citizen_required
@require_POST
def log_out_everywhere(request: htmx.Request) -> HttpResponse:
    """The cookie stays: it opens nothing any more, but tells whose text it is when another tab still holds a form."""
    logins.end_everywhere(actor=request.actor, now=timezone.now())
    return htmx.redirect(request, "portal:front")

"""Profil: who I am, how I am reached, what I have agreed to, and where I am logged in."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from legedialog.access import queries as access
from legedialog.access import seals
from legedialog.access import services as logins
from legedialog.access.web import citizen_required
from legedialog.consent import queries as consent
from legedialog.consent import rules as levels
from legedialog.consent import services as consents
from legedialog.consent.rules import Level
from legedialog.consent.web import adult_required, watch
from legedialog.core import contexts
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.journeys import own_data, withdrawal
from legedialog.patients import powers
from legedialog.patients import queries as patients
from legedialog.patients import services as persons
from legedialog.patients.rules import Language, NoticeKind, Way, is_too_young
from legedialog.portal.common import me
from legedialog.portal.profile.forms import ContactForm, LockForm, NoticesForm, WithdrawForm
from legedialog.ui import htmx
from legedialog.ui.web import remember

DONE = {
    Level.BASIS: gettext_lazy("Samtykket er trukket tilbake."),
    Level.NONE: gettext_lazy("Tjenestene er slått av, og opplysningene vi hadde for din skyld, er slettet."),
}


@citizen_required
@require_safe
def profile(request: htmx.Request) -> HttpResponse:
    """The doors, each with how it stands behind it."""
    actor, now = request.actor, timezone.now()
    person = patients.profile(actor, me(actor), now)
    is_young, level = is_too_young(person.birth_date, local_day(now)), consent.level(person.id)
    watch(request, level, Level.NONE)
    context = {
        "profile": person,
        "is_young": is_young,
        "level_name": levels.NAMES[level],
        "who_act": powers.who_act(actor, is_child=is_young, now=now),
        "logins": len(access.open_logins(actor, now)),
        "parts": contexts.parts("portal:profile", actor, person.id, now) if level != Level.NONE else [],
    }
    return htmx.page(request, "portal/profile/profile.html", context)


@citizen_required
@require_safe
def reach(request: htmx.Request) -> HttpResponse:
    """Kontakt og beskjeder: where she is reached, of what she is told, in which language."""
    actor, now = request.actor, timezone.now()
    person = patients.profile(actor, me(actor), now)
    ways: dict[Way, list[NoticeKind]] = {}
    for kind, way in person.notices.items():
        ways.setdefault(way, []).append(kind)
    context = {"profile": person, "ways": ways.items(), "parts": contexts.parts("portal:reach", actor, person.id, now)}
    return htmx.page(request, "portal/profile/reach.html", context)


@citizen_required
@require_safe
def insight(request: htmx.Request) -> HttpResponse:
    """Samtykke og innsyn: what she has agreed to, and the ways to what is kept of her."""
    actor, now = request.actor, timezone.now()
    person = patients.profile(actor, me(actor), now)
    history = consent.history(actor, person.id)
    level = history[0].level if history else levels.DEFAULT
    watch(request, level, Level.NONE)
    context = {
        "is_young": is_too_young(person.birth_date, local_day(now)),
        "level": level,
        "level_name": levels.NAMES[level],
        "history": history,
        "table": levels.table(),
        "next": request.path,
    }
    return htmx.page(request, "portal/profile/insight.html", context)


@citizen_required
@require_safe
def open_logins(request: htmx.Request) -> HttpResponse:
    """Innlogging og sikkerhet: where she is logged in, and the way to close it all."""
    context = {"logins": access.open_logins(request.actor, timezone.now())}
    return htmx.page(request, "portal/profile/logins.html", context)


@citizen_required
@require_http_methods(["GET", "POST"])
def contact(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    person = patients.profile(request.actor, me(request.actor), now)
    initial = {name: getattr(person, name) for name in ContactForm.base_fields}
    data = request.POST if request.method == "POST" else None
    form = ContactForm(data, initial=initial, auto_id=seals.field_id(request.actor))
    mark = request.POST.get("mark", "") if request.method == "POST" else person.contact_mark
    status, saved = None, None
    if form.is_valid():
        try:
            persons.update_contact(actor=request.actor, person_id=person.id, mark=mark, now=now, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.message))
            mark, status, saved = person.contact_mark, 409, person
        else:
            messages.success(request, _("Kontaktopplysningene er lagret og bekreftet."))
            return htmx.redirect(request, "portal:reach")
    context = {"form": form, "mark": mark, "saved": saved}
    return htmx.page(request, "portal/profile/contact.html", context, part="form", form=form, status=status)


@citizen_required
@require_POST
def confirm_contact(request: htmx.Request) -> HttpResponse:
    try:
        persons.confirm_contact(
            actor=request.actor, person_id=me(request.actor), mark=request.POST.get("mark", ""), now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Takk. Kontaktopplysningene er bekreftet."))
    return htmx.redirect(request, "portal:reach")


@citizen_required
@require_POST
def language(request: htmx.Request) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = htmx.redirect(request, "portal:reach")
    if chosen in Language.values:
        persons.choose_language(
            actor=request.actor, person_id=me(request.actor), language=Language(chosen), now=timezone.now()
        )
        remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
        with override(chosen):
            messages.success(request, _("Språket er lagret."))
    return response


@citizen_required
@require_http_methods(["GET", "POST"])
def notices(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    person = patients.profile(request.actor, me(request.actor), now)
    form = NoticesForm(request.POST if request.method == "POST" else None, initial=person.notices)
    mark = request.POST.get("mark", "") if request.method == "POST" else person.notices_mark
    status = None
    if form.is_valid():
        try:
            persons.choose_notices(actor=request.actor, person_id=person.id, ways=form.ways, mark=mark, now=now)
        except Refused as refused:
            chosen = form.ways
            form.add_error(None, str(refused.message))
            for kind, way in person.notices.items():
                if way != chosen[kind]:
                    form.add_error(kind.value, _("Lagret nå: %(way)s.") % {"way": way.label})
            mark, status = person.notices_mark, 409
        else:
            messages.success(request, _("Valgene dine er lagret."))
            return htmx.redirect(request, "portal:reach")
    context = {"form": form, "profile": person, "mark": mark}
    return htmx.page(request, "portal/profile/notices.html", context, part="form", form=form, status=status)


@adult_required
@require_http_methods(["GET", "POST"])
def withdraw(request: htmx.Request) -> HttpResponse:
    """What withdrawing means stands first: what goes on without her, and what is removed."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    level = consent.level(person_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None, level=level)
    if level != Level.NONE and form.is_valid():
        withdrawal.withdraw(actor=actor, person_id=person_id, to=form.level, now=now)
        messages.success(request, DONE[form.level])
        return htmx.redirect(request, "portal:child" if actor.acts_for_another else "portal:insight")
    context: dict[str, Any] = {"form": form, "level": level, "lost": levels.OPENS}
    if level != Level.NONE:
        context["after"] = withdrawal.consequences(actor, person_id, now)
    return htmx.page(request, "portal/profile/withdraw.html", context, part="form", form=form)


@citizen_required
@require_POST
def log_out_everywhere(request: htmx.Request) -> HttpResponse:
    """The cookie stays: it opens nothing any more, but tells whose text it is when another tab still holds a form."""
    logins.end_everywhere(actor=request.actor, now=timezone.now())
    return htmx.redirect(request, "portal:front")


@citizen_required
@require_POST
def log_out_device(request: htmx.Request, login_id: UUID) -> HttpResponse:
    """One that is over already is no news."""
    if logins.end_one(actor=request.actor, login_id=login_id, now=timezone.now()):
        messages.success(request, _("Nettleseren er logget ut."))
    return htmx.redirect(request, "portal:logins")


@citizen_required
@require_http_methods(["GET", "POST"])
def lock(request: htmx.Request) -> HttpResponse:
    """Akuttsperre. Who can lift it stands before the button, for there is no way back from here."""
    actor, now = request.actor, timezone.now()
    assert actor.person_id  # noqa: S101  citizen_required
    form = LockForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        consents.lock(actor=actor, person_id=actor.person_id, now=now)
        return htmx.redirect(request, "portal:locked")
    context = {"form": form, "gp": patients.gp_of(actor.person_id, local_day(now))}
    return htmx.page(request, "portal/profile/lock.html", context, part="form", form=form)


@require_safe
def locked(request: htmx.Request) -> HttpResponse:
    """What she sees after it. Nobody is logged in, so it tells nothing of anybody."""
    return htmx.page(request, "portal/profile/locked.html")


@citizen_required
@require_http_methods(["GET", "POST"])
def export(request: htmx.Request) -> HttpResponse:
    """Ask for a copy of her own data, see how far it has come, and fetch it. Without script she asks again."""
    actor, now = request.actor, timezone.now()
    if request.method == "POST":
        own_data.ask(actor=actor, now=now)
        return htmx.redirect(request, "portal:export")
    return htmx.page(request, "portal/profile/export.html", {"export": own_data.state(actor, now)}, part="export")


@citizen_required
@require_safe
def export_file(request: htmx.Request, file: str) -> HttpResponseBase:
    now = timezone.now()
    try:
        if file == own_data.ATTACHMENTS:
            parts = own_data.fetch_attachments(actor=request.actor, now=now)
            headers = {"Content-Disposition": f'attachment; filename="{own_data.ARCHIVE}"'}
            return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)
        content = own_data.fetch(actor=request.actor, file=file, now=now)
    except NotFound:  # a page that stood open: the files have ended, or something of hers was changed
        if file != own_data.ATTACHMENTS and file not in own_data.FILES:
            raise
        messages.info(request, _("Filen kan ikke hentes lenger. Lag filene på nytt her."))
        return htmx.redirect(request, "portal:export")
    kind, name = own_data.FILES[file]
    return HttpResponse(content, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

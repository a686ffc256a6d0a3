"""Every template that draws a form and every script that sends without one: none without the seal of whom it is for.

That every address refuses another's is in test_permissions.py."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import get_resolver

from legedialog.access import seals
from legedialog.access.actor import ANONYMOUS, Actor, Kind
from legedialog.core import typed
from legedialog.core.ids import new_id
from legedialog.ui import errors

LEGEDIALOG = Path(__file__).resolve().parents[2]


def test_no_template_draws_a_form_without_the_seal() -> None:
    bare = []
    for path in LEGEDIALOG.rglob("*.html"):
        if path.name == "error.html":  # without a database: the form that came, with the seal that it came with
            continue
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            if re.search(r"method=\"post\"|hx-(post|put|patch|delete)=", form) and "{% csrf_token %}" not in form:
                bare.append(f"{path.name}: {form[:80]}")
    assert not bare


HERS = {"words"}  # what she has searched for goes with her to the next part of what was found


def test_what_stands_hidden_in_a_form_has_no_name_of_a_field_for_text() -> None:
    """Else it would be shown, and given back, as something a person has written: core/typed.py."""
    assert get_resolver().url_patterns  # all forms are there
    hidden = re.compile(r'<input[^>]*type="hidden"[^>]*\bname="([^"{]+)"', re.DOTALL)
    names = {
        name: path.name
        for path in LEGEDIALOG.rglob("*.html")
        for name in hidden.findall(path.read_text(encoding="utf-8"))
    }
    taken = {name: names[name] for name in sorted(names.keys() - HERS) if typed.words([(name, "a")])}
    assert not taken, f"rename the field for text or what is hidden: {taken}"


def test_nothing_is_put_back_into_a_form_by_the_browser() -> None:
    """A page that is come back to may be drawn for another: what was typed before is not filled in. ADR 61."""
    open_forms = []
    for path in LEGEDIALOG.rglob("*.html"):
        for tag in re.findall(r"<form\b[^>]*>", path.read_text(encoding="utf-8")):
            if 'autocomplete="off"' not in tag and 'method="dialog"' not in tag:
                open_forms.append(f'{path.name}: {tag[:80]}: say autocomplete="off"')
        for tag in re.findall(r"<(?:textarea|select)\b[^>]*>", path.read_text(encoding="utf-8")):
            if 'autocomplete="off"' not in tag:  # not every browser asks the form for these: ADR 142
                open_forms.append(f'{path.name}: {tag[:80]}: say autocomplete="off"')
    assert not open_forms


def test_a_field_that_the_browser_may_fill_in_is_known_by_whom_it_is_for() -> None:
    """A tab that is opened again after another has logged in: what stood there is put back by the field's id."""
    import_module(settings.ROOT_URLCONF)  # and with it every form
    own = {
        form.__name__: form
        for form in typed.forms_of_ours()
        if form.__module__.startswith("legedialog.")
        and any(field.widget.attrs.get("autocomplete", "off") != "off" for field in form.base_fields.values())
    }
    assert own.keys() == {"ContactForm", "CallForm"}
    kari, per = (Actor(kind=Kind.CITIZEN, person_id=new_id()) for _ in range(2))
    for form in own.values():
        ids = [{field.auto_id for field in form(auto_id=seals.field_id(who))} for who in (kari, per, kari)]
        assert ids[0] == ids[2]
        assert not ids[0] & ids[1]
    for path, name in (("portal/profile/views.py", "ContactForm"), ("video/web/citizen.py", "CallForm")):
        text = (LEGEDIALOG / path).read_text(encoding="utf-8")
        assert text.count(f"{name}(") == len(re.findall(rf"{name}\(.*auto_id=seals\.field_id", text))


# Her own affairs, never another's: what she says of herself.
OWN = {"contact.html", "notices.html", "lock.html", "give_power.html", "end_power.html", "log_react.html"}


def test_by_each_button_of_the_citizens_forms_stands_whom_it_is_for() -> None:
    """She may act for another, and the top of the page is out of sight when she sends."""
    silent = []
    for path in LEGEDIALOG.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if '{% extends "ui/citizen.html" %}' not in text or path.name in OWN:
            continue
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL):
            if 'class="actions"' in form and '{% include "ui/who.html" %}' not in form:
                silent.append(f"{path.name}: {form[:80]}")
    assert not silent


def test_a_form_that_met_no_database_keeps_the_seal_it_was_drawn_with() -> None:
    shown = errors.page(RequestFactory().post("/", {seals.FIELD: "as-it-was", "text": "noe"}), 503).content.decode()
    assert '<input type="hidden" name="seal" value="as-it-was">' in shown


def test_the_tag_draws_both() -> None:
    request: Any = RequestFactory().get("/")
    request.actor = ANONYMOUS
    drawn = Template("{% csrf_token %}").render(Context({"request": request, "csrf_token": get_token(request)}))
    assert re.findall(r'name="(\w+)"', drawn) == ["csrfmiddlewaretoken", "seal"]


def test_no_script_sends_without_the_seal() -> None:
    """A script sends by `fetch` with a method, by XMLHttpRequest, or lets htmx send a form that holds it."""
    for path in LEGEDIALOG.glob("*/assets/*.js"):
        text = path.read_text(encoding="utf-8")
        sends = len(re.findall(r"method: \"|\.open\(\"POST\"|sendBeacon", text))
        proofs = len(
            re.findall(r"headers: (?:\{[^}]*\.\.\.(?:this\.#)?)?tokens\b|\.\.\.this\.#tokens|entries\(tokens\(", text)
        )
        assert sends == 0 or proofs >= sends, path.name


def test_every_answer_has_a_seal_of_its_own_that_tells_nothing() -> None:
    actor = Actor(kind=Kind.CITIZEN, display_name="Kari Testdal")
    drawn = []
    for _ in range(2):
        request: Any = RequestFactory().get("/")
        request.actor = actor
        assert seals.draw(request) == seals.draw(request)  # one for all forms of an answer
        drawn.append(seals.draw(request))
    assert drawn[0] != drawn[1]
    same = sum(a == b for a, b in zip(*drawn, strict=True))
    assert same < len(drawn[0]) / 4
    assert "Kari" not in drawn[0]


@pytest.mark.parametrize("text", ["", "x", "gAAAAA", "a" * 300, "æ", "\x00"])
def test_what_we_did_not_make_is_no_seal(text: str) -> None:
    assert seals.of(RequestFactory().post("/", {seals.FIELD: text})) is None

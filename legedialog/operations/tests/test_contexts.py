"""A context that is new is found by all who collect, and what it forgets to say is named. See docs/adr/0030."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import AppConfig, apps
from django.test import RequestFactory
from django.urls import reverse
from prometheus_client import CollectorRegistry, generate_latest

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, citizen, office
from legedialog.core import contexts
from legedialog.core.contexts import LINK, RowOf
from legedialog.core.ids import new_id
from legedialog.demo import engine
from legedialog.journeys import own_fhir, own_pdf, telling
from legedialog.journeys.own_rows import gather
from legedialog.operations import alerts, data_register, fence, health, metrics
from legedialog.operations.tests import objects
from legedialog.outbox import texts as outbox_texts
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice
from legedialog.portal.context import navigation
from legedialog.workspace.conftest import logged_in

GARDEN = "legedialog.core.tests.garden"


@pytest.fixture
def garden() -> Iterator[None]:
    """Installed as Django does it, but for the others' `ready`, which must not be called twice."""
    config = AppConfig.create(GARDEN)
    config.apps, apps.app_configs[config.label] = apps, config
    config.import_models()
    apps.clear_cache()
    yield
    del apps.app_configs[config.label]
    apps.clear_cache()


def test_its_rows_are_behind_the_fence(garden: None) -> None:
    rows = fence.fenced()["garden.Plant"]
    (plant,) = apps.get_app_config("garden").get_models()
    (policy,) = fence.policies(plant, rows).values()
    assert "ON garden_plant FOR ALL" in policy
    assert "person_id" in policy


def test_its_fields_are_in_the_data_register(garden: None) -> None:
    assert data_register.faults() == []
    assert "## garden.Plant\n\nWhat grows in a person's garden." in data_register.page()


def test_the_rows_in_its_addresses_are_known(garden: None) -> None:
    assert objects.of("garden:show", "plant_id") == RowOf("garden.Plant", patient="person", is_hers=True)


@pytest.mark.django_db
def test_what_it_holds_of_a_person_is_in_both_files_of_her_own_data(garden: None) -> None:
    kari = office().patient()
    rows = gather(citizen(kari), kari, NOW)
    (table,) = [each for each in own_pdf.document(rows, NOW)["tables"] if each["title"] == "Planter"]
    assert (table["head"], table["rows"]) == (["Navn"], [["Rose"]])
    assert "Rose" in [each["resource"].get("code") for each in own_fhir.bundle(rows, NOW)["entry"]]


@pytest.mark.django_db
def test_its_place_stands_in_the_menu_where_it_says(garden: None) -> None:
    request = RequestFactory().get("/hjem/")
    request.actor = citizen(office().patient())  # type: ignore[attr-defined]
    words = [(str(place.text), place.url) for place in navigation(request)["navigation"]]
    assert words[2:5] == [
        ("Timeavtaler", reverse("appointments:index")),
        ("Hagen", reverse("guidance:help")),
        ("Meldinger", reverse("portal:messages")),
    ]


@pytest.mark.django_db
def test_what_it_tells_of_is_told_in_its_words(garden: None) -> None:
    kari = office().patient()
    told = telling.decide(Notification(event="plant.dry", object_id=new_id(), recipient=kari), NOW)
    assert isinstance(told, Notice)
    assert told.text == "Vann planten."
    assert outbox_texts.title("plant.dry") == "Planten er tørr"


@pytest.mark.django_db
def test_what_waits_is_shown_to_her_and_to_the_office_and_its_settings_beside_the_others(garden: None) -> None:
    at = office()
    hers = logged_in(citizen(at.patient())).get(reverse("portal:home")).content.decode()
    assert "Vann planten" in hers
    manager = logged_in(at.staff(Role.MANAGER))
    waits = manager.get(reverse("workspace:inbox")).content.decode()
    assert re.search(r"Tørre planter.*Rose", waits, re.DOTALL)
    settings = manager.get(reverse("workspace:settings")).content.decode()
    assert re.search(r'href="#hage".*id="hage".*Hva som vokser.*Se hagen', settings, re.DOTALL)


@pytest.mark.django_db
def test_what_those_on_duty_must_know_of_it_is_measured(garden: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.connection.close", lambda: None)  # the test's own
    assert health.ready()["dry_plants"] == 3
    assert "dry_plants" in health.ready()["worries"]
    registry = CollectorRegistry()
    registry.register(metrics.Measures())
    told = generate_latest(registry).decode()
    assert "legedialog_dry_plants 3.0" in told
    assert 'legedialog_plants{kind="rose"} 2.0' in told
    assert "LegedialogDryPlants" in alerts.rules()


@pytest.mark.django_db
def test_its_chapter_of_the_demo_is_played_among_the_others(garden: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from legedialog.core.tests.garden import about

    monkeypatch.setattr("legedialog.patients.queries.id_of", lambda number: NOW)
    chapters = [each for each in contexts.ordered(lambda about: about.story) if not each.at_each_start]
    chapters[0].play(engine.Stage(NOW, []))
    assert about.told == [NOW]
    assert len(chapters) > 1


def test_what_it_forgets_is_named_with_the_place_to_say_it(garden: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from legedialog.core.tests.garden import about

    place = "legedialog/core/tests/garden/about.py"
    plant = about.ABOUT.tables["Plant"]
    for fields, fault in (
        ({LINK: "id person"}, f"garden.Plant.name: say what kind of data it is, in `tables` of {place}."),
        ({LINK: "id person name name"}, f"garden.Plant.name is told of 2 times in {place}: once is right."),
        ({LINK: "id person name smell"}, f"garden.Plant has no field smell: remove it from {place}."),
    ):
        monkeypatch.setattr(about, "ABOUT", replace(about.ABOUT, tables={"Plant": replace(plant, fields=fields)}))
        assert data_register.faults() == [fault]
    monkeypatch.setattr(about, "ABOUT", replace(about.ABOUT, tables={}))
    assert data_register.faults() == [
        f"garden.Plant: say whose its rows are and what its fields are, in `tables` of {place}."
    ]


def test_without_it_nothing_is_left_of_it() -> None:
    assert "garden" not in contexts.contexts()
    assert data_register.faults() == []

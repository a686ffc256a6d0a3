"""A context that is new is found by all who collect, and what it forgets to say is named. See docs/adr/0030."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.test import Client, RequestFactory
from django.urls import reverse
from prometheus_client import CollectorRegistry, generate_latest

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import NOW, citizen, office
from legedialog.audit.models import Event
from legedialog.audit.policy import may_open
from legedialog.core import contexts
from legedialog.core.contexts import LINK, RowOf
from legedialog.core.ids import new_id
from legedialog.demo import engine
from legedialog.guidance import topics as guidance
from legedialog.journeys import log, own_fhir, own_pdf, telling
from legedialog.journeys.own_rows import gather
from legedialog.operations import alerts, data_register, docs, fence, health, metrics
from legedialog.operations.tests import objects
from legedialog.outbox import texts as outbox_texts
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice
from legedialog.portal.context import navigation

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
    resources = [each["resource"] for each in own_fhir.bundle(rows, NOW)["entry"]]
    assert "Rose" in [each.get("code") for each in resources]
    assert resources[0]["photo"] == [{"title": "Rose"}]


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
def test_its_page_of_help_is_listed_found_and_linked_to_from_where_it_says(garden: None) -> None:
    assert "Vanne planter" in Client().get(reverse("guidance:help")).content.decode()
    assert [topic.slug for topic in guidance.found("planter vann")] == ["planter"]
    hers = logged_in(citizen(office().patient())).get(reverse("portal:home")).content.decode()
    assert re.search(r'href="/hjelp/planter/".*Hjelp til dette:\s+Vanne planter', hers, re.DOTALL)


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
    assert "Rosen blomstrer." in hers
    assert re.search(r'href="/hjelp/".*Hagehjelp', hers, re.DOTALL)
    letters = logged_in(citizen(at.patient())).get(reverse("portal:messages")).content.decode()
    assert re.search(r"Brev til rosen.*Fra erten.*Såkort", letters, re.DOTALL)
    manager = logged_in(at.staff(Role.MANAGER))
    waits = manager.get(reverse("workspace:inbox")).content.decode()
    assert re.search(r"Tørre planter.*Rose", waits, re.DOTALL)
    settings = manager.get(reverse("workspace:settings")).content.decode()
    assert re.search(r'href="#hage".*id="hage".*Hva som vokser.*Se hagen', settings, re.DOTALL)


@pytest.mark.django_db
def test_it_stands_on_top_of_a_patient_and_its_look_in_her_log_in_its_words(garden: None) -> None:
    at = office()
    kari, doctor = at.patient(), at.staff(Role.DOCTOR)
    visit = at.booked(kari)
    page = logged_in(doctor).get(reverse("workspace:visit", args=[visit.pk])).content.decode()
    assert re.search(r'data-panel.*<p>Tørr I dag</p>.*<dl class="facts">', page, re.DOTALL)
    (look,) = Event.objects.filter(patient_id=kari.pk, action="plant.read")
    assert log.what(look) == "Så på planten"


@pytest.mark.django_db
def test_it_has_a_part_of_others_pages(garden: None) -> None:
    at = office()
    kari = at.patient()
    visit = at.booked(kari)
    hers, doctor = logged_in(citizen(kari)), logged_in(at.staff(Role.DOCTOR))
    for who, page, ids in (
        (hers, "portal:profile", []),
        (doctor, "workspace:patient", [kari.pk]),
        (doctor, "workspace:visit", [visit.pk]),
    ):
        assert "Rosen blomstrer." in who.get(reverse(page, args=ids)).content.decode(), page


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
    about.told.clear()
    chapters[0].play(engine.Stage(NOW, []))
    assert about.told == [NOW]
    assert len(chapters) > 1


@pytest.mark.django_db
def test_it_has_its_page_in_docs_and_ends_what_came_along_with_a_copy(garden: None) -> None:
    from legedialog.core.tests.garden import about

    assert docs.pages()["garden.md"]() == "# Garden\n"
    about.settled.clear()
    contexts.settle_copy(NOW)
    assert about.settled == [NOW]


@pytest.mark.django_db
def test_a_contact_in_it_is_a_contact_with_the_office(garden: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from legedialog.core.tests.garden import about

    at = office()
    kari, mona = at.patient(), at.staff(Role.SECRETARY)
    assert not may_open(mona, kari.pk, NOW)
    monkeypatch.setattr(about, "gardeners", {kari.pk})
    assert may_open(mona, kari.pk, NOW)


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


ROOT = Path(contexts.__file__).parents[3]
PAGES = "its pages are theirs"
WHOLE = "a use case of several, one after the other"
NAMES_THEM = {
    "portal.corrections": PAGES,
    "workspace.absences": PAGES,
    "workspace.around": PAGES,
    "workspace.calendar": PAGES,
    "workspace.cautions": PAGES,
    "workspace.charges": PAGES,
    "workspace.errands": PAGES,
    "workspace.inbox": PAGES,
    "workspace.journal": PAGES,
    "workspace.numbers": PAGES,
    "workspace.patients": PAGES,
    "workspace.prescriptions": PAGES,
    "workspace.recalls": PAGES,
    "workspace.requests": PAGES,
    "workspace.settings": PAGES,
    "workspace.start": PAGES,
    "workspace.video": PAGES,
    "workspace.common": "the calendars and kinds of visit that several places choose from",
    "workspace.free": "free times, which several places offer",
    "workspace.taking_back": "who has got a dialogue is taken back too, though it does not wait",
    "workspace.undo": "who has got a dialogue is taken back too, though it does not wait",
    "workspace.templatetags": "the words of the record",
    "journeys.absences": WHOLE,
    "journeys.assigning": WHOLE,
    "journeys.changes": WHOLE,
    "journeys.deaths": WHOLE,
    "journeys.handing_over": WHOLE,
    "journeys.misfiling": WHOLE,
    "journeys.notices": "what is told of a wish to correct the record, which is asked here",
    "journeys.staffing": WHOLE,
    "journeys.tasks": WHOLE,
    "journeys.withdrawal": WHOLE,
    "operations.clients": "a command of theirs",
    "operations.fees": "a command of theirs",
}


def test_shells_journeys_and_operations_collect_and_name_no_context_where_no_reason_is_given() -> None:
    """What is done at a doctor's stands in the import contract between the journeys and the files."""
    (layers, *_) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = layers["layers"]
    rooms = "|".join(floors[floors.index("journeys") + 1 : floors.index("attachments")]).replace(" ", "")
    names = re.compile(rf"^\s*(?:from|import) legedialog\.({rooms})\b", re.MULTILINE)
    told = set()
    for file in (ROOT / "legedialog").glob("*/**/*.py"):
        module = ".".join(file.relative_to(ROOT / "legedialog").with_suffix("").parts[:2])
        place = module.partition(".")[0]
        is_of_tests = {"tests", "conftest"} & {*file.parts, file.stem}
        if place in {"portal", "workspace", "journeys", "operations"} and not is_of_tests:
            told |= {module} if names.search(file.read_text()) else set()
    assert told == set(NAMES_THEM), "let it collect what the contexts say in about.py, or give the reason"

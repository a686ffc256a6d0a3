"""A context that operations/tests/test_contexts.py alone installs: what one must say to be part of the whole."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from legedialog.core.contexts import (
    CHOICE,
    LINK,
    RECORD,
    About,
    Chapter,
    Dated,
    Gauge,
    HelpGroup,
    Letters,
    Line,
    Link,
    Measure,
    Notice,
    OfficeWaits,
    Own,
    Part,
    Place,
    RowOf,
    Setting,
    Table,
    Top,
    Topic,
    Waiting,
    Waits,
    belongs_to,
)
from legedialog.core.sql import Asked, Statement
from legedialog.core.tests.garden.models import Plant
from legedialog.outbox.rules import Words


@dataclass(frozen=True, slots=True)
class Dry:
    when: str


DRY = Statement("dry plants", "SELECT 'I dag' AS when", Dry)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
told: list[object] = []  # what the demo has played
settled: list[datetime] = []  # copies
gardeners: set[UUID] = set()
ABOUT = About(
    tables={
        "Plant": Table(
            belongs_to("person"), "What grows in a person's garden.", RECORD, {LINK: "id person", CHOICE: "name"}
        )
    },
    parameters={"plant_id": RowOf("garden.Plant", patient="person", is_hers=True)},
    parts=(
        Part(
            ("portal:home", "portal:profile", "workspace:patient", "workspace:visit"),
            *(20, "core/tests/garden/next.html", lambda *asked: {"text": "Rosen blomstrer."}),
        ),
    ),
    top=(Top(5, "plant.read", lambda *asked: [Asked(DRY)], lambda rows: rows, "core/tests/garden/top.html"),),
    log={"plant.read": "Så på planten"},
    links=(Link(5, "guidance:help", "help", "Hagehjelp", "Når noe ikke gror"),),
    letters=Letters(
        talks=lambda actor, person_id, words, before, most: [Line(AT, "Fra erten", "", "Lest", "info")],
        begun=lambda actor, person_id, now: [Waiting("Brev til rosen", "I dag", "/hagen/", "Ikke sendt", "warning")],
        told=lambda actor, person_id: [Line(AT, "Såkort", "", "E-post", "neutral")],
    ),
    has_contact=lambda actor, patient_id, now: patient_id in gardeners,
    pages={"garden.md": lambda: "# Garden\n"},
    settle_copy=settled.append,
    waits=Waits(
        lambda actor, person_id, gp, now: [Asked(DRY)],
        lambda gp, now, rows: [Waiting("Vann planten", each.when, "/hagen/", "Tørr", "warning") for each in rows],
    ),
    office_waits=(
        OfficeWaits(
            *(5, "Tørre planter", "inbox"),
            lambda actor, practice_id, now: [Asked(DRY)],
            lambda actor, now, acts, rows: [Waiting("Rose", "I dag", "/hagen/", "Tørr", "warning")],
        ),
    ),
    settings=(Setting(5, "hage", "Hagen", text="Hva som vokser.", route="guidance:help", word="Se hagen"),),
    measures=(Measure("dry_plants", "Plants that are dry.", 0, "Give them water.", sql="SELECT 3"),),
    gauges=(Gauge("plants", "Plants by kind.", ("kind",), lambda now: [(("rose",), 2)]),),
    story=(Chapter(5, lambda stage: told.append(stage.person("Kari Testdal"))),),
    notices={"plant.dry": Notice("Planten er tørr", lambda *asked: Words("Vann planten."), says="Vann planten.")},
    menu=Place(35, "guidance:help", "Hagen", "help"),
    topics=(
        Topic(
            *("planter", 5, HelpGroup.YOURS, "help"),
            dated=Dated("2026-12-01", "00000000"),
            title="Vanne planter",
            about="Når de er tørre.",
            what=["Planter trenger vann."],
            asked_at=["portal:home"],
        ),
    ),
    own=(
        Own(
            title="Planter",
            head=("Navn",),
            rows=lambda actor, person_id, now: [Plant(pk=1, person_id=person_id, name="Rose")],
            line=lambda row: [row.name],
            resources=lambda row, me: [{"resourceType": "Basic", "id": str(row.pk), "subject": me, "code": row.name}],
            order=50,
            adds=lambda row: {"photo": [{"title": row.name}]},
        ),
    ),
)

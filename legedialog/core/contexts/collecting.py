"""All that a context says of itself, and where the rest of the product reads what all of them say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.apps import AppConfig, apps
from django.db.models import Model
from django.utils.functional import Promise

from legedialog.core.contexts.parts import (
    Act,
    Chapter,
    Door,
    Gauge,
    Letters,
    Line,
    Link,
    Measure,
    Notice,
    OfficeWaits,
    Own,
    Part,
    Pile,
    Place,
    RowOf,
    Setting,
    Top,
    Topic,
    Waiting,
    Waits,
    Word,
)
from legedialog.core.contexts.rows import Table
from legedialog.core.sql import Asked, ask_as_one

Said = TypeVar("Said")


class HasOrder(Protocol):
    @property
    def order(self) -> int: ...


Ordered = TypeVar("Ordered", bound=HasOrder)


Settle = Callable[[UUID, UUID, datetime], None]  # the one who stays, the one who goes, now
A_PERSON = "a person"  # follows her when two rows become one


def kept_stays(kept: UUID, gone: UUID, now: datetime) -> None:
    """Where both have one, the one of her who stays is kept: journeys/merging.py drops the other."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose rows: `tables` by the model's name; `relations` are tables and views that stand in no register, by their
    name in the database, each with the reason why it has no policy.

    Addresses, by the name of the route: `for_everybody` and `for_systems` have no guard, each with why or where it is
    asked; `finer` are those whose guard lets in more than the policy does, with who may ("POST name": who may send);
    `silent` shows a patient's row and leaves no line in her log, with why. `parameters` is what stands in the
    addresses: by its name, or by "route parameter" (a beginning is enough) where the name means something else there.
    `use_cases`: what each role at an office may do there, by a sentence.
    `statements`: how often a page may ask the database, where it is more than most (operations/tests/test_hot.py).

    `menu` and `office_menu`: its place among the citizen's and the office's places. `doors`: by the service,
    practices.rules.Service.

    `parts` of pages of others; on Hjem they stand first. `top` stands on top of a patient at the office.

    On Hjem: `links` are doors that no doctor opens, `waits` is what waits for her.
    `letters`: its part of Meldinger. `office_waits` and `settings`: its part of the office's inbox and
    settings; `piles`: what else of it waits, on the office's first page. `has_contact(actor, patient_id, now)`: whether
    she has a contact with the office that is open or was lately, so that nobody is asked why she is opened.

    `log`: what its lines in a person's log say, by the action. `notices` that it sends, by their event. `acts` of an
    office that wait before a patient is told, by their name.

    `measures` and `gauges`: what those on duty must know of it.

    `topics` are its pages of help.

    `story` is what the demo shows of it. `pages` in docs/ that are made from it, by their name.
    `settle_copy(now)` ends the logins and keys that came along when a backup was brought back on another machine.

    `own` is what a person gets with her own data. `forget(actor, person_id, now)` removes what is kept for her sake
    alone, when she turns everything off.
    When two rows are the same person (docs/adr/0052-one-person.md): `ids` are columns with ids that are no foreign
    keys, by "audit.Concern.patient_id": A_PERSON, or why it is none or stays; `merges` says of each table where the two
    may not stand side by side, by "consent.Consent", what settles it.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    for_everybody: Mapping[str, str] = field(default_factory=dict)
    for_systems: Mapping[str, str] = field(default_factory=dict)
    finer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    use_cases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, RowOf | Word] = field(default_factory=dict)
    statements: Mapping[str, int] = field(default_factory=dict)
    menu: Place | None = None
    office_menu: Place | None = None
    doors: Mapping[str, Door] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    top: tuple[Top, ...] = ()
    links: tuple[Link, ...] = ()
    waits: Waits | None = None
    letters: Letters | None = None
    has_contact: Callable[[Any, UUID, datetime], bool] | None = None
    office_waits: tuple[OfficeWaits, ...] = ()
    piles: tuple[Pile, ...] = ()
    settings: tuple[Setting, ...] = ()
    log: Mapping[str, str | Promise] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    story: tuple[Chapter, ...] = ()
    pages: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    settle_copy: Callable[[datetime], None] | None = None
    measures: tuple[Measure, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    acts: Mapping[str, Act] = field(default_factory=dict)
    own: tuple[Own, ...] = ()
    forget: Callable[[Any, UUID, datetime], None] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    merges: Mapping[str, "Settle"] = field(default_factory=dict)


def contexts() -> dict[str, list[About]]:
    """By the app's label, in the order of the installed apps. The first is the app's own, then those inside it."""
    return {label: [module.ABOUT for module in modules] for label, modules in _said(tuple(apps.get_app_configs()))}


@lru_cache(maxsize=4)
def _said(configs: tuple[AppConfig, ...]) -> list[tuple[str, list[Any]]]:
    """The modules: each page asks them several times."""
    return [
        (config.label, [import_module(name) for name in _modules(config.name, config.path)])
        for config in configs
        if config.name.startswith("legedialog.")
    ]


def _abouts() -> list[About]:
    return [about for abouts in contexts().values() for about in abouts]


def tables() -> dict[str, Table]:
    """By the model's label: "access.Login"."""
    return {
        f"{label}.{name}": table
        for label, abouts in contexts().items()
        for about in abouts
        for name, table in about.tables.items()
    }


def changeable(model: type[Model]) -> list[str]:
    """The fields that the role which serves pages may change."""
    return _changeable(model._meta.label)


@cache
def _changeable(label: str) -> list[str]:
    return tables()[label].changeable


def every(what: Callable[[About], Mapping[str, Said]]) -> dict[str, Said]:
    """One of the mappings, of all contexts. Two that say the same name are a fault."""
    found: dict[str, Said] = {}
    for about in _abouts():
        for name, part in what(about).items():
            if name in found:
                raise ValueError(f"two contexts say {name}")
            found[name] = part
    return found


def named(route: str, parameter: str) -> RowOf | Word | None:
    """What a parameter of an address names: by the longest beginning of the route that says something else of it, or
    what the name always means."""
    told = every(lambda about: about.parameters)
    special = [name for name in told if name.endswith(f" {parameter}") and route.startswith(name.split(" ")[0])]
    return told.get(max(special, key=len, default=parameter))


def notices() -> dict[str, Notice]:
    """By the event: "appointment.booked"."""
    return every(lambda about: about.notices)


def acts() -> dict[str, Act]:
    """By the act's name: "dialogue.answer"."""
    return every(lambda about: about.acts)


def menu(of: Callable[[About], Place | None]) -> list[Place]:
    """The citizen's places or the office's, in their order."""
    found = [of(about) for about in _abouts()]
    return sorted((each for each in found if each), key=lambda each: each.order)


def waiting(actor: Any, person_id: UUID, gp: Any, now: datetime) -> list[Waiting]:
    """What waits for her, in the order of the contexts. One query."""
    kinds = [about.waits for about in _abouts() if about.waits]
    asked = [each.asks(actor, person_id, gp, now) for each in kinds]
    found = iter(ask_as_one(*(one for each in asked for one in each)))
    return [
        row
        for kind, each in zip(kinds, asked, strict=True)
        if each
        for row in kind.tells(gp, now, *islice(found, len(each)))
    ]


def parts(page: str, actor: Any, whose: Any, now: datetime) -> list[dict[str, Any]]:
    """For ui/parts.html: what the contexts show on the page of that name, in their order."""
    found = [(each, each.shown(actor, whose, now)) for each in ordered(lambda about: about.parts) if page in each.pages]
    return [{"template": each.template, "part": part} for each, part in found if part is not None]


def top(actor: Any, patient_id: UUID, now: datetime, *more: Asked[Any]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """What stands on top of the patient, for workspace/top.html, in its order; and the rows of what else the page
    needs. One query."""
    kinds = ordered(lambda about: about.top)
    asked = [list(each.asks(actor, patient_id, now)) for each in kinds]
    everything = [*(one for each in asked for one in each), *more]
    found = iter(ask_as_one(*everything) if everything else ())
    told = [
        (kind, kind.tells(*islice(found, len(each)))) if each else (kind, ())
        for kind, each in zip(kinds, asked, strict=True)
    ]
    return [{"look": kind.look, "template": kind.template, "rows": rows} for kind, rows in told if rows], list(found)


def talks(actor: Any, person_id: UUID, *, words: str, before: datetime | None, most: int) -> list[Line]:
    """A page of what she and the office have talked of, the latest first."""
    kinds = [about.letters.talks for about in _abouts() if about.letters and about.letters.talks]
    rows = [row for each in kinds for row in each(actor, person_id, words=words, before=before, most=most)]
    return sorted(rows, key=lambda row: row.at, reverse=True)[: None if words else most]


def begun(actor: Any, person_id: UUID, now: datetime) -> list[Waiting]:
    kinds = [about.letters.begun for about in _abouts() if about.letters and about.letters.begun]
    return [row for each in kinds for row in each(actor, person_id, now)]


def told(actor: Any, person_id: UUID) -> list[Line]:
    kinds = [about.letters.told for about in _abouts() if about.letters and about.letters.told]
    return sorted((row for each in kinds for row in each(actor, person_id)), key=lambda row: row.at, reverse=True)


def has_contact(actor: Any, patient_id: UUID, now: datetime) -> bool:
    """With the office, in any context: open, or lately."""
    return any(about.has_contact(actor, patient_id, now) for about in _abouts() if about.has_contact)


def settle_copy(now: datetime) -> None:
    for about in _abouts():
        if about.settle_copy:
            about.settle_copy(now)


def ordered(what: Callable[[About], Sequence[Ordered]]) -> list[Ordered]:
    """One of the lists, of all contexts, by what each says of its order."""
    return sorted((part for about in _abouts() for part in what(about)), key=lambda part: part.order)


def measures() -> list[Measure]:
    return [measure for about in _abouts() for measure in about.measures]


def gauges() -> list[Gauge]:
    return [gauge for about in _abouts() for gauge in about.gauges]


def own() -> list[Own]:
    """The parts of a person's own data."""
    return ordered(lambda about: about.own)


def topics() -> dict[str, Topic]:
    """The pages of help by their address, in their order."""
    return {topic.slug: topic for topic in ordered(lambda about: about.topics)}


def forget(actor: Any, person_id: UUID, now: datetime) -> None:
    """She has turned everything off: what the contexts kept for her sake alone goes."""
    for about in _abouts():
        if about.forget:
            about.forget(actor, person_id, now)


def place(label: str) -> str:
    """The file where the app with this label says it."""
    return f"{apps.get_app_config(label).name.replace('.', '/')}/about.py"


@cache
def _modules(package: str, path: str) -> tuple[str, ...]:
    files = sorted(Path(path).glob("**/about.py"), key=lambda file: (len(file.parts), file))
    inside = [file.relative_to(path).with_suffix("") for file in files]
    return tuple(".".join((package, *each.parts)) for each in inside if "tests" not in each.parts)

"""What each context says about itself, in its own `about.py`, and where the rest of the product reads it.

A context is an installed app. Its folder holds `about.py` with `ABOUT = About(...)`; a folder inside it, such as a
place of a shell, may have one too. Registers, fence, pages and shells collect from here and list nothing.
See docs/adr/0030-a-context-speaks-for-itself.md.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise

Part = TypeVar("Part")


class HasOrder(Protocol):
    @property
    def order(self) -> int: ...


Ordered = TypeVar("Ordered", bound=HasOrder)

# ---- whose rows


@dataclass(frozen=True, slots=True)
class Rows:
    """Whom the rows of a table belong to. Made by the functions below; operations/fence.py makes policies of it."""

    of: tuple[str, ...] = ()
    follows: str = ""
    also: str = ""
    written_by: tuple[str, ...] | None = None
    in_the_name_of: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    is_made_by_system: bool = False
    is_public: bool = False
    opens_nobody: bool = False
    why_open: str = ""


def belongs_to(
    *of: str,
    follows: str = "",
    also: str = "",
    written_by: tuple[str, ...] | None = None,
    in_the_name_of: tuple[str, ...] = (),
    takes: tuple[str, ...] = (),
    opens_nobody: bool = False,
) -> Rows:
    """`of`: fields with the id of a person, office, employee or login ("patient"), maybe through other rows
    ("calendar.practice"). `follows`: a field; who sees that row sees this one. `also`: SQL.

    Who sees a row may change it, unless `written_by` names other fields; none of them: only the system. With nothing at
    all only the system sees it. A new row names nobody else in the fields `in_the_name_of`,
    and its writer sees the rows that it `takes`.

    An office's row opens the persons it names to that office, so she who adds one must reach them already:
    operations/fence.py. Unless it `opens_nobody`.
    """
    return Rows(of, follows, also, written_by, in_the_name_of, takes, opens_nobody=opens_nobody)


def public(*written_by: str, is_made_by_system: bool = False) -> Rows:
    """Everybody reads them, as they tell nothing of a patient; only those they belong to write them."""
    return Rows(written_by=written_by, is_public=True, is_made_by_system=is_made_by_system)


def is_open(why: str) -> Rows:
    """No policy at all, because `why`."""
    return Rows(why_open=why)


# ---- what each field is, and how long it is kept


class Category(StrEnum):
    LINK = "link"  # which row, and which rows belong together
    IDENTITY = "identity"  # who a person is
    CONTACT = "contact"  # how she is reached
    CHOICE = "choice"  # what she has decided
    HEALTH = "health"  # tells of care, if only that there was a visit
    STAFF = "staff"  # about those who work at an office or run the platform
    OFFICE = "office"  # an office, its plan and its offers
    LOGIN = "login"  # proof of a login, and what guards it
    TRACE = "trace"  # what was done, when and by whom
    STATE = "state"  # how far the work has come


LINK, IDENTITY, CONTACT, CHOICE, HEALTH, STAFF, OFFICES, LOGIN, TRACE, STATE = (
    *(Category.LINK, Category.IDENTITY, Category.CONTACT, Category.CHOICE, Category.HEALTH),
    *(Category.STAFF, Category.OFFICE, Category.LOGIN, Category.TRACE, Category.STATE),
)


class Plain(StrEnum):
    """Why a field that tells of care is not sealed. What is neither of these is sealed."""

    TIME = "a time, by which the database sorts and keeps two from one place"
    NUMBER = "a number that the database checks or counts; alone it tells nothing"
    CODE = "one of a short list that the database checks or searches by; it names no illness and no medicine"
    ADDRESS = "an address of ours, which holds ids and fixed words only"


TIME, NUMBER, CODE, ADDRESS = Plain.TIME, Plain.NUMBER, Plain.CODE, Plain.ADDRESS


@dataclass(frozen=True, slots=True)
class Kept:
    """How long. `removed_by` is what the hourly job calls; None for what a person, a register or an archive ends."""

    text: str
    removed_by: Callable[[datetime], None] | None = None


def span(time: timedelta) -> str:
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if time >= length:
            number = time // length
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise ValueError("shorter than a minute")


RECORD = Kept("As long as the patient's record: at least 10 years after the last entry (docs/facts.md#record-keeping)")
REGISTER = Kept("As long as the register says she is on a list here, and as the records that name her")
EMPLOYMENT = Kept("As long as the records that name the employee")
OFFICE = Kept("As long as the office uses the product, and as the records that name it")
PLAN = Kept("Until the office changes it; past times as the appointments made from them")
LOG = Kept("At least 10 years, by category")


@dataclass(frozen=True, slots=True)
class Table:
    """`fields` names every field of the table, by category; `about` says more of those the purpose does not explain.

    `plain`: the fields of category health that are not sealed, by the reason. `not_hers`: personal fields that are not
    in a citizen's own data, each with why. `stays`: what is hers alone, by field or "*", and not forgotten when she
    turns everything off, with why.

    What the role that serves pages may do: read and add rows; change what is neither a LINK nor `fixed`, and those
    links that `moves` names; have rows removed (core/writing.py) when `is_removed`. `is_append_only`: change nothing
    but the fields in `follow`, which are those of another row.
    """

    rows: Rows
    purpose: str
    kept: Kept
    fields: Mapping[Category, str]
    about: Mapping[str, str] = field(default_factory=dict)
    is_append_only: bool = False
    plain: Mapping[Plain, str] = field(default_factory=dict)
    not_hers: Mapping[str, str] = field(default_factory=dict)
    stays: Mapping[str, str] = field(default_factory=dict)
    fixed: str = ""
    moves: str = ""
    is_removed: bool = False
    follow: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [name for names in self.fields.values() for name in names.split()]

    @property
    def changeable(self) -> list[str]:
        if self.is_append_only:
            return list(self.follow)
        stays = {*self.fields.get(LINK, "").split(), *self.fixed.split()} - set(self.moves.split())
        return [name for name in self.names if name not in stays]

    def category(self, name: str) -> Category:
        return next(category for category, names in self.fields.items() if name in names.split())

    def why_plain(self, name: str) -> Plain | None:
        return next((reason for reason, names in self.plain.items() if name in names.split()), None)


# ---- what a person is given when she asks for her own data


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Files that came with the rows. `of` gives those of each row, in the rows' order. FHIR names them in the list
    `place` of a row's first resource, each as `name`."""

    of: Callable[[Sequence[Any]], Sequence[Sequence[Any]]]
    place: str
    name: str


@dataclass(frozen=True, slots=True)
class Own:
    """A part of a citizen's own data: a table in the file to read, and resources in the file for systems (FHIR R4).

    `rows` reads it for an actor, a person's id and a moment, oldest first; under 16 the actor is narrowed to what the
    youth may see. `line` is the cells of a row under `head`: texts, days and aware moments. `resources` gets a row and
    the reference to the person, and says what FHIR calls for; what is empty is left out. `order` tells where it stands.
    """

    title: str | Promise
    head: tuple[str | Promise, ...]
    rows: Callable[[Any, UUID, datetime], Sequence[Any]]
    line: Callable[[Any], Sequence[object]]
    resources: Callable[[Any, dict[str, Any]], Sequence[dict[str, Any]]]
    order: int
    files: Enclosed | None = None


# ---- which address shows whose row

DOCTORS = ("doctor", "elsewhere")  # kinds of person: VISITORS in operations/permissions.py


@dataclass(frozen=True, slots=True)
class RowOf:
    """What a parameter in an address names: a row of `model`, "dialogues.Dialogue".

    `patient` and `practice` are lookups from the row to whose it is; several, separated by spaces, when more than one
    may hold it; neither when it is for those who run the platform. `clinician` is the lookup to the doctor where
    doctors may only their own. `states` narrows to rows of one kind. `is_hers`: it names a patient or something of
    hers, so whoever is shown it leaves a line in her log.
    """

    model: str
    patient: str = ""
    practice: str = ""
    clinician: str = ""
    states: tuple[tuple[str, object], ...] = ()
    is_hers: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter that is no id: always this."""

    value: str


# ---- what a person is told


def _nobody(row: Any) -> UUID | None:
    return None


def _normal(row: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What notices are about. `rows` reads those with the ids, once for all notices of a round.

    Told of a child's to whoever may see it: `content` is what it was made of (Content of visibility.rules), "" when
    the notice's `area` decides alone; of a row, `restriction` is from whom it is kept, and `asked_by` who asked for it.
    """

    rows: Callable[[Collection[UUID]], Mapping[UUID, Any]]
    content: str = ""
    restriction: Callable[[Any], str] = _normal
    asked_by: Callable[[Any], UUID | None] = _nobody


ITSELF = Subject(lambda ids: dict.fromkeys(ids))  # nothing of a row is asked


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that a person is told of. `title` names it in lists.

    `words(row of the subject, what is told, now)` says whether it is still true: Words or Skip of outbox.rules.
    `area` is what one must be allowed to see to be told of a child's: Area of patients.representation, or by the row;
    "" when the words decide it. `kind` is what she chooses the way of in Profil, NoticeKind; "" is on whatever way
    there is.
    """

    title: str | Promise
    words: Callable[[Any, Any, datetime], Any]
    subject: Subject = ITSELF
    area: str | Callable[[Any], str] = ""
    kind: str = ""


# ---- what an office does that a patient is told of


@dataclass(frozen=True, slots=True)
class Act:
    """A use case that waits a moment, so that it can be taken back before anybody is told: pending/services.py.

    `run` is called with the actor, `now` and what was given; its annotations say how that is read again. `word` says in
    lists what waits; `done` says it to her who did it, of %(count)d, for the %(seconds)d that are left. `page` is the
    route where she goes on, by the id of what it was done to.
    What it needs meanwhile is kept by `keep(actor=, now=, …what was given)`, which returns an id, and let go by
    `let_go(actor=, kept=, now=)`.
    """

    run: Callable[..., Any]
    word: str | Promise
    done: str | Promise
    page: str = ""
    keep: Callable[..., UUID] | None = None
    let_go: Callable[..., None] | None = None


# ---- where it is met


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a menu. `order` tells where it stands; on a phone the citizen's first five are the bar.

    In the office's menu `page` is what workspace/policy.py opens to each role, and `pages` are the names of the
    routes that belong to the place; "*" at the end takes all that begin so. `count(actor, now)` is what waits there.
    """

    order: int
    route: str
    word: str | Promise
    icon: str
    page: str = ""
    pages: tuple[str, ...] = ()
    count: Callable[[Any, datetime], int] | None = None

    def holds(self, route: str) -> bool:
        beginnings = tuple(each[:-1] for each in self.pages if each.endswith("*"))
        return route in self.pages or route.startswith(beginnings)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a citizen uses a service of her doctor's, and the area that must be open to whoever acts for her."""

    route: str
    area: str
    is_for_writing: bool = False  # to the doctor or the office


@dataclass(frozen=True, slots=True)
class Link:
    """A page that is always there: a door on Hjem beside the doctor's services."""

    order: int
    route: str
    icon: str
    title: str | Promise
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Next:
    """What stands first on Hjem. `template` draws what `shown` says for an actor, a person's id and a moment."""

    order: int
    template: str
    shown: Callable[[Any, UUID, datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of Meldinger. `url` is empty for what has no page."""

    at: datetime
    title: str | Promise
    text: str
    tag: str | Promise
    color: str
    url: str = ""
    due_date: date | None = None
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Letters:
    """Its part of Meldinger, newest first: what is talked of, what she has begun to write, and what she has been told.

    `talks(actor, person_id, words=, before=, most=)` is a page of lines: those that hold all the words, if any, and are
    older than `before`. `begun(actor, person_id, now)` is not sent yet; `told(actor, person_id)` is the latest.
    """

    talks: Callable[..., Sequence[Line]] | None = None
    begun: Callable[[Any, UUID, datetime], Sequence["Waiting"]] | None = None
    told: Callable[[Any, UUID], Sequence[Line]] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of what waits for somebody, and the page that it leads to."""

    title: str | Promise
    text: str
    url: str
    tag: str | Promise
    color: str


@dataclass(frozen=True, slots=True)
class OfficeWaits:
    """What waits for the office, beside the messages of its inbox. `page` is what workspace/policy.py opens.

    `rows` is for an actor, an office's id and a moment; `template` draws them, by itself as a list of Waiting.
    """

    order: int
    title: str | Promise
    page: str
    rows: Callable[[Any, UUID, datetime], Sequence[Any]]
    template: str = "workspace/inbox/waiting.html"


@dataclass(frozen=True, slots=True)
class Setting:
    """A part of the office's settings, `anchor` in the address. `page` is what workspace/policy.py opens.

    Either a `template` that draws what `shown` says for an actor and a moment, or `text` and a link to `route`.
    """

    order: int
    anchor: str
    title: str | Promise
    page: str = "settings"
    text: str | Promise = ""
    route: str = ""
    word: str | Promise = ""
    template: str = ""
    shown: Callable[[Any, datetime], Mapping[str, Any]] | None = None


# ---- what those on duty must know


@dataclass(frozen=True, slots=True)
class Measure:
    """`worry`: above this (below it when `is_least`) somebody should look. `advice` is what to do then.

    Shown at `/health/ready`, by `legedialog doctor`, and as a metric: `legedialog_` and the name. In deploy/prometheus/
    an alert stands for each. `sql` is a SELECT of one number, asked with the others in one statement, NULL where there
    is nothing; `value` is for what takes longer, and is not asked by probes. Without either operations/watch.py knows.
    """

    name: str
    about: str
    worry: float
    advice: str
    is_least: bool = False
    sql: str = ""
    value: Callable[[datetime], float] | None = None

    def is_worrying(self, value: float) -> bool:
        return value < self.worry if self.is_least else value > self.worry


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric with labels: `read` gives the labels' values and a number. Nothing about people stands in a label."""

    name: str
    about: str
    labels: tuple[str, ...]
    read: Callable[[datetime], Iterable[tuple[tuple[str, ...], float]]]


# ---- the demo's story


class Stage(Protocol):
    """The demo as it stands when a chapter is played: demo/engine.py. Actors are those of access."""

    @property
    def now(self) -> datetime: ...
    @property
    def crowd(self) -> Sequence[UUID]:
        """Unnamed patients. Two of three are on Ingrid Aas's list, the first of each three on Jonas Vik's."""

    @property
    def adults(self) -> Sequence[UUID]:
        """Everybody of 16 and more: the named, then the crowd."""

    def person(self, name: str) -> UUID: ...
    def citizen(self, who: UUID) -> Any: ...
    def staff(self, name: str) -> Any: ...
    def acting(self, given_name: str, other: str) -> Any:
        """By given names: "Kari" for "Ola"."""

    def bookable(self, doctor: str) -> tuple[UUID, UUID]:
        """Her calendar, and the ordinary kind of visit there."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What the demo tells of a context, by its services. Played once, in order; or `at_each_start`, repeatable."""

    order: int
    play: Callable[[Stage], None]
    at_each_start: bool = False


# ---- a context


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

    `menu` and `office_menu`: its place among the citizen's and the office's places. `doors`: by the service,
    practices.rules.Service.

    On Hjem: `next` stands first, `links` are doors that no doctor opens, `waits(actor, person_id, her GP, now)` is what
    waits for her. `letters`: its part of Meldinger. `office_waits` and `settings`: its part of the office's inbox and
    settings. `has_contact(actor, patient_id, now)`: whether she has a contact with the office that is open or was
    lately, so that nobody is asked why she is opened.

    `notices` that it sends, by their event. `acts` of an office that wait before a patient is told, by their name.

    `measures` and `gauges`: what those on duty must know of it.

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
    silent: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, RowOf | Word] = field(default_factory=dict)
    menu: Place | None = None
    office_menu: Place | None = None
    doors: Mapping[str, Door] = field(default_factory=dict)
    next: tuple[Next, ...] = ()
    links: tuple[Link, ...] = ()
    waits: Callable[[Any, UUID, Any, datetime], Sequence[Waiting]] | None = None
    letters: Letters | None = None
    has_contact: Callable[[Any, UUID, datetime], bool] | None = None
    office_waits: tuple[OfficeWaits, ...] = ()
    settings: tuple[Setting, ...] = ()
    notices: Mapping[str, Notice] = field(default_factory=dict)
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
    return {
        config.label: [import_module(name).ABOUT for name in _modules(config.name, config.path)]
        for config in apps.get_app_configs()
        if config.name.startswith("legedialog.")
    }


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


def every(what: Callable[[About], Mapping[str, Part]]) -> dict[str, Part]:
    """One of the mappings, of all contexts. Two that say the same name are a fault."""
    found: dict[str, Part] = {}
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
    """What waits for her, in the order of the contexts."""
    return [row for about in _abouts() if about.waits for row in about.waits(actor, person_id, gp, now)]


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

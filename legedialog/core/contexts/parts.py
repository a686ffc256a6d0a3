"""What a context says beside its tables: addresses, what a person is given and told, where it is met, and the rest."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise

from legedialog.core import reading
from legedialog.core.sql import Asked, Heap

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
    the reference to the person, and says what FHIR calls for; what is empty is left out. `adds` is
    what a row adds to the lists of her own resource. `order` tells where it stands.
    """

    title: str | Promise
    head: tuple[str | Promise, ...]
    rows: Callable[[Any, UUID, datetime], Sequence[Any]]
    line: Callable[[Any], Sequence[object]]
    resources: Callable[[Any, dict[str, Any]], Sequence[dict[str, Any]]]
    order: int
    files: Enclosed | None = None
    adds: Callable[[Any], Mapping[str, list[Any]]] | None = None


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
    there is. `says` is what docs/notices.md tells of it: the words in bokmål with … for a day and a time, or those of
    each case by when it is.
    """

    title: str | Promise
    words: Callable[[Any, Any, datetime], Any]
    subject: Subject = ITSELF
    area: str | Callable[[Any], str] = ""
    kind: str = ""
    says: str | Mapping[str, str] = ""

    @property
    def cases(self) -> Mapping[str, str]:
        return {"": self.says} if isinstance(self.says, str) else self.says


# ---- what an office does that a patient is told of


@dataclass(frozen=True, slots=True)
class Act:
    """A use case that waits a moment, so that it can be taken back before anybody is told: pending/services.py.

    `run` is called with the actor, `now` and what was given; its annotations say how that is read again. `word` says in
    lists what waits; `done` says it to her who did it, of %(count)d, for the %(seconds)d that are left. `page` is the
    route where she goes on, by the id of what it was done to; where that is none yet, by `query(id, what was given)`.
    What it needs meanwhile is kept by `keep(actor=, now=, …what was given)`, which returns an id or None, and let go by
    `let_go(actor=, kept=, now=)`.
    """

    run: Callable[..., Any]
    word: str | Promise
    done: str | Promise
    page: str = ""
    keep: Callable[..., UUID | None] | None = None
    let_go: Callable[..., None] | None = None
    query: Callable[[UUID, Mapping[str, Any]], str] | None = None


# ---- where it is met


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a menu. `order` tells where it stands; on a phone the citizen's first five are the bar.

    In the office's menu `page` is what workspace/policy.py opens to each role, and `pages` are the names of the
    routes that belong to the place; "*" at the end takes all that begin so. `counts(actor, now)` asks how much waits
    there, None for a role that nothing waits for: all that places ask goes as one statement.
    """

    order: int
    route: str
    word: str | Promise
    icon: str
    page: str = ""
    pages: tuple[str, ...] = ()
    counts: Callable[[Any, datetime], Asked[Heap] | None] | None = None

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
class Part:
    """A part of pages of others, by the names of their routes. `template` draws what `shown` says for an actor, whose
    page it is (a person's id; on an appointment's page at the office, its row) and a moment; nothing where that is
    None."""

    pages: tuple[str, ...]
    order: int
    template: str
    shown: Callable[[Any, Any, datetime], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Top:
    """What stands on top of a patient, wherever she is met at the office. `asks(actor, her id, now)` says what is to
    be known: all that contexts ask goes as one statement, and what asks nothing tells nothing. `template` draws the
    `rows` that `tells(rows of the first, rows of the second …)` makes; `look` is the line in her log, where no other
    is."""

    order: int
    look: str
    asks: Callable[[Any, UUID, datetime], Sequence[Asked[Any]]]
    tells: Callable[..., Sequence[Any]]
    template: str


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
class Waits:
    """What waits for her: `asks(actor, person_id, her GP, now)` says what is to be known, and
    `tells(her GP, now, rows of the first, rows of the second …)` the lines. All that contexts ask goes as one
    statement; a context that asks nothing tells nothing."""

    asks: Callable[[Any, UUID, Any, datetime], Sequence[Asked[Any]]]
    tells: Callable[..., Sequence[Waiting]]


@dataclass(frozen=True, slots=True)
class OfficeWaits:
    """What waits for the office, beside the messages of its inbox. `page` is what workspace/policy.py opens.

    `asks(actor, office's id, now)` says what is to be known: all that contexts ask goes as one statement, and what asks
    nothing tells nothing. `tells(actor, now, what is about to happen to what, rows of the first, rows of the second …)`
    makes what `template` draws of it, by itself a list of Waiting. On the office's first page the rows of the first are
    counted: `due` is their column with the date on which they must be done, and `route` where that is.
    """

    order: int
    title: str | Promise
    page: str
    asks: Callable[[Any, UUID, datetime], Sequence[Asked[Any]]]
    tells: Callable[..., Sequence[Any]]
    template: str = "workspace/inbox/waiting.html"
    due: str = "NULL::date"
    route: str = "workspace:inbox"


@dataclass(frozen=True, slots=True)
class Pile:
    """A line of the office's first page: how much of something waits for the one who looks, and its nearest date.
    `page` is what workspace/policy.py opens; it is done at `route`, where `query(actor)` says which part of it.
    `asks(actor, now)` as the `counts` of a Place.
    """

    order: int
    title: str | Promise
    page: str
    route: str
    asks: Callable[[Any, datetime], Asked[Heap] | None]
    query: Callable[[Any], str] | None = None


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


# ---- what people are told of it when they ask for help


class HelpGroup(StrEnum):
    """The parts of the help's first page, in their order. guidance/texts.py names them."""

    DOCTOR = "doctor"
    OTHERS = "others"
    PAYING = "paying"
    YOURS = "yours"
    USING = "using"


Told = str | Promise


@dataclass(frozen=True, slots=True)
class Dated:
    """When a page of help was last changed, and a mark of its words: a test asks for a new day when they change."""

    day: str  # 2026-12-31
    mark: str  # as the test of guidance makes it

    @property
    def date(self) -> date:
        found = reading.day(self.day)
        if found is None:
            raise ValueError(self.day)
        return found


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of help, at /hjelp/<slug>/, told by the context whose rules it tells of: every number in it is a rule's.

    Each part is sentences; guidance/texts.py has the headings. `steps` are done in order; `more` is what has a heading
    of its own. `services` are those of practices.rules.Service it is about. `words`: what people call it, for the
    search. It is done at the route `begin`, and `asked_at` are the routes of the pages that link to it. `template`
    draws what `shown()` says, below the rest. `mine(actor, person_id, her GP, now)` is what holds for her: rows of a
    word and what it is.
    """

    slug: str
    order: int
    group: HelpGroup
    icon: str
    dated: Dated
    title: Told
    about: Told
    what: Sequence[Told]
    who: Sequence[Told] = ()
    when: Sequence[Told] = ()
    cost: Sequence[Told] = ()
    not_for: Sequence[Told] = ()
    steps: Sequence[Told] = ()
    fails: Sequence[Told] = ()
    more: Sequence[tuple[Told, Sequence[Told]]] = ()
    words: Told = ""
    services: Sequence[str] = ()
    begin: str = ""
    begin_word: Told = ""
    asked_at: Sequence[str] = ()
    related: Sequence[str] = ()
    template: str = ""
    shown: Callable[[], Mapping[str, Any]] | None = None
    mine: Callable[[Any, UUID, Any, datetime], Sequence[tuple[Told, Told]]] | None = None


# ---- what those on duty must know


@dataclass(frozen=True, slots=True)
class Measure:
    """`worry`: above this (below it when `is_least`) somebody should look. `advice` is what to do then.

    Shown at `/health/ready`, by `legedialog doctor`, and as a metric: `legedialog_` and the name. In deploy/prometheus/
    an alert stands for each. `sql` is a SELECT of one number, asked with the others in one statement, NULL where there
    is nothing; `value` is for what takes longer, and is not asked by probes. Without either operations/watch.py knows.
    `must_be`: no answer is a reason to look too.
    """

    name: str
    about: str
    worry: float
    advice: str
    is_least: bool = False
    sql: str = ""
    value: Callable[[datetime], float] | None = None
    must_be: bool = False

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

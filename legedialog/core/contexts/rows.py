"""What a context says of a table: whose rows they are, what each field is, and how long it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

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

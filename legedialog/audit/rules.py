"""What the log tells beside the act itself, how long it is kept, and what staff may give as purpose."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from legedialog.access.actor import Kind


class Category(StrEnum):
    """Kept for different lengths of time, so a sealed batch holds one category only."""

    CARE = "care"  # about a patient
    LOGIN = "login"
    OFFICE = "office"  # settings, imports, operation


# Years from the end of the row's month. Care follows the record it tells of. Source: docs/facts.md#record-keeping.
RETENTION_YEARS: dict[str, int] = {Category.CARE: 10, Category.LOGIN: 2, Category.OFFICE: 5}


class Purpose(StrEnum):
    CARE = "care"
    FOLLOW_UP = "follow-up"
    CALLED = "called"
    ADMINISTRATION = "administration"
    QUALITY = "quality"
    OTHER = "other"
    OWN = "own"  # the citizen's own affairs
    BEHALF = "behalf"  # somebody acts for her
    OPERATION = "operation"  # machines, imports, schedules


# What staff choose among when the patient has no open contact with the office.
STATED = (Purpose.CALLED, Purpose.FOLLOW_UP, Purpose.ADMINISTRATION, Purpose.QUALITY, Purpose.OTHER)


class Ground(StrEnum):
    """Texts with their sections of law are in `texts`."""

    CARE = "care"
    MANAGEMENT = "management"
    OWN = "own"
    BEHALF = "behalf"
    OPERATION = "operation"


GROUNDS = {
    Purpose.CARE: Ground.CARE,
    Purpose.FOLLOW_UP: Ground.CARE,
    Purpose.CALLED: Ground.CARE,
    Purpose.OTHER: Ground.CARE,
    Purpose.ADMINISTRATION: Ground.MANAGEMENT,
    Purpose.QUALITY: Ground.MANAGEMENT,
    Purpose.OWN: Ground.OWN,
    Purpose.BEHALF: Ground.BEHALF,
    Purpose.OPERATION: Ground.OPERATION,
}

PURPOSE_LASTS = timedelta(minutes=30)  # for one patient and one login
NOTE_LENGTH = 300
CONCERN_LENGTH = 2000
# Working days until the office must have answered. Our promise; GDPR article 12(3) allows a month.
ANSWER_DAYS = 10
ONE_VISIT = timedelta(minutes=30)  # within it, reading the log is one row


def category(action: str, *, has_patient: bool) -> Category:
    if has_patient:
        return Category.CARE
    return Category.LOGIN if action.startswith("login.") else Category.OFFICE


MONEY = frozenset({"charge", "charges", "payment", "payments", "settlement"})  # what actions about it begin with


def purpose(kind: Kind, action: str, *, is_own: bool, stated: Purpose | None) -> Purpose:
    """Money is never care, whatever staff are doing for the patient meanwhile; else it is what they have stated."""
    if kind is Kind.STAFF and action.partition(".")[0] in MONEY:
        return Purpose.ADMINISTRATION
    if stated:
        return stated
    if kind is Kind.CITIZEN:
        return Purpose.OWN if is_own else Purpose.BEHALF
    return Purpose.CARE if kind is Kind.STAFF else Purpose.OPERATION


def month_of(at: datetime) -> date:
    """The first day of the month in UTC, as the partitions are cut."""
    return at.astimezone(UTC).date().replace(day=1)


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def keep_until(month: date, category: str) -> date:
    """The first day on which rows of this month and category may be removed. What is of none stays longest."""
    end = month_after(month)
    return end.replace(year=end.year + RETENTION_YEARS.get(category, max(RETENTION_YEARS.values())))

"""What a use case may answer instead of a result. Code branches on classes and codes, never on text."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule's no: a stable code, a text for each reader, and where the rule comes from."""

    code: str
    to_patient: str | Promise
    to_practice: str | Promise = ""
    source: str = ""


class LegedialogError(Exception):
    """`message` is written for the person at the screen and holds no personal data."""

    code = "error"

    def __init__(self, message: str | Promise = "", *, code: str = "") -> None:
        super().__init__(code or self.code)
        self.message = message
        self.code = code or self.code


class Denied(LegedialogError):
    """The actor may not do this. Becomes 403."""

    code = "denied"


class NotFound(LegedialogError):
    """No such row, or not one the actor may know of. Becomes 404."""

    code = "not-found"


class Refused(LegedialogError):
    """A rule says no in a way a person can act on. Becomes 409 where no view catches it."""

    def __init__(self, refusal: Refusal, **facts: Any) -> None:
        super().__init__(refusal.to_patient, code=refusal.code)
        self.refusal = refusal
        self.facts = facts


class TooMany(LegedialogError):
    """Too many tries in a short time. Becomes 429. `seconds` is when to try again."""

    code = "too-many"

    def __init__(self, message: str | Promise = "", *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds

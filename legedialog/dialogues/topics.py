"""What an office's dialogues may be about and what is asked first: its own rows, or the defaults while it has none."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from legedialog.core import sql
from legedialog.dialogues import defaults, intake
from legedialog.dialogues.intake import Question, Texts
from legedialog.dialogues.models import Kind, QuestionSet


@dataclass(frozen=True, slots=True)
class TopicRow:
    """`id` is None for a default one. `leads_to`: a service that suits better, so this cannot be written about."""

    id: UUID | None
    code: str
    names: Texts
    leads_to: str = ""
    inquiry_code: str = ""
    is_active: bool = True
    position: int = 0

    @property
    def name(self) -> str:
        return intake.said(self.names, get_language() or "nb")


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions in force about a topic. Version 0 is the default's."""

    topic_code: str
    version: int
    questions: list[Question]
    made_at: datetime | None = None

    def canonical(self, practice_id: UUID) -> str:
        """As FHIR names it: where and which version."""
        return f"urn:uuid:{practice_id}:{self.topic_code}|{self.version}"


@dataclass(frozen=True, slots=True)
class _Topic:
    id: UUID
    code: str
    name: str
    name_nn: str
    name_en: str
    leads_to: str
    inquiry_code: str
    is_active: bool
    position: int


TOPICS = sql.Statement(
    "topics",
    """
    SELECT id, code, name, name_nn, name_en, leads_to, inquiry_code, is_active, position FROM dialogues_topic
     WHERE practice_id = %(practice)s AND kind = %(kind)s ORDER BY position, name, id
    """,
    _Topic,
)


def all_of(practice_id: UUID) -> dict[Kind, list[TopicRow]]:
    """Of every kind, in the office's order, hidden ones too. One query."""
    kinds = list(Kind)
    found = sql.ask_as_one(*(asks(practice_id, kind) for kind in kinds))
    return {kind: told(kind, rows) for kind, rows in zip(kinds, found, strict=True)}


def of_office(practice_id: UUID, kind: str, *, with_hidden: bool = False) -> list[TopicRow]:
    """In the office's order. One query."""
    return [row for row in told(kind, sql.ask_for(asks(practice_id, kind))) if row.is_active or with_hidden]


def asks(practice_id: UUID, kind: str) -> sql.Asked[_Topic]:
    return sql.Asked(TOPICS, {"practice": practice_id, "kind": kind})


def told(kind: str, found: list[_Topic]) -> list[TopicRow]:
    """In the office's order, hidden ones too."""
    rows = [
        TopicRow(
            row.id,
            row.code,
            {"nb": row.name, "nn": row.name_nn, "en": row.name_en},
            row.leads_to,
            row.inquiry_code,
            row.is_active,
            row.position,
        )
        for row in found
    ]
    return rows or _defaults(kind)


def find(practice_id: UUID, kind: str, code: str) -> TopicRow | None:
    return next((row for row in of_office(practice_id, kind, with_hidden=True) if row.code == code), None)


def asked(practice_id: UUID, topic_code: str) -> Asked:
    """The newest version of the questions, or the default's. One query."""
    row = QuestionSet.objects.filter(practice=practice_id, topic_code=topic_code).order_by("-version").first()
    if row is not None:
        return Asked(topic_code, row.version, intake.from_json(row.questions), row.made_at)
    return Asked(topic_code, 0, list(_default_questions(topic_code)))


def asked_then(practice_id: UUID, canonical: str) -> list[Question]:
    """Those of the version an answer was given to, to read it in another language; none when they are not known."""
    name, _bar, version = canonical.rpartition("|")
    topic_code = name.rpartition(":")[2]
    if version == "0":
        return list(_default_questions(topic_code))
    if not version.isdigit():
        return []
    row = QuestionSet.objects.filter(practice=practice_id, topic_code=topic_code, version=int(version)).first()
    return intake.from_json(row.questions) if row else []


def _defaults(kind: str) -> list[TopicRow]:
    return [
        TopicRow(None, topic.code, topic.names, str(topic.leads_to), topic.inquiry_code, position=at)
        for at, topic in enumerate(defaults.TOPICS[kind])
    ]


def _default_questions(topic_code: str) -> tuple[Question, ...]:
    topics = defaults.TOPICS["econsultation"]
    return next((topic.questions for topic in topics if topic.code == topic_code), (defaults.URGENT,))

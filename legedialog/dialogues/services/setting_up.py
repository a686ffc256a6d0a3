"""The office decides what may be asked, what is asked first, and how much it takes."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen, writing
from legedialog.core.errors import NotFound
from legedialog.dialogues import defaults, intake, policy, rules, topics
from legedialog.dialogues.intake import Question
from legedialog.dialogues.models import Intake, QuestionSet, Template, Topic
from legedialog.practices import services as practices


@transaction.atomic
def save_intake(
    *,
    actor: Actor,
    practice_id: UUID,
    guidance: dict[str, str],
    contact_guidance: dict[str, str],
    secretary_reads: bool,
    opens: time | None,
    closes: time | None,
    max_open: int | None,
    max_a_day: int | None,
    mark: str | None = None,
    now: datetime,
) -> Intake:
    """`guidance` by language: "nb", "nn", "en". Counts from the next thing that is sent; what has come stays.

    `mark` is of what she saw, here and below: Refused "changed-since-seen" (core/seen.py) when it is another now.
    """
    policy.check_sets_up(actor, practice_id)
    row, _made = Intake.objects.select_for_update().get_or_create(pk=practice_id)
    seen.check(mark, *rules.seen_of_intake(row))
    row.guidance, row.guidance_nn, row.guidance_en = (guidance.get(code, "") for code in ("nb", "nn", "en"))
    row.contact_guidance = contact_guidance.get("nb", "")
    row.contact_guidance_nn, row.contact_guidance_en = contact_guidance.get("nn", ""), contact_guidance.get("en", "")
    row.opens, row.closes = opens, closes
    row.max_open, row.max_a_day = max_open, max_a_day
    writing.save(row)
    practices.let_reception_read(actor=actor, practice_id=practice_id, reads=secretary_reads, now=now)
    audit.record(actor, "intake.changed", row.pk, at=now, practice_id=practice_id)
    return row


@transaction.atomic
def save_topic(
    *,
    actor: Actor,
    practice_id: UUID,
    kind: str,
    code: str,
    names: dict[str, str],
    leads_to: str = "",
    inquiry_code: str = "",
    is_active: bool = True,
    position: int = 0,
    mark: str | None = None,
    now: datetime,
) -> Topic:
    """Add a topic, or change the one with this code. The first change makes the defaults the office's own rows."""
    policy.check_sets_up(actor, practice_id)
    _adopt_topics(practice_id, kind)
    row = Topic.objects.select_for_update().filter(practice=practice_id, kind=kind, code=code).first()
    if row:
        seen.check(mark, *rules.seen_of_topic(topics.find(practice_id, kind, code)))
    row = row or Topic(practice_id=practice_id, kind=kind, code=code)
    row.name, row.name_nn, row.name_en = names["nb"], names.get("nn", ""), names.get("en", "")
    row.leads_to, row.inquiry_code, row.is_active, row.position = leads_to, inquiry_code, is_active, position
    writing.save(row)
    audit.record(actor, "topic.changed", row.pk, at=now, practice_id=practice_id)
    return row


def _adopt_topics(practice_id: UUID, kind: str) -> None:
    if Topic.objects.filter(practice=practice_id, kind=kind).exists():
        return
    Topic.objects.bulk_create(
        [
            Topic(
                practice_id=practice_id,
                kind=kind,
                code=each.code,
                name=each.names["nb"],
                name_nn=each.names["nn"],
                name_en=each.names["en"],
                leads_to=str(each.leads_to),
                inquiry_code=each.inquiry_code,
                position=at,
            )
            for at, each in enumerate(defaults.TOPICS[kind])
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def save_questions(
    *,
    actor: Actor,
    practice_id: UUID,
    topic_code: str,
    questions: Sequence[Question],
    mark: str | None = None,
    now: datetime,
) -> QuestionSet:
    """A new version, asked from now on; answers to older ones keep theirs. An import is read by `intake.from_fhir`.

    Raises Refused "questionnaire-not-understood", NotFound for a topic the office does not have.
    """
    policy.check_sets_up(actor, practice_id)
    intake.check(questions)
    if topics.find(practice_id, "econsultation", topic_code) is None:
        raise NotFound
    Intake.objects.get_or_create(pk=practice_id)
    Intake.objects.select_for_update().get(pk=practice_id)  # one version at a time
    newest = topics.asked(practice_id, topic_code)
    seen.check(mark, newest.version)
    if newest.questions == list(questions) and newest.version:
        return QuestionSet.objects.get(practice=practice_id, topic_code=topic_code, version=newest.version)
    row = QuestionSet.objects.create(
        practice_id=practice_id,
        topic_code=topic_code,
        version=newest.version + 1,
        questions=intake.to_json(questions),
        made_at=now,
        made_by_id=actor.employee_id,
    )
    audit.record(actor, "questions.changed", row.pk, at=now, practice_id=practice_id, version=row.version)
    return row


@transaction.atomic
def save_template(
    *,
    actor: Actor,
    practice_id: UUID,
    template_id: UUID | None,
    name: str,
    kind: str,
    texts: dict[str, str],
    position: int = 0,
    mark: str | None = None,
    now: datetime,
) -> Template:
    """Add a ready answer or change one. `kind` is empty for both kinds; `texts` by language, bokmål always.

    One that came with the product is changed by its name, as it was seen. Another of that name is an IntegrityError.
    """
    policy.check_templates(actor, practice_id)
    _adopt_templates(practice_id)
    mine = Template.objects.select_for_update().filter(practice=practice_id)
    if template_id:
        row = mine.filter(pk=template_id).first()
        if row is None:
            raise NotFound
        seen.check(mark, *_seen_of(row))
    else:
        row = mine.filter(name=name).first()
        if row is None or (mark is not None and mark != seen.mark(*_seen_of(row))):
            row = Template(practice_id=practice_id)
    row.name, row.kind, row.position = name, kind, position
    row.text_nb, row.text_nn, row.text_en = texts["nb"], texts.get("nn", ""), texts.get("en", "")
    writing.save(row)
    audit.record(actor, "template.changed", row.pk, at=now, practice_id=practice_id)
    return row


@transaction.atomic
def remove_template(
    *, actor: Actor, practice_id: UUID, template_id: UUID, mark: str | None = None, now: datetime
) -> None:
    """What was written with it stays."""
    policy.check_templates(actor, practice_id)
    row = Template.objects.select_for_update().filter(pk=template_id, practice=practice_id).first()
    if row is None:
        raise NotFound
    seen.check(mark, *_seen_of(row))
    writing.remove(row)
    audit.record(actor, "template.changed", template_id, at=now, practice_id=practice_id)


def _seen_of(row: Template) -> tuple[object, ...]:
    return row.name, row.kind, row.position, {"nb": row.text_nb, "nn": row.text_nn, "en": row.text_en}


def _adopt_templates(practice_id: UUID) -> None:
    if Template.objects.filter(practice=practice_id).exists():
        return
    Template.objects.bulk_create(
        [
            Template(
                practice_id=practice_id,
                kind=each.kind,
                name=each.name,
                text_nb=each.texts["nb"],
                text_nn=each.texts["nn"],
                text_en=each.texts["en"],
                position=at,
            )
            for at, each in enumerate(defaults.TEMPLATES)
        ],
        ignore_conflicts=True,
    )

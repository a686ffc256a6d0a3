"""Written dialogues between a patient and her office, and what the office has decided about them.

All that people write is sealed with the office's key. State, dates and who answers stand open, so that the office's
inbox is one indexed read. See docs/dialogue-states.md and docs/adr/0014-one-engine-for-two-kinds.md.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.dialogues.rules import Kind as Kind
from legedialog.dialogues.rules import Status as Status
from legedialog.patients.representation import Restriction

WAITING = Q(status__in=["sent", "delivered", "opened"])


class Dialogue(models.Model):
    """One matter, from either side. `clinician` is whose list the patient is on, `answerer` which doctor is to answer
    now: the substitute while the doctor is away, nobody where reception answers.

    Carries what the national processes Ekonsultasjon and Ekontakt 1.2 need: kind, patient, who acted and by which
    right, and for each message its own id (`Message.external_ref`). Source: docs/facts.md#messages.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.UUIDField(unique=True)  # the draft it was sent from: sending twice makes one
    kind = models.CharField(max_length=13, choices=Kind)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="dialogues")
    contract = models.ForeignKey("practices.Contract", models.PROTECT, null=True, related_name="+")  # the list
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="+")
    answerer = models.ForeignKey("practices.Clinician", models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="dialogues")
    started_by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    started_by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=5, blank=True)  # by which right she acted for the patient; 7611
    topic_code = EncryptedTextField(scope="practice_id")  # of Topic; empty where the office began
    subject = EncryptedTextField(scope="practice_id")  # the topic's name as it was chosen, or the office's own line
    status = models.CharField(max_length=17, choices=Status, default=Status.SENT)
    status_at = models.DateTimeField()
    started_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # the citizen's latest
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # by the office, of what was sent last
    answered_at = models.DateTimeField(null=True)  # the office's latest
    closed_at = models.DateTimeField(null=True)
    closed_from = models.CharField(max_length=17, blank=True)  # for taking the closing back
    is_ended_by_death = models.BooleanField(
        default=False, db_default=False
    )  # closed whatever its state was, and maybe unanswered
    due_date = models.DateField(null=True)  # the last local day for the answer
    is_reply_open = models.BooleanField(default=True)  # the citizen may write again after an answer
    assigned_to = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    claimed_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)
    told_reception = models.BooleanField(default=False, db_default=False)  # she was told that reception reads it too
    last_message_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)  # tells notices of one dialogue apart

    class Meta:
        indexes = [
            models.Index(name="dialogues_of_a_patient", fields=["patient", "-last_message_at", "-id"]),
            models.Index(
                name="dialogues_that_wait", fields=["practice", "due_date", "id"], condition=WAITING
            ),  # the inbox, what nears its date first
            models.Index(name="dialogues_of_an_office", fields=["practice", "-last_message_at", "-id"]),
            models.Index(name="dialogues_of_a_doctor", fields=["answerer", "due_date"], condition=WAITING),
            models.Index(name="dialogues_of_an_employee", fields=["assigned_to", "due_date", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_dialogue_is_begun_by_one_side",
                condition=Q(started_by_person=None) ^ Q(started_by_employee=None),
            ),
            models.CheckConstraint(name="what_waits_for_the_office_has_a_date", condition=~WAITING | ~Q(due_date=None)),
            models.CheckConstraint(
                name="an_econsultation_is_answered_by_a_doctor",
                condition=~Q(kind="econsultation") | ~Q(answerer=None),
            ),
            models.CheckConstraint(
                name="an_econsultation_is_never_closed_unanswered",
                condition=~Q(kind="econsultation", status="closed") | ~Q(answered_at=None) | Q(is_ended_by_death=True),
            ),
            models.CheckConstraint(
                name="what_was_opened_is_not_withdrawn",
                condition=~Q(status="withdrawn") | Q(opened_at=None, answered_at=None),
            ),
            models.CheckConstraint(
                name="a_claim_has_a_holder_and_an_end",
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
            models.CheckConstraint(
                name="what_death_ended_is_closed", condition=Q(is_ended_by_death=False) | Q(status="closed")
            ),
            models.CheckConstraint(
                name="a_closed_dialogue_tells_when_and_from_what",
                condition=~Q(status="closed") | (~Q(closed_at=None) & ~Q(closed_from="")),
            ),
        ]

    def __str__(self) -> str:
        return f"dialogue {self.pk}"


class Message(models.Model):
    """What one side wrote. Never changed; `read_at` is when the other side first saw it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dialogue = models.ForeignKey(Dialogue, models.PROTECT, related_name="messages")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    key = models.UUIDField(unique=True)  # from the form
    at = models.DateTimeField()
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=5, blank=True)  # by which right she acted for the patient; 7611
    text = EncryptedTextField(scope="practice_id")
    answers = EncryptedTextField(scope="practice_id")  # FHIR R4 QuestionnaireResponse, or empty
    language = models.CharField(max_length=2, blank=True)  # of a template that the office used
    read_at = models.DateTimeField(null=True)
    external_ref = models.CharField(max_length=64, blank=True)  # the other system's id of it (MsgId)

    class Meta:
        indexes = [
            models.Index(
                name="questions_of_an_office", fields=["practice", "at"], condition=Q(by_person__isnull=False)
            ),  # what numbers.py counts
            models.Index(
                name="what_she_has_not_read", fields=["dialogue"], condition=Q(by_person__isnull=True, read_at=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="messages_of_a_dialogue_are_numbered", fields=["dialogue", "number"]),
            models.CheckConstraint(
                name="a_message_is_written_by_one_side", condition=Q(by_person=None) ^ Q(by_employee=None)
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class OfferedTime(models.Model):
    """A time the office chose for her in an answer. Values, not rows of the calendar: whether it is still free is
    decided when she books it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="offered")
    calendar_id = models.UUIDField()
    clinician_id = models.UUIDField()
    visit_type_id = models.UUIDField()
    channel = models.CharField(max_length=10)
    starts_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"offered time {self.pk}"


class Comment(models.Model):
    """A word between colleagues. Never shown to the citizen here; it is part of what the office has written."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dialogue = models.ForeignKey(Dialogue, models.PROTECT, related_name="comments")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    to_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")  # forwarded
    text = EncryptedTextField(scope="practice_id", beside="dialogue")

    def __str__(self) -> str:
        return f"comment {self.pk}"


class What(models.TextChoices):
    """What may happen to a dialogue beside being written in. Words are in texts.py."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    ANSWERED = "answered"
    NEEDS_APPOINTMENT = "needs-appointment"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"  # between reception and doctor
    REROUTED = "rerouted"  # to a substitute, or back
    DATE_MOVED = "date-moved"
    ASSIGNED = "assigned"  # the office's own
    ESCALATED = "escalated"  # the office's own


class Step(models.Model):
    """The dialogue's story: each step once, in order. The citizen sees those that concern her (texts.STEPS)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dialogue = models.ForeignKey(Dialogue, models.PROTECT, related_name="steps")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    what = models.CharField(max_length=17, choices=What)
    at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, null=True, related_name="+")  # answers now
    due_date = models.DateField(null=True)
    kind = models.CharField(max_length=13, choices=Kind, blank=True)  # after a move

    class Meta:
        indexes = [models.Index(fields=["dialogue", "at", "id"])]

    def __str__(self) -> str:
        return f"step {self.what}"


class Draft(models.Model):
    """What a citizen has begun to write for a patient: one of each kind, and one reply in each dialogue. Kept for 30
    days after the last change.

    Its id becomes the key of a new dialogue, so that a draft is sent once whatever the network does.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=13, choices=Kind)
    dialogue = models.ForeignKey(Dialogue, models.CASCADE, related_name="+", null=True)  # that it is a reply in
    topic_code = EncryptedTextField(scope="practice_id")
    answers = EncryptedTextField(scope="practice_id")  # JSON, question's id -> answer
    text = EncryptedTextField(scope="practice_id")
    attachment_ids = ArrayField(models.UUIDField(), default=list)  # her uploaded files
    version = models.PositiveIntegerField(default=0)  # how many times what it holds has changed
    page = models.UUIDField(null=True)  # the open page that changed it last
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["saved_at"])]
        constraints = [
            models.UniqueConstraint(
                name="one_draft_of_each_kind_for_a_patient",
                fields=["owner", "patient", "kind"],
                condition=models.Q(dialogue=None),
            ),
            models.UniqueConstraint(name="one_draft_of_a_reply", fields=["owner", "dialogue"]),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Topic(models.Model):
    """What a dialogue may be about at an office. An office without rows uses those in defaults.py."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=13, choices=Kind)
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)  # bokmål
    name_nn = models.CharField(max_length=80, blank=True)
    name_en = models.CharField(max_length=80, blank=True)
    leads_to = models.CharField(max_length=20, blank=True)  # a Service that suits better: it cannot be written about
    inquiry_code = models.CharField(max_length=4, blank=True)  # 7601, where one is known. Source: docs/facts.md#codes
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="topics_of_an_office_have_different_codes", fields=["practice", "kind", "code"]
            )
        ]

    def __str__(self) -> str:
        return self.name


class QuestionSet(models.Model):
    """One version of the questions about a topic; the newest is asked. Never changed: a change is a new version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="+")
    topic_code = models.SlugField(max_length=40)  # of e-consultations
    version = models.PositiveIntegerField()  # from 1; 0 is the default's in defaults.py
    questions = models.JSONField(default=list)  # see intake.to_json
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_question_set_for_each_version", fields=["practice", "topic_code", "version"]
            )
        ]

    def __str__(self) -> str:
        return f"questions {self.topic_code} {self.version}"


class Template(models.Model):
    """A ready answer in three languages, with placeholders (texts.PLACEHOLDERS). Says nothing of anybody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=13, choices=Kind, blank=True)  # empty for both
    name = models.CharField(max_length=80)
    text_nb = models.TextField()
    text_nn = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="templates_of_an_office_have_different_names", fields=["practice", "name"])
        ]

    def __str__(self) -> str:
        return self.name


class Intake(models.Model):
    """How an office takes dialogues in: its own words on what suits, who reads, and how much doctors take."""

    practice = models.OneToOneField("practices.Practice", models.CASCADE, primary_key=True, related_name="+")
    guidance = models.TextField(blank=True)  # bokmål; for e-consultations
    guidance_nn = models.TextField(blank=True)
    guidance_en = models.TextField(blank=True)
    contact_guidance = models.TextField(blank=True)
    contact_guidance_nn = models.TextField(blank=True)
    contact_guidance_en = models.TextField(blank=True)
    opens = models.TimeField(null=True)  # for new e-consultations, on working days
    closes = models.TimeField(null=True)
    max_open = models.PositiveSmallIntegerField(null=True)  # unanswered e-consultations of a doctor
    max_a_day = models.PositiveSmallIntegerField(null=True)
    is_external = models.BooleanField(default=False)  # another record system takes them in and tells when

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="intake_hours_are_both_or_none",
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__gt=F("opens")),
            )
        ]

    def __str__(self) -> str:
        return f"intake {self.pk}"

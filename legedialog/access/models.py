"""Logins, the way to them, and what was typed when one ended. Tokens are stored as SHA-256, never themselves."""

from django.db import models
from django.db.models import F, Q

from legedialog.access.actor import Assurance as ActorAssurance
from legedialog.access.actor import Kind as ActorKind
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id


class Kind(models.TextChoices):
    CITIZEN = ActorKind.CITIZEN.value
    STAFF = ActorKind.STAFF.value
    OPERATOR = ActorKind.OPERATOR.value


class Assurance(models.TextChoices):
    SUBSTANTIAL = ActorAssurance.SUBSTANTIAL.value
    HIGH = ActorAssurance.HIGH.value


class Ended(models.TextChoices):
    """Why a login is over."""

    LOGGED_OUT = "logged-out"
    EVERYWHERE = "everywhere"  # she logged out everywhere
    REPLACED = "replaced"  # she logged in again in the same browser
    PROVIDER = "provider"  # she logged out at the provider or at another service
    TIME = "time"  # idle or absolute limit
    EMPLOYMENT = "employment"  # she no longer works there
    DEVICE = "device"  # she logged that browser out from another
    LOCKED = "locked"  # akuttsperre
    NUMBER = "number"  # she has got a new national number
    DECEASED = "deceased"  # the population register says so


class Operator(models.Model):
    """Runs the platform and never sees patients. Found at login by her national number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    national_number_index = models.BinaryField(max_length=32, unique=True)  # purpose "national-number"

    def __str__(self) -> str:
        return f"operator {self.pk}"


class Login(models.Model):
    """One browser of one person, from the provider's answer until it ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    proof = models.BinaryField(max_length=32, null=True)  # that we made it: queries.proof_of
    kind = models.CharField(max_length=8, choices=Kind)
    assurance = models.CharField(max_length=11, choices=Assurance)
    person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # her own when null
    issuer = models.CharField(max_length=200)
    provider_sid = models.CharField(max_length=200, blank=True)
    provider_sub = models.CharField(max_length=255)  # pairwise: means nothing to others
    device = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=Ended, blank=True)

    class Meta:
        indexes = [
            models.Index(name="login_by_provider_session", fields=["issuer", "provider_sid"]),
            models.Index(name="open_logins_of_a_person", fields=["person"], condition=Q(ended_at=None)),
            models.Index(name="open_logins_of_an_employee", fields=["employee"], condition=Q(ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_login_belongs_to_one_of_its_kind",
                condition=Q(kind="citizen", person__isnull=False, employee=None, operator=None)
                | Q(kind="staff", person=None, employee__isnull=False, operator=None)
                | Q(kind="operator", person=None, employee=None, operator__isnull=False),
            ),
            models.CheckConstraint(
                name="an_ended_login_says_why_and_an_open_one_does_not",
                condition=Q(ended_at=None, ended_why="") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
            models.CheckConstraint(name="a_login_is_seen_after_it_began", condition=Q(seen_at__gte=F("created_at"))),
        ]

    def __str__(self) -> str:
        return f"login {self.pk}"


class Lock(models.Model):
    """Akuttsperre: nobody logs in as this person until her office has seen who she is.

    Source: docs/facts.md#consent-levels.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    locked_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_lock_in_force", fields=["person"], condition=Q(lifted_at=None)),
            models.CheckConstraint(
                name="a_lock_is_lifted_by_an_employee",
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__gte=F("locked_at"), lifted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"lock {self.pk}"


class Tally(models.Model):
    """How often somebody did something in one window: see limits.py. `who_hash` is keyed and tells nobody."""

    who_hash = models.BinaryField(max_length=32)
    name = models.CharField(max_length=10)
    window_at = models.DateTimeField()
    number = models.PositiveIntegerField()
    pk = models.CompositePrimaryKey("who_hash", "name", "window_at")

    class Meta:
        indexes = [models.Index(name="tallies_that_are_over", fields=["window_at"])]

    def __str__(self) -> str:
        return f"tally of {self.name}"


class LoginAttempt(models.Model):
    """What must come back from the provider, once, to the same browser, within ten minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state_hash = models.BinaryField(max_length=32, unique=True)
    browser_hash = models.BinaryField(max_length=32)
    provider = models.CharField(max_length=20)  # "idporten" or "helseid"
    nonce = models.CharField(max_length=64)
    code_verifier = models.CharField(max_length=128)
    redirect_uri = models.CharField(max_length=300)
    next_path = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_attempt_is_used_after_it_began",
                condition=Q(used_at=None) | Q(used_at__gte=F("created_at")),
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class UsedToken(models.Model):
    """A message that works once and was received: a logout token, or a code of the demo's identity provider."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issuer = models.CharField(max_length=200)
    token = models.CharField(max_length=200)  # its `jti`
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="a_token_works_once", fields=["issuer", "token"])]

    def __str__(self) -> str:
        return f"used token {self.pk}"


class KeptForm(models.Model):
    """What a person sent when her login had ended or was for another, for her to send again: only she, in the same
    browser, and only for the one it was drawn for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    browser_hash = models.BinaryField(max_length=32)
    login = models.ForeignKey(Login, models.CASCADE, related_name="kept_forms")  # that it was drawn for: whose text
    acting_for = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # or herself
    employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")  # office and role
    path = models.CharField(max_length=2000)
    fields = EncryptedTextField()  # JSON: [[name, value], ...]
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["browser_hash"])]
        constraints = [
            models.CheckConstraint(
                # For nobody: written by a version that did not say, while this one was taking over. It is never shown.
                name="a_kept_form_is_not_for_two",
                condition=Q(acting_for=None) | Q(employee=None),
            )
        ]

    def __str__(self) -> str:
        return f"kept form {self.pk}"

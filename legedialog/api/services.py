"""Clients log in and tell of appointments. `now` is aware UTC everywhere."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Actor, Kind, system
from legedialog.api import oauth, profile, rules
from legedialog.api.models import AccessToken, ApiClient, UsedAssertion
from legedialog.appointments import services as appointments
from legedialog.appointments.models import ExternalAppointment, Source
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.consent.rules import Level
from legedialog.core import fence, writing
from legedialog.core.errors import Denied, NotFound, TooMany
from legedialog.patients import queries as patients


class NotLoggedIn(Exception):
    """The token is missing, unknown or over."""


class Problem(Exception):
    """Why a resource is not kept, though it may be well written. `status` is the HTTP one."""

    def __init__(self, status: int, code: str, kind: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.issue = profile.Issue(code, kind, text)


# One answer for a number nobody has and for a person who does not use the services: it tells nothing of either.
UNKNOWN_PATIENT = (404, "patient-unknown", "not-found", "The patient does not receive appointments here.")
OTHER_PATIENT = (409, "patient-changed", "conflict", "This appointment was received for another patient.")
OLDER = (409, "older", "conflict", "A later change of this appointment was received before. Nothing to do.")
NOT_THIS_VERSION = (412, "version", "conflict", "The appointment is not at that version.")
GONE = (404, "not-found", "not-found", "No such appointment from you.")


@dataclass(frozen=True, slots=True)
class Caller:
    client_id: UUID
    source_id: UUID
    organisation_number: str
    scopes: frozenset[str]

    def check(self, scope: str) -> None:
        """Raises Denied."""
        if scope not in self.scopes:
            raise Denied


@dataclass(frozen=True, slots=True, repr=False)
class Issued:
    token: str
    scopes: list[str]
    seconds: int


@fence.system("a system's login names no person")
@transaction.atomic
def register_client(
    *, actor: Actor, name: str, source_id: UUID, jwks: Mapping[str, Any], scopes: list[str], now: datetime
) -> ApiClient:
    """A system that may use the API on behalf of a source. ValueError for weak or private keys or unknown scopes."""
    if actor.kind not in (Kind.OPERATOR, Kind.SYSTEM):
        raise Denied
    rules.check_keys(jwks)
    if not scopes or not set(scopes) <= rules.SCOPES:
        raise ValueError("unknown scope")
    client = ApiClient.objects.create(
        name=name, source_id=source_id, jwks={"keys": jwks["keys"]}, scopes=sorted(set(scopes)), created_at=now
    )
    audit.record(actor, "api-client.registered", client.pk, at=now)
    return client


@fence.system("a system's login names no person")
def clients() -> list[ApiClient]:
    """All, by name, with their sources."""
    return list(ApiClient.objects.select_related("source").order_by("name", "pk"))


@fence.system("a system's login names no person")
@transaction.atomic
def set_active(*, actor: Actor, client_id: UUID, is_active: bool, now: datetime) -> bool:
    """Shut a system out, so that its tokens die and it gets no new one; or let it in again.

    False when it is so already. Raises NotFound.
    """
    if actor.kind not in (Kind.OPERATOR, Kind.SYSTEM):
        raise Denied
    client = ApiClient.objects.select_for_update().filter(pk=client_id).first()
    if client is None:
        raise NotFound
    if not is_active:
        writing.remove(AccessToken.objects.filter(client=client))
    if client.is_active == is_active:
        return False
    client.is_active = is_active
    client.save(update_fields=["is_active"])
    audit.record(actor, "api-client.opened" if is_active else "api-client.shut", client.pk, at=now)
    return True


@fence.system("a system's login names no person")
@transaction.atomic
def issue_token(*, assertion: str, scope: str, audiences: set[str], now: datetime) -> Issued:
    """Raises OAuthError. Two clients that send the same assertion at once: one is answered."""
    client_id = oauth.claimed_client(assertion)
    # Locked, so that no token is made while it is shut out: set_active waits for this one, and removes it.
    client = ApiClient.objects.select_for_update(no_key=True).filter(pk=client_id, is_active=True).first()
    if client is None:
        raise oauth.OAuthError("invalid_client", "The client is not known.")
    jti, ends_at = oauth.check_assertion(assertion, client.jwks, client_id=client_id, audiences=audiences, now=now)
    scopes = oauth.granted(scope, client.scopes)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti=jti, expires_at=ends_at)
    except IntegrityError as error:
        raise oauth.OAuthError("invalid_client", "This assertion has been used. Sign a new one each time.") from error
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        client=client, token_hash=_hashed(token), scopes=scopes, expires_at=now + rules.TOKEN_LASTS
    )
    return Issued(token, scopes, int(rules.TOKEN_LASTS.total_seconds()))


@fence.system("a system's login names no person")
def end_tokens(now: datetime) -> None:
    """No token that was given opens anything any more; clients log in anew."""
    writing.remove(AccessToken.objects.all())


@fence.system("a system's login names no person")
def authenticate(token: str, now: datetime) -> Caller:
    """Who calls. Counts the call: raises NotLoggedIn, or TooMany above the client's calls a minute."""
    found = (
        AccessToken.objects.select_related("client__source")
        .filter(token_hash=_hashed(token), expires_at__gt=now, client__is_active=True)
        .first()
    )
    if found is None:
        raise NotLoggedIn
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE api_apiclient SET minute_at = %s,"
            " minute_count = CASE WHEN minute_at = %s THEN minute_count + 1 ELSE 1 END"
            " WHERE id = %s RETURNING minute_count",
            [minute, minute, found.client_id],
        )
        (count,) = cursor.fetchone()
    if count > settings.API_PER_MINUTE:
        raise TooMany(seconds=60 - now.second)
    source = found.client.source
    return Caller(found.client_id, source.pk, source.organisation_number, frozenset(found.scopes))


@fence.system("a system's login names no person")
def heard(caller: Caller, *, is_well: bool, now: datetime) -> None:
    """The source has called; or has, but what it sent could not be read, so that something may be missing."""
    Source.objects.filter(pk=caller.source_id).update(**{"heard_at" if is_well else "failed_at": now})


@transaction.atomic
def receive(
    *,
    source_id: UUID,
    identifier: UUID,
    told: profile.Told,
    if_version: int | None = None,
    must_be_new: bool = False,
    now: datetime,
) -> tuple[ExternalAppointment, bool]:
    """The row as it is now kept, and whether it is new. Raises Problem.

    A person who does not use the services leaves no trace here; what was received before is kept up to date all the
    same, so that it is not wrong when she comes back.
    """
    kept = ExternalAppointment.objects.select_for_update().filter(source=source_id, identifier=identifier).first()
    if (must_be_new and kept) or (if_version is not None and (kept is None or version(kept) != if_version)):
        raise Problem(*NOT_THIS_VERSION)
    patient_id = patients.id_of(told.national_number)
    if kept and kept.patient_id != patient_id:
        raise Problem(*OTHER_PATIENT)
    if patient_id is None or (kept is None and consent.level(patient_id) != Level.FULL):
        raise Problem(*UNKNOWN_PATIENT)
    row, outcome = appointments.receive_external(
        source_id=source_id,
        identifier=identifier,
        patient_id=patient_id,
        status=told.status,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        channel=told.channel,
        title=told.title,
        place=told.place,
        instruction=told.instruction,
        join_url=told.join_url,
        sent_at=told.sent_at,
        tell=told.tell,
        now=now,
    )
    if outcome == "older":
        raise Problem(*OLDER)
    if must_be_new and outcome != "created":
        raise Problem(*NOT_THIS_VERSION)
    if outcome != "unchanged":
        audit.record(system(), f"external-appointment.{outcome}", row.pk, at=now, patient_id=patient_id)
    return row, outcome == "created"


@transaction.atomic
def find(source_id: UUID, identifier: UUID, now: datetime) -> ExternalAppointment:
    """The source's own; the patient sees that it was read. Raises Problem."""
    row = ExternalAppointment.objects.filter(source=source_id, identifier=identifier).first()
    if row is None:
        raise Problem(*GONE)
    audit.looked(system(), "external-appointment.read", row.pk, at=now, patient_id=row.patient_id)
    return row


def version(row: ExternalAppointment) -> int:
    """From 1; grows with each change."""
    return row.sequence + 1


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def tidy(now: datetime) -> None:
    """Remove tokens that are over, and assertions too old to be used again."""
    for old in (AccessToken, UsedAssertion):
        writing.remove(old.objects.filter(expires_at__lt=now - rules.CLOCKS_DIFFER))

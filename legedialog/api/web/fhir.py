"""`/fhir/r4/`: other systems tell of appointments. What is answered when is listed in docs/integrator.md."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from legedialog.api import profile, rules, services
from legedialog.api.profile import Issue, Rejected
from legedialog.api.services import Caller, NotLoggedIn, Problem
from legedialog.api.web import answers
from legedialog.core import broken, fence, reading
from legedialog.core.errors import Denied, TooMany

LARGEST = 64 * 1024  # bytes of a resource
TYPES = ("application/fhir+json", "application/json")

log = structlog.get_logger("legedialog.api")
View = Callable[..., HttpResponse]


class Refused(Exception):
    """A request that is not as HTTP or JSON wants it. The answer is ready."""

    def __init__(self, status: int, code: str, kind: str, text: str) -> None:
        super().__init__(code)
        self.answer = answers.outcome(status, Issue(code, kind, text))


def guarded(view: View) -> View:
    """Log the client in, run the view, and answer every fault as an OperationOutcome."""

    @broken.strictly()
    @fence.system("a hospital tells of a patient by her number")
    def handle(request: HttpRequest, **parts: Any) -> HttpResponse:
        now = timezone.now()
        try:
            caller = services.authenticate(_token(request), now)
        except NotLoggedIn:
            answer = answers.outcome(401, Issue("login", "login", "Send a valid access token as Bearer."))
            answer["WWW-Authenticate"] = 'Bearer realm="fhir", error="invalid_token"'
            return answer
        except TooMany as busy:
            answer = answers.outcome(429, Issue("throttled", "throttled", "Too many requests in this minute. Wait."))
            answer["Retry-After"] = str(busy.seconds)
            return answer
        try:
            answer = view(request, caller, **parts)
        except Denied:
            answer = answers.outcome(403, Issue("scope", "forbidden", "The token does not have the scope for this."))
        except Refused as refused:
            answer = refused.answer
        except Rejected as rejected:
            log.info("resource rejected", client=str(caller.client_id), codes=[each.code for each in rejected.issues])
            answer = answers.outcome(422, *rejected.issues)
        except Problem as problem:
            answer = answers.outcome(problem.status, problem.issue)
        except Exception:
            log.exception("api request failed", client=str(caller.client_id))
            answer = answers.outcome(500, Issue("exception", "exception", "Something is wrong here. Try again later."))
        if answer.status_code < 500:
            services.heard(caller, is_well=answer.status_code not in (400, 413, 415, 422), now=now)
        return answer

    return csrf_exempt(handle)


@guarded
def appointment(request: HttpRequest, caller: Caller, identifier: str) -> HttpResponse:
    if request.method == "PUT":
        return _put(request, caller, identifier)
    if request.method in ("GET", "HEAD"):
        return _get(caller, identifier)
    return not_allowed("GET, HEAD, PUT")


@guarded
def appointments(request: HttpRequest, caller: Caller) -> HttpResponse:
    return not_allowed("")


@guarded
def nothing(request: HttpRequest, caller: Caller, rest: str) -> HttpResponse:
    raise Refused(404, "no-such-interaction", "not-supported", "See /fhir/r4/metadata for what is here.")


def metadata(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return not_allowed("GET, HEAD")
    return answers.document(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-11-23",
            "kind": "instance",
            "software": {"name": "Legedialog"},
            "implementation": {
                "description": "Receives appointments from other sources.",
                "url": f"{settings.BASE_URL}/fhir/r4",
            },
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {
                        "service": [
                            {
                                "coding": [
                                    {
                                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                        "code": "OAuth",
                                    }
                                ]
                            }
                        ],
                        "extension": [
                            {
                                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                                "extension": [
                                    {"url": "token", "valueUri": f"{settings.BASE_URL}{reverse('api:token')}"}
                                ],
                            }
                        ],
                    },
                    "resource": [
                        {
                            "type": "Appointment",
                            "supportedProfile": [profile.PROFILE],
                            "interaction": [{"code": "read"}, {"code": "update"}],
                            "versioning": "versioned-update",
                            "readHistory": False,
                            "updateCreate": True,
                        }
                    ],
                }
            ],
        }
    )


def _put(request: HttpRequest, caller: Caller, identifier: str) -> HttpResponse:
    caller.check(rules.WRITE)
    key = _key(identifier)
    resource = _body(request)
    if resource.get("id") != identifier:
        raise Refused(400, "id-mismatch", "value", "The resource's id must be the id in the address.")
    told = profile.read(
        resource,
        identifier=key,
        organisation_number=caller.organisation_number,
        synthetic=settings.SYNTHETIC_PERSONS,
    )
    row, is_new = services.receive(
        source_id=caller.source_id,
        identifier=key,
        told=told,
        if_version=_if_match(request),
        must_be_new=_must_be_new(request),
        now=timezone.now(),
    )
    answer = _answer(row, 201 if is_new else 200)
    if is_new:
        answer["Location"] = f"{settings.BASE_URL}{request.path}"
    return answer


def _get(caller: Caller, identifier: str) -> HttpResponse:
    caller.check(rules.READ)
    return _answer(services.find(caller.source_id, _key(identifier), timezone.now()), 200)


def _answer(row: Any, status: int) -> HttpResponse:
    version = services.version(row)
    return answers.resource(
        {
            "resourceType": "Appointment",
            "id": str(row.identifier),
            "meta": {
                "versionId": str(version),
                "lastUpdated": answers.instant(row.received_at),
                # What is kept is less than what was sent, and the patient's number is not sent back.
                "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}],
            },
            "status": THEIRS[row.status],
            **({"description": row.title} if row.title else {}),
            "start": answers.instant(row.starts_at),
            **({"end": answers.instant(row.ends_at)} if row.ends_at else {}),
            **({"patientInstruction": row.instruction} if row.instruction else {}),
            "participant": [{"actor": {"type": "Patient", "display": "Patient"}, "status": "accepted"}],
        },
        status=status,
        version=version,
        changed_at=row.received_at,
    )


THEIRS = {ours: theirs for theirs, ours in reversed(profile.STATUSES.items())}


def _token(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotLoggedIn
    return token.strip()


def _key(identifier: str) -> UUID:
    try:
        key = UUID(identifier)
    except ValueError:
        key = None
    if key is None or str(key) != identifier:
        raise Refused(400, "id-uuid", "value", "The id in the address must be a UUID in lower case.")
    return key


def _body(request: HttpRequest) -> profile.Json:
    if request.content_type not in TYPES or (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
        raise Refused(415, "content-type", "not-supported", "Send application/fhir+json in UTF-8.")
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(413, "too-long", "too-long", "A resource is at most 64 KiB.")
    resource = reading.json_object(body)
    if resource is None:
        raise Refused(400, "json", "structure", "The body must be one JSON object, in values that can be kept.")
    return resource


def _if_match(request: HttpRequest) -> int | None:
    """The version asked for. Raises Refused for another form than ours."""
    asked = request.headers.get("If-Match")
    if asked is None:
        return None
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', asked.strip())
    if not found:
        raise Refused(412, "version", "conflict", 'If-Match holds one version, such as W/"2".')
    return int(found[1])


def _must_be_new(request: HttpRequest) -> bool:
    asked = request.headers.get("If-None-Match")
    if asked not in (None, "*"):
        raise Refused(412, "version", "conflict", "If-None-Match can only be *.")
    return asked == "*"


def not_allowed(allow: str) -> HttpResponse:
    answer = answers.outcome(405, Issue("method", "not-supported", "This method is not used at this address."))
    answer["Allow"] = allow
    return answer

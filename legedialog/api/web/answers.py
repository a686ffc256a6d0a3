"""FHIR's answers: resources as JSON, and OperationOutcome for everything that went wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.http import http_date

from legedialog.api.profile import Issue

FHIR_JSON = "application/fhir+json; charset=utf-8"
CODES = "urn:legedialog:fhir-error"  # the system of our stable codes


def resource(body: Mapping[str, Any], *, status: int = 200, version: int, changed_at: datetime) -> HttpResponse:
    response = _json(body, status)
    response["ETag"] = f'W/"{version}"'
    response["Last-Modified"] = http_date(changed_at.timestamp())
    return response


def document(body: Mapping[str, Any]) -> HttpResponse:
    return _json(body, 200)


def outcome(status: int, *issues: Issue) -> HttpResponse:
    return _json(
        {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "error",
                    "code": issue.kind,
                    "details": {"coding": [{"system": CODES, "code": issue.code}]},
                    "diagnostics": issue.text,
                    "expression": [issue.path],
                }
                for issue in issues
            ],
        },
        status,
    )


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(body: Mapping[str, Any], status: int) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=FHIR_JSON)

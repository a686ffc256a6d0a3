"""Synthetic resources that keep the profile: for the demo's hospital, the tests and docs/integrator.md."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from legedialog.api import profile


def video_appointment(
    *,
    identifier: UUID,
    organisation_number: str,
    organisation: str,
    unit: str,
    patient_number: str,
    starts_at: datetime,
    minutes: int,
    description: str,
    instruction: str,
    join_url: str,
    changed_at: datetime,
    status: str = "booked",
) -> dict[str, Any]:
    """A hospital's video appointment (service category 27). Times are aware."""
    organisation_identifier = {"system": profile.ORGANISATION, "value": organisation_number}
    resource: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": str(identifier),
        "meta": {"profile": [profile.PROFILE], "lastUpdated": _instant(changed_at)},
        "contained": [
            {
                "resourceType": "Organization",
                "id": "party",
                "identifier": [organisation_identifier],
                "name": organisation,
            },
            _location("unit", "HU", unit),
            _location("hospital", "HOSP", organisation),
            {
                "resourceType": "Flag",
                "id": "cancel",
                "status": "active",
                "code": {
                    "coding": [
                        {
                            "system": "http://helsenorge.no/fhir/CodeSystem/hn-appointment-flag-code-cs",
                            "code": "cancelWithComment",
                        }
                    ]
                },
                "subject": {"display": "-"},
            },
        ],
        "extension": [
            {
                "url": profile.VIRTUAL_SERVICES[1],
                "extension": [
                    {
                        "url": "channelType",
                        "valueCoding": {"system": "http://hl7.org/fhir/contact-point-system", "code": "url"},
                    },
                    {"url": "virtualAddress", "valueUrl": join_url},
                ],
            }
        ],
        "identifier": [
            {
                "system": "urn:ietf:rfc:3986",
                "value": f"urn:uuid:{identifier}",
                "assigner": {"identifier": organisation_identifier, "display": organisation},
            }
        ],
        "status": status,
        "serviceCategory": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/service-category", "code": "27"}]}
        ],
        "appointmentType": {
            "coding": [
                {"system": profile.CONTACT_TYPE, "code": "6", "display": "Videokonsultasjon"},
                {"system": "urn:oid:2.16.578.1.12.4.1.1.7617", "code": "Poliklinisk"},
            ]
        },
        "description": description,
        "supportingInformation": [{"reference": "#party"}, {"reference": "#cancel"}],
        "start": _instant(starts_at),
        "end": _instant(starts_at + timedelta(minutes=minutes)),
        "patientInstruction": instruction,
        "participant": [
            {
                "actor": {
                    "type": "Patient",
                    "identifier": {"system": next(iter(profile.PERSONS)), "value": patient_number},
                },
                "status": "accepted",
            },
            {"actor": {"reference": "#unit"}, "status": "accepted"},
            {"actor": {"reference": "#hospital"}, "status": "accepted"},
        ],
    }
    if status == "cancelled":
        resource["cancelationReason"] = {"coding": [{"system": profile.CANCELLED_IN_HOSPITAL[0], "code": "9"}]}
    return resource


def _location(key: str, role: str, name: str) -> dict[str, Any]:
    return {
        "resourceType": "Location",
        "id": key,
        "name": name,
        "type": [{"coding": [{"system": profile.ROLE_CODE, "code": role}]}],
        "managingOrganization": {"reference": "#party"},
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

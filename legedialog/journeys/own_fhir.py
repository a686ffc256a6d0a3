"""A citizen's own data as a FHIR R4 Bundle. Source: hl7.org/fhir/R4, and domain.md 6.6 for Norway."""

import base64
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from legedialog.appointments.models import RequestStatus, Status
from legedialog.consent.rules import Level
from legedialog.journal import icpc2
from legedialog.journeys import own_files
from legedialog.journeys.own_rows import Rows
from legedialog.outbox import texts
from legedialog.prescriptions import rules
from legedialog.video.rules import RoomState, SeatRole, Test

Resource = dict[str, Any]
Files = dict[UUID | None, list[Resource]]

BIRTH_NUMBER, D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2"
STATUSES = {
    Status.BOOKED: "booked",
    Status.ARRIVED: "arrived",
    Status.COMPLETED: "fulfilled",
    Status.CANCELLED: "cancelled",
    Status.NO_SHOW: "noshow",
}
REQUESTS = {
    RequestStatus.SENT: "in-progress",
    RequestStatus.ASSIGNED: "completed",
    RequestStatus.REFUSED: "completed",
    RequestStatus.DECLINED: "completed",
    RequestStatus.WITHDRAWN: "stopped",
    RequestStatus.ENDED: "stopped",
}
VIDEO = {
    RoomState.OPEN: "arrived",
    RoomState.RUNNING: "in-progress",
    RoomState.PHONE: "in-progress",
    RoomState.ENDED: "finished",
}
MEDIA = {"sms": "SMSWRIT", "email": "EMAILWRIT"}


def bundle(rows: Rows, now: datetime) -> Resource:
    """Patient, Appointment, Consent, MedicationRequest and -Dispense, Communication (notices, wishes and renewals),
    Encounter and Observation (video visits and device tests) and AuditEvent, as a collection."""
    me = {"reference": urn(rows.person.pk)}
    files = _files(rows)
    resources = [
        patient(rows),
        *(appointment(row, me) for row in rows.appointments),
        *(elsewhere(row, me) for row in rows.elsewhere),
        *(consent(row, me) for row in rows.consents),
        *(wish(row, me) for row in rows.requests),
        *(prescription(row, me) for row in rows.prescriptions),
        *(dispensing(each, me) for row in rows.prescriptions for each in row.collected.all()),
        *(renewal(row, me) for row in rows.renewals),
        *(message(row, me, files) for row in rows.dialogues),
        *(answers(row, me) for row in rows.dialogues if row.answers),
        *(entry(row, me, files) for row in rows.journal),
        *(video(row, me) for row in rows.video),
        *(device_test(row, me) for row in rows.device_tests),
        *(notice(row, me) for row in rows.notices),
        *(_full(part.resource(row, me)) for part, found in rows.parts for row in found),
        *(event(row, rows, me) for row in rows.log),
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources],
    }


def urn(pk: UUID) -> str:
    return f"urn:uuid:{pk}"


def patient(rows: Rows) -> Resource:
    person = rows.person
    telecom = [
        {"system": system, "value": value}
        for system, value in (("phone", person.phone), ("email", person.email))
        if value
    ]
    return _full(
        {
            "resourceType": "Patient",
            "id": str(person.pk),
            "identifier": [{"system": _number_system(person.national_number), "value": person.national_number}],
            "name": [_full({"family": person.family_name, "given": person.given_name.split()})],
            "birthDate": person.birth_date.isoformat(),
            "deceasedDateTime": person.death_date and person.death_date.isoformat(),
            "telecom": telecom,
            "address": [{"text": person.address}] if person.address else [],
            "communication": [{"language": _code("urn:ietf:bcp:47", person.language)}] if person.language else [],
        }
    )


def appointment(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "Appointment",
            "id": str(row.pk),
            "status": STATUSES[Status(row.status)],
            "appointmentType": {"text": row.channel},
            "serviceType": [{"text": row.visit_type.label}],
            "description": row.reason,
            "start": row.starts_at.isoformat(),
            "end": row.ends_at.isoformat(),
            "created": row.booked_at.isoformat(),
            "comment": row.cancel_note,
            "participant": [
                _taking_part(me),
                _taking_part({"display": f"{row.calendar.clinician.name}, {row.practice.name}"}),
            ],
        }
    )


def elsewhere(row: Any, me: Resource) -> Resource:
    """R4 wants both a start and an end; a source may leave the end out, and then it is the start."""
    return _full(
        {
            "resourceType": "Appointment",
            "id": str(row.pk),
            "status": STATUSES[Status(row.status)],
            "appointmentType": {"text": row.channel},
            "description": row.title,
            "start": row.starts_at.isoformat(),
            "end": (row.ends_at or row.starts_at).isoformat(),
            "patientInstruction": row.instruction,
            "participant": [
                _taking_part(me),
                _taking_part({"display": ", ".join(filter(None, (row.source.name, row.place)))}),
            ],
        }
    )


def consent(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "Consent",
            "id": str(row.pk),
            "status": "inactive" if row.ends_at else "active",
            "scope": _code("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
            "category": [_code("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IDSCL")],
            "patient": me,
            "dateTime": row.starts_at.isoformat(),
            "policyRule": {"text": f"Legedialog: {row.level}"},
            "provision": {
                "type": "deny" if row.level == Level.NONE else "permit",
                "period": _full({"start": row.starts_at.isoformat(), "end": row.ends_at and row.ends_at.isoformat()}),
            },
        }
    )


def wish(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "Communication",
            "id": str(row.pk),
            "status": REQUESTS[RequestStatus(row.status)],
            "topic": {"text": "timeønske"},
            "subject": me,
            "sender": me,
            "recipient": [{"display": f"{row.clinician.name}, {row.practice.name}"}],
            "sent": row.sent_at.isoformat(),
            "payload": [{"contentString": text} for text in (row.wishes, _named(row), row.answer) if text],
        }
    )


def _named(row: Any) -> str:
    """The times and ways that a wish names, as they are kept: "monday-am telephone"."""
    return " ".join([*row.coarse_times, *row.channels])


def prescription(row: Any, me: Resource) -> Resource:
    coding = (
        [_full({"system": "http://www.whocc.no/atc", "code": row.atc, "display": row.substance})] if row.atc else []
    )
    return _full(
        {
            "resourceType": "MedicationRequest",
            "id": str(row.pk),
            "status": "stopped" if row.withdrawn_at else "active",
            "intent": "order",
            "medicationCodeableConcept": _full(
                {"coding": coding, "text": " ".join(filter(None, (row.name, row.strength, row.form, row.pack)))}
            ),
            "category": [{"text": text} for text in (row.kind, row.group, row.reimbursement) if text],
            "subject": me,
            "authoredOn": row.written_date.isoformat(),
            "requester": {"display": row.prescriber_name},
            "priorPrescription": {"reference": f"urn:uuid:{row.renews_id}"} if row.renews_id else None,
            "dosageInstruction": [{"text": row.use}] if row.use else [],
            "dispenseRequest": {
                "validityPeriod": {"start": row.written_date.isoformat(), "end": row.valid_until_date.isoformat()},
                "numberOfRepeatsAllowed": row.dispensings - 1,
                "quantity": {"value": row.amount, "unit": "package"},
                **({"expectedSupplyDuration": {"value": row.supply_days, "unit": "d"}} if row.supply_days else {}),
            },
        }
    )


def dispensing(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "MedicationDispense",
            "id": str(row.pk),
            "status": "completed",
            "medicationCodeableConcept": {"text": f"{row.prescription.name} {row.prescription.strength}".strip()},
            "subject": me,
            "authorizingPrescription": [{"reference": urn(row.prescription_id)}],
            "quantity": {"value": row.amount, "unit": "package"},
            "whenHandedOver": row.dispensed_date.isoformat(),
            "performer": [{"actor": {"display": row.pharmacy}}] if row.pharmacy else [],
        }
    )


def renewal(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "Communication",
            "id": str(row.pk),
            "status": "in-progress" if row.status in rules.OPEN else "completed",
            "topic": {"text": "reseptfornyelse"},
            "about": [{"reference": urn(row.prescription_id)}],
            "subject": me,
            "sender": me,
            "recipient": [{"display": f"{row.clinician.name}, {row.renewal.practice.name}"}],
            "sent": row.renewal.sent_at.isoformat(),
            "payload": [{"contentString": text} for text in (_decided(row), row.renewal.note, row.answer) if text],
        }
    )


def _decided(row: Any) -> str:
    """What was ordered, as it was decided, where she wants to collect it, and times that the doctor pointed at."""
    packs = f"{row.amount} x {row.dispensings}, {row.months} mo"
    times = [each.isoformat() for each in row.times]
    return ", ".join(filter(None, (row.strength, row.use, packs, row.renewal.pickup, row.renewal.pickup_place, *times)))


def message(row: Any, me: Resource, files: Files) -> Resource:
    """What either side wrote in a dialogue, with the dialogue as its topic."""
    writer = row.by_employee or row.by_person
    return _full(
        {
            "resourceType": "Communication",
            "id": str(row.pk),
            "status": "completed",
            "subject": me,
            "topic": {"text": row.dialogue.subject},
            "sent": row.at.isoformat(),
            "received": row.read_at and row.read_at.isoformat(),
            "sender": {"display": f"{writer.name}, {row.dialogue.practice.name}"} if row.by_employee else me,
            "payload": [
                *([{"contentString": row.text}] if row.text else []),
                *({"contentAttachment": each} for each in files.get(row.pk, [])),
            ],
        }
    )


def _files(rows: Rows) -> Files:
    """The files of each object, and each by its own id, as FHIR tells of them. The address is their place in the ZIP of
    own_files, which comes beside."""
    found: Files = {}
    for name, each in own_files.names(rows.files):
        told = {
            "contentType": each.media_type,
            "url": quote(name),
            "size": each.size,
            "title": each.name,
            "creation": each.received_at.isoformat(),
        }
        found.setdefault(each.object_id, []).append(told)
        found[each.pk] = [told]
    return found


def entry(row: Any, me: Resource, files: Files) -> Resource:
    """An entry of the record, with its words as plain text and its files; a correction is appended to what it
    corrects."""
    by = row.by_employee or row.by_person
    words = "\n\n".join(filter(None, (row.reason, row.text)))
    return _full(
        {
            "resourceType": "DocumentReference",
            "id": str(row.pk),
            "status": "current",
            "type": {"text": row.kind},
            "category": [{"text": row.contact_type}],
            "subject": me,
            "date": row.at.isoformat(),
            "author": [{"display": by.name}] if by else [],
            "custodian": {"display": row.practice.name},
            "relatesTo": [{"code": "appends", "target": {"reference": urn(row.corrects_id)}}]
            if row.corrects_id
            else [],
            "description": row.title,
            "content": [
                {
                    "attachment": _full(
                        {
                            "contentType": "text/plain; charset=utf-8",
                            "language": "nb",
                            "title": row.title,
                            "data": base64.b64encode(words.encode()).decode(),
                        }
                    )
                },
                *({"attachment": each} for each in files.get(row.object_id, [])),
            ],
            "context": {"event": [_code(icpc2.SYSTEM, row.problem_code)]} if row.problem_code else {},
        }
    )


def answers(row: Any, me: Resource) -> Resource:
    """Her answers to the questions before it, as they are kept."""
    kept: Resource = json.loads(row.answers)
    return kept | {"id": str(uuid5(row.pk, "answers")), "subject": me}


def video(row: Any, me: Resource) -> Resource:
    """That she was in a video room. Where she came for somebody else she is not whom it was about."""
    is_hers = row.role == SeatRole.PATIENT
    return _full(
        {
            "resourceType": "Encounter",
            "id": str(row.pk),
            "status": VIDEO[RoomState(row.room.state)],
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
            "type": [{"text": "videotime"}, {"text": row.role}],
            "subject": me if is_hers else None,
            "appointment": [{"reference": urn(row.room.appointment_id)}] if is_hers else [],
            "participant": [{"individual": {"display": row.room.appointment.calendar.clinician.name}}],
            "period": _full(
                {"start": row.entered_at.isoformat(), "end": row.room.ended_at and row.room.ended_at.isoformat()}
            ),
            "reasonCode": [{"text": text} for text in _about_video(row)],
            "serviceProvider": {"display": row.room.practice.name},
        }
    )


def _about_video(row: Any) -> list[str]:
    """How identity was confirmed, the worst of the connection, and the number she asked to be called on."""
    named = (("identity", row.identity), ("quality", row.worst_quality), ("call", row.call_number))
    return [f"{name}: {value}" for name, value in named if value]


def device_test(row: Any, me: Resource) -> Resource:
    return {
        "resourceType": "Observation",
        "id": str(row.pk),
        "status": "final",
        "code": {"text": "test av kamera og lyd"},
        "subject": me,
        "effectiveDateTime": row.tested_at.isoformat(),
        "component": [
            {"code": {"text": part.value}, "valueString": " ".join(filter(None, _tested(row, part)))} for part in Test
        ],
    }


def _tested(row: Any, part: Test) -> tuple[str, str]:
    return getattr(row, part.value), getattr(row, f"{part.value}_fault")


def notice(row: Any, me: Resource) -> Resource:
    return _full(
        {
            "resourceType": "Communication",
            "id": str(row.pk),
            "status": "completed",
            "topic": {"text": str(texts.title(row.event))},
            "subject": me,
            "recipient": [me],
            "medium": [_code("http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", MEDIA[row.channel])]
            if row.channel
            else [],
            "sent": row.status_at.isoformat(),
            "payload": [{"contentString": row.text}] if row.text else [],
        }
    )


def event(row: Any, rows: Rows, me: Resource) -> Resource:
    who = me if row.person_id == rows.person.pk else {"display": rows.names.get(row.employee_id, row.actor_kind)}
    return _full(
        {
            "resourceType": "AuditEvent",
            "id": str(row.pk),
            "type": {
                "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
                "code": "rest",
                "display": row.action,
            },
            "action": "R" if row.kind == "read" else "U",
            "recorded": row.at.isoformat(),
            "outcome": "0",
            "agent": [
                _full({"who": who, "role": [{"text": row.role}] if row.role else [], "requestor": True}),
            ],
            "source": {"observer": {"display": rows.names.get(row.practice_id, "Legedialog")}},
            "entity": [{"what": me}],
        }
    )


def _taking_part(actor: Resource) -> Resource:
    return {"actor": actor, "status": "accepted"}


def _code(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _number_system(number: str) -> str:
    return D_NUMBER if number[:1] in "4567" else BIRTH_NUMBER  # a D-number's first digit is the day's plus 4


def _full(resource: Resource) -> Resource:
    """FHIR has no empty values: what is not known is left out."""
    return {key: value for key, value in resource.items() if value not in (None, "", [], {})}

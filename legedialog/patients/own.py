"""What patients says in a citizen's own data. The person herself is the head of both files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.core import fence
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, code, full
from legedialog.core.times import local_day
from legedialog.patients import queries
from legedialog.patients.models import Person, PowerOfAttorney, WalkIn
from legedialog.patients.queries import ListPlace
from legedialog.patients.representation import ATTORNEY_NAMES
from legedialog.patients.rules import ways

BIRTH_NUMBER, D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2"


def facts(person: Person) -> list[tuple[str, object]]:
    """Who she is and how she is reached: texts, days and aware moments by their names."""
    chosen = [f"{kind.label}: {way.label}" for kind, way in ways(person.notices).items()]
    return [
        (_("Navn"), person.name),
        (_("Fødselsnummer"), person.national_number),
        (_("Født"), person.birth_date),
        (_("Adresse"), person.address),
        (_("Mobilnummer"), person.phone),
        (_("E-postadresse"), person.email),
        (_("Kontaktopplysningene bekreftet"), person.contact_confirmed_at),
        (_("Språk"), dict(settings.LANGUAGES).get(person.language, "")),
        (_("Reservert mot digital kommunikasjon"), _("Ja") if person.is_reserved else _("Nei")),
        (
            _("Beskjeder du har valgt"),
            "\n".join(chosen),
        ),
    ]


def patient(person: Person) -> Resource:
    telecom = [("phone", person.phone), ("email", person.email)]
    return full(
        {
            "resourceType": "Patient",
            "id": str(person.pk),
            "identifier": [{"system": _number_system(person.national_number), "value": person.national_number}],
            "name": [full({"family": person.family_name, "given": person.given_name.split()})],
            "birthDate": person.birth_date.isoformat(),
            "deceasedDateTime": person.death_date and person.death_date.isoformat(),
            "telecom": [{"system": system, "value": value} for system, value in telecom if value],
            "address": [{"text": person.address}] if person.address else [],
            "communication": [{"language": code("urn:ietf:bcp:47", person.language)}] if person.language else [],
        }
    )


def _number_system(number: str) -> str:
    return D_NUMBER if number[:1] in "4567" else BIRTH_NUMBER  # a D-number's first digit is the day's plus 4


def _lists(actor: Actor, person_id: UUID, now: datetime) -> list[ListPlace]:
    return list(reversed(queries.memberships(actor, person_id, local_day(now))))


@fence.system("the other's name")
def _powers(actor: Actor, person_id: UUID, now: datetime) -> Sequence[PowerOfAttorney]:
    """Given and received; the other's name is all that is told of the other."""
    rows = PowerOfAttorney.objects.select_related("giver", "receiver")
    return list(rows.filter(Q(giver=person_id) | Q(receiver=person_id)).order_by("given_at", "pk"))


def _line(row: PowerOfAttorney) -> Sequence[object]:
    who = _("%(giver)s gir fullmakt til %(receiver)s") % {"giver": row.giver.name, "receiver": row.receiver.name}
    return [row.starts_date, row.ended_at or row.ends_date, f"{who}\n{_named(row)}"]


def _named(row: PowerOfAttorney) -> str:
    return ", ".join(str(ATTORNEY_NAMES[area]) for area in row.areas if area in ATTORNEY_NAMES)


def _resource(row: PowerOfAttorney, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "id": str(row.pk),
        "status": "inactive" if row.ended_at else "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"text": "fullmakt"}],
        "patient": me,
        "dateTime": row.given_at.isoformat(),
        "policyRule": {"text": _named(row)},
        "provision": {
            "type": "permit",
            "period": {"start": row.starts_date.isoformat()}
            | ({"end": row.ends_date.isoformat()} if row.ends_date else {}),
            "actor": [
                {"role": {"text": role}, "reference": {"display": person.name}}
                for role, person in (("giver", row.giver), ("receiver", row.receiver))
            ],
        },
    }


def _walk_ins(actor: Actor, person_id: UUID, now: datetime) -> Sequence[WalkIn]:
    """Offices that have registered her themselves, once the register's answer has joined it to her."""
    rows = WalkIn.objects.select_related("practice").filter(person=person_id, joined_at__isnull=False)
    return list(rows.order_by("registered_at", "pk"))


def _walk_in(row: WalkIn, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "walk-in"},
        "subject": me,
        "created": local_day(row.registered_at).isoformat(),
        "identifier": [full({"type": {"text": row.get_proof_display()}, "value": row.number})],
    }


WALK_INS = Own(
    title=gettext_lazy("Legekontor som har registrert deg selv om du ikke står på listen"),
    head=(
        *(gettext_lazy("Legekontor"), gettext_lazy("Registrert"), gettext_lazy("Nummer du oppga")),
        gettext_lazy("Hvordan kontoret visste hvem du er"),
    ),
    rows=_walk_ins,
    line=lambda row: [row.practice.name, row.registered_at, row.number, row.get_proof_display()],
    resources=lambda row, me: [full(_walk_in(row, me))],
    order=12,
)
POWERS = Own(
    title=gettext_lazy("Fullmakter du har gitt eller fått"),
    head=(gettext_lazy("Fra"), gettext_lazy("Til"), gettext_lazy("Hvem og hva")),
    rows=_powers,
    line=_line,
    resources=lambda row, me: [_resource(row, me)],
    order=15,
)
LISTS = Own(
    title=gettext_lazy("Fastlegelister"),
    head=(gettext_lazy("Legekontor"), gettext_lazy("Fra"), gettext_lazy("Til")),
    rows=_lists,
    line=lambda row: [row.practice_name, row.starts_date, row.ends_date],
    resources=lambda row, me: [],
    order=10,
)

"""What cautions says in a citizen's own data."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.cautions import policy
from legedialog.cautions.models import Caution
from legedialog.cautions.rules import Certainty, Severity, Source
from legedialog.cautions.texts import CERTAINTIES, SEVERITIES, SOURCES
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, code, full
from legedialog.ui import dates

CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
CRITICALITY = {Severity.SEVERE: "high", Severity.MODERATE: "low", Severity.MILD: "low"}


def _rows(actor: Actor, person_id: UUID, now: datetime) -> list[Caution]:
    rows = policy.visible_to(actor).filter(patient=person_id)
    return list(rows.select_related("practice", "by_employee", "ended_by").order_by("added_at", "pk"))


def _line(row: Caution) -> Sequence[object]:
    words = (SEVERITIES[row.severity], CERTAINTIES[row.certainty], SOURCES[row.source])
    return [
        row.added_at,
        "\n".join(filter(None, (row.substance, row.atc))),
        f"{row.by_employee.name}, {row.practice.name}",
        "\n".join(filter(None, (row.reaction, ". ".join(str(each) for each in words), _ended(row)))),
    ]


def _ended(row: Caution) -> str:
    if not row.ended_at or not row.ended_by:
        return ""
    told = {"day": dates.short_date(row.ended_at), "name": row.ended_by.name, "why": row.reason}
    return _("Avsluttet %(day)s av %(name)s: %(why)s") % told


def _resource(row: Caution, me: Resource) -> Resource:
    """Source: hl7.org/fhir/R4/allergyintolerance.html."""
    coding = [{"system": "http://www.whocc.no/atc", "code": row.atc}] if row.atc else []
    reaction = {
        "manifestation": [{"text": row.reaction}],
        "severity": row.severity if row.severity != Severity.UNKNOWN else None,
    }
    verified = "confirmed" if row.certainty == Certainty.CERTAIN else "unconfirmed"
    return {
        "resourceType": "AllergyIntolerance",
        "id": str(row.pk),
        "clinicalStatus": code(CLINICAL, "inactive" if row.ended_at else "active"),
        "verificationStatus": {**code(VERIFICATION, verified), "text": str(CERTAINTIES[row.certainty])},
        "category": ["medication"] if row.atc else [],
        "criticality": CRITICALITY.get(Severity(row.severity), "unable-to-assess"),
        "code": full({"coding": coding, "text": row.substance}),
        "patient": me,
        "recordedDate": row.added_at.isoformat(),
        "recorder": {"display": f"{row.by_employee.name}, {row.practice.name}"},
        "asserter": me if row.source == Source.PATIENT else {"display": str(SOURCES[row.source])},
        "note": [{"text": _ended(row)}] if row.ended_at else [],
        "reaction": [full(reaction)],
    }


CAUTIONS = Own(
    title=gettext_lazy("Allergier og advarsler"),
    head=(
        gettext_lazy("Skrevet"),
        gettext_lazy("Stoff"),
        gettext_lazy("Hvem"),
        gettext_lazy("Hva som skjer, og hva vi vet"),
    ),
    rows=_rows,
    line=_line,
    resources=lambda row, me: [full(_resource(row, me))],
    order=39,
)

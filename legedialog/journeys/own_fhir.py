"""A citizen's own data as a FHIR R4 Bundle. Source: hl7.org/fhir/R4, and docs/facts.md#fhir for Norway."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from legedialog.core.fhir import Resource, full, urn
from legedialog.journeys import own_files
from legedialog.journeys.own_rows import Part, Rows
from legedialog.patients import own as patients


def bundle(rows: Rows, now: datetime) -> Resource:
    """She herself, and what each context says, as a collection."""
    me = {"reference": urn(rows.person.pk)}
    files = _files(rows)
    resources = [_herself(rows), *(each for part in rows.parts for each in _resources(part, me, files))]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources],
    }


def _herself(rows: Rows) -> Resource:
    """With what the parts add to her."""
    found = patients.patient(rows.person)
    for part in rows.parts:
        if adds := part.own.adds:
            for row in part.rows:
                found |= {name: [*found.get(name, []), *more] for name, more in adds(row).items()}
    return found


def _resources(part: Part, me: Resource, told: dict[UUID, Resource]) -> Iterator[Resource]:
    """A row's files stand in its first resource, in the list that the part names."""
    for row, files in zip(part.rows, part.files, strict=True):
        for number, resource in enumerate(part.own.resources(row, me)):
            if number == 0 and part.own.files and files:
                resource[part.own.files.place] += [{part.own.files.name: told[each.pk]} for each in files]
            yield full(resource)


def _files(rows: Rows) -> dict[UUID, Resource]:
    """As FHIR tells of them. The address is their place in the ZIP of own_files, which comes beside."""
    return {
        each.pk: {
            "contentType": each.media_type,
            "url": quote(name),
            "size": each.size,
            "title": each.name,
            "creation": each.received_at.isoformat(),
        }
        for name, each in own_files.names(rows.files)
    }

"""What is common to all FHIR R4 that comes in and goes out."""

import unicodedata
from typing import Any
from uuid import UUID

Resource = dict[str, Any]

# Elements that change what the rest means, wherever they stand. Source: hl7.org/fhir/R4/conformance-rules.html
MODIFIERS = frozenset({"modifierExtension", "implicitRules", "comparator"})


def unknown_modifiers(resource: Any) -> set[str]:
    """Elements anywhere in it that may turn its meaning round and that no reader of ours understands.

    A resource with one of them is refused as a whole. Those that we know (status, doNotPerform, ...) are the reader's.
    """
    if isinstance(resource, dict):
        own = {name for name in MODIFIERS & resource.keys() if resource[name] not in (None, "", [])}
        return own.union(*(unknown_modifiers(value) for value in resource.values()))
    if isinstance(resource, list):
        return set().union(*(unknown_modifiers(each) for each in resource))
    return set()


def is_text(value: Any) -> bool:
    """Whether every string in it is one that FHIR allows: no control characters but tab and line ends, no half ones.

    Source: hl7.org/fhir/R4/datatypes.html#string
    """
    if isinstance(value, dict):
        return all(is_text(each) for each in value.values())
    if isinstance(value, list):
        return all(is_text(each) for each in value)
    return not isinstance(value, str) or not any(
        unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r" for sign in value
    )


def full(resource: Resource) -> Resource:
    """FHIR has no empty values: what is not known is left out."""
    return {key: value for key, value in resource.items() if value not in (None, "", [], {})}


def code(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def urn(pk: UUID) -> str:
    return f"urn:uuid:{pk}"

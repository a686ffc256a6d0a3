"""What the contact and reservation register (KRR) answers, as our own values. Pure functions from JSON.

Source: Digdir's description of "Oppslagstjenesten REST" and of its attributes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from legedialog.core import reading
from legedialog.integrations.registers.mapping import RegisterError
from legedialog.patients.registers import Contact


def contacts(answer: object) -> dict[str, Contact]:
    """By the number asked for. Raises RegisterError."""
    try:
        return {str(row["personidentifikator"]): contact(row) for row in answer["personer"]}  # type: ignore[index]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegisterError("unreadable") from error


def contact(row: Mapping[str, Any]) -> Contact:
    """One person's. Raises KeyError, TypeError or ValueError."""
    reserved = {"JA": True, "NEI": False}[row["reservasjon"]]
    found = (row.get("kontaktinformasjon") or {}) if row.get("status") == "AKTIV" else {}
    return Contact(
        is_reserved=reserved,
        phone=found.get("mobiltelefonnummer") or "",
        phone_confirmed_at=_at(found, "mobiltelefonnummer"),
        email=found.get("epostadresse") or "",
        email_confirmed_at=_at(found, "epostadresse"),
    )


def _at(found: Mapping[str, Any], name: str) -> datetime | None:
    """When she last said so: verified, or changed."""
    if not found.get(name):
        return None
    texts = (found.get(f"{name}_sist_verifisert"), found.get(f"{name}_oppdatert"))
    return max((_aware(text) for text in texts if text), default=None)


def _aware(text: str) -> datetime:
    return reading.told(reading.moment(text))

"""What the provider knows of each payment: a file for each, written whole."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

from legedialog.core.ids import new_id


def _folder() -> Path:
    return Path(settings.VAR) / "demo-payments"


def opened(asked: dict[str, Any]) -> dict[str, Any]:
    """The same id twice is one payment."""
    if known := _of(asked["id"]):
        return known
    made = {**asked, "payment": secrets.token_hex(12), "status": "open", "refunds": {}}
    save(made)
    return made


def find(payment: str) -> dict[str, Any] | None:
    if not payment.isalnum():
        return None
    try:
        found: dict[str, Any] = json.loads((_folder() / f"{payment}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def save(row: dict[str, Any]) -> None:
    _folder().mkdir(parents=True, exist_ok=True)
    draft = _folder() / f"{new_id()}.new"
    draft.write_text(json.dumps(row), encoding="utf-8")
    draft.rename(_folder() / f"{row['payment']}.json")


def give_back(row: dict[str, Any], refund: str, ore: int) -> str:
    """Never more than was paid; the same id twice is once."""
    done: dict[str, int] = row["refunds"]
    if refund in done:
        return "done"
    if row["status"] != "paid" or ore + sum(done.values()) > row["amount"]:
        return "refused"
    done[refund] = ore
    save(row)
    return "done"


def _of(asked_id: str) -> dict[str, Any] | None:
    rows = (find(path.stem) for path in _folder().glob("*.json"))
    return next((row for row in rows if row and row["id"] == asked_id), None)

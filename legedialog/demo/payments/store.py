"""What the provider knows of each payment: a file for each, written whole."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from legedialog.core.ids import new_id


def _folder() -> Path:
    return Path(settings.VAR) / "demo-payments"


def opened(asked: dict[str, Any]) -> dict[str, Any]:
    """The same id twice is one payment, also when both are asked for at once."""
    payment = hashlib.sha256(f"{settings.SECRET_KEY}:{asked['id']}".encode()).hexdigest()[:24]
    made = {**asked, "payment": payment, "status": "open", "refunds": {}}
    draft = _draft(made)
    with suppress(FileExistsError):
        os.link(draft, _folder() / f"{payment}.json")
    draft.unlink()
    return find(payment) or made


def find(payment: str) -> dict[str, Any] | None:
    if not payment.isalnum():
        return None
    try:
        found: dict[str, Any] = json.loads((_folder() / f"{payment}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def save(row: dict[str, Any]) -> None:
    _draft(row).rename(_folder() / f"{row['payment']}.json")


def _draft(row: dict[str, Any]) -> Path:
    _folder().mkdir(parents=True, exist_ok=True)
    draft = _folder() / f"{new_id()}.new"
    draft.write_text(json.dumps(row), encoding="utf-8")
    return draft


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

"""What the provider says of a payment, as our own values. Pure functions."""

from collections.abc import Mapping
from typing import Any

from legedialog.fees.charge_rules import CURRENCY, Stand
from legedialog.fees.online import NoAnswer, Told
from legedialog.fees.rules import LARGEST_AMOUNT

STANDS = {"open": Stand.BEGUN, "paid": Stand.DONE, "refused": Stand.REFUSED, "cancelled": Stand.ENDED}
BACKS = {"waiting": Stand.BEGUN, "done": Stand.DONE, "refused": Stand.REFUSED}


def stand(word: object, words: Mapping[str, Stand]) -> Stand:
    """Raises NoAnswer."""
    if not isinstance(word, str) or word not in words:
        raise NoAnswer
    return words[word]


def told(answer: Mapping[str, Any]) -> Told:
    """Raises NoAnswer, also for another currency than ours: that is no payment of ours."""
    found, ore = stand(answer.get("status"), STANDS), answer.get("amount")
    if not isinstance(ore, int) or isinstance(ore, bool) or not 0 <= ore <= LARGEST_AMOUNT:
        raise NoAnswer
    if answer.get("currency") != CURRENCY:
        raise NoAnswer
    return Told(found, ore if found == Stand.DONE else 0, str(answer.get("payment", ""))[:100])

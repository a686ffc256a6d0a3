"""The job that asks about exemption cards. No transaction is open meanwhile, and each answer is taken by itself."""

from collections.abc import Callable
from datetime import datetime

import structlog

from legedialog.core import outside
from legedialog.fees import cards, holding
from legedialog.fees.cards import Question
from legedialog.integrations.cards import client
from legedialog.integrations.registers.mapping import RegisterError

MOST = 200  # questions of one run
log = structlog.get_logger("legedialog.cards")


def run(now: datetime, ask: Callable[[Question, datetime], bool] = client.has_card) -> int:
    """How many were answered. A register that is down is left alone until the next run."""
    if not holding.is_asked():
        return 0
    done = 0
    for each in cards.due(now, MOST):
        cards.ask(each.charge_id, now)
        try:
            with outside.talking():
                has_card = ask(each, now)
        except RegisterError as error:
            log.warning("card register not used", why=error.code)
            if not error.permanent or error.code in ("not-allowed", "unreadable"):
                break
            continue
        cards.take(charge_id=each.charge_id, has_card=has_card, now=now)
        done += 1
    return done

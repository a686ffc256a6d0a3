"""Who is away while work of hers waits: what she would see on I dag is asked as she would have asked it."""

from dataclasses import dataclass
from datetime import datetime

from legedialog.access import queries as access
from legedialog.core import fence
from legedialog.core.sql import Heap, ask_for
from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days
from legedialog.outbox import services as outbox
from legedialog.practices import queries, rules
from legedialog.practices.queries import ReachRow
from legedialog.practices.rules import Mode
from legedialog.workspace.start import piles

EVENT = "work.waits"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`near`: something is due by the next working day, or late. `is_seen_to`: who does it is logged in."""

    number: int
    late: int
    near: bool
    is_seen_to: bool

    def is_worth(self, mode: str) -> bool:
        return not self.is_seen_to and (bool(self.number) if mode == Mode.DIGEST else self.near)


@fence.system("the worker looks at everybody's choices, and at each one's work as herself")
def tell(now: datetime) -> None:
    """Those whose hours it is now, each at most once a day: run by a job every ten minutes (workspace/tasks.py)."""
    today = local_day(now)
    for employee_id, row in queries.reaches(today).items():
        if rules.may_tell(row, now) and waiting(row, now).is_worth(row.mode):
            outbox.put_to_employee(EVENT, employee_id=employee_id, sequence=today.toordinal(), now=now)


def waiting(row: ReachRow, now: datetime) -> Waiting:
    """What waits for her, and whether anybody sees to it."""
    today = local_day(now)
    with fence.works_for(*row.actor.scope):
        heaps: list[Heap] = [ask_for(asked)[0] for _order, _title, _url, asked in piles.asked(row.actor, now)]
    soon = add_working_days(today, 1)
    late = sum(each.late for each in heaps)
    return Waiting(
        number=sum(each.number for each in heaps),
        late=late,
        near=bool(late) or any(each.nearest and each.nearest <= soon for each in heaps),
        is_seen_to=bool(access.working_now(queries.same_work(row.actor, today), now)),
    )

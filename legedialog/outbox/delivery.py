"""The worker's part: what is due is claimed, decided, given to its channel, and what came of it is written down.

1. **Claim**: one statement takes many due notices under a lease and commits. Another worker passes them by.
2. **Decide**: their facts are read together, now, and each is decided: skipped, put off, or sent by a channel that has
   room. What has none is left for the next round.
3. **Begin**: one statement writes what is decided and which are begun, and commits.
4. **Send**: each in a thread, with the deadline of its channel. No transaction is open, and who is slow keeps only its
   own thread.
5. **Record**: one statement for all that have ended meanwhile.

A worker that is killed before 3 leaves nothing: the lease ends and the notice is taken again. After 3 the message is
perhaps sent, and rules.after_lost says for each channel what is done. See docs/adr/0058-outbox.md.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction
from django.db.models import Exists

from legedialog.core import fence
from legedialog.outbox import rules
from legedialog.outbox.models import Gate, Notification
from legedialog.outbox.rules import Channel, DeliveryFailed, Message, Notice, Reason, Skip, Status
from legedialog.outbox.services import seals

GATHER = 0.25  # seconds after a wake until the round, so that one round takes many
LONGEST = 60.0  # seconds between two looks
LATE = 60.0  # seconds after which a talk that should have ended is given up; its thread is still busy
LAST = 25.0  # seconds that what is begun gets when the worker is told to end
LOST_EVERY = 10.0  # seconds between two looks for what others left

CLAIM = """
WITH due AS (
  SELECT found.id FROM unnest(%(channels)s::text[], %(numbers)s::int[]) AS room (channel, number)
  CROSS JOIN LATERAL (
    SELECT id FROM outbox_notification
    WHERE status = 'waiting' AND claimed_until IS NULL AND channel = room.channel AND due_at <= %(now)s
      AND NOT EXISTS (SELECT FROM outbox_gate)
    ORDER BY due_at, id LIMIT room.number FOR UPDATE SKIP LOCKED
  ) AS found
)
UPDATE outbox_notification AS row SET claim = %(claim)s, claimed_until = %(until)s
FROM due WHERE row.id = due.id
RETURNING row.id, row.event, row.object_id, row.sequence, row.recipient_id, row.employee_id, row.practice_id,
  row.due_at, row.attempts, row.refused, row.reason
"""
# Only what is still this worker's: a lease that ended meanwhile was settled by another. A doubt may be lifted late.
WRITE = """
UPDATE outbox_notification AS row SET status = new.status, channel = new.channel, refused = new.refused,
  reason = new.reason, attempts = new.attempts, due_at = coalesce(new.due_at, row.due_at),
  status_at = CASE WHEN new.status = 'waiting' THEN row.status_at ELSE %(now)s END,
  text = coalesce(new.text, row.text), begun_at = CASE WHEN new.is_begun THEN %(now)s END,
  claimed_until = CASE WHEN new.is_begun THEN %(until)s END
FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[], %(statuses)s::text[], %(channels)s::text[], %(refused)s::text[],
  %(reasons)s::text[], %(attempts)s::int[], %(due)s::timestamptz[], %(texts)s::bytea[], %(begun)s::bool[])
  AS new (id, claim, status, channel, refused, reason, attempts, due_at, text, is_begun)
WHERE row.id = new.id AND row.claim = new.claim AND row.status IN ('waiting', 'perhaps')
RETURNING row.id
"""
NEXT = """
SELECT min(due_at) FROM outbox_notification
WHERE status = 'waiting' AND claimed_until IS NULL AND NOT EXISTS (SELECT FROM outbox_gate)
"""

Send = Callable[[Message], None]  # raises DeliveryFailed
Decision = Notice | Skip | Exception
log = structlog.get_logger("legedialog.outbox")


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed notice, as far as it must be known to decide it."""

    id: UUID
    event: str
    object_id: UUID
    sequence: int
    recipient_id: UUID | None
    employee_id: UUID | None
    practice_id: UUID | None
    due_at: datetime
    attempts: int
    refused: str
    reason: str


Decide = Callable[[Sequence[Due], datetime], Mapping[UUID, Decision]]


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What is written of one notice. Without `due_at` and `text` they stay."""

    id: UUID
    claim: UUID
    status: Status
    channel: str
    refused: str
    reason: str
    attempts: int
    due_at: datetime | None = None
    text: str | None = None
    is_begun: bool = False
    notice: Due | None = None  # where a text may come of it


@dataclass(slots=True, repr=False)
class Try:
    """A message on its way. `has_more`: there is another channel if this one refuses for good."""

    change: Change
    has_more: bool
    ends: float = 0.0  # monotonic
    future: Future[None] = field(default_factory=Future)


class Delivery:
    """One worker's. `senders` are asked anew for each round; `clock` is aware."""

    def __init__(
        self, *, decide: Decide, senders: Callable[[], Mapping[Channel, Send]], clock: Callable[[], datetime]
    ) -> None:
        self._decide, self._senders, self._clock = decide, senders, clock
        self._pools = {channel: ThreadPoolExecutor(number, channel.value) for channel, number in rules.AT_ONCE.items()}
        self._flying: list[Try] = []
        self._stuck: dict[Channel, list[Future[None]]] = {channel: [] for channel in Channel}
        self._looked = float("-inf")
        self.wake = Event()

    @fence.system("the worker sends everybody's notices")
    def round(self) -> bool:
        """Whether anything was there to do."""
        now = self._clock()
        ended = self._record(now)
        if monotonic() - self._looked >= LOST_EVERY:
            self._looked = monotonic()
            _settle(now)
        senders = self._senders()
        room = {channel: self._room(channel) for channel in Channel if channel in senders}
        due, claim = _claim(room, set(Channel) - set(senders), now)
        if not due:
            return ended
        changes, tries = self._decided(due, claim, senders, room, now)
        mine = _write(changes, self._clock())  # to decide takes its time under load: the lease is of the talk
        for each, message in tries:
            if each.change.id not in mine:  # it took so long that another worker has it
                continue
            channel = Channel(each.change.channel)
            each.ends = monotonic() + LATE
            each.future = self._pools[channel].submit(senders[channel], message)
            each.future.add_done_callback(lambda _: self.wake.set())
            self._flying.append(each)
        return True

    def run(self, stop: Event) -> None:
        """Until `stop`. A fault is logged, and the next round comes: nothing that is claimed is lost by it."""
        while not stop.is_set():
            try:
                self.wake.clear()
                if self.round():
                    continue
                seconds = self._next_in()
            except Exception:
                log.exception("notices not delivered")
                connection.close()
                seconds = 5.0
            self.wake.wait(min(seconds, LONGEST))
            stop.wait(GATHER)
        self.finish()

    def finish(self) -> None:
        """What is begun gets its time and is recorded; nothing new is claimed."""
        with fence.system("the worker sends everybody's notices"):
            wait([each.future for each in self._flying], LAST)
            self._record(self._clock())
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def until_nothing_is_due(self) -> None:
        """For commands and tests: as `run`, until there is nothing to do at this moment."""
        while self.round() or self._flying:
            wait([each.future for each in self._flying], 1, return_when=FIRST_COMPLETED)

    def _room(self, channel: Channel) -> int:
        """How many more the channel takes. A thread that is still in a talk that was given up counts."""
        self._stuck[channel] = [future for future in self._stuck[channel] if not future.done()]
        flying = sum(1 for each in self._flying if each.change.channel == channel)
        return max(0, rules.AT_ONCE[channel] - flying - len(self._stuck[channel]))

    def _decided(
        self,
        due: Sequence[Due],
        claim: UUID,
        senders: Mapping[Channel, Send],
        room: dict[Channel, int],
        now: datetime,
    ) -> tuple[list[Change], list[tuple[Try, Message]]]:
        changes: list[Change] = []
        tries: list[tuple[Try, Message]] = []
        decisions = _all_decided(self._decide, due, now)
        for row in due:
            change = Change(row.id, claim, Status.WAITING, "", row.refused, row.reason, row.attempts, notice=row)
            match decisions[row.id]:
                case Exception():
                    change = _failed(change, DeliveryFailed(Reason.OWN_FAULT, is_final=False), False, now)
                case Skip() as skip:
                    change = _left(change, skip)
                case Notice() as notice:
                    change, more = _routed(change, notice, senders, room, now)
                    if change.is_begun:
                        room[Channel(change.channel)] -= 1
                        address = notice.contact.phone if change.channel == Channel.SMS else notice.contact.email
                        message = Message(row.id, address, notice.subject, notice.text, notice.language)
                        tries.append((Try(change, more), message))
            changes.append(change)
        return changes, tries

    def _record(self, now: datetime) -> bool:
        """Write what the ended talks came to. They stay here until it is written, so a lost database loses none."""
        ended = [each for each in self._flying if each.future.done() or monotonic() > each.ends]
        if not ended:
            return False
        _write([_outcome(each, now) for each in ended], now)
        for each in ended:
            self._flying.remove(each)
            if not each.future.done():
                self._stuck[Channel(each.change.channel)].append(each.future)
        return True

    def _next_in(self) -> float:
        """Seconds until something is due. What is due and finds no room is looked for when a talk ends."""
        due_at = next_due()
        if due_at is None:
            return LONGEST
        return max(1.0 if self._flying else 0.0, (due_at - self._clock()).total_seconds())


def _claim(room: Mapping[Channel, int], closed: Collection[Channel], now: datetime) -> tuple[list[Due], UUID]:
    """What nobody has decided yet, as many as `room` has of what waits for a channel, and all that waits for one that
    is not set up any more: it must find another way.
    """
    wanted = {"": rules.CLAIMED} | {str(each): number for each, number in room.items()}
    wanted |= {str(each): rules.CLAIMED for each in closed}
    claim = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "channels": list(wanted),
                "numbers": list(wanted.values()),
                "now": now,
                "claim": claim,
                "until": now + rules.LEASE,
            },
        )
        rows = [Due(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: (row.due_at, row.id)), claim


def _all_decided(decide: Decide, due: Sequence[Due], now: datetime) -> Mapping[UUID, Decision]:
    """All together; one by one when that fails, so that a fault of ours in one does not stop everybody else's."""
    try:
        with transaction.atomic():
            return decide(due, now)
    except Exception as error:
        if len(due) == 1:
            log.exception("notice not decided", notice=due[0].event)
            return {due[0].id: error}
    found: dict[UUID, Decision] = {}
    for each in due:
        found |= _all_decided(decide, [each], now)
    return found


def _routed(
    change: Change, notice: Notice, senders: Mapping[Channel, Send], room: Mapping[Channel, int], now: datetime
) -> tuple[Change, bool]:
    """By which channel it goes, or why not. And whether there is another one after it."""
    ways = rules.ways(notice.contact, senders)
    if isinstance(ways, Reason):
        return _left(change, Skip(ways, notice.office_tells or ways is Reason.NOT_SET_UP)), False
    left = [channel for channel, _ in ways if channel not in change.refused.split()]
    if not left:  # every way has refused it
        return replace(change, status=Status.DEAD), False
    channel = left[0]
    if channel == Channel.SMS and (morning := rules.quiet_until(now, notice.about_at)):
        return replace(change, due_at=morning), False
    change = replace(change, channel=channel)
    if not room.get(channel):
        return change, False
    return replace(change, text=notice.text, is_begun=True), len(left) > 1


def _left(change: Change, skip: Skip) -> Change:
    return replace(change, status=Status.DEAD if skip.office_tells else Status.SKIPPED, reason=skip.reason)


def _outcome(each: Try, now: datetime) -> Change:
    done = replace(each.change, is_begun=False, text=None)
    if not each.future.done():
        return _lost(done, now)
    error = each.future.exception()
    if error is None:
        return replace(done, status=Status.SENT, attempts=done.attempts + 1, reason="")
    if isinstance(error, DeliveryFailed):
        return _failed(done, error, each.has_more, now)
    log.error("notice not sent", channel=done.channel, exc_info=error)
    return _failed(done, DeliveryFailed(Reason.OWN_FAULT, is_final=False), False, now)


def _failed(change: Change, failure: DeliveryFailed, has_more: bool, now: datetime) -> Change:
    log.warning("notice failed", reason=failure.reason.value, channel=change.channel, is_final=failure.is_final)
    if failure.is_perhaps:
        return replace(change, status=Status.PERHAPS, reason=failure.reason, attempts=change.attempts + 1)
    change = replace(change, reason=failure.reason)
    if failure.is_final and has_more:
        return replace(change, refused=f"{change.refused} {change.channel}".strip(), channel="", due_at=now)
    change = replace(change, attempts=change.attempts + 1)
    again_at = None if failure.is_final else rules.retry_at(change.attempts, now)
    return replace(change, due_at=again_at) if again_at else replace(change, status=Status.DEAD)


def _lost(change: Change, now: datetime) -> Change:
    """It was given to its channel, and what came of it is not known."""
    reason = rules.after_lost(change.channel)
    return _failed(
        change, DeliveryFailed(reason or Reason.NO_ANSWER, is_final=False, is_perhaps=reason is not None), False, now
    )


def _settle(now: datetime) -> None:
    """What a worker that is gone had claimed."""
    with transaction.atomic():
        rows = Notification.objects.filter(~Exists(Gate.objects.all()), claimed_until__lte=now).select_for_update(
            skip_locked=True, of=("self",)
        )
        fields = ("pk", "claim", "channel", "refused", "reason", "attempts", "begun_at")
        changes = []
        for pk, claim, channel, refused, reason, attempts, begun_at in rows.values_list(*fields)[: rules.CLAIMED]:
            change = Change(pk, claim, Status.WAITING, channel, refused, reason, attempts)
            changes.append(_lost(change, now) if begun_at else change)
        if changes:
            log.warning("notices of a lost worker", number=len(changes))
            _write(changes, now)


def _sealed(change: Change, seal: Callable[..., bytes]) -> bytes | None:
    row = change.notice
    if change.text is None or row is None:
        return None
    return seal(change.text, id=row.id, recipient_id=row.recipient_id, practice_id=row.practice_id)


def _write(changes: Sequence[Change], now: datetime) -> set[UUID]:
    """Those that were still this worker's. A lease that is begun ends LEASE after `now`."""
    seal = seals()
    given: dict[str, Any] = {
        "now": now,
        "until": now + rules.LEASE,
        "ids": [each.id for each in changes],
        "claims": [each.claim for each in changes],
        "statuses": [str(each.status) for each in changes],
        "channels": [str(each.channel) for each in changes],
        "refused": [each.refused for each in changes],
        "reasons": [str(each.reason) for each in changes],
        "attempts": [each.attempts for each in changes],
        "due": [each.due_at for each in changes],
        "texts": [_sealed(each, seal) for each in changes],
        "begun": [each.is_begun for each in changes],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, given)
        return {id for (id,) in cursor.fetchall()}


def next_due() -> datetime | None:
    """When the first of those that wait is due, or was. One query."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        (due_at,) = cursor.fetchone() or (None,)
    return due_at

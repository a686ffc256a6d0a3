"""Claims against a model so simple that it can be read: minutes of one day, one by one, on real PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from legedialog.appointments import free, services
from legedialog.appointments.models import Appointment, Channel, Claim, TimeRequest, VisitType
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core import writing
from legedialog.core.errors import Refused
from legedialog.core.times import CLINIC, at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Absence, OpeningException

pytestmark = pytest.mark.django_db
OPENS, CLOSES = 8 * 60, 10 * 60  # the plan, in minutes of the day
STEP, VISIT, BUFFER = 20, 20, 10
PEOPLE = 3
people = st.integers(0, PEOPLE - 1)
minutes = st.integers(OPENS // 10 - 2, CLOSES // 10 + 1).map(lambda ten: ten * 10)


@dataclass
class Kept:
    """What takes time: in minutes, to and without `ends`; `visit_ends` is without what is kept free after it."""

    starts: int
    ends: int
    kind: str
    who: int | None = None
    until: datetime | None = None

    @property
    def visit_ends(self) -> int:
        return self.ends - BUFFER


class Machine(RuleBasedStateMachine):
    """Each step does the same to the office and to the model, and both must say the same."""

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.at: Office = office(max_coming=2)
        self.at.calendar.blocks.exclude(weekday=TOMORROW.weekday()).delete()
        self.at.calendar.blocks.update(ends=time(CLOSES // 60))
        VisitType.objects.filter(pk=self.at.visit_type.pk).update(buffer_minutes=BUFFER)
        self.at.visit_type.refresh_from_db()
        self.people: list[Person] = [self.at.patient(f"Nummer Test{number}") for number in range(PEOPLE)]
        self.mona = self.at.staff()
        self.now = NOW
        self.kept: dict[UUID, Kept] = {}
        self.booked: dict[UUID, UUID] = {}  # appointment by claim
        self.wishes: dict[int, UUID] = {}  # those that she chooses a time for
        self.is_away = self.is_closed = False

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # ---- the model

    def living(self) -> dict[UUID, Kept]:
        return {key: kept for key, kept in self.kept.items() if kept.until is None or kept.until > self.now}

    def why_not(self, starts: int, *, who: int, by_citizen: bool) -> str:
        if self.is_closed:
            return "office-closed"
        if self.is_away:
            return "doctor-away"
        if not (starts >= OPENS and starts + VISIT <= CLOSES and (starts - OPENS) % STEP == 0):
            return "not-planned"
        mine = [kept for kept in self.living().values() if kept.kind == "booking" and kept.who == who]
        if any(kept.starts < starts + VISIT and starts < kept.visit_ends for kept in mine):
            return "clashes"
        for kept in self.living().values():
            own_hold = by_citizen and kept.kind == "hold" and kept.who == who
            if not own_hold and kept.starts < starts + VISIT + BUFFER and starts < kept.ends:
                return "time-taken"
        return ""

    def coming(self, who: int) -> int:
        booked = [key for key in self.booked if self.kept[key].who == who]
        mine = Appointment.objects.filter(pk__in=[self.booked[key] for key in booked])
        return mine.filter(booked_by_person__isnull=False).count()

    def tried(self, expected: str, what: Any) -> Any:
        """The result when nothing was expected to be in the way, else None."""
        if not expected:
            return what()
        with pytest.raises(Refused, match=expected):
            what()
        return None

    def at_minute(self, minute: int) -> datetime:
        return at_local(TOMORROW, time(*divmod(minute, 60)))

    # ---- what people do

    @rule(who=people, starts=minutes)
    def hold(self, who: int, starts: int) -> None:
        patient = self.people[who]
        expected = self.why_not(starts, who=who, by_citizen=True)
        if self.coming(who) >= 2:
            expected = "too-many-coming"
        held: Claim | None = self.tried(
            expected,
            lambda: services.hold(
                actor=citizen(patient),
                patient_id=patient.pk,
                calendar_id=self.at.calendar.pk,
                visit_type_id=self.at.visit_type.pk,
                channel=Channel.ATTENDANCE,
                starts_at=self.at_minute(starts),
                now=self.now,
            ),
        )
        if held:
            for key in [key for key, kept in self.kept.items() if kept.kind == "hold" and kept.who == who]:
                del self.kept[key]
            self.kept[held.pk] = Kept(starts, starts + VISIT + BUFFER, "hold", who, self.now + timedelta(minutes=10))

    @precondition(lambda self: any(kept.kind == "hold" for kept in self.kept.values()))
    @rule(data=st.data())
    def book(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(key for key, kept in self.kept.items() if kept.kind == "hold")))
        kept = self.kept[key]
        assert kept.who is not None
        expected = "" if key in self.living() else "hold-ended"
        appointment = self.tried(
            expected,
            lambda: services.book(actor=citizen(self.people[kept.who]), hold_id=key, reason="", now=self.now),
        )
        if appointment:
            kept.kind, kept.until = "booking", None
            self.booked[key] = appointment.pk

    @rule(who=people, starts=minutes, overbooks=st.booleans())
    def the_office_books(self, who: int, starts: int, *, overbooks: bool) -> None:
        expected = "" if overbooks else self.why_not(starts, who=who, by_citizen=False)
        appointment = self.tried(
            expected,
            lambda: services.book_for_patient(
                actor=self.mona,
                patient_id=self.people[who].pk,
                calendar_id=self.at.calendar.pk,
                visit_type_id=self.at.visit_type.pk,
                channel=Channel.ATTENDANCE,
                starts_at=self.at_minute(starts),
                reason="",
                overbook_reason="Haster" if overbooks else "",
                now=self.now,
            ),
        )
        if appointment:
            self.kept[appointment.claim_id] = Kept(starts, starts + VISIT + BUFFER, "booking", who)
            self.booked[appointment.claim_id] = appointment.pk

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), starts=minutes)
    def the_office_moves(self, data: st.DataObject, starts: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.booked)))
        kept = self.kept.pop(key)
        assert kept.who is not None
        expected = "" if starts == kept.starts else self.why_not(starts, who=kept.who, by_citizen=False)
        self.kept[key] = kept
        moved = self.tried(
            expected,
            lambda: services.move(
                actor=self.mona,
                appointment_id=self.booked[key],
                calendar_id=self.at.calendar.pk,
                visit_type_id=self.at.visit_type.pk,
                channel=Channel.ATTENDANCE,
                starts_at=self.at_minute(starts),
                reason=None,
                now=self.now,
            ),
        )
        if moved:
            del self.kept[key], self.booked[key]
            self.kept[moved.claim_id] = Kept(starts, starts + VISIT + BUFFER, "booking", kept.who)
            self.booked[moved.claim_id] = moved.pk

    @rule(who=people, starts=st.sets(minutes, min_size=1, max_size=3))
    def the_office_names_times(self, who: int, starts: set[int]) -> None:
        """Naming takes nothing."""
        patient = self.people[who]
        if who not in self.wishes:
            sent = services.send_request(
                actor=citizen(patient),
                patient_id=patient.pk,
                clinician_id=self.at.doctor.pk,
                key=uuid4(),
                wishes="Kontroll",
                coarse_times=[],
                channels=[],
                now=self.now,
            )
            self.wishes[who] = sent.pk
        why = [self.why_not(each, who=who, by_citizen=False) for each in sorted(starts)]
        times = [
            services.Proposed(self.at.calendar.pk, self.at.visit_type.pk, Channel.ATTENDANCE, self.at_minute(each))
            for each in starts
        ]
        self.tried(
            next(filter(None, why), ""),
            lambda: services.propose_times(actor=self.mona, request_id=self.wishes[who], times=times, now=self.now),
        )

    @precondition(lambda self: TimeRequest.objects.filter(status="proposed").exists())
    @rule(data=st.data())
    def she_takes_one_of_them(self, data: st.DataObject) -> None:
        open_ones = set(TimeRequest.objects.filter(status="proposed").values_list("pk", flat=True))
        who = data.draw(st.sampled_from(sorted(who for who, key in self.wishes.items() if key in open_ones)))
        request = TimeRequest.objects.get(pk=self.wishes[who])
        rows = request.proposed.filter(round=request.rounds).order_by("starts_at")
        row = data.draw(st.sampled_from(list(rows)))
        local = row.starts_at.astimezone(CLINIC)
        starts = local.hour * 60 + local.minute
        taken = self.tried(
            self.why_not(starts, who=who, by_citizen=True),
            lambda: services.accept_proposed(
                actor=citizen(self.people[who]), request_id=request.pk, proposed_id=row.pk, now=self.now
            ),
        )
        if taken:
            for key in [key for key, kept in self.kept.items() if kept.kind == "hold" and kept.who == who]:
                del self.kept[key]
            claim_id = taken.appointment.claim_id
            self.kept[claim_id] = Kept(starts, starts + VISIT + BUFFER, "booking", who)
            self.booked[claim_id] = taken.appointment.pk
            del self.wishes[who]

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), by_office=st.booleans())
    def cancel(self, data: st.DataObject, *, by_office: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.booked)))
        who = self.kept.pop(key).who
        assert who is not None
        actor = self.mona if by_office else citizen(self.people[who])
        services.cancel(actor=actor, appointment_id=self.booked.pop(key), now=self.now)

    @rule(starts=minutes, length=st.sampled_from([10, 30, 60]))
    def block(self, starts: int, length: int) -> None:
        taken = any(kept.starts < starts + length and starts < kept.ends for kept in self.living().values())
        claim = self.tried(
            "time-taken" if taken else "",
            lambda: services.block_time(
                actor=self.mona,
                calendar_id=self.at.calendar.pk,
                starts_at=self.at_minute(starts),
                ends_at=self.at_minute(starts) + timedelta(minutes=length),
                note="Møte",
                now=self.now,
            ),
        )
        if claim:
            self.kept[claim.pk] = Kept(starts, starts + length, "block")

    @precondition(lambda self: any(kept.kind == "block" for kept in self.kept.values()))
    @rule(data=st.data())
    def unblock(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(key for key, kept in self.kept.items() if kept.kind == "block")))
        services.unblock(actor=self.mona, claim_id=key, now=self.now)
        del self.kept[key]

    @rule()
    def the_doctor_is_away_or_back(self) -> None:
        self.is_away = not self.is_away
        if self.is_away:
            Absence.objects.create(
                practice=self.at.practice, clinician=self.at.doctor, first_date=TOMORROW, last_date=TOMORROW
            )
        else:
            writing.remove(Absence.objects.all())

    @rule()
    def the_office_closes_or_opens(self) -> None:
        self.is_closed = not self.is_closed
        if self.is_closed:
            OpeningException.objects.create(practice=self.at.practice, date=TOMORROW)
        else:
            writing.remove(OpeningException.objects.all())

    @rule(by=st.sampled_from([1, 9, 11]))
    def time_goes(self, by: int) -> None:
        self.now += timedelta(minutes=by)
        if by == 11:
            services.tidy(self.now)
            self.kept = self.living()

    # ---- what is always so

    @invariant()
    def the_list_shows_what_is_free_and_no_more(self) -> None:
        if not hasattr(self, "kept"):
            return
        for number, patient in enumerate(self.people[:2]):
            for by_citizen in (True, False):
                wanted = free.Wanted(
                    self.at.practice.pk,
                    [self.at.doctor.pk],
                    self.at.visit_type,
                    Channel.ATTENDANCE,
                    self.now,
                    patient.pk,
                    for_citizen=by_citizen,
                )
                [found] = free.days(wanted, TOMORROW, TOMORROW)
                shown = [each.starts_at.astimezone(CLINIC).time() for each in found.times]
                expected = [
                    time(*divmod(minute, 60))
                    for minute in range(OPENS, CLOSES, STEP)
                    if not self.why_not(minute, who=number, by_citizen=by_citizen)
                ]
                assert shown == expected


def test_hold_book_move_choose_cancel_block_absence_and_overbooking_agree_with_the_model() -> None:
    run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))

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
from legedialog.appointments.models import (
    Appointment,
    Channel,
    Claim,
    TimeOffer,
    TimeRequest,
    VisitType,
    Wait,
    Waitlist,
)
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
HOUR = 60  # an earlier time is at least so much earlier
NIGHT = time(20, 45)  # from then on there is no time left to answer in
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


@dataclass
class Waits:
    """Who waits, with the claim of what she has, what was free when she asked, and what she has been offered."""

    wait: UUID
    has: UUID
    known: set[int]
    asked: set[int]
    offer: UUID | None = None


class Machine(RuleBasedStateMachine):
    """Each step does the same to the office and to the model, and both must say the same."""

    @initialize(is_full=st.booleans())
    def begin(self, *, is_full: bool) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.at: Office = office(max_coming=2)
        self.at.calendar.blocks.exclude(weekday=TOMORROW.weekday()).delete()
        self.at.calendar.blocks.update(ends=time(CLOSES // 60))
        VisitType.objects.filter(pk=self.at.visit_type.pk).update(buffer_minutes=BUFFER, cutoff_hours=0)
        self.at.visit_type.refresh_from_db()
        self.people: list[Person] = [self.at.patient(f"Nummer Test{number}") for number in range(PEOPLE)]
        self.mona = self.at.staff()
        self.now = NOW
        self.kept: dict[UUID, Kept] = {}
        self.booked: dict[UUID, UUID] = {}  # appointment by claim
        self.wishes: dict[int, UUID] = {}  # those that she chooses a time for
        Waitlist.objects.create(practice=self.at.practice, answer_minutes=30)
        self.waits: dict[int, Waits] = {}
        self.is_away = self.is_closed = False
        if is_full:  # a meeting is called off, and one who would rather come then has the offer
            self.block(OPENS, HOUR)
            self.the_office_books(0, OPENS + 4 * STEP, overbooks=False)
            self.waits_for(next(iter(self.booked)))
            self.called_off(next(key for key, kept in self.kept.items() if kept.kind == "block"))

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # ---- the model

    def living(self) -> dict[UUID, Kept]:
        return {key: kept for key, kept in self.kept.items() if kept.until is None or kept.until > self.now}

    def why_not(self, starts: int, *, who: int | None, by_citizen: bool, moving: UUID | None = None) -> str:
        if self.is_closed:
            return "office-closed"
        if self.is_away:
            return "doctor-away"
        if not (starts >= OPENS and starts + VISIT <= CLOSES and (starts - OPENS) % STEP == 0):
            return "not-planned"
        others = {key: kept for key, kept in self.living().items() if key != moving}
        mine = [kept for kept in others.values() if kept.kind == "booking" and kept.who == who]
        if any(kept.starts < starts + VISIT and starts < kept.visit_ends for kept in mine):
            return "clashes"
        for kept in others.values():
            own_hold = by_citizen and kept.kind == "hold" and kept.who == who
            if not own_hold and kept.starts < starts + VISIT + BUFFER and starts < kept.ends:
                return "time-taken"
        return ""

    def coming(self, who: int, but: UUID | None = None) -> int:
        booked = [key for key in self.booked if self.kept[key].who == who and key != but]
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
            self.moved(key, moved, starts)
            if starts != kept.starts:
                self.follow(key, None if kept.starts - starts >= HOUR else moved.claim_id)

    def moved(self, key: UUID, moved: Appointment, starts: int) -> None:
        who = self.kept[key].who
        del self.kept[key], self.booked[key]
        self.kept[moved.claim_id] = Kept(starts, starts + VISIT + BUFFER, "booking", who)
        self.booked[moved.claim_id] = moved.pk

    def follow(self, key: UUID, now_has: UUID | None) -> None:
        """What waited for an earlier one waits by its new time, without what was offered; or no more."""
        for who, waits in list(self.waits.items()):
            if waits.has == key:
                if waits.offer:
                    self.kept.pop(waits.offer, None)
                waits.offer = None
                if now_has:
                    waits.has = now_has
                else:
                    del self.waits[who]

    def free_for(self, who: int | None, has: UUID | None = None) -> set[int]:
        """What she could move to, or what is free whoever asks. None for who has enough coming ones."""
        if who is not None and self.coming(who, has) >= 2:
            return set()
        starts = range(OPENS, CLOSES, STEP)
        return {each for each in starts if not self.why_not(each, who=who, by_citizen=True, moving=has)}

    def suits(self, who: int, has: UUID) -> set[int]:
        return {each for each in self.free_for(who, has) if each <= self.kept[has].starts - HOUR}

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def she_asks_for_an_earlier_one(self, data: st.DataObject) -> None:
        self.waits_for(data.draw(st.sampled_from(sorted(self.booked))))

    def waits_for(self, key: UUID) -> None:
        who = self.kept[key].who
        assert who is not None
        if who in self.waits and self.waits[who].has != key:
            return
        wait = services.ask_for_earlier(
            actor=citizen(self.people[who]),
            appointment_id=self.booked[key],
            coarse_times=[],
            with_anybody=False,
            notice_minutes=120,
            now=self.now,
        )
        self.follow(key, key)
        asked = self.waits[who].asked if who in self.waits else set()
        self.waits[who] = Waits(wait.pk, key, self.suits(who, key), asked)

    @rule()
    def the_worker_looks(self) -> None:
        """Nobody who waits is left without an offer of what suits her, and nobody is offered anything else."""
        clock = self.now.astimezone(CLINIC).time()
        services.offer_freed(self.now)
        if not time(8) <= clock < NIGHT:
            return
        self.kept = {key: kept for key, kept in self.kept.items() if kept.kind != "offer" or kept.until > self.now}  # type: ignore[operator]
        nobodys = self.free_for(None)
        for who, waits in list(self.waits.items()):
            waits.known &= nobodys
            if waits.offer not in self.kept:
                waits.offer = None
            if Wait.objects.get(pk=waits.wait).status == "silent":
                del self.waits[who]
        made = TimeOffer.objects.filter(status="open", offered_at=self.now).exclude(pk__in=self.kept)
        for offer in made.order_by("starts_at"):
            who = next(who for who, waits in self.waits.items() if waits.wait == offer.wait_id)
            waits, local = self.waits[who], offer.starts_at.astimezone(CLINIC)
            starts = local.hour * 60 + local.minute
            assert waits.offer is None
            assert starts in self.suits(who, waits.has) - waits.known - waits.asked
            waits.offer = offer.pk
            waits.asked.add(starts)
            self.kept[offer.pk] = Kept(starts, starts + VISIT + BUFFER, "offer", who, offer.answer_by)
        for who, waits in self.waits.items():
            assert waits.offer or not self.suits(who, waits.has) - waits.known - waits.asked

    @precondition(lambda self: any(waits.offer for waits in self.waits.values()))
    @rule(data=st.data(), refuses=st.booleans())
    def she_answers(self, data: st.DataObject, *, refuses: bool) -> None:
        who = data.draw(st.sampled_from(sorted(who for who, waits in self.waits.items() if waits.offer)))
        waits = self.waits[who]
        assert waits.offer
        expected, kept = "offer-over", self.living().get(waits.offer)
        if kept:
            del self.kept[waits.offer]
            why = self.why_not(kept.starts, who=who, by_citizen=True, moving=waits.has)
            limit = "too-many-coming" if self.coming(who, waits.has) >= 2 else ""
            expected = "" if refuses else limit or why
            self.kept[waits.offer] = kept
        answer = services.refuse_offer if refuses else services.accept_offer
        done = self.tried(expected, lambda: answer(actor=citizen(self.people[who]), offer_id=waits.offer, now=self.now))
        if done:
            assert kept
            del self.kept[waits.offer]
            waits.offer = None
            if not refuses:
                self.moved(waits.has, done, kept.starts)
                del self.waits[who]

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
        self.follow(key, None)
        who = self.kept.pop(key).who
        assert who is not None
        actor = self.mona if by_office else citizen(self.people[who])
        services.cancel(actor=actor, appointment_id=self.booked.pop(key), now=self.now)
        self.the_worker_looks()

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
        self.called_off(key)

    def called_off(self, key: UUID) -> None:
        services.unblock(actor=self.mona, claim_id=key, now=self.now)
        del self.kept[key]
        self.the_worker_looks()

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

    @rule(by=st.sampled_from([1, 9, 11, 31]))
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


def test_hold_book_move_choose_wait_cancel_block_absence_and_overbooking_agree_with_the_model() -> None:
    run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))

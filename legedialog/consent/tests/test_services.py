from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Event as Flag

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access import queries as access
from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role, system
from legedialog.access.models import Lock, Login
from legedialog.access.policy import allows
from legedialog.access.services import Locked
from legedialog.access.tests.logins import begin
from legedialog.audit.models import Event
from legedialog.consent import policy, queries, rules, services
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.operations import consent_table
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.tests.factories import NOW, clinician, contract, doctor, practice, staff

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def kari() -> Person:
    return person(on=contract(practice(), clinician()))


def give(who: Person, level: Level = Level.FULL) -> Consent:
    return services.give(actor=citizen(who), person_id=who.pk, level=level, now=NOW)


def test_who_has_never_chosen_is_on_basis(kari: Person) -> None:
    assert queries.level(kari.pk) is Level.BASIS
    assert queries.standing(kari.pk) == (kari.birth_date, Level.BASIS)
    with pytest.raises(Refused) as refused:
        policy.check_full(kari.pk)
    assert refused.value.code == "needs-full-access"


def test_full_access_opens_the_services_and_withdrawing_closes_them(kari: Person) -> None:
    give(kari)
    policy.check_full(kari.pk)
    assert queries.standing(kari.pk)[1] is Level.FULL
    services.withdraw(actor=citizen(kari), person_id=kari.pk, now=LATER)
    assert queries.level(kari.pk) is Level.BASIS
    with pytest.raises(Refused):
        policy.check_full(kari.pk)
    assert [(row.level, row.starts_at, row.ends_at) for row in queries.history(citizen(kari), kari.pk)] == [
        (Level.BASIS, LATER, None),
        (Level.FULL, NOW, LATER),
    ]


def test_she_may_turn_everything_off(kari: Person) -> None:
    give(kari)
    services.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.NONE, now=LATER)
    assert queries.level(kari.pk) is Level.NONE


def test_the_same_choice_twice_is_one_row_and_one_trace(kari: Person) -> None:
    assert give(kari) == give(kari)
    event = Event.objects.get(action="consent.given")
    assert (event.patient_id, event.person_id, event.facts) == (kari.pk, kari.pk, {"level": "full"})


def test_withdrawing_leaves_a_trace(kari: Person) -> None:
    give(kari)
    services.withdraw(actor=citizen(kari), person_id=kari.pk, now=LATER)
    assert Event.objects.get(action="consent.withdrawn").facts == {"level": "basis"}


def test_strangers_are_not_found_and_the_office_is_denied(kari: Person) -> None:
    office = kari.memberships.get().contract.practice_id
    with pytest.raises(NotFound):
        services.give(actor=citizen(person("Per Testvik")), person_id=kari.pk, level=Level.FULL, now=NOW)
    with pytest.raises(Denied):
        services.give(actor=staff(office, Role.DOCTOR), person_id=kari.pk, level=Level.FULL, now=NOW)
    with pytest.raises(NotFound):
        queries.history(citizen(person("Per Testvik")), kari.pk)
    assert not Consent.objects.exists()


def test_a_child_cannot_choose_alone() -> None:
    nora = person("Nora Testdal", born=date(2012, 1, 1))
    with pytest.raises(Refused) as refused:
        give(nora)
    assert refused.value.code == "under-16"


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("herself", True),
        ("another citizen", False),
        ("her doctor", False),
        ("the operator", False),
        ("a stranger", False),
        ("a job", False),
    ],
)
def test_who_may_choose(who: str, allowed: bool, kari: Person) -> None:
    office = kari.memberships.get().contract.practice_id
    actors = {
        "herself": citizen(kari),
        "another citizen": Actor(kind=Kind.CITIZEN, person_id=new_id()),
        "her doctor": staff(office, Role.DOCTOR),
        "the operator": Actor(kind=Kind.OPERATOR),
        "a stranger": ANONYMOUS,
        "a job": system(),
    }
    assert allows(policy.check_choose, actors[who], kari.pk) is allowed


def test_an_unknown_person_has_no_standing() -> None:
    with pytest.raises(NotFound):
        queries.standing(new_id())


def test_the_database_keeps_one_choice_in_force(kari: Person) -> None:
    give(kari)
    with pytest.raises(IntegrityError, match="one_consent_in_force"), transaction.atomic():
        Consent.objects.create(person=kari, level=Level.BASIS, starts_at=LATER, given_by=kari)


@pytest.mark.parametrize(
    ("level", "needed", "enough"),
    [
        (Level.NONE, Level.NONE, True),
        (Level.NONE, Level.BASIS, False),
        (Level.BASIS, Level.BASIS, True),
        (Level.BASIS, Level.FULL, False),
        (Level.FULL, Level.BASIS, True),
        (Level.FULL, Level.FULL, True),
    ],
)
def test_which_level_is_enough(level: Level, needed: Level, enough: bool) -> None:
    assert rules.is_enough(level, needed) is enough
    assert set(rules.OPENS) == set(rules.NAMES) == set(Level)


# ---- akuttsperre


def log_in(who: Person) -> str:
    return begin(Kind.CITIZEN, who.pk, now=NOW)[0]


def test_a_lock_ends_every_login_and_lets_nobody_in_until_the_office_lifts_it(kari: Person) -> None:
    tokens = [log_in(kari), log_in(kari)]
    services.lock(actor=citizen(kari), person_id=kari.pk, now=LATER)
    assert [session and session.actor for token in tokens if (session := access.session(token, LATER))] == [
        ANONYMOUS
    ] * 2
    assert access.locked_since(kari.pk) == LATER
    with pytest.raises(Locked):
        log_in(kari)
    office = clerk(kari)
    services.lift_lock(actor=office, person_id=kari.pk, now=LATER)
    assert access.locked_since(kari.pk) is None
    log_in(kari)
    rows = Event.objects.filter(patient_id=kari.pk, action__startswith="lock.").order_by("pk")
    assert [(row.action, row.person_id, row.employee_id) for row in rows] == [
        ("lock.set", kari.pk, None),
        ("lock.lifted", None, office.employee_id),
    ]


def test_others_are_not_locked_out_with_her(kari: Person) -> None:
    per = person("Per Testvik")
    token = log_in(per)
    services.lock(actor=citizen(kari), person_id=kari.pk, now=LATER)
    session = access.session(token, NOW)
    assert session
    assert session.actor.person_id == per.pk


def test_locking_or_lifting_twice_is_one_row_and_one_trace(kari: Person) -> None:
    for _ in range(2):
        services.lock(actor=citizen(kari), person_id=kari.pk, now=LATER)
    office = clerk(kari)
    for _ in range(2):
        services.lift_lock(actor=office, person_id=kari.pk, now=LATER)
    assert Lock.objects.count() == 1
    assert Event.objects.filter(action__startswith="lock.").count() == 2


def test_nobody_else_locks_her_and_only_her_office_lifts_it(kari: Person) -> None:
    per, elsewhere = person("Per Testvik"), practice()
    with pytest.raises(NotFound):
        services.lock(actor=citizen(per), person_id=kari.pk, now=NOW)
    with pytest.raises(Denied):
        services.lock(actor=clerk(kari), person_id=kari.pk, now=NOW)
    services.lock(actor=citizen(kari), person_id=kari.pk, now=NOW)
    with pytest.raises(NotFound):
        services.lift_lock(actor=staff(elsewhere.pk, Role.DOCTOR), person_id=kari.pk, now=NOW)
    for stranger in (citizen(kari), staff(kari.memberships.get().contract.practice_id, Role.MANAGER)):
        with pytest.raises(Denied):
            services.lift_lock(actor=stranger, person_id=kari.pk, now=NOW)
    assert access.locked_since(kari.pk) == NOW


@pytest.mark.django_db(transaction=True)
def test_no_login_slips_in_while_the_lock_is_put_on() -> None:
    """The login waits for a lock that is not committed yet, and is refused then."""
    kari = person(on=contract(practice(), clinician()))
    has_locked, may_commit = Flag(), Flag()

    def lock() -> None:
        with transaction.atomic():
            services.lock(actor=citizen(kari), person_id=kari.pk, now=NOW)
            has_locked.set()
            may_commit.wait(10)
        connection.close()

    def try_to_log_in() -> str:
        try:
            return log_in(kari)
        except Locked:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        locking = pool.submit(lock)
        assert has_locked.wait(10)
        login = pool.submit(try_to_log_in)
        with pytest.raises(TimeoutError):
            login.result(0.3)
        may_commit.set()
        locking.result(10)
        assert login.result(10) == "refused"
    assert not Login.objects.filter(person=kari, ended_at=None).exists()


def clerk(who: Person) -> Actor:
    """At her office, with a row of her own."""
    office = who.memberships.get().contract.practice
    made = doctor(office).employments.get(practice=office)
    return replace(staff(office.pk, Role.DOCTOR, made.clinician_id), employee_id=made.pk)


# ---- what each level opens


def test_the_table_says_what_the_levels_open() -> None:
    rows = rules.table()
    assert len(rows) == sum(len(texts) for texts in rules.OPENS.values())
    assert [opened for _, opened in rows] == sorted((opened for _, opened in rows), reverse=True)
    assert all(opened[-1] for _, opened in rows)  # full opens everything


@pytest.mark.parametrize(
    ("address", "level"),
    [("hjem/", Level.NONE), ("min-fastlege/", Level.BASIS), ("timeavtaler/bestill/", Level.FULL)],
)
def test_the_pages_in_the_docs_are_those_that_the_guards_hold(address: str, level: Level) -> None:
    assert dict(consent_table.guarded())[address] is level
    assert f"| `/{address}` | {rules.NAMES[level]} |" in consent_table.page()

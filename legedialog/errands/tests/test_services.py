"""An errand from being given to being done: who sees it, who does it, what stands in the log, and what is refused."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.appointments.tests.factories import office as another_office
from legedialog.audit.models import Event
from legedialog.core import seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import local_day
from legedialog.errands import policy, queries, rules, services
from legedialog.errands.models import Errand
from legedialog.errands.queries import Box
from legedialog.errands.rules import Group, To
from legedialog.errands.tests.factories import TEXT, errand
from legedialog.practices.models import Employee

Act = Callable[[Actor, Errand], object]


def test_it_is_sealed_and_logged_in_hers_and_waits_for_the_one_it_is_given_to(office: Office, now: datetime) -> None:
    mona, ingrid, kari = office.staff(), office.staff(Role.DOCTOR), office.patient()
    row = errand(mona, kari, to=To(ingrid.employee_id), now=now)
    assert [each.text for each in queries.listed(ingrid, Box.MINE, now)] == [TEXT]
    assert queries.listed(mona, Box.MINE, now) == []
    assert [each.id for each in queries.listed(mona, Box.OFFICE, now)] == [row.pk]
    told = Event.objects.filter(patient_id=kari.pk).values_list("action", "employee_id")
    assert ("errand.given", mona.employee_id) in told
    assert ("errands.read", ingrid.employee_id) in told
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM errands_errand")
        assert TEXT.encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("role", Role)
def test_how_many_wait_is_what_the_list_shows_each_role(role: Role, office: Office, now: datetime) -> None:
    mona, kari = office.staff(), office.patient()
    reader = office.staff(role)
    for group in Group:
        errand(mona, to=To(group=group), now=now)
    errand(mona, kari, to=To(group=Group.SECRETARIES), now=now)
    errand(mona, kari, to=To(group=Group.DOCTORS), now=now)
    services.finish(actor=mona, errand_id=errand(mona, to=To(reader.employee_id), now=now).pk, now=now)
    found = queries.listed(reader, Box.MINE, now)
    assert ask_for(queries.for_her(reader, now))[0].number == len(found) == (1 if role is Role.MANAGER else 2)


@pytest.mark.parametrize(
    ("heir", "is_about_patient", "role", "to"),
    [
        (Role.SECRETARY, True, Role.SECRETARY, "the heir"),
        (Role.MANAGER, False, Role.SECRETARY, "the heir"),
        (Role.MANAGER, True, Role.SECRETARY, Group.SECRETARIES),
        (None, True, Role.DOCTOR, Group.DOCTORS),
        (None, False, Role.MANAGER, Group.MANAGER),
    ],
)
def test_who_has_left_leaves_hers_to_who_took_over_or_to_her_role(
    heir: Role | None, is_about_patient: bool, role: Role, to: str, office: Office, now: datetime
) -> None:
    gone, mona = office.staff(role, name="Ola Lie"), office.staff()
    assert gone.employee_id
    took_over = office.staff(heir, name="Ane Li").employee_id if heir else None
    kari = office.patient() if is_about_patient else None
    row, done = (errand(mona, kari, to=To(gone.employee_id), now=now) for _number in range(2))
    services.finish(actor=mona, errand_id=done.pk, now=now)
    later = now + timedelta(days=2)
    assert services.follow_leavers(now=later) == 0  # she is there
    Employee.objects.filter(pk=gone.employee_id).update(ends_date=local_day(later), successor=took_over)
    assert services.follow_leavers(now=now) == 0  # her last day has not passed
    assert [services.follow_leavers(now=later) for _time in range(2)] == [1, 0]
    row.refresh_from_db()
    assert (row.to_employee_id, row.to_group) == ((took_over, "") if to == "the heir" else (None, to))
    done.refresh_from_db()
    assert done.to_employee_id == gone.employee_id
    if kari:
        assert Event.objects.filter(action="errand.changed", patient_id=kari.pk, employee_id=None).count() == 1


def test_the_manager_sees_none_that_is_about_a_patient(office: Office, now: datetime) -> None:
    mona, siri = office.staff(), office.staff(Role.MANAGER)
    row, plain = errand(mona, office.patient(), now=now), errand(mona, now=now)
    assert [each.id for each in queries.listed(siri, Box.OFFICE, now)] == [plain.pk]
    with pytest.raises(NotFound):
        queries.one(siri, row.pk, now)
    with pytest.raises(Denied):
        errand(siri, office.patient("Per Testvik"), now=now)
    for to in (To(siri.employee_id), To(group=Group.MANAGER)):
        with pytest.raises(Refused, match="errand-not-for-manager"):
            errand(mona, office.patient(f"Nora Testdal {to.group}"), to=to, now=now)


def _change(actor: Actor, row: Errand, now: datetime) -> object:
    return services.change(actor=actor, errand_id=row.pk, to=To(group=Group.DOCTORS), due_date=local_day(now), now=now)


def _finish(actor: Actor, row: Errand, now: datetime) -> object:
    return services.finish(actor=actor, errand_id=row.pk, now=now)


def _reopen(actor: Actor, row: Errand, now: datetime) -> object:
    return services.reopen(actor=actor, errand_id=row.pk, now=now)


@pytest.mark.parametrize("act", [_change, _finish, _reopen])
@pytest.mark.parametrize("who", ["staff elsewhere", "the patient"])
def test_a_stranger_and_the_patient_find_none(
    who: str, act: Callable[[Actor, Errand, datetime], object], office: Office, now: datetime
) -> None:
    kari = office.patient()
    row = errand(office.staff(), kari, now=now)
    stranger = another_office("Dalen legekontor", "Odd Lund").staff() if who == "staff elsewhere" else citizen(kari)
    with pytest.raises(NotFound):
        act(stranger, row, now)
    assert not policy.visible_to(stranger).exists()
    with pytest.raises(NotFound):
        services.give(
            actor=stranger,
            practice_id=office.practice.pk,
            key=uuid4(),
            text=TEXT,
            due_date=local_day(now),
            to=To(group=Group.DOCTORS),
            now=now,
        )


def test_pressed_twice_there_is_one(office: Office, now: datetime) -> None:
    mona, key = office.staff(), uuid4()
    assert errand(mona, key=key, now=now).pk == errand(mona, key=key, now=now).pk
    assert Event.objects.filter(action="errand.given").count() == 1


@pytest.mark.parametrize(("days", "code"), [(-1, "errand-past"), (0, ""), (730, ""), (731, "errand-far")])
def test_its_date_is_from_today_to_two_years(days: int, code: str) -> None:
    today = date(2026, 11, 23)
    refusal = rules.date_refusal(today + timedelta(days=days), today)
    assert (refusal.code if refusal else "") == code


def test_nobody_is_given_one_who_does_not_work_there(office: Office, now: datetime) -> None:
    mona, gone = office.staff(), office.staff(name="Leif Strand")
    elsewhere = another_office("Dalen legekontor", "Odd Lund").staff()
    Employee.objects.filter(pk=str(gone.employee_id)).update(ends_date=local_day(now))
    for to in (To(gone.employee_id), To(elsewhere.employee_id)):
        with pytest.raises(Refused, match="errand-nobody"):
            errand(mona, to=to, now=now)
    names = [name for _key, name in queries.colleagues(mona, is_about_patient=False, now=now)]
    assert "Leif Strand" not in names


def test_it_is_given_on_done_and_opened_again_each_once(office: Office, now: datetime) -> None:
    mona, ingrid, kari = office.staff(), office.staff(Role.DOCTOR), office.patient()
    row = errand(mona, kari, now=now)
    mark = queries.mark_of(row)
    services.change(
        actor=mona, errand_id=row.pk, to=To(ingrid.employee_id), due_date=local_day(now), mark=mark, now=now
    )
    with pytest.raises(Refused, match=seen.CHANGED.code):
        services.finish(actor=ingrid, errand_id=row.pk, mark=mark, now=now)
    done = services.finish(actor=ingrid, errand_id=row.pk, now=now)
    for act in (_finish, _change):
        with pytest.raises(Refused, match="errand-done"):
            act(mona, row, now)
    (shown,) = queries.listed(mona, Box.DONE, now)
    assert shown.done_by == Employee.objects.get(pk=str(ingrid.employee_id)).name
    services.reopen(actor=ingrid, errand_id=row.pk, mark=queries.mark_of(done), now=now)
    with pytest.raises(Refused, match="errand-not-done"):
        _reopen(mona, row, now)
    actions = Event.objects.filter(object_id=row.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["errand.given", "errand.changed", "errand.done", "errand.reopened"]


def test_one_about_nobody_is_removed_a_year_after_it_was_done_and_one_about_a_patient_is_kept(
    office: Office, now: datetime
) -> None:
    mona = office.staff()
    kept, gone, open_ = errand(mona, office.patient(), now=now), errand(mona, now=now), errand(mona, now=now)
    for row in (kept, gone):
        _finish(mona, row, now)
    services.tidy(now + timedelta(days=364))
    assert Errand.objects.count() == 3
    services.tidy(now + timedelta(days=366))
    assert set(Errand.objects.values_list("pk", flat=True)) == {kept.pk, open_.pk}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("an_errand_is_a_colleagues_or_a_roles", {"to_group": "doctor"}),
        ("a_done_errand_tells_by_whom", {"done_at": datetime(2026, 11, 23, 9).astimezone()}),
        ("an_errand_from_somewhere_is_about_a_patient", {"source": "dialogue", "source_id": uuid4()}),
    ],
)
def test_the_database_refuses_nonsense(name: str, values: dict[str, object], office: Office, now: datetime) -> None:
    row = errand(office.staff(), now=now)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Errand.objects.filter(pk=row.pk).update(**values)

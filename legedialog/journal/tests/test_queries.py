from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.journal import policy, queries, services
from legedialog.journal.models import ContactType, Kind
from legedialog.journal.queries import Filters
from legedialog.patients.models import Person
from legedialog.visibility.rules import Content

pytestmark = pytest.mark.django_db


def filed(office: Office, patient: Person, now: datetime, count: int) -> None:
    mona = office.staff()
    for number in range(count):
        services.file(
            mona,
            Kind.MESSAGE if number % 2 else Kind.DECISION,
            new_id(),
            patient_id=patient.pk,
            practice_id=office.practice.pk,
            contact_type=ContactType.PHONE if number % 2 else ContactType.RENEWAL,
            made_of=services.Made(Content.NOTE, new_id()),
            title=f"Innføring {number}",
            text="Utslett på armen" if number % 10 == 0 else "Hoste",
            at=now - timedelta(days=number),
        )


def test_pages_follow_each_other_and_each_entry_comes_once(office: Office, now: datetime) -> None:
    kari = office.patient()
    filed(office, kari, now, 7)
    mona, titles, after = office.staff(), [], None
    while True:
        found = queries.page(mona, kari.pk, now, after=after, size=3)
        titles += [item.title for item in found.items]
        after = found.after
        if after is None:
            break
    assert titles == [f"Innføring {number}" for number in range(7)]


@pytest.mark.parametrize("count", [1, 20])
def test_a_page_costs_the_same_whatever_is_on_it(
    count: int, office: Office, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, count)
    queries.page(mona, kari.pk, now)
    with django_assert_num_queries(4):
        assert len(queries.page(mona, kari.pk, now).items) == count


def test_filters(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, 6)

    def titles(filters: Filters) -> list[str]:
        return [item.title[-1] for item in queries.page(mona, kari.pk, now, filters=filters).items]

    assert titles(Filters(kind="message")) == ["1", "3", "5"]
    assert titles(Filters(contact_type="renewal")) == ["0", "2", "4"]
    assert titles(Filters(first=date(2026, 11, 21), last=date(2026, 11, 22))) == ["1", "2"]


def test_reading_leaves_a_trace(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, 1)
    item = queries.page(mona, kari.pk, now).items[0]
    queries.one(mona, policy.find(mona, item.id), now)
    queries.search(mona, kari.pk, "hoste", now)
    queries.printed(mona, kari.pk, Filters(), now, form="pdf")
    seen = Event.objects.filter(patient_id=kari.pk, employee_id=mona.employee_id).values_list("action", flat=True)
    assert set(seen) == {"journal.read", "journal.entry", "journal.searched", "journal.printed"}


def test_search_reads_a_window_at_a_time_and_goes_on(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 10)
    monkeypatch.setattr(queries, "AT_ONCE", 20)
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, 45)
    found = queries.search(mona, kari.pk, "UTSLETT armen", now)
    assert [item.title for item in found.items] == ["Innføring 0", "Innføring 10"]
    assert (found.looked_at, found.until) == (20, date(2026, 11, 4))
    found = queries.search(mona, kari.pk, "UTSLETT armen", now, after=found.after)
    assert [item.title for item in found.items] == ["Innføring 20", "Innføring 30"]
    found = queries.search(mona, kari.pk, "UTSLETT armen", now, after=found.after)
    assert [item.title for item in found.items] == ["Innføring 40"]
    assert found.after is None


def test_search_stops_at_enough_hits_and_goes_on_without_losing_any(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "HITS", 2)
    monkeypatch.setattr(queries, "WINDOW", 4)
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, 8)
    titles, after = [], None
    for _ in range(9):
        found = queries.search(mona, kari.pk, "innføring", now, after=after)
        titles += [item.title for item in found.items]
        after = found.after
        if after is None:
            break
    assert titles == [f"Innføring {number}" for number in range(8)]
    assert after is None


def test_no_words_find_nothing(office: Office, now: datetime) -> None:
    kari = office.patient()
    filed(office, kari, now, 1)
    assert queries.search(office.staff(), kari.pk, "  ", now).items == []


def test_paper_is_read_from_the_beginning(office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    kari, mona = office.patient(), office.staff()
    filed(office, kari, now, 3)
    items, is_cut = queries.printed(mona, kari.pk, Filters(), now, form="paper")
    assert ([item.title[-1] for item in items], is_cut) == (["2", "1", "0"], False)
    monkeypatch.setattr(queries, "PRINTED", 2)
    items, is_cut = queries.printed(mona, kari.pk, Filters(), now, form="paper")
    assert ([item.title[-1] for item in items], is_cut) == (["1", "0"], True)

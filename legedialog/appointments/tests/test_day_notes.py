"""What the office writes of a calendar's day: who may, who sees it, and how it is taken back."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Role
from legedialog.appointments import office as reads
from legedialog.appointments.models import DayNote
from legedialog.appointments.services import take_back_day_note, tidy_day_notes, write_day_note
from legedialog.appointments.tests.factories import NOW, TODAY, Office, citizen, office
from legedialog.core import seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def write(gp: Office, text: str, **changes: object) -> DayNote:
    given = {"actor": gp.staff(), "calendar_id": gp.calendar.pk, "day": TODAY, "text": text, "now": NOW} | changes
    return write_day_note(**given)  # type: ignore[arg-type]


def note(gp: Office) -> str:
    return reads.day_note(gp.staff(), gp.calendar.pk, TODAY)[0]


def test_it_is_written_written_anew_and_taken_back_once(gp: Office) -> None:
    write(gp, "Student hele dagen")
    row = write(gp, "Student til 12")
    assert note(gp) == "Student til 12"
    mark = seen.mark("Student til 12")
    assert take_back_day_note(actor=gp.staff(), note_id=row.pk, was=mark, now=NOW) == TODAY
    assert note(gp) == "Student hele dagen"
    with pytest.raises(Refused, match="changed-since-seen"):
        take_back_day_note(actor=gp.staff(), note_id=row.pk, was=mark, now=NOW)
    write(gp, "")
    assert note(gp) == ""


def test_what_a_colleague_has_written_meanwhile_is_not_overwritten_unseen(gp: Office) -> None:
    write(gp, "Student hele dagen", was=seen.mark(""))
    with pytest.raises(Refused, match="changed-since-seen"):
        write(gp, "Kurs fra 12", was=seen.mark(""))
    assert note(gp) == "Student hele dagen"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_the_first_at_once_one_is_told(gp: Office) -> None:
    start, told = Barrier(2), []
    actors = [gp.staff(), gp.staff()]

    def press(number: int) -> None:
        start.wait()
        try:
            write(gp, f"Nr. {number}", actor=actors[number], was=seen.mark(""))
        except Refused as refused:
            told.append(refused.code)
        finally:
            connection.close()

    threads = [Thread(target=press, args=[number]) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert told == ["changed-since-seen"]
    assert DayNote.objects.count() == 1


def test_only_those_who_work_with_patients_at_the_office_write_it_and_no_citizen_sees_it(
    gp: Office, kari: Person
) -> None:
    with pytest.raises(Denied):
        write(gp, "Kurs", actor=gp.staff(Role.MANAGER))
    row = write(gp, "Kurs")
    for stranger in (office().staff(), citizen(kari)):
        with pytest.raises(NotFound):
            write(gp, "Kurs", actor=stranger)
        with pytest.raises(NotFound):
            take_back_day_note(actor=stranger, note_id=row.pk, was=seen.mark("Kurs"), now=NOW)
        assert reads.day_note(stranger, gp.calendar.pk, TODAY)[0] == ""


def test_the_database_takes_one_a_day(gp: Office) -> None:
    row = write(gp, "Kurs")
    with pytest.raises(IntegrityError, match="a_calendars_day_has_one_note"), transaction.atomic():
        DayNote.objects.create(
            calendar=gp.calendar, day=TODAY, text="", before="", written_by_id=row.written_by_id, written_at=NOW
        )


def test_it_is_removed_a_month_after_its_day(gp: Office) -> None:
    write(gp, "Kurs")
    tidy_day_notes(NOW + timedelta(days=30))
    assert DayNote.objects.exists()
    tidy_day_notes(NOW + timedelta(days=31))
    assert not DayNote.objects.exists()

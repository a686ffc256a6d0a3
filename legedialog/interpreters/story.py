"""Hassan Testrud needs an interpreter in Urdu, and reception has ordered one for his next visit to Jonas Vik."""

from datetime import timedelta

from legedialog.appointments import free
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Channel, VisitType
from legedialog.core.contexts import Stage
from legedialog.core.times import local_day
from legedialog.interpreters import services
from legedialog.practices.models import Clinician

AHEAD = timedelta(days=16)


def play(stage: Stage) -> None:
    mona, hassan, now = stage.staff("Mona Haug"), stage.person("Hassan Testrud"), stage.now
    assert mona.practice_id  # noqa: S101  she works there
    services.say(actor=stage.citizen(hassan), patient_id=hassan, language="ur", now=now)
    calendar_id, visit_type_id = stage.bookable("Jonas Vik")
    wanted = free.Wanted(
        *(mona.practice_id, [Clinician.objects.get(name="Jonas Vik").pk], VisitType.objects.get(pk=visit_type_id)),
        *(Channel.ATTENDANCE, now, hassan),
        for_citizen=False,
    )
    first = local_day(now) + AHEAD
    times = [each for day in free.days(wanted, first, first + AHEAD) for each in day.times]
    visit = appointments.book_for_patient(
        actor=mona,
        patient_id=hassan,
        calendar_id=calendar_id,
        visit_type_id=visit_type_id,
        channel=Channel.ATTENDANCE,
        starts_at=times[0].starts_at,
        reason="Kontroll av blodtrykk",
        now=now,
    )
    services.order(actor=mona, appointment_id=visit.pk, now=now)

"""Notes in the record: one with a document, one by reception, and one that was corrected."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from legedialog.attachments import samples as files
from legedialog.core.contexts import Stage
from legedialog.core.times import at_local, local_day
from legedialog.journal import services
from legedialog.journal.models import ContactType

KEY = UUID("0a4e6d3b-4c8f-4f0e-8a53-8d3f9d5f7b11")


def play(stage: Stage) -> None:
    kari, now = stage.person("Kari Testdal"), stage.now
    ingrid, mona = stage.staff("Ingrid Aas"), stage.staff("Mona Haug")
    assert ingrid.practice_id  # noqa: S101  she works there
    practice_id = ingrid.practice_id
    at = _ago(now, weeks=14, clock=time(9, 15))
    report = files.letter("Røntgen av rygg", "Ingen tegn til brudd.", "Lett slitasje i nedre del.")
    services.write_note(
        actor=ingrid,
        patient_id=kari,
        practice_id=practice_id,
        key=uuid5(KEY, "visit"),
        contact_type=ContactType.ATTENDANCE,
        text="Smerter i korsryggen i tre uker etter løft. Ingen utstråling. Normal kraft. Rådes til aktivitet.",
        problem_code="L03",
        attachment_ids=[files.send_in(ingrid, practice_id, kari, "Røntgensvar.pdf", report, at)],
        now=at,
    )
    note = services.write_note(
        actor=mona,
        patient_id=kari,
        practice_id=practice_id,
        key=uuid5(KEY, "call"),
        contact_type=ContactType.PHONE,
        text="Ringte om ny time. Vil helst ha formiddag.",
        now=_ago(now, weeks=13, clock=time(11, 40)),
    )
    services.correct(
        actor=mona,
        entry_id=note.pk,
        seen=0,
        reason="Skrev feil tid på dagen.",
        text="Ringte om ny time. Vil helst ha ettermiddag.",
        now=_ago(now, weeks=13, clock=time(11, 55)),
    )


def _ago(now: datetime, *, weeks: int, clock: time) -> datetime:
    """On the Tuesday so many weeks ago."""
    today = local_day(now)
    return at_local(today - timedelta(weeks=weeks, days=today.weekday() - 1), clock)

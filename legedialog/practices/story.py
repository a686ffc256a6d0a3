"""Who is away in the demo."""

from datetime import timedelta

from legedialog.core.contexts import Stage
from legedialog.core.times import local_day
from legedialog.practices import services


def play(stage: Stage) -> None:
    """Jonas Vik is away for a week in three weeks; Leif Strand stands in."""
    siri, jonas, leif = (stage.staff(name) for name in ("Siri Berge", "Jonas Vik", "Leif Strand"))
    assert jonas.practice_id  # noqa: S101  he works there
    assert jonas.clinician_id  # noqa: S101
    today = local_day(stage.now)
    monday = today + timedelta(days=21 - today.weekday())
    services.report_absence(
        actor=siri,
        practice_id=jonas.practice_id,
        clinician_id=jonas.clinician_id,
        first_date=monday,
        last_date=monday + timedelta(days=4),
        substitute_id=leif.clinician_id,
        note="Jonas Vik er på kurs. Leif Strand tar imot pasientene hans denne uken.",
        now=stage.now,
    )

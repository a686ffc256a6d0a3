"""Mona asks Ingrid to call Kari; Ingrid asks reception for a letter to Grethe; somebody must order paper."""

from datetime import timedelta
from uuid import UUID, uuid5

from legedialog.core.contexts import Stage
from legedialog.core.times import local_day
from legedialog.errands import services
from legedialog.errands.rules import About, Group, Source, To

KEY = UUID("5f0a34c1-9a3c-4cc0-8d0e-6f1f0b7d3a55")


def play(stage: Stage) -> None:
    ingrid, mona = stage.staff("Ingrid Aas"), stage.staff("Mona Haug")
    today = local_day(stage.now)
    for name, by, to, days, text, patient in (
        ("call", mona, To(ingrid.employee_id), 1, "Ring om prøvesvarene fra mandag.", "Kari Testdal"),
        ("letter", ingrid, To(group=Group.SECRETARIES), 3, "Send kopi av henvisningen i posten.", "Grethe Testli"),
        ("paper", ingrid, To(mona.employee_id), 7, "Bestill mer papir til undersøkelsesbenkene.", ""),
    ):
        assert by.practice_id  # noqa: S101  they work there
        services.give(
            actor=by,
            practice_id=by.practice_id,
            key=uuid5(KEY, name),
            text=text,
            due_date=today + timedelta(days=days),
            to=to,
            about=About(stage.person(patient), Source.PATIENT) if patient else services.NOBODY,
            now=stage.now,
        )

"""Kari does not tolerate penicillin; Grethe's warning meets what her son has ordered for her."""

from datetime import timedelta
from uuid import UUID, uuid5

from legedialog.cautions import services
from legedialog.cautions.rules import Certainty, Severity, Source
from legedialog.core.contexts import Stage

KEY = UUID("a0a6c9a4-6d1f-4a80-9a44-2d6a3f6d9c05")


def play(stage: Stage) -> None:
    ingrid, mona = stage.staff("Ingrid Aas"), stage.staff("Mona Haug")
    assert ingrid.practice_id  # noqa: S101  she works there
    given = {"practice_id": ingrid.practice_id}
    services.add(
        actor=ingrid,
        patient_id=stage.person("Kari Testdal"),
        **given,
        key=uuid5(KEY, "penicillin"),
        substance="Penicillin",
        atc="J01CE",
        reaction="Elveblest over hele kroppen og tung pust en time etter første tablett.",
        severity=Severity.SEVERE,
        certainty=Certainty.CERTAIN,
        source=Source.OBSERVED,
        now=stage.now - timedelta(weeks=60),
    )
    wrong = services.add(
        actor=mona,
        patient_id=stage.person("Kari Testdal"),
        **given,
        key=uuid5(KEY, "plaster"),
        substance="Plaster",
        reaction="Utslett der plasteret satt.",
        severity=Severity.MILD,
        certainty=Certainty.POSSIBLE,
        source=Source.PATIENT,
        now=stage.now - timedelta(weeks=50),
    )
    services.end(
        actor=ingrid,
        caution_id=wrong.pk,
        reason="Lappetest hos hudlege viste ingen reaksjon.",
        now=stage.now - timedelta(weeks=30),
    )
    services.add(
        actor=ingrid,
        patient_id=stage.person("Grethe Testli"),
        **given,
        key=uuid5(KEY, "nsaid"),
        substance="NSAID (betennelsesdempende)",
        atc="M01A",
        reaction="Blødende magesår.",
        severity=Severity.SEVERE,
        certainty=Certainty.LIKELY,
        source=Source.RECORD,
        now=stage.now - timedelta(weeks=20),
    )

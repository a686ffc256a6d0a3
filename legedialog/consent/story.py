"""What the demo's people have agreed to: everybody of age has chosen, and parents for their children."""

from datetime import timedelta

from legedialog.consent import services
from legedialog.consent.models import Consent, Level
from legedialog.core.contexts import Stage

BASIS = ("Per Testvik",)


def play(stage: Stage) -> None:
    given = stage.now - timedelta(days=400)
    basis = {stage.person(name) for name in BASIS}
    for person_id in stage.adults:
        level = Level.BASIS if person_id in basis else Level.FULL
        Consent.objects.create(person_id=person_id, level=level, starts_at=given, given_by_id=person_id)
    for parent, child in (("Kari", "Ola Testdal"), ("Kari", "Nora Testdal"), ("Ida", "Emil Testhaug")):
        actor = stage.acting(parent, child.split()[0])
        services.give(actor=actor, person_id=stage.person(child), level=Level.FULL, now=stage.now)

"""Who acts for whom in the demo: Emil has access of his own from a parent, and Tor acts for Grethe. And a tourist."""

from datetime import date

from legedialog.core.contexts import Stage
from legedialog.patients import powers, walk_ins
from legedialog.patients.models import Person
from legedialog.patients.rules import Proof


def play(stage: Stage) -> None:
    emil, now = stage.person("Emil Testhaug"), stage.now
    powers.give_youth_access(actor=stage.acting("Ida", "Emil"), person_id=emil, now=now)
    tor = Person.objects.get(pk=stage.person("Tor Testli"))
    powers.give(
        actor=stage.citizen(stage.person("Grethe Testli")),
        national_number=tor.national_number,
        name=f"{tor.given_name} {tor.family_name}",
        areas=[1, 3],
        last_date=None,
        now=now,
    )
    mona = stage.staff("Mona Haug")
    walk_ins.register(
        actor=mona,
        practice_id=mona.practice_id,
        told=walk_ins.Told("Lukas", "Prøvemann", date(1996, 8, 14), "", Proof.PASSPORT, "+4790000096", "en"),
        is_another=False,
        now=now,
    )

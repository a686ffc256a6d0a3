from dataclasses import replace
from datetime import datetime, timedelta

from legedialog.access.actor import Role, system
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.appointments.tests.factories import office as another_office
from legedialog.cautions import policy, queries, services
from legedialog.cautions.tests.factories import caution
from legedialog.patients.representation import Ground, Restriction


def test_the_statement_tells_what_the_policy_does_whoever_asks(office: Office, now: datetime) -> None:
    kari, ola, doctor = office.patient(), office.patient("Ola Testdal"), office.staff(Role.DOCTOR)
    stranger = another_office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    hidden = caution(doctor, kari.pk, now, "Nikkel")
    services.restrict(actor=doctor, caution_id=hidden.pk, restriction=Restriction.FROM_PARENTS, now=now)
    ended = caution(doctor, kari.pk, now, "Kodein")
    services.end(actor=doctor, caution_id=ended.pk, reason="Tålt siden.", now=now + timedelta(days=1))
    caution(doctor, kari.pk, now)
    caution(doctor, ola.pk, now)
    parent = replace(citizen(ola), acting_for_id=kari.pk, ground=Ground.PARENT, patients=frozenset({kari.pk}))
    job = replace(system(), practices=frozenset({office.practice.pk}))
    seen = []
    for who in (doctor, office.staff(Role.MANAGER), stranger, citizen(kari), citizen(ola), parent, job):
        told = {row.id for row in queries._rows(who, [kari.pk])}
        assert told == set(policy.visible_to(who).filter(patient=kari.pk).values_list("pk", flat=True))
        seen.append(len(told))
    assert seen == [3, 0, 0, 3, 0, 2, 3]

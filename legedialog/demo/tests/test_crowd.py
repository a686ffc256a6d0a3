from datetime import date

import pytest

from legedialog.demo import crowd
from legedialog.patients.models import Membership, Person


@pytest.mark.django_db
def test_a_larger_population_lands_on_lists_of_a_thousand() -> None:
    crowd.grow(1001, say=lambda done, total: None)
    crowd.grow(10, say=lambda done, total: None)
    assert sorted(Membership.objects.values_list("contract__number", flat=True).distinct()) == [
        "CROWD-0",
        "CROWD-1",
        "CROWD-2",
    ]
    assert Person.objects.count() == 1011
    assert Person.objects.filter(birth_date__gt=date(2010, 1, 1)).count() == 0

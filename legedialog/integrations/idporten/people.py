"""Which citizen a number belongs to."""

from legedialog.core.identifiers import NationalNumber
from legedialog.integrations.oidc.errors import LoginFailed
from legedialog.patients import queries
from legedialog.patients.models import Person


def citizen(number: NationalNumber) -> Person:
    """Raises LoginFailed for a person the GP register has not told us of."""
    person_id = queries.id_of(number.reveal())
    person = person_id and Person.objects.filter(pk=person_id, death_date=None).only("language").first()
    if not person or not queries.has_number(person.pk, number.reveal()):
        raise LoginFailed("unknown-person")
    return person

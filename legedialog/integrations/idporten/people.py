"""Which citizen a number belongs to."""

from legedialog.core.crypto import blind_index
from legedialog.core.identifiers import NationalNumber
from legedialog.integrations.oidc.errors import LoginFailed
from legedialog.patients.models import Person


def citizen(number: NationalNumber) -> Person:
    """Raises LoginFailed for a person the GP register has not told us of."""
    index = blind_index(number.reveal(), purpose="national-number")
    person = Person.objects.filter(national_number_index=index, death_date=None).only("language").first()
    if person is None:
        raise LoginFailed("unknown-person")
    return person

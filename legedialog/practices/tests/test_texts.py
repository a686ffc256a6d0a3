from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from legedialog.practices.rules import Opening, Service
from legedialog.practices.texts import SERVICES, opening_change

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_every_service_has_words() -> None:
    assert list(SERVICES) == list(Service)


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (Opening(True, datetime(2026, 11, 23, 14, 30, tzinfo=UTC)), "Stenger kl. 15.30."),
        (Opening(False, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)), "Åpner i dag kl. 13.00."),
        (Opening(False, datetime(2026, 11, 24, 7, 0, tzinfo=UTC)), "Åpner i morgen kl. 08.00."),
        (Opening(False, datetime(2026, 11, 26, 7, 0, tzinfo=UTC)), "Åpner torsdag 26. november kl. 08.00."),
        (Opening(False, None), ""),
    ],
)
def test_when_it_closes_or_opens_is_said_in_words(opening: Opening, words: str) -> None:
    with override("nb"):
        assert opening_change(opening, NOW) == words

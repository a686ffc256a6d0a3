"""Names as they are heard, looked for and sorted in Norway."""

import random

import pytest

from legedialog.core import names
from legedialog.practices.models import Clinician
from legedialog.practices.tests import factories as practices

IN_ORDER = [
    *("Abel", "Andersen", "Berg", "Bråten", "de Vries", "Évensen", "Evju", "Myhre", "Müller", "Ruiz", "Zahl"),
    *("Ærlig", "Ærud", "Østby", "Østvik", "Aasen", "Åsland"),
]


def test_an_id_of_words_loses_no_letter() -> None:
    assert names.slug("Høst 2026: Ærlig Åsen, Kárášjohka") == "host-2026-aerlig-asen-karasjohka"


def test_the_alphabet_ends_with_ae_oe_aa() -> None:
    mixed = random.Random(1).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(mixed, key=names.sort_key) == IN_ORDER
    assert names.sort_key("AASEN") == names.sort_key("Åsen")


@pytest.mark.django_db
def test_the_database_sorts_as_we_do() -> None:
    for name in random.Random(2).sample(IN_ORDER, len(IN_ORDER)):
        practices.clinician(name)
    assert [row.name for row in Clinician.objects.order_by(names.by_name("name"))] == IN_ORDER


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("O'Brien", "obrien"),
        ("O’Brien", "o'brien"),
        ("Anne-Marie", "annemarie"),
        ("Anne-Marie", "anne marie"),
        ("Åse", "aase"),
        ("Åse", "ase"),
        ("Øyvind", "oeyvind"),
        ("Sæther", "saether"),
        ("Sæther", "sather"),
        ("Haakon", "håkon"),
        ("Đorđe", "dorde"),
    ],
)
def test_a_name_is_found_as_it_is_heard(name: str, typed: str) -> None:
    assert set(names.words_of(typed)) <= set(names.words_of(name))


def test_words_of_different_names_differ() -> None:
    assert not set(names.words_of("Kari Testdal")) & set(names.words_of("Karl Testdahl"))

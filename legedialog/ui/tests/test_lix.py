import pytest

from legedialog.ui.tests import lix

EASY = "Du kan ringe oss. Vi er her til fire. " * 20
HARD = "Helsepersonell vurderer legemiddelgjennomgang ved polyfarmasi og multimorbiditet hos hjemmeboende eldre. " * 10


def test_short_words_in_short_sentences_are_easy() -> None:
    assert lix.lix(EASY) == pytest.approx(36 / 8 - 0.0, abs=1)
    assert lix.lix(HARD) > 60


def test_of_a_page_the_sentences_count_and_not_its_buttons_or_what_a_person_wrote() -> None:
    page = (
        f"<h1>Overskrift</h1><main><button>Bestillingsopplysninger</button><p>{EASY}</p><bdi>{HARD}</bdi></main>{HARD}"
    )

    assert lix.of_page(page) == pytest.approx(lix.lix(EASY))
    assert lix.of_page("<main><p>Kort.</p></main>") is None

import pytest

from legedialog.journal import icpc2


def test_every_code_of_the_list_has_the_form_of_one_and_stands_once_in_order() -> None:
    codes = list(icpc2.names())
    assert len(codes) > 600
    assert all(icpc2.parse(code) == code for code in codes)
    assert codes == sorted(codes)
    assert all(name == name.strip() and name for name in icpc2.names().values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("S07", "S07"), ("s07", "S07"), (" S07 utslett flere steder", "S07"), ("A49", "A49"),
        ("", None), ("S7", None), ("C07", None), ("S070", None), ("utslett", None),
    ],
)  # fmt: skip
def test_a_code_is_read_as_people_write_it(text: str, code: str | None) -> None:
    assert icpc2.parse(text) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [("utsl", ["A76", "S06", "S07"]), ("høyt blod", ["K25", "K86", "K87"]), ("hodepine", ["N01"]), ("ingenting", [])],
)
def test_it_is_found_by_the_beginnings_of_its_words(text: str, codes: list[str]) -> None:
    assert icpc2.search(text)[: len(codes)] == codes
    assert bool(icpc2.search(text)) is bool(codes)


def test_it_is_found_by_number_and_named() -> None:
    assert icpc2.search("k8", most=2) == ["K80", "K81"]
    assert icpc2.label("S07") == "S07 utslett flere steder"
    assert icpc2.label("S69") == "S69"

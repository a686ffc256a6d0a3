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


def test_it_is_named_by_its_number() -> None:
    assert icpc2.label("S07") == "S07 utslett flere steder"
    assert icpc2.label("S69") == "S69"

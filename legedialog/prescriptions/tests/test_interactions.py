import pytest

from legedialog.prescriptions.interactions import TABLE, ShortTable


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
def test_each_row_is_found_in_both_orders_and_once(row: tuple[str, str, object]) -> None:
    one, other = row[0].ljust(7, "0"), row[1].ljust(7, "9")
    texts = [each.text for each in ShortTable().between([one, other])]
    assert row[2] in texts
    assert texts == [each.text for each in ShortTable().between([other, one, one, ""])]


def test_ordinary_pairs_are_silent_and_the_table_says_that_it_is_short() -> None:
    assert not ShortTable().between(["C07AB02", "C10AA05", "H03AA01"])
    assert not ShortTable().is_complete

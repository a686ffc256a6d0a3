"""Files are built here by the format's rules: nothing of anybody's account."""

from datetime import date

import pytest

from legedialog.fees import ocr

ACCOUNT = "15032080119"


def file(*payments: tuple[str, int], account: str = ACCOUNT, day: str = "241126", is_net: bool = True) -> str:
    """A whole file with one assignment: KID and øre of each payment; below nothing is one that the bank takes back."""
    lines = ["NY000010" + "00008080" + "0170031" + "00010200"]
    lines.append("NY090020" + "001008566" + "0000002" + account)
    for number, (kid, ore) in enumerate(payments, start=1):
        kind, sign = ("10", "0") if ore > 0 else ("18", "-")
        lines.append(f"NY09{kind}30{number:07}{day}13201{number:05}{sign}{abs(ore):017}{kid:>25}")
        lines.append(f"NY091031{number:07}" + "9636827194" + "099038562")
    total = abs(sum(ore if is_net else abs(ore) for _kid, ore in payments))
    records = 2 * len(payments) + 2
    lines.append(f"NY090088{len(payments):08}{records:08}{total:017}{day}")
    lines.append(f"NY000089{len(payments):08}{records + 2:08}{total:017}{day}")
    return "\r\n".join(line.ljust(80, "0") for line in lines) + "\r\n"


def test_a_file_is_read_with_its_kid_amount_and_day() -> None:
    found = ocr.read(file(("0000000018", 23500), ("0000000026", 5000)))
    assert not found.faults
    first, second = found.payments
    assert (first.kid, first.ore, first.day, first.account_number) == ("0000000018", 23500, date(2026, 11, 24), ACCOUNT)
    assert first.name != second.name
    assert [each.name for each in ocr.read(file(("0000000018", 23500))).payments] == [first.name]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("NY000089", "NY000088"),
        ("00000000000023500", "00000000000023501"),  # the sum no longer agrees
        ("NY091031", "NY091032"),  # the second line is missing
        ("241126132", "331326132"),  # no such day
        ("NY090020", "NX090020"),
        ("NY091030", "NY099930"[:6] + "77"),  # an unknown record
    ],
)
def test_a_file_that_is_not_whole_is_read_not_at_all(wrong: str, right: str) -> None:
    text = file(("0000000018", 23500))
    assert wrong in text
    found = ocr.read(text.replace(wrong, right, 1))
    assert found.faults
    assert not found.payments


@pytest.mark.parametrize("text", ["", "hei", "NY000010\nNY000089", "\x00" * 100, "NY000010" + "0" * 5_000_000])
def test_what_is_no_such_file_is_said(text: str) -> None:
    assert ocr.read(text).faults


@pytest.mark.parametrize("is_net", [True, False])
def test_what_the_bank_takes_back_is_no_money_that_came(is_net: bool) -> None:
    found = ocr.read(file(("0000000018", 23500), ("0000000018", -23500), is_net=is_net))
    assert not found.faults
    assert [each.ore for each in found.payments] == [23500, -23500]


def test_a_sign_on_what_is_no_taking_back_is_not_understood() -> None:
    text = file(("0000000018", 23500))
    assert "13201000010" in text
    assert ocr.read(text.replace("13201000010", "1320100001-", 1)).faults

import pytest

from legedialog.fees import tables

HEAD = ";".join(tables.COLUMNS)
GOOD = "2ad;170;288;224;320;2024-07-01;2025-06-30;A price list"


def faults(*lines: str) -> str:
    return "\n".join(tables.read("\n".join((HEAD, *lines))).faults)


@pytest.mark.parametrize("name", list(tables.shipped()))
def test_what_is_shipped_has_no_fault(name: str) -> None:
    found = tables.read(tables.shipped()[name])
    assert found.rates
    assert not found.faults


def test_a_row_is_read_in_ore() -> None:
    (rate,) = tables.read(f"\ufeff{HEAD}\n{GOOD.replace('170', '170,50')}\n").rates
    assert (rate.day, rate.specialist_evening, rate.source) == (17050, 32000, "A price list")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (GOOD.replace("2ad", "9zz"), "unknown code '9zz'"),
        (GOOD.replace("170", "-170"), "day is no amount"),
        (GOOD.replace("170", ""), "day is empty"),
        (GOOD.replace("288", "1e9"), "evening is no amount"),
        (GOOD.replace("2025-06-30", "2024-06-30"), "two days in order"),
        (GOOD.replace("2025-06-30", "2025-02-30"), "two days in order"),
        (GOOD.replace("A price list", ""), "source is missing"),
        (GOOD.replace(";288", ""), "8 columns are needed, here are 7"),
        (f"{GOOD}\n2ad;1;;;;2025-06-30;2026-06-30;x", "2ad: 2025-06-30 to 2026-06-30 overlaps"),
        (f"{GOOD}\n2ad;1;;;;2025-07-02;2026-06-30;x", "2ad: no rate from 2025-07-01 to 2025-07-01"),
        (GOOD.replace("170", "100001"), "day is more than a price is"),
        (f'2ad;170;;;;2024-07-01;2025-06-30;"{"x" * 140_000}"', "field larger than field limit"),
        ("", "there is no rate in the file"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, fault: str) -> None:
    assert fault in faults(line)


def test_years_that_follow_each_other_are_good() -> None:
    assert not faults(GOOD, "2ad;175;;;;2025-07-01;2026-06-30;x")


@pytest.mark.parametrize("text", ["", "a;b;c", "\x00", '"', "x" * (tables.LARGEST + 1)])
def test_what_is_no_table_is_refused(text: str) -> None:
    assert tables.read(text).faults

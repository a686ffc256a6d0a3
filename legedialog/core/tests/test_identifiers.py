import pickle
from datetime import date

import pytest
import stdnum.exceptions
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.no import fodselsnummer, orgnr

from legedialog.core.identifiers import (
    BadIdentifier,
    Kind,
    NationalNumber,
    parse_duf_number,
    parse_hpr_number,
    parse_national_number,
    parse_organisation_number,
    synthetic_number,
)

birth_dates = st.dates(date(1900, 1, 1), date(2039, 12, 31))
serials = st.integers(0, 380)
generated = st.builds(synthetic_number, birth_dates, serials)


def refusal(text: str, *, synthetic: bool, help_numbers: bool = False) -> str | None:
    try:
        parse_national_number(text, synthetic=synthetic, help_numbers=help_numbers)
    except BadIdentifier as bad:
        return bad.code
    return None


def with_control_digits(nine: str) -> str | None:
    """The whole number by an independent calculation (python-stdnum, classic rule); None when it would need a 10."""
    k1 = fodselsnummer.calc_check_digit1(nine)
    k2 = fodselsnummer.calc_check_digit2(nine + k1)
    return nine + k1 + k2 if len(k1 + k2) == 2 else None


def first_usable(six: str) -> str:
    """A number with this beginning, in the style of somebody born in 1940-1999."""
    return next(number for serial in range(500) if (number := with_control_digits(f"{six}{serial:03}")))


# Every kind, in and outside production


@pytest.mark.parametrize(
    ("six", "in_production", "outside"),
    [
        ("150285", Kind.BIRTH_NUMBER, "real-outside-production"),
        ("550285", Kind.D_NUMBER, "real-outside-production"),
        ("154285", Kind.H_NUMBER, Kind.BIRTH_NUMBER),  # an H-number, or NAV's synthetic series
        ("554285", "synthetic-in-production", Kind.D_NUMBER),  # NAV: no D-number is an H-number too
        ("156785", "synthetic-in-production", Kind.BIRTH_NUMBER),  # Norsk helsenett
        ("556785", "synthetic-in-production", Kind.D_NUMBER),
        ("158285", "synthetic-in-production", Kind.BIRTH_NUMBER),  # Tenor
        ("558285", "synthetic-in-production", Kind.D_NUMBER),
        ("812121", Kind.FH_NUMBER, Kind.FH_NUMBER),
        ("999999", Kind.FH_NUMBER, Kind.FH_NUMBER),
    ],
)
def test_the_environment_decides_which_series_is_taken(six: str, in_production: str, outside: str) -> None:
    number = first_usable(six)
    for synthetic, expected in ((False, in_production), (True, outside)):
        if isinstance(expected, Kind):
            parsed = parse_national_number(number, synthetic=synthetic, help_numbers=True)
            assert (parsed.kind, parsed.reveal()) == (expected, number)
        else:
            assert refusal(number, synthetic=synthetic, help_numbers=True) == expected


@pytest.mark.parametrize(("six", "synthetic"), [("154285", False), ("812121", False), ("812121", True)])
def test_help_numbers_are_taken_only_where_the_caller_says_so(six: str, synthetic: bool) -> None:
    number = first_usable(six)
    assert refusal(number, synthetic=synthetic) == "help-number-not-accepted"
    assert refusal(number, synthetic=synthetic, help_numbers=True) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [  # published as synthetic: navikt/fnrvalidator, issue 116
        ("15507600333", Kind.BIRTH_NUMBER),  # NAV
        ("29422059278", Kind.BIRTH_NUMBER),
        ("55507608360", Kind.D_NUMBER),
        ("17912099997", Kind.BIRTH_NUMBER),  # Tenor
        ("29822099635", Kind.BIRTH_NUMBER),  # 29 February
        ("57912075186", Kind.D_NUMBER),
    ],
)
def test_published_synthetic_numbers_are_taken_outside_production_only(number: str, kind: Kind) -> None:
    assert parse_national_number(number, synthetic=True).kind is kind
    assert refusal(number, synthetic=False) in {"synthetic-in-production", "help-number-not-accepted"}


@pytest.mark.parametrize("number", ["02013299997", "30108299920", "30108299939"])
def test_the_worked_examples_of_the_2032_rule_are_taken(number: str) -> None:
    assert parse_national_number(number, synthetic=False).kind is Kind.BIRTH_NUMBER
    assert refusal(number, synthetic=True) == "real-outside-production"


def test_a_number_may_have_any_of_four_first_control_digits_from_2032_and_a_help_number_only_one() -> None:
    def taken(nine: str) -> list[str]:
        with_any_k1 = (f"{nine}{k1}" for k1 in range(10))
        whole = (ten + fodselsnummer.calc_check_digit2(ten) for ten in with_any_k1)
        return [number for number in whole if refusal(number, synthetic=False, help_numbers=True) is None]

    # The beginnings are such that no control digit here is 10.
    assert len(taken("150285001")) == 4
    assert len(taken("550285002")) == 4
    assert taken("154285001") == [with_control_digits("154285001")]
    assert taken("812121002") == [with_control_digits("812121002")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-digits"),
        ("   ", "not-digits"),
        ("1582850012x", "not-digits"),
        ("-1582850012", "not-digits"),
        ("1582850012²", "not-digits"),
        ("1582850012", "wrong-length"),
        ("158285001234", "wrong-length"),
        ("00828500100", "wrong-date"),
        ("32818500100", "wrong-date"),
        ("31848500100", "wrong-date"),  # April has 30 days
        ("30828500100", "wrong-date"),  # February has at most 29
        ("40828500100", "wrong-date"),
        ("72818500100", "wrong-date"),  # a D-number's day is at most 71
        ("15008500100", "wrong-date"),
        ("15138500100", "wrong-date"),
        ("15408500100", "wrong-date"),
        ("15538500100", "wrong-date"),
        ("15788500100", "wrong-date"),
        ("15938500100", "wrong-date"),
    ],
)
def test_what_cannot_be_a_number_is_refused_with_the_reason(text: str, code: str) -> None:
    assert refusal(text, synthetic=True) == code


def test_29_february_is_taken_in_any_year_because_the_century_is_unknown() -> None:
    assert refusal(first_usable("298200"), synthetic=True) is None


# What the control digits catch


@given(generated, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_anywhere_is_always_refused(number: str, place: int, step: int) -> None:
    """No weight of the second control digit is a multiple of 11, and that digit has one rule only."""
    changed = str((int(number[place]) + step) % 10)
    assert refusal(number[:place] + changed + number[place + 1 :], synthetic=True) is not None


# Places whose digits weigh the same in the second control digit. Of a swap between them only the first control digit
# can tell, and from 2032 it lets four remainders of eleven pass.
BLIND = {(0, 6), (1, 7), (2, 8), (3, 9)}


@given(generated, st.integers(0, 10), st.integers(0, 10))
def test_two_digits_swapped_are_refused_when_the_second_control_digit_weighs_them_differently(
    number: str, first: int, second: int
) -> None:
    assume(first < second and (first, second) not in BLIND and number[first] != number[second])
    digits = list(number)
    digits[first], digits[second] = digits[second], digits[first]
    assert refusal("".join(digits), synthetic=True) is not None


@pytest.mark.parametrize(
    ("number", "swapped"),
    [
        ("29884502088", "09884522088"),
        ("08840853560", "03840858560"),
        ("21915905738", "21715905938"),
        ("20815204345", "20845204315"),
    ],
)
def test_a_swap_of_equal_weights_can_pass_which_is_the_price_of_the_2032_rule(number: str, swapped: str) -> None:
    assert refusal(number, synthetic=True) is None
    assert refusal(swapped, synthetic=True) is None


# Beside another implementation (it knows the classic rule, no synthetic series, and derives the century)


@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)), serials, st.booleans())
def test_what_python_stdnum_takes_we_take(birth_date: date, serial: int, d_number: bool) -> None:
    synthetic = synthetic_number(birth_date, serial)
    day = birth_date.day + (40 if d_number else 0)
    number = with_control_digits(f"{day:02}{birth_date.month:02}{synthetic[4:9]}")
    assume(number is not None)
    assert number is not None
    assert fodselsnummer.is_valid(number)
    assert parse_national_number(number, synthetic=False).kind is (Kind.D_NUMBER if d_number else Kind.BIRTH_NUMBER)


@given(st.from_regex(r"\A[0-7][0-9]0[1-9][0-9]{7}\Z"))
def test_what_we_take_and_python_stdnum_does_not_is_the_2032_rule_or_the_century(number: str) -> None:
    if refusal(number, synthetic=False) is None:
        try:
            fodselsnummer.validate(number)
        except stdnum.exceptions.InvalidChecksum:
            assert number[9] != fodselsnummer.calc_check_digit1(number)
            assert number[10] == fodselsnummer.calc_check_digit2(number)
        except stdnum.exceptions.InvalidComponent:
            pass  # a birth date in the future, or a century that cannot be told
    else:
        assert not fodselsnummer.is_valid(number)


@given(st.from_regex(r"\A[89][0-9]{8}\Z"), st.integers(0, 9))
def test_organisation_numbers_are_judged_as_python_stdnum_judges_them(number: str, last: int) -> None:
    number = f"{number[:8]}{last}"
    if orgnr.is_valid(number):
        assert parse_organisation_number(number) == number
    else:
        with pytest.raises(BadIdentifier, match="wrong-control-digits"):
            parse_organisation_number(number)


# The generator


@given(birth_dates, serials)
def test_a_generated_number_is_taken_outside_production_and_refused_in_it(birth_date: date, serial: int) -> None:
    number = synthetic_number(birth_date, serial)
    assert number == synthetic_number(birth_date, serial)
    assert number[:6] == f"{birth_date.day:02}{birth_date.month + 80}{birth_date.year % 100:02}"
    assert parse_national_number(number, synthetic=True) == NationalNumber(number, Kind.BIRTH_NUMBER)
    assert refusal(number, synthetic=False) == "synthetic-in-production"


@given(birth_dates)
def test_two_serials_of_a_day_never_give_the_same_number(birth_date: date) -> None:
    numbers = [synthetic_number(birth_date, serial) for serial in range(40)]
    assert len(set(numbers)) == 40
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("birth_date", "lowest", "highest"),
    [(date(1899, 3, 1), "500", "749"), (date(1984, 3, 1), "000", "499"), (date(2018, 3, 1), "500", "999")],
)
def test_the_individual_digits_belong_to_the_century(birth_date: date, lowest: str, highest: str) -> None:
    individual = [synthetic_number(birth_date, serial)[6:9] for serial in (0, 200)]
    assert lowest <= individual[0] < individual[1] <= highest


def test_the_generator_says_so_when_it_has_no_number() -> None:
    with pytest.raises(ValueError, match="no synthetic number"):
        synthetic_number(date(1984, 3, 1), 500)
    with pytest.raises(ValueError, match="1854-2039"):
        synthetic_number(date(2040, 1, 1), 0)


# What is shown


@given(generated)
def test_no_way_of_showing_a_number_shows_its_last_five_digits(number: str) -> None:
    parsed = parse_national_number(number, synthetic=True)
    assert str(parsed) == f"{parsed}" == number[:6] + "*****"
    assert "%s" % parsed == str(parsed)  # noqa: UP031
    assert not any(character.isdigit() for character in repr(parsed))
    assert repr([parsed]) == "[<NationalNumber birth-number>]"
    assert parsed.reveal() == number


@given(generated, st.integers(0, 10))
def test_a_refusal_never_holds_the_number(number: str, place: int) -> None:
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    for text, synthetic in ((wrong, True), (number, False), (number + "1", True), (number + "x", True)):
        with pytest.raises(BadIdentifier) as caught, translation.override("nb"):
            parse_national_number(text, synthetic=synthetic)
        shown = f"{caught.value} {caught.value!r} {caught.value.message} {caught.value.args}"
        assert text not in shown
        assert number[:6] not in shown
        assert number[6:] not in shown


def test_a_number_is_a_value() -> None:
    number = synthetic_number(date(1984, 3, 1), 0)
    parsed = parse_national_number(number, synthetic=True)
    assert parsed == parse_national_number(f" {number[:6]} {number[6:]}\u00a0", synthetic=True)
    assert len({parsed, parse_national_number(number, synthetic=True)}) == 1
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    with pytest.raises(AttributeError):
        parsed.kind = Kind.D_NUMBER  # type: ignore[misc]


# The other numbers


@pytest.mark.parametrize("text", ["200112345609", "2001 1234 5609", "202500000107", "202500000610"])
def test_a_duf_number_is_taken_and_masked(text: str) -> None:
    parsed = parse_duf_number(text)
    assert parsed.kind is Kind.DUF_NUMBER
    assert str(parsed) == text.replace(" ", "")[:6] + "******"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("200112345608", "wrong-control-digits"),
        ("200112345619", "wrong-control-digits"),
        ("20011234560", "wrong-length"),
        ("2001123456099", "wrong-length"),
        ("20011234560x", "not-digits"),
    ],
)
def test_a_wrong_duf_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadIdentifier) as caught:
        parse_duf_number(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "number"),
    [("9144900", "9144900"), ("009144900", "9144900"), ("0009144900", "9144900"), (" 91 44900 ", "9144900")],
)
def test_an_hpr_number_is_the_same_with_and_without_padding(text: str, number: str) -> None:
    assert parse_hpr_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("", "not-digits"), ("000", "not-digits"), ("91449OO", "not-digits"), ("1234567890", "wrong-length")),
        *(("91449.00", "not-digits"), ("9144-900", "not-digits"), ("-5", "not-digits")),
    ],
)
def test_what_cannot_be_an_hpr_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadIdentifier) as caught:
        parse_hpr_number(text)
    assert caught.value.code == code


@pytest.mark.parametrize("number", ["314270320", "310163449", "210204822"])  # brreg/docs: the registers' own test data
def test_a_synthetic_organisation_is_taken_outside_production_only(number: str) -> None:
    assert parse_organisation_number(number, synthetic=True) == number
    with pytest.raises(BadIdentifier) as caught:
        parse_organisation_number(number)
    assert caught.value.code == "wrong-first-digit"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("98807791", "wrong-length"),
        ("988077917 MVA", "not-digits"),
        ("988077918", "wrong-control-digits"),
        ("100000008", "wrong-first-digit"),
    ],
)
def test_a_wrong_organisation_number_is_refused(text: str, code: str) -> None:
    for synthetic in (False, True):
        with pytest.raises(BadIdentifier) as caught:
            parse_organisation_number(text, synthetic=synthetic)
        assert caught.value.code == code
    assert parse_organisation_number("988 077 917") == "988077917"  # python-stdnum's example


@pytest.mark.parametrize("between", [" ", "-", ".", "\u2011", " – ", "\u00a0", "\u2009", "\u200b", "\t"])
def test_what_is_written_between_digits_for_the_eye_is_looked_past(between: str) -> None:
    assert parse_national_number(f"155076{between}00333", synthetic=True).reveal() == "15507600333"
    assert parse_organisation_number(f"988{between}077{between}917") == "988077917"


@pytest.mark.parametrize("number", ["-15507600333", "15507600333-", "155076--00333", "155076/00333", "155076+00333"])
def test_other_signs_are_not(number: str) -> None:
    assert refusal(number, synthetic=True) == "not-digits"

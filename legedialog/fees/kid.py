"""The numbers that a bank checks: what an invoice is named by (KID), and accounts."""


def kid_of(number: int, modulus: int) -> str:
    """Ten signs: the invoice's number and a control sign. Source: docs/facts.md#prices.
    Modulus 10 is Luhn's."""
    digits = f"{number:09}"
    return digits + (_modulus_10(digits) if modulus == 10 else _modulus_11(digits))


def is_kid(text: str) -> bool:
    """Whether its control sign is right by either modulus: an office may have changed which it uses."""
    digits, sign = text[:-1], text[-1:]
    return digits.isascii() and digits.isdecimal() and sign in (_modulus_10(digits), _modulus_11(digits))


def is_account_number(text: str) -> bool:
    """Eleven digits, the last by modulus 11. Source: docs/facts.md#prices."""
    return len(text) == 11 and text.isascii() and text.isdecimal() and text[-1] == _modulus_11(text[:-1])


def _modulus_10(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _modulus_11(digits: str) -> str:
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    control = -total % 11
    return "-" if control == 10 else str(control)

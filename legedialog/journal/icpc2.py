"""Problem codes: ICPC-2, code system 7170. Source: docs/facts.md#codes; the words and what they are: icpc2.tsv.

The list is a help to find a code, not a gate: any code of the right form is taken.
"""

import re
from functools import cache
from pathlib import Path

SYSTEM = "http://hl7.org/fhir/sid/icpc-2"
CHAPTERS = "ABDFHKLNPRSTUWXYZ"
FORM = re.compile(rf"[{CHAPTERS}]\d\d")


@cache
def names() -> dict[str, str]:
    """Code to short name in bokmål, the language of the record."""
    lines = Path(__file__).with_name("icpc2.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def parse(text: str) -> str | None:
    """The code that "s07", "S07" or "S07 utslett flere steder" begins with; None when it has not the form of one."""
    words = text.split()
    code = words[0].upper() if words else ""
    return code if FORM.fullmatch(code) else None


def label(code: str) -> str:
    """ "S07 utslett flere steder", or the code alone when the list does not know it."""
    return f"{code} {names().get(code, '')}".strip()

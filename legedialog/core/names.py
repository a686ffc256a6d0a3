"""Names as people in Norway hear, look for and sort them. See also patients/models.py: name_keys.

The alphabet ends … x y z æ ø å, and aa is å. Source: Språkrådet, on alphabetical order. PostgreSQL without ICU sorts by
code point, so the order is said by an expression of our own, the same in Python and in SQL.
"""

import re
import unicodedata
from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Collate, Lower, Replace
from django.utils.text import slugify

# Letters that Unicode does not take apart: how they are written without the key for them.
FOLDED = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ŋ": "n", "ŧ": "t", "ı": "i"})
HEARD = (("aa", "a"), ("ae", "a"), ("oe", "o"))  # å, æ and ø, typed on a keyboard that lacks them
JOINED = re.compile(r"(?<=\w)['’`´\-‐‑](?=\w)")

# Code points after z, in the alphabet's order; ä, ö and ü stand where their sound does.
_ORDER = {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}", "ü": "y"}
_PLAIN = {sign: unicodedata.normalize("NFD", sign)[0] for sign in "àáâãçèéêëìíîïñòóôõùúûýÿčćđšžśńőű"} | {"đ": "d"}
_CAPITALS: dict[str, Any] = {sign.upper(): sign for sign in [*_ORDER, *_PLAIN] if len(sign.upper()) == 1}
_PLACES: dict[str, Any] = _PLAIN | _ORDER


def slug(name: str) -> str:
    """Small letters of a to z, digits and hyphens, for an id that people read: no letter is lost on the way."""
    return slugify(name.lower().translate(FOLDED))


def sort_key(name: str) -> str:
    """For `sorted`, in Norwegian order whatever the case: Berg, Zahl, Ærlig, Østby, Aasen, Åsen."""
    plain = unicodedata.normalize("NFC", name).translate(str.maketrans(_CAPITALS)).lower().replace("aa", "å")
    return plain.translate(str.maketrans(_PLACES))


def by_name(field: str) -> Collate:
    """For `order_by`: the same order as `sort_key`."""
    small: Any = _Translate(F(field), Value("".join(_CAPITALS)), Value("".join(_CAPITALS.values())))
    joined = Replace(Lower(small), Value("aa"), Value("å"))
    return Collate(_Translate(joined, Value("".join(_PLACES)), Value("".join(_PLACES.values()))), "C")


def words_of(name: str) -> list[str]:
    """The name's words as they are heard, without case and accents: `Åse-Marie O’Brien` is `ase`, `marie`, `asemarie`,
    `o`, `brien`, `obrien`.

    So is a search for it, whatever keyboard it was typed on: `aase` and `oeyvind` find Åse and Øyvind.
    """
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    folded = "".join(sign for sign in parts if not unicodedata.combining(sign)).translate(FOLDED)
    words: list[str] = []
    for whole in folded.split():
        pieces = [_heard(piece) for part in JOINED.split(whole) for piece in re.findall(r"[^\W\d_]+", part)]
        words += pieces
        if len(pieces) > 1 and JOINED.search(whole):
            words.append(_heard("".join(pieces)))
    return words


def _heard(word: str) -> str:
    before = ""
    while before != word:
        before = word
        for written, heard in HEARD:
            word = word.replace(written, heard)
    return word


class _Translate(Func):
    function = "translate"
    output_field = TextField()

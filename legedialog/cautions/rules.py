"""What a caution says, and which medicines it meets. No database, no clock.

A caution is told of rather than missed: words and codes are compared widely, and what is met is shown, never hidden.
That nothing is met never means that a medicine is safe. See docs/adr/0205-cautions.md.
"""

import re

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal

SUBSTANCE_LENGTH = 120
REACTION_LENGTH = 500
REASON_LENGTH = 500  # of why it was ended
ATC = r"^[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?$"  # a code or its beginning


class Severity(TextChoices):
    """How bad the worst reaction was, or would be."""

    SEVERE = "severe"
    MODERATE = "moderate"
    MILD = "mild"
    UNKNOWN = "unknown"


class Certainty(TextChoices):
    """How sure it is that the substance was the cause."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Source(TextChoices):
    """From where the one who wrote it knows."""

    PATIENT = "patient"
    OBSERVED = "observed"
    RECORD = "record"


ENDED_ALREADY = Refusal("caution-ended", _("En kollega har allerede avsluttet advarselen. Se hva som står der nå."))

# Substances that are near each other: what people call them, as beginnings or parts of words without hyphens, and the
# beginnings of ATC codes that a caution with such a word is about. Common textbook knowledge.
FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("cillin", "betalaktam"), ("J01C",)),
    (("cefa", "cefo", "ceftr", "cefur", "betalaktam"), ("J01D",)),
    (("sulfa", "trimetoprim", "bactrim"), ("J01E",)),
    (("makrolid", "tromycin", "klindamycin"), ("J01F",)),
    (("tetracyk", "doksycyk"), ("J01A",)),
    (("kinolon", "floksacin"), ("J01M",)),
    (("nsaid", "profen", "diklofenak", "naproksen", "ibux", "betennelsesdempende"), ("M01A", "M02AA")),
    (("acetylsalisyl", "aspirin", "albyl", "globoid", "dispril"), ("B01AC06", "N02BA", "M01A")),
    (("vastatin", "statiner"), ("C10AA", "C10BA", "C10BX")),
    (("acehemmer", "enalapril", "lisinopril", "ramipril"), ("C09A", "C09B")),
    (("betablokker", "prolol"), ("C07",)),
    (("opioid", "opiat", "morfin", "kodein", "tramadol", "oksykodon"), ("N02A", "R05DA")),
    (("lokalbedøv", "lidokain", "kain"), ("N01B",)),
)
SHORTEST = 5  # letters that two words must share to be the same substance
# What people write around a substance; alike in two of them says nothing.
COMMON = frozenset(
    {
        *("allergi", "allergisk", "allergier", "medisin", "medisiner", "legemiddel", "legemidler", "middel", "midler"),
        *("tabletter", "tablett", "injeksjon", "mikstur", "salve", "intoleranse", "reaksjon", "reagerer", "andre"),
        *("gruppen", "natrium", "kalium", "kalsium", "hydroklorid"),
    }
)


def meets(cautioned: str, code: str, *, name: str, substance: str, atc: str) -> bool:
    """Whether a caution about what is `cautioned`, with its ATC code if any, speaks against a medicine."""
    words, others = _words(cautioned), _words(f"{name} {substance}")
    if any(_same(one, other) for one in words for other in others):
        return True
    return bool(atc) and any(atc.startswith(each) or each.startswith(atc) for each in _codes(words, code))


def _codes(words: set[str], atc: str) -> set[str]:
    """Beginnings of the codes that the caution is about: its own chemical group, and all of its family."""
    found = {atc[:5]} if atc else set()
    for names, beginnings in FAMILIES:
        is_named = any(name in word for name in names for word in words)
        if is_named or (atc and any(atc.startswith(each) for each in beginnings)):
            found |= set(beginnings)
    return found


def _words(text: str) -> set[str]:
    """Words of letters, without hyphens, that may name a substance."""
    found = re.findall(r"[^\W\d_]+", text.casefold().replace("-", ""))
    return {word for word in found if len(word) >= SHORTEST and word not in COMMON}


def _same(one: str, other: str) -> bool:
    return one in other or other in one

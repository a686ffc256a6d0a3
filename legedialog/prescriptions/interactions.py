"""Whether two medicines are known to disturb each other: a port, with a small table of our own behind it.

The table is no interaction database. It holds a few combinations that every textbook warns of, and says so wherever it
is shown; an office that has a real one names it by LEGEDIALOG_INTERACTIONS. Nothing found never means that all is well.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Protocol, cast

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Interaction:
    """`one` and `other` are the ATC codes that were asked about."""

    one: str
    other: str
    text: str | Promise


class Interactions(Protocol):
    is_complete: bool  # False makes the screens say that it is a short list

    def between(self, atcs: Collection[str]) -> list[Interaction]:
        """Of all pairs, each once. Fast and without the network: asked for every row of a queue."""


# Beginnings of ATC codes, and what may happen. Common textbook knowledge; each is also in the products' summaries.
TABLE: tuple[tuple[str, str, str | Promise], ...] = (
    ("B01AA03", "M01A", _("Warfarin og NSAID: økt fare for blødning.")),
    ("B01AF", "M01A", _("Blodfortynnende og NSAID: økt fare for blødning.")),
    ("B01AA03", "J02AC01", _("Warfarin og flukonazol: økt effekt av warfarin.")),
    ("B01AA03", "J01EE01", _("Warfarin og trimetoprim-sulfa: økt effekt av warfarin.")),
    ("C10AA01", "J01FA09", _("Simvastatin og klaritromycin: fare for muskelskade.")),
    ("C10AA01", "J02AC02", _("Simvastatin og itrakonazol: fare for muskelskade.")),
    ("C09A", "C03DA01", _("ACE-hemmer og spironolakton: fare for høyt kalium.")),
    ("C09C", "C03DA01", _("Angiotensinblokker og spironolakton: fare for høyt kalium.")),
    ("L04AX03", "J01EA01", _("Metotreksat og trimetoprim: fare for benmargshemming.")),
    ("L04AX01", "M04AA01", _("Azatioprin og allopurinol: fare for benmargshemming.")),
    ("N06AB", "N06AG", _("SSRI og MAO-hemmer: fare for serotonergt syndrom.")),
    ("N06AB", "N02AX02", _("SSRI og tramadol: fare for serotonergt syndrom og kramper.")),
    ("N05AN01", "M01A", _("Litium og NSAID: fare for litiumforgiftning.")),
    ("N05AN01", "C09A", _("Litium og ACE-hemmer: fare for litiumforgiftning.")),
    ("C01DA", "G04BE03", _("Nitrat og sildenafil: fare for farlig blodtrykksfall.")),
    ("C08DA01", "C07A", _("Verapamil og betablokker: fare for langsom puls.")),
    ("B01AC04", "A02BC01", _("Klopidogrel og omeprazol: svekket effekt av klopidogrel.")),
    ("H03AA01", "B03A", _("Levotyroksin og jern: dårligere opptak. Ta dem med minst fire timer mellom.")),
)


class ShortTable:
    is_complete = False

    def between(self, atcs: Collection[str]) -> list[Interaction]:
        found = []
        for one, other in combinations(sorted({atc for atc in atcs if atc}), 2):
            for first, second, text in TABLE:
                if (one.startswith(first) and other.startswith(second)) or (
                    one.startswith(second) and other.startswith(first)
                ):
                    found.append(Interaction(one, other, text))
        return found


@lru_cache(maxsize=1)
def interactions() -> Interactions:
    return cast(Interactions, import_string(settings.INTERACTIONS)())

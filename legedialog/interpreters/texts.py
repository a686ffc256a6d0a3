"""What the languages are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from legedialog.interpreters.rules import LANGUAGES

Word = str | Promise
NAMES: Mapping[str, Word] = {
    "nsl": _("norsk tegnspråk"),
    "sq": _("albansk"),
    "am": _("amharisk"),
    "ar": _("arabisk"),
    "bn": _("bengali"),
    "my": _("burmesisk"),
    "bs": _("bosnisk"),
    "bg": _("bulgarsk"),
    "prs": _("dari"),
    "en": pgettext_lazy("tolk", "engelsk"),
    "et": _("estisk"),
    "fil": _("filipino"),
    "fr": _("fransk"),
    "el": _("gresk"),
    "cnh": _("hakha chin"),
    "he": _("hebraisk"),
    "hi": _("hindi"),
    "it": _("italiensk"),
    "yue": _("kantonesisk"),
    "cmn": _("mandarin"),
    "ksw": _("karen"),
    "rw": _("kinyarwanda"),
    "rn": _("kirundi"),
    "hr": _("kroatisk"),
    "ku": _("kurdisk (kurmanji)"),
    "ckb": _("kurdisk (sorani)"),
    "lv": _("latvisk"),
    "ln": _("lingala"),
    "lt": _("litauisk"),
    "mk": _("makedonsk"),
    "ne": _("nepali"),
    "smj": _("lulesamisk"),
    "se": _("nordsamisk"),
    "sma": _("sørsamisk"),
    "om": _("oromo"),
    "ps": _("pashto"),
    "fa": _("persisk (farsi)"),
    "pl": _("polsk"),
    "pt": _("portugisisk"),
    "pa": _("panjabi"),
    "rhg": _("rohingya"),
    "rmy": _("romani"),
    "ro": _("rumensk"),
    "ru": _("russisk"),
    "sr": _("serbisk"),
    "sk": _("slovakisk"),
    "so": _("somali"),
    "es": _("spansk"),
    "sw": _("swahili"),
    "tl": _("tagalog"),
    "ta": _("tamil"),
    "th": _("thai"),
    "ti": _("tigrinja"),
    "cs": _("tsjekkisk"),
    "ce": _("tsjetsjensk"),
    "tr": _("tyrkisk"),
    "de": _("tysk"),
    "uk": _("ukrainsk"),
    "hu": _("ungarsk"),
    "ur": _("urdu"),
    "vi": _("vietnamesisk"),
}


def choices() -> list[tuple[str, str]]:
    """In the reader's language and order."""
    return sorted(((code, str(NAMES[code])) for code in LANGUAGES), key=lambda each: each[1].casefold())


def name(code: str) -> Word:
    """A value that could not be opened is its own sentence (core/broken.py)."""
    return NAMES.get(code, code)

"""Which languages there are interpreters for here, and what is refused. No database, no clock."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal

# BCP 47 tags: two letters where ISO 639-1 has them, three of ISO 639-3 where not. `nsl` is Norwegian Sign Language.
# The tags are those of IANA's registry of language subtags (RFC 5646).
SIGNED = frozenset({"nsl"})
LANGUAGES = (
    *("nsl", "sq", "am", "ar", "bn", "my", "bs", "bg", "prs", "en", "et", "fil", "fr", "el", "cnh", "he", "hi", "it"),
    *("yue", "cmn", "ksw", "rw", "rn", "hr", "ku", "ckb", "lv", "ln", "lt", "mk", "ne", "smj", "se", "sma", "om"),
    *("ps", "fa", "pl", "pt", "pa", "rhg", "rmy", "ro", "ru", "sr", "sk", "so", "es", "sw", "tl", "ta", "th", "ti"),
    *("cs", "ce", "tr", "de", "uk", "hu", "ur", "vi"),
)
NOT_KNOWN = Refusal("language-not-known", _("Velg et av språkene i listen."))
NOT_NEEDED = Refusal("no-interpreter-needed", _("Pasienten trenger ikke tolk lenger. Se hva som står der nå."))
ORDERED_ALREADY = Refusal("interpreter-ordered", _("En kollega har allerede notert at tolk er bestilt."))
UNDONE_ALREADY = Refusal("interpreter-order-undone", _("En kollega har allerede angret dette. Se hva som står der nå."))

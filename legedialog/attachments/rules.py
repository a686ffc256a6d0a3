"""What may be sent as a photo or a document, and how a file's name is cleaned. No database, no clock."""

import re
import unicodedata
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal

MOST = 12 * 1024 * 1024  # bytes of one file. Source: docs/facts.md#e-consultation
AT_ONCE = 10  # files in one message
WAITING = 30  # files one person may have uploaded for one patient and not sent yet
WAITS = timedelta(days=30)  # as a draft does
CHUNK = 256 * 1024  # bytes that are sealed, stored and sent at a time
NAME_LENGTH = 120
ODD = '<>:"|?*'
UNSEEN = ("Cc", "Cf", "Cs", "Co")  # kinds of signs, among them those that turn the direction of the text

# Ends of names that say what a file is, maybe twice ("skjema.pdf.exe"); "MR.kne.pdf" is about the knee.
KNOWN = re.compile(
    r"(\.(jpe?g|jfif|png|webp|hei[cf]|gif|bmp|tiff?|pdf|docx?|xlsx?|pptx?|odt|rtf|txt|html?|js|vbs|bat|cmd|com|scr|exe|zip))+$",
    re.IGNORECASE,
)
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
SHOWN = frozenset({"image/jpeg", "image/png"})  # a browser may show these by itself; all else is downloaded

TOO_LARGE = Refusal(
    "file-too-large",
    _("Filen er større enn 12 MB. Ta bildet med lavere oppløsning, eller del dokumentet i flere filer."),
)
EMPTY = Refusal("file-empty", _("Filen er tom. Velg en annen fil."))
NO_FILE = Refusal("file-missing", _("Det kom ingen fil fram til oss. Velg filen en gang til."))
ELSEWHERE = _("Filen kan ikke sendes herfra. Last siden på nytt.")
FILE_TYPE = Refusal(
    "file-type",
    _("Vi tar imot bilder (JPG, PNG, WebP, HEIC) og PDF. Ta et bilde av det du vil sende, eller lagre det som PDF."),
)
OFFICE_FILE = Refusal(
    "file-office", _("Vi tar ikke imot Word, Excel, ZIP eller andre pakkede filer. Lagre dokumentet som PDF.")
)
UNREADABLE = Refusal("file-unreadable", _("Vi får ikke lest filen. Den kan være skadet. Prøv å lagre den på nytt."))
LOCKED = Refusal(
    "file-locked",
    _("Dokumentet er låst med passord. Åpne det, skriv det ut til en ny PDF uten passord, og last opp den."),
)
FORM = Refusal(
    "file-form",
    _("Dokumentet er et skjema som bare virker i ett program. Skriv det ut til en ny PDF."),
)
PORTFOLIO = Refusal(
    "file-portfolio",
    _("Dokumentet er en mappe med flere filer i. Åpne det på maskinen din, og last opp hver fil for seg."),
)
GONE = Refusal(
    "file-gone",
    _("Filen kan ikke vises: den er skadet eller borte hos oss. Be den som sendte den, om å sende den på nytt."),
)
TOO_HEAVY = Refusal(
    "file-too-heavy",
    _("Filen blir for stor når den pakkes ut. Ta bildet med lavere oppløsning."),
)
INFECTED = Refusal(
    "file-infected", _("Filen ble stoppet av viruskontrollen. Ikke åpne den. Send heller et bilde av innholdet.")
)
NOT_CHECKED = Refusal(
    "file-not-checked", _("Viruskontrollen svarer ikke nå, så filen er ikke tatt imot. Prøv igjen om noen minutter.")
)
BUSY = Refusal("file-busy", _("Mange laster opp akkurat nå. Vent litt og prøv igjen."))
TWO_AT_ONCE = Refusal(
    "file-two-at-once", _("Du laster opp to filer allerede. Vent til de er ferdige, og last opp denne på nytt.")
)
NOT_TAKEN = Refusal(
    "file-not-taken",
    _("Vi kan ikke ta imot filer nå. Skriv det viktigste i meldingen. Haster det, ring legekontoret."),
    _("Filer tas ikke imot nå. Si fra til dem som drifter løsningen."),
)
SOON = 10  # seconds until what was busy is worth another try
TOO_MANY = Refusal("too-many-files", _("Du kan sende høyst 10 filer om gangen. Fjern noen av dem."))
TOO_MANY_WAITING = Refusal("too-many-waiting", _("Du har mange filer som ikke er sendt. Fjern noen av dem først."))

# What the cleaning program answers.
ANSWERS = (EMPTY, FILE_TYPE, OFFICE_FILE, UNREADABLE, LOCKED, FORM, PORTFOLIO, TOO_HEAVY, TOO_LARGE, NOT_TAKEN)
REFUSALS = {each.code: each for each in ANSWERS}


def clean_name(name: str, media_type: str) -> str:
    """The last part of a path, without signs that cannot be seen or that turn the text, with the true extension.

    "C:\\bilder\\utslett.HEIC" of what became a JPEG is "utslett.jpg".
    """
    stem = KNOWN.sub("", seen_name(name)).strip(" .")
    extension = EXTENSIONS[media_type]
    return f"{stem[:NAME_LENGTH] or 'vedlegg'}.{extension}"


def seen_name(name: str) -> str:
    """The last part of a path, of signs that can be seen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(" " if sign in ODD else sign for sign in last if unicodedata.category(sign) not in UNSEEN)
    return " ".join(seen.split())[:NAME_LENGTH]

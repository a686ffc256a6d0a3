"""Ages, the beginnings of names, and when contact data is too old. No database, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import idna
import phonenumbers
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core import reading
from legedialog.core.errors import Refusal
from legedialog.core.identifiers import BadIdentifier, parse_duf_number, parse_national_number
from legedialog.core.identifiers import Kind as NumberKind
from legedialog.core.names import words_of
from legedialog.core.times import local_day

HEALTH_MAJORITY = 16  # whole years. Source: docs/facts.md#children
CONTACT_LASTS = 18  # months. Source: eForvaltningsforskriften § 32, docs/facts.md#acting-for-another

SHORTEST, LONGEST = 2, 8  # letters of a name's beginning that are indexed; longer words are known by their first eight
NORWAY = 47
NORWEGIAN = re.compile(r"[2-9]\d{7}")  # numbers of persons and offices: not short ones, not 0- and 1-series


class Language(TextChoices):
    NB = "nb"
    NN = "nn"
    EN = "en"


class Proof(TextChoices):
    """How it was proven who somebody is whom the office registers itself."""

    PASSPORT = "passport", _("Pass")
    ID_CARD = "id-card", _("Nasjonalt ID-kort")
    LICENCE = "licence", _("Førerkort eller bankkort med bilde")
    RESIDENCE = "residence", _("Oppholdskort eller asylsøkerbevis")
    KNOWN = "known", _("Kontoret kjenner pasienten fra før")
    NONE = "none", _("Ikke kontrollert ennå")


class NoticeKind(TextChoices):
    """What a person may be told of. Each goes its own way."""

    BOOKED = "booked", _("Ny time")
    CANCELLED = "cancelled", _("Avlyst eller avbestilt time")
    REMINDER = "reminder", _("Påminnelse 48 timer før timen")
    EARLIER = "earlier", _("Tilbud om tidligere time, når du står på venteliste")
    RECALL = "recall", _("Når legekontoret ber deg bestille time")
    REQUEST = "request", _("Svar på ønske om time")
    MESSAGE = "message", _("Svar og meldinger fra legekontoret")
    RENEWAL = "renewal", _("Svar om fornyelse av resept")
    RENEWAL_REMINDER = "renewal-reminder", _("Påminnelse om resept som snart går ut")
    ELSEWHERE = "elsewhere", _("Time på sykehus eller i kommunen")
    BILL = "bill", _("Faktura, påminnelse om betaling og penger tilbake")


class Way(TextChoices):
    EITHER = "either", _("SMS, eller e-post når SMS ikke går")
    SMS = "sms", _("Bare SMS")
    EMAIL = "email", _("Bare e-post")
    NONE = "none", _("Ingen beskjed")


def ways(notices: Mapping[Any, str]) -> dict[NoticeKind, Way]:
    """What is stored, with the rest filled in: who has not chosen is told, on either."""
    return {kind: Way(notices.get(kind, Way.EITHER)) for kind in NoticeKind}


def seen_of_notices(notices: Mapping[Any, str]) -> tuple[str, ...]:
    return tuple(way.value for way in ways(notices).values())


def age_on(birth_date: date, day: date) -> int:
    """Whole years. Who is born on 29 February turns a year older on 1 March when there is no such day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def turns(birth_date: date, age: int) -> date:
    """The day on which she is that old: 1 March for who was born on 29 February when there is no such day."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def is_too_young(birth_date: date, day: date) -> bool:
    return age_on(birth_date, day) < HEALTH_MAJORITY


UNDER_16 = Refusal(
    code="under-16",
    to_patient=_("Du må ha fylt 16 år for å bruke tjenestene alene. Ring legekontoret, eller be en voksen om hjelp."),
    to_practice=_("Stoppet: pasienten er under 16 år og kan ikke bruke tjenestene alene."),
    source="docs/facts.md#children",
)


DECEASED = Refusal(
    code="deceased",
    to_patient=_("Tjenestene er stengt. Ring legekontoret hvis du trenger hjelp."),
    to_practice=_("Pasienten er registrert død i Folkeregisteret."),
    source="docs/adr/0051-death.md",
)


@dataclass(frozen=True, slots=True)
class Given:
    """What a walk-in gave as her number: `kind` is core.identifiers.Kind; both empty when she gave none."""

    digits: str = ""
    kind: str = ""

    @property
    def is_in_register(self) -> bool:
        """The population register knows numbers of these kinds."""
        return self.kind in (NumberKind.BIRTH_NUMBER, NumberKind.D_NUMBER)


def given_number(text: str, *, synthetic: bool) -> Given:
    """A national number, D-, H- or FH-number, or a DUF number with its 12 digits. Raises BadIdentifier."""
    if not reading.typed(text):
        return Given()
    try:
        number = parse_national_number(text, synthetic=synthetic, help_numbers=True)
    except BadIdentifier as bad:
        if bad.code != "wrong-length":
            raise
        try:
            number = parse_duf_number(text)
        except BadIdentifier as worse:
            raise (bad if worse.code == "wrong-length" else worse) from None
    return Given(number.reveal(), number.kind.value)


def is_same_person(*, names: str, birth_date: date, register_names: str, register_birth_date: date) -> bool:
    """Whether the register's person with the number she gave can be her: born the same day, and a word of the name is
    the same. Alone these say nothing of who somebody is."""
    return birth_date == register_birth_date and bool({*words_of(names)} & {*words_of(register_names)})


NUMBER_KNOWN = Refusal(
    code="walk-in-known",
    to_patient="",
    to_practice=_("Nummeret er registrert hos dere fra før. Åpne pasienten i stedet."),
    source="docs/adr/0254-walk-ins.md",
)
LOOKS_LIKE = Refusal(
    code="walk-in-looks-like",
    to_patient="",
    to_practice=_("Dere har noen med samme navn og fødselsdato. Er det samme person?"),
    source="docs/adr/0254-walk-ins.md",
)
BORN_LATER = Refusal(
    code="walk-in-born-later", to_patient="", to_practice=_("Fødselsdatoen kan ikke være i framtiden.")
)
JOINED = Refusal(
    code="walk-in-joined",
    to_patient="",
    to_practice=_("Pasienten er koblet til Folkeregisteret, som har navnet og fødselsdatoen."),
    source="docs/adr/0254-walk-ins.md",
)
NO_VIDEO = Refusal(
    code="walk-in-no-video",
    to_patient="",
    to_practice=_("Pasienten er bare registrert hos dere og kan ikke logge inn til video. Velg oppmøte eller telefon."),
    source="docs/adr/0254-walk-ins.md",
)


def beginnings(name: str) -> set[str]:
    """What the name may be found by: the first 2 to 8 letters of each word, and words of one letter as they are."""
    return {
        word[:length]
        for word in words_of(name)
        for length in range(min(SHORTEST, len(word)), min(len(word), LONGEST) + 1)
    }


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, understood: a whole national number, a telephone number (E.164), or names and maybe a birth date.

    Six digits may be of either century, so there may be two dates.
    """

    national_number: str = ""
    phone: str = ""
    names: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()


DATE = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b|(?<![\d+])(\d{2})(\d{2})(\d{4}|\d{2})\b(?! ?\d)")


def understand(words: str, *, synthetic: bool) -> Search | None:
    """`kari t`, `testdal 09.03.1984`, `090384`, a telephone number or eleven digits. None when it says too little."""
    try:
        return Search(national_number=parse_national_number(words, synthetic=synthetic).reveal())
    except BadIdentifier:
        pass
    birth_dates: tuple[date, ...] = ()
    if found := DATE.search(words):
        day, month, year = (int(part) for part in found.groups() if part)
        years = (year,) if year > 99 else (1900 + year, 2000 + year)
        birth_dates = tuple(each for year in years if (each := _date(year, month, day)))
        if not birth_dates and found.group(1):  # with points between: it is no telephone number
            return None
        if birth_dates:
            words = words[: found.start()] + " " + words[found.end() :]
    if re.search(r"\d", words):
        return _by_phone(words)
    names = tuple(words_of(words))
    if any(len(name) >= SHORTEST for name in names) or (birth_dates and not names):
        return Search(names=names, birth_dates=birth_dates)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _by_phone(words: str) -> Search | None:
    """A number that stands alone, with a country code or without."""
    if re.search(r"[^\d\s+().-]", words):
        return None
    try:
        return Search(phone=phone) if (phone := clean_phone(words)) else None
    except ValueError:
        return None


def matches(search: Search, name: str) -> bool:
    """Every word that was typed begins a word of the name; the index knows only its first letters."""
    words = words_of(name)
    return all(any(word.startswith(typed) for word in words) for typed in search.names)


def masked(national_number: str) -> str:
    """`010190 *****`: enough to know one's own number, not enough to use it."""
    return f"{national_number[:6]} *****" if national_number else ""


def is_fresh(confirmed_at: datetime | None, now: datetime) -> bool:
    """Contact data may be used for notices: confirmed less than 18 months ago."""
    until = fresh_until(confirmed_at)
    return until is not None and local_day(now) < until


def fresh_until(confirmed_at: datetime | None) -> date | None:
    """The first local day on which contact data is too old; None when it was never confirmed."""
    return months_after(local_day(confirmed_at), CONTACT_LASTS) if confirmed_at else None


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def clean_phone(text: str) -> str:
    """In E.164: `+47` and 8 digits, or a foreign number with its country code; `` for none. Else ValueError.

    Numbers are read as they are typed, with signs nobody sees, and in digits of any script.
    """
    meant = reading.typed(text)
    if not meant:
        return ""
    if any(sign.isalpha() for sign in meant.lower().removeprefix("tel:")):  # the library reads 90000ABC as 90000222
        raise ValueError("not a telephone number")
    try:
        number = phonenumbers.parse(meant, "NO")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a telephone number") from error
    is_norwegian = number.country_code == NORWAY
    if number.extension or not phonenumbers.is_possible_number(number):
        raise ValueError("not a telephone number")
    if is_norwegian and not NORWEGIAN.fullmatch(str(number.national_number)):
        raise ValueError("not a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


UNFIT = re.compile(r"[@\s<>,;\ud800-\udfff]")  # before the @


def clean_email(text: str) -> str:
    """As it was meant, with the domain in small letters. ValueError for what no mail can be sent to."""
    meant = reading.typed(text)
    if not meant:
        return ""
    name, at, domain = meant.rpartition("@")
    try:
        reached = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError("not an e-mail address") from error
    if not (name and at and "." in reached) or reached.rpartition(".")[2].isdigit() or UNFIT.search(name):
        raise ValueError("not an e-mail address")
    if len(name.encode()) > 64 or len(meant) > 254:  # RFC 5321 section 4.5.3.1
        raise ValueError("not an e-mail address")
    return f"{name}@{domain.lower()}"

"""When each page of help was last changed, and a mark of its words: a test asks for a new date when they change."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Dated:
    date: date
    mark: str  # of the words, as its test makes it


UPDATED = {
    "fastlegen": Dated(date(2026, 12, 1), "7a98a1f0"),
    "bestille-time": Dated(date(2026, 12, 1), "6b2a4cb4"),
    "be-om-time": Dated(date(2026, 12, 1), "2546e2e0"),
    "flytte-og-avbestille": Dated(date(2026, 12, 1), "258df851"),
    "nar-du-kommer": Dated(date(2026, 12, 1), "ad6ad180"),
    "e-konsultasjon": Dated(date(2026, 12, 1), "af85550b"),
    "kontakt-legekontoret": Dated(date(2026, 12, 1), "bec659f0"),
    "fornye-resept": Dated(date(2026, 12, 1), "e9706070"),
    "videotime": Dated(date(2026, 12, 1), "bcff12c5"),
    "tidligere-time": Dated(date(2026, 12, 1), "244477f2"),
    "innkalling": Dated(date(2026, 12, 2), "546f138c"),
    "sykehustimer": Dated(date(2026, 12, 1), "af6949aa"),
    "barn": Dated(date(2026, 12, 1), "d9985909"),
    "ungdom": Dated(date(2026, 12, 1), "24ba6a1c"),
    "fra-16": Dated(date(2026, 12, 1), "5c25455f"),
    "fullmakt": Dated(date(2026, 12, 1), "7bb48fea"),
    "betaling": Dated(date(2026, 12, 1), "5b5ceef2"),
    "loggen": Dated(date(2026, 12, 1), "7b03650c"),
    "tolk": Dated(date(2026, 12, 1), "55b2ad74"),
    "allergier": Dated(date(2026, 12, 1), "19ebc582"),
    "retting-og-sletting": Dated(date(2026, 12, 1), "d57f4029"),
    "opplysningene-dine": Dated(date(2026, 12, 1), "f4409caa"),
    "beskjeder": Dated(date(2026, 12, 1), "21a88e36"),
    "sikkerhet-og-personvern": Dated(date(2026, 12, 1), "bfa87629"),
    "logge-inn": Dated(date(2026, 12, 1), "c65fbe57"),
    "full-tilgang": Dated(date(2026, 12, 2), "734cc062"),
    "uten-nett": Dated(date(2026, 12, 1), "7963b450"),
    "sprak-og-hjelpemidler": Dated(date(2026, 12, 1), "b9612bc0"),
    "noe-virker-ikke": Dated(date(2026, 12, 1), "bdcae6fe"),
    "tilgjengelighet": Dated(date(2026, 12, 1), "67f07358"),
}

"""A citizen's own data as a PDF to read and print. Layout: own_data.typ. All words arrive as text, never markup."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.appointments.texts import CHANNELS, COARSE_TIMES, REQUEST_STATUSES, STATUSES
from legedialog.consent.rules import NAMES, Level
from legedialog.core.times import CLINIC, local_day
from legedialog.dialogues import intake
from legedialog.dialogues.models import Message
from legedialog.dialogues.texts import STATUSES as DIALOGUE_STATUSES
from legedialog.journal.icpc2 import label
from legedialog.journal.texts import CONTACT_TYPES
from legedialog.journeys import log, own_files
from legedialog.journeys.own_rows import Rows
from legedialog.outbox import texts as notices
from legedialog.patients.rules import ways
from legedialog.prescriptions.texts import PICKUPS
from legedialog.prescriptions.texts import STATUSES as RENEWALS
from legedialog.ui import pdf
from legedialog.video.models import DeviceTest, Seat
from legedialog.video.office import test_row
from legedialog.video.queries import title
from legedialog.video.texts import IDENTITIES, QUALITIES

LAYOUT = Path(__file__).with_name("own_data.typ")


def make(rows: Rows, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(rows, now), now)


def document(rows: Rows, now: datetime) -> dict[str, Any]:
    """Title, facts, and tables of text: what own_data.typ draws."""
    person = rows.person
    facts = [
        (_("Navn"), person.name),
        (_("Fødselsnummer"), person.national_number),
        (_("Født"), _day(person.birth_date)),
        (_("Adresse"), person.address),
        (_("Mobilnummer"), person.phone),
        (_("E-postadresse"), person.email),
        (_("Kontaktopplysningene bekreftet"), _at(person.contact_confirmed_at)),
        (_("Språk"), dict(settings.LANGUAGES).get(person.language, "")),
        (_("Reservert mot digital kommunikasjon"), _("Ja") if person.is_reserved else _("Nei")),
    ]
    named: dict[UUID | None, list[str]] = {}
    for name, each in own_files.names(rows.files):
        named.setdefault(each.object_id, []).append(_("Vedlegg: %(name)s") % {"name": name})

    def files(object_id: UUID) -> list[str]:
        return named.get(object_id, [])

    return {
        "lang": get_language() or "nb",
        "title": _("Opplysninger om deg i Legedialog"),
        "made": _("Laget %(time)s. Inneholder helseopplysninger: ta vare på filen selv.") % {"time": _at(now)},
        "none": _("Ingenting er lagret."),
        "page": _("Side"),
        "facts": [[name, value or "–"] for name, value in facts],
        "tables": [
            _table(
                _("Fastlegelister"),
                [_("Legekontor"), _("Fra"), _("Til")],
                [[row.practice_name, _day(row.starts_date), _day(row.ends_date)] for row in rows.lists],
            ),
            _table(
                _("Samtykke"),
                [_("Nivå"), _("Fra"), _("Til")],
                [[NAMES[Level(row.level)], _at(row.starts_at), _at(row.ends_at)] for row in rows.consents],
            ),
            _table(
                _("Beskjeder du har valgt"),
                [_("Hva"), _("Hvordan")],
                [[kind.label, way.label] for kind, way in ways(person.notices).items()],
            ),
            _table(
                _("Timer hos fastlegen"),
                [_("Når"), _("Hva og hos hvem"), _("Status"), _("Det du eller kontoret skrev")],
                [
                    [
                        f"{_at(row.starts_at)}–{row.ends_at.astimezone(CLINIC):%H.%M}",
                        f"{row.visit_type.label}, {CHANNELS[row.channel].name}\n"
                        f"{row.calendar.clinician.name}, {row.practice.name}",
                        STATUSES[row.status][0],
                        "\n".join(filter(None, (row.reason, row.cancel_note))),
                    ]
                    for row in rows.appointments
                ],
            ),
            _table(
                _("Timer andre steder"),
                [_("Når"), _("Hva og hvor"), _("Status"), _("Beskjed")],
                [
                    [
                        _until(row.starts_at, row.ends_at),
                        "\n".join(
                            filter(
                                None,
                                (
                                    row.title,
                                    row.place,
                                    row.source.name,
                                    str(CHANNELS[row.channel].name) if row.channel else "",
                                ),
                            )
                        ),
                        STATUSES[row.status][0],
                        row.instruction,
                    ]
                    for row in rows.elsewhere
                ],
            ),
            _table(
                _("Ønsker om time"),
                [_("Sendt"), _("Til"), _("Status"), _("Ønske og svar")],
                [
                    [
                        _at(row.sent_at),
                        f"{row.clinician.name}, {row.practice.name}",
                        REQUEST_STATUSES[row.status][0],
                        "\n".join(filter(None, (row.wishes, _when_and_how(row), row.answer))),
                    ]
                    for row in rows.requests
                ],
            ),
            _table(
                _("Resepter"),
                [_("Skrevet"), _("Hva og av hvem"), _("Gyldig til"), _("Bruk og uttak")],
                [
                    [
                        _day(row.written_date),
                        "\n".join(filter(None, (*_medicine(row), row.prescriber_name))),
                        _day(row.valid_until_date),
                        "\n".join([row.use, _paid(row), *(_collected(each) for each in row.collected.all())]),
                    ]
                    for row in rows.prescriptions
                ],
            ),
            _table(
                _("Bestillinger av resepter"),
                [_("Sendt"), _("Til"), _("Status"), _("Resept, melding og svar")],
                [
                    [
                        _at(row.renewal.sent_at),
                        f"{row.clinician.name}, {row.renewal.practice.name}",
                        RENEWALS[row.status][0],
                        "\n".join(filter(None, (*_ordered(row), row.renewal.note, row.answer))),
                    ]
                    for row in rows.renewals
                ],
            ),
            _table(
                _("Dialoger med legen og kontoret"),
                [_("Når"), _("Hvem skrev"), _("Status"), _("Tekst")],
                [
                    [
                        _at(row.at),
                        f"{(row.by_employee or row.by_person).name}\n{row.dialogue.practice.name}",  # type: ignore[union-attr]
                        DIALOGUE_STATUSES[row.dialogue.status][0],
                        "\n".join(
                            [row.dialogue.subject, *(f"{q} {a}" for q, a in _answers(row)), row.text, *files(row.pk)]
                        ),
                    ]
                    for row in rows.dialogues
                ],
            ),
            _table(
                _("Kladder"),
                [_("Sist lagret"), _("Tekst")],
                [[_at(row.saved_at), _drafted(row)] for row in rows.drafts],
            ),
            _table(
                _("Journal hos legekontoret"),
                [_("Når"), _("Hva"), _("Hvem"), _("Tekst")],
                [
                    [_at(row.at), _filed(row), _writer(row), "\n".join([_written(row), *files(row.object_id)]).strip()]
                    for row in rows.journal
                ],
            ),
            _table(
                _("Beskjeder som er sendt"),
                [_("Sendt"), _("Hva"), _("Tekst")],
                [[_at(row.status_at), notices.title(row.event), row.text] for row in rows.notices],
            ),
            _table(
                _("Videotimer du har vært i"),
                [_("Når"), _("Hos hvem"), _("Slik var det")],
                [[_at(row.entered_at), _where(row), "\n".join(_seat(row))] for row in rows.video],
            ),
            _table(
                _("Test av kamera og lyd"),
                [_("Når"), _("Resultat")],
                [[_at(row.tested_at), _tested(row)] for row in rows.device_tests],
            ),
            _table(
                _("Innlogginger"),
                [_("Fra"), _("Til"), _("Nettleser")],
                [[_at(row.created_at), _at(row.ended_at), row.device] for row in rows.logins],
            ),
            *(
                _table(part.title, part.head, [[_cell(each) for each in part.line(row)] for row in found])
                for part, found in rows.parts
            ),
            _table(
                _("Logg"),
                [_("Når"), _("Hvem"), _("Hva")],
                [[_at(row.at), _who(row, rows), log.what(row)] for row in rows.log],
            ),
        ],
    }


def _until(starts_at: datetime, ends_at: datetime | None) -> str:
    return f"{_at(starts_at)}–{ends_at.astimezone(CLINIC):%H.%M}" if ends_at else _at(starts_at)


def _when_and_how(row: Any) -> str:
    """The times and ways that a wish names."""
    times = [str(COARSE_TIMES.get(each, each)) for each in row.coarse_times]
    return ", ".join([*times, *(str(CHANNELS[each].name) for each in row.channels)])


def _medicine(row: Any) -> list[str]:
    what = ", ".join(filter(None, (row.substance, row.atc, row.form, row.pack)))
    packs = _("Pakninger: %(amount)s. Uttak: %(times)s.") % {"amount": row.amount, "times": row.dispensings}
    return [f"{row.name} {row.strength}".strip(), what, packs]


def _paid(row: Any) -> str:
    """How it is paid, and its group."""
    paid = _("Blå resept, § %(section)s") % {"section": row.reimbursement} if row.reimbursement else _("Hvit resept")
    return ", ".join(filter(None, (paid, _("gruppe %(group)s") % {"group": row.group} if row.group else "")))


def _collected(row: Any) -> str:
    where = ", ".join(filter(None, (_day(row.dispensed_date), row.pharmacy)))
    return _("Hentet %(where)s. Pakninger: %(amount)s.") % {"where": where, "amount": row.amount}


def _ordered(row: Any) -> list[str]:
    """What she ordered, as it was decided, and where she wants to collect it."""
    renewed = _("Pakninger: %(amount)s. Uttak: %(times)s. Varer i måneder: %(months)s.") % {
        "amount": row.amount,
        "times": row.dispensings,
        "months": row.months,
    }
    pickup = " ".join(filter(None, (str(PICKUPS.get(row.renewal.pickup, "")), row.renewal.pickup_place)))
    times = ", ".join(_at(each) for each in row.times)
    return [f"{row.prescription.name} {row.strength}".strip(), row.use, renewed, pickup, times]


def _drafted(row: Any) -> str:
    pairs = intake.pairs(json.loads(row.answers)) if row.answers else []
    return "\n".join([*(f"{question} {answer}" for question, answer in pairs), row.text])


def _where(row: Seat) -> str:
    return f"{row.room.appointment.calendar.clinician.name}, {row.room.practice.name}"


def _seat(row: Seat) -> list[str]:
    """As what she came, how identity was confirmed, the connection at its worst, and the number she gave."""
    lines = [
        title(row),
        str(IDENTITIES.get(row.identity, "")),
        str(QUALITIES.get(row.worst_quality, "")),
        _("Ba om å bli ringt på %(number)s") % {"number": row.call_number} if row.call_number else "",
    ]
    return [line for line in lines if line]


def _tested(row: DeviceTest) -> str:
    return "\n".join(f"{part.name}: {part.word}. {part.advice}".strip() for part in test_row(row).parts)


def _answers(row: Message) -> list[tuple[str, str]]:
    return intake.pairs(json.loads(row.answers)) if row.answers else []


def _who(row: Any, rows: Rows) -> str:
    if row.person_id == rows.person.pk:
        return _("Du")
    name = rows.names.get(row.employee_id, "")
    office = rows.names.get(row.practice_id, "")
    return ", ".join(filter(None, (name, office))) or _("Legedialog")


def _filed(row: Any) -> str:
    return "\n".join(filter(None, (row.title, str(CONTACT_TYPES[row.contact_type]), label(row.problem_code))))


def _written(row: Any) -> str:
    why = _("Rettet fordi: %(reason)s") % {"reason": row.reason} if row.reason else ""
    return "\n".join(filter(None, (why, row.text)))


def _writer(row: Any) -> str:
    by = row.by_employee or row.by_person
    return ", ".join(filter(None, (by.name if by else "", row.practice.name)))


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return _at(value)
    return _day(value) if isinstance(value, date) else "" if value is None else value


def _table(title: str | Promise, head: Sequence[str | Promise], rows: list[list[Any]]) -> dict[str, Any]:
    return {
        "title": str(title),
        "head": [str(each) for each in head],
        "rows": [[str(cell) for cell in row] for row in rows],
    }


def _day(day: date | None) -> str:
    return date_format(day, "j.n.Y", use_l10n=False) if day else ""


def _at(at: datetime | None) -> str:
    return f"{_day(local_day(at))} {at.astimezone(CLINIC):%H.%M}" if at else ""

"""Messages and renewals: what the office received, and how soon it answered or decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from legedialog.access.actor import Actor
from legedialog.dialogues import numbers as dialogues
from legedialog.dialogues.texts import KINDS
from legedialog.practices.numbers import Line, Numbers
from legedialog.prescriptions import numbers as prescriptions
from legedialog.ui import charts
from legedialog.ui.charts import Chart, Series
from legedialog.workspace.numbers.report import (
    Report,
    busiest_says,
    count,
    filed,
    hours,
    in_hours,
    of_week,
    span,
    told,
    too_few,
    week,
)

Word = str | Promise
Cells = tuple[int | None, int | None, timedelta | None, timedelta | None, int | None]  # as the columns


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one kind of thing. `kinds` by the codes that are counted."""

    received: Word
    answered: Word
    volume: Word
    nothing: Word
    waited: Word
    by_kind: Word
    by_doctor: Word
    kinds: Mapping[str, Word]
    note: Word
    file: str


MESSAGES = Words(
    received=gettext_lazy("Mottatt"),
    answered=gettext_lazy("Besvart"),
    volume=gettext_lazy("Mottatt og besvart"),
    nothing=gettext_lazy("Kontoret mottok ingen meldinger i perioden."),
    waited=gettext_lazy("Hvor lenge innbyggerne ventet på svar, i timer"),
    by_kind=gettext_lazy("Fordelt på slag"),
    by_doctor=gettext_lazy("Fordelt på hvem som svarer"),
    kinds=KINDS,
    note=gettext_lazy(
        "Tiden går fra innbyggeren sendte, til kontoret svarte, også netter og helger. Det som er trukket "
        "tilbake, er ikke med. Over fristen er det som ble besvart etter datoen innbyggeren fikk oppgitt, eller som "
        "fortsatt venter."
    ),
    file="tall",
)
RENEWALS = Words(
    received=gettext_lazy("Bestilt"),
    answered=gettext_lazy("Avgjort"),
    volume=gettext_lazy("Bestilt og avgjort"),
    nothing=gettext_lazy("Ingen bestilte fornyelse i perioden."),
    waited=gettext_lazy("Hvor lenge pasientene ventet på fornyelse, i timer"),
    by_kind=gettext_lazy("Hvordan det gikk"),
    by_doctor=gettext_lazy("Fordelt på lege"),
    kinds={
        "renewed": gettext_lazy("Fornyet"),
        "changed": gettext_lazy("Fornyet med endring"),
        "refused": gettext_lazy("Avslått"),
        "needs-appointment": gettext_lazy("Bedt om time"),
        "lapsed": gettext_lazy("Bortfalt"),
        "waiting": gettext_lazy("Venter"),
    },
    note=gettext_lazy(
        "Hver resept i en bestilling telles for seg. Tiden går fra pasienten sendte, til legen avgjorde, også netter "
        "og helger. Det pasienten har trukket tilbake, er ikke med. Over fristen er det som ble avgjort etter datoen "
        "pasienten fikk oppgitt, som falt bort, eller som fortsatt venter etter den."
    ),
    file="fornyelser",
)


def messages(actor: Actor, now: datetime, weeks: int) -> Report:
    return _report(dialogues.of_office(actor, now, weeks=weeks), MESSAGES)


def renewals(actor: Actor, now: datetime, weeks: int) -> Report:
    return _report(prescriptions.of_office(actor, now, weeks=weeks), RENEWALS)


def _report(found: Numbers, words: Words) -> Report:
    lines = _lines(found, words)
    return Report(
        first=found.first,
        last=found.last,
        facts=_facts(found.all, words),
        charts=_charts(found, words),
        head=[str(words.received), str(words.answered), _("Halvparten innen"), _("Ni av ti innen"), _("Over fristen")],
        lines=[
            (name, [told(received), told(answered), span(median), span(ninety), told(overdue)])
            for name, (received, answered, median, ninety, overdue) in lines
        ],
        file_head=[
            str(words.received),
            str(words.answered),
            _("Median timer"),
            _("90 prosent innen timer"),
            _("Over fristen"),
        ],
        rows=[
            (name, [filed(received), filed(answered), hours(median), hours(ninety), filed(overdue)])
            for name, (received, answered, median, ninety, overdue) in lines
        ],
        note=f"{words.note} {too_few()}",
        name=words.file,
        found=found,
    )


def _cells(line: Line | None) -> Cells:
    return (line.received, line.answered, line.median, line.ninety, line.overdue) if line else (None,) * 5


def _lines(found: Numbers, words: Words) -> list[tuple[str, Cells]]:
    lines = [
        (_("Alle"), found.all),
        *((str(words.kinds[kind]), line) for kind, line in found.kinds),
        *((_who(name), line) for name, line in found.doctors),
        *((week(day), line) for day, line in found.weeks),
        *((of_week(_who(name), day), line) for name, day, line in found.doctor_weeks),
    ]
    return [(name, _cells(line)) for name, line in lines]


def _who(name: str) -> str:
    return name or _("Resepsjonen")


def _facts(line: Line | None, words: Words) -> list[tuple[str, str]]:
    received, answered, median, ninety, overdue = _cells(line)
    return [
        (str(words.received), told(received)),
        (str(words.answered), told(answered)),
        (_("Venter"), told(line.waiting if line else None)),
        (_("Halvparten fikk svar innen"), span(median)),
        (_("Ni av ti fikk svar innen"), span(ninety)),
        (_("Over fristen"), told(overdue)),
    ]


def _charts(found: Numbers, words: Words) -> list[Chart]:
    weeks = [week(day) for day, _line in found.weeks]
    lines = [line for _day, line in found.weeks]
    waited = [_cells(line) for line in lines]
    return [
        charts.bars(
            "volume",
            words.volume,
            _volume_says(found, words),
            _("Uke"),
            weeks,
            _series(lines, words),
            count,
        ),
        charts.bars(
            "times",
            str(words.waited),
            _times_says(found.all),
            _("Uke"),
            weeks,
            [
                Series(_("Halvparten"), [in_hours(median) for _received, _answered, median, _ninety, _late in waited]),
                Series(_("Ni av ti"), [in_hours(ninety) for _received, _answered, _median, ninety, _late in waited]),
            ],
            count,
        ),
        _shared("kinds", words.by_kind, _kinds_says(found, words), _("Slag"), words, [
            (str(words.kinds[kind]), line) for kind, line in found.kinds
        ]),
        _shared("doctors", words.by_doctor, _doctors_says(found, words), _("Hvem"), words, [
            (_who(name), line) for name, line in found.doctors
        ]),
    ]  # fmt: skip


def _shared(name: str, title: Word, says: str, of: str, words: Words, lines: list[tuple[str, Line | None]]) -> Chart:
    """How what came is shared out."""
    series = _series([line for _name, line in lines], words)
    return charts.bars(name, title, says, of, [each for each, _line in lines], series, count)


def _series(lines: list[Line | None], words: Words) -> list[Series]:
    return [
        Series(words.received, [line.received if line else None for line in lines]),
        Series(words.answered, [line.answered if line else None for line in lines]),
        Series(_("Over fristen"), [line.overdue if line else None for line in lines]),
    ]


def _volume_says(found: Numbers, words: Words) -> str:
    line = found.all
    if line is None:
        return too_few()
    if not line.received:
        return str(words.nothing)
    most, busiest = max((each.received if each else 0, day) for day, each in found.weeks)
    if words is MESSAGES:
        text = ngettext("Kontoret mottok %(count)d melding", "Kontoret mottok %(count)d meldinger", line.received)
    else:
        text = ngettext(
            "Pasientene bestilte %(count)d fornyelse", "Pasientene bestilte %(count)d fornyelser", line.received
        )
    told = {"received": text % {"count": line.received}, "answered": line.answered}
    if words is MESSAGES:
        says = _("%(received)s og besvarte %(answered)d av dem.") % told
    else:
        says = _("%(received)s. %(answered)d av dem er avgjort.") % told
    return " ".join([says, *busiest_says(most, busiest)])


def _times_says(line: Line | None) -> str:
    if line is None:
        return too_few()
    if line.median is None:
        return _("Ingenting er besvart i perioden.")
    return _("Halvparten fikk svar innen %(median)s, ni av ti innen %(ninety)s. %(late)d gikk over fristen.") % {
        "median": span(line.median),
        "ninety": span(line.ninety),
        "late": line.overdue,
    }


def _kinds_says(found: Numbers, words: Words) -> str:
    if found.all is None:
        return too_few()
    if not found.all.received:
        return str(words.nothing)
    if words is RENEWALS:
        return " ".join(
            f"{words.kinds[kind]}: {line.received}." for kind, line in found.kinds if line and line.received
        )
    return " ".join(
        _("%(kind)s: %(received)d mottatt, halvparten fikk svar innen %(median)s.")
        % {"kind": words.kinds[kind], "received": line.received, "median": span(line.median)}
        if line.median is not None
        else _("%(kind)s: %(received)d mottatt.") % {"kind": words.kinds[kind], "received": line.received}
        for kind, line in found.kinds
        if line
    )


def _doctors_says(found: Numbers, words: Words) -> str:
    if found.all is None:
        return too_few()
    if not found.doctors:
        return str(words.nothing)
    most, name = max(((line.received, name) for name, line in found.doctors if line), default=(0, ""))
    if not most:
        return too_few()
    return _("%(name)s fikk flest: %(count)d. %(waiting)d venter fortsatt på svar.") % {
        "name": _who(name),
        "count": most,
        "waiting": found.all.waiting,
    }

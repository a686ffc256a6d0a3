"""What people are told of meeting the doctor by video. Numbers are those of the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.appointments.rules import JOIN_AFTER, JOIN_BEFORE
from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.fees import queries as fees
from legedialog.fees.rules import Service as Priced
from legedialog.fees.texts import in_words
from legedialog.patients.queries import Gp
from legedialog.practices.rules import Service
from legedialog.video import rules

MINUTE = timedelta(minutes=1)


def meeting(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    doctor = gp.clinician_ids[0] if len(gp.doctors) == 1 else None
    price = fees.price(
        patient_id=person_id, practice_id=gp.practice.id, service=Priced.VIDEO, clinician_id=doctor, now=now
    )
    return [(_("Pris"), in_words(price))]


TOPICS = (
    Topic(
        *("videotime", 70, HelpGroup.DOCTOR, "video"),
        dated=Dated("2026-12-01", "bcff12c5"),
        title=_("Møte legen på video"),
        about=_("Det du trenger, og hvordan du blir med."),
        what=[
            _("En videotime er en vanlig time der du og legen ser og hører hverandre på skjerm."),
            _("Ingenting blir tatt opp. Legen skriver i journalen, som ellers."),
        ],
        who=[
            _("Du møter legen som står ved timen. Navn og HPR-nummer står i videorommet."),
            _("Alle som er med, skal si hvem de er."),
        ],
        when=[
            format_lazy(
                _("Venterommet åpner {before} minutter før timen. Det er åpent i {after} minutter etter."),
                before=JOIN_BEFORE // MINUTE,
                after=JOIN_AFTER // MINUTE,
            )
        ],
        cost=[
            _("Du betaler egenandel som ved oppmøte. Prisen står før du bestiller."),
            _("Møter du ikke, gjelder de samme reglene for gebyr."),
        ],
        not_for=[
            _("Ikke bruk video når det haster. Da ringer du."),
            _("Velg oppmøte når legen må undersøke deg eller ta prøver."),
        ],
        steps=[
            _("Bestill time, og velg Video."),
            _("Test kamera og lyd i god tid. Lenken står i Timeavtaler."),
            _("Åpne timen i Timeavtaler, og velg Bli med i videotime."),
            _("Vent i venterommet. La siden stå åpen til legen henter deg."),
        ],
        fails=[
            _("Ser eller hører du ikke? Last siden på nytt. Du beholder plassen din."),
            _("Virker det fortsatt ikke? Trykk Ring meg, så ringer legen deg i stedet."),
            _("Får du ikke svar? Ring kontoret. Timen er fortsatt din."),
        ],
        more=[
            (
                _("Dette trenger du"),
                [
                    _("Telefon, nettbrett eller datamaskin med kamera og mikrofon. Du trenger ikke installere noe."),
                    _("Godt nett, og gjerne hodetelefoner."),
                    _("Et rolig sted der ingen andre hører deg."),
                    _("Legitimasjon med bilde."),
                ],
            ),
            (
                _("Hvem er hvem"),
                [
                    _("Legen kan be deg vise legitimasjon til kameraet."),
                    _("Du kan be legen om det samme. Spør gjerne: «Kan du vise meg hvem du er?»"),
                    _("Sikkerhetskoden i rommet skal være lik hos dere begge. Les den gjerne høyt."),
                ],
            ),
            (
                _("Tolk og pårørende"),
                [
                    _("Du har rett til tolk. Si fra til kontoret når du bestiller."),
                    format_lazy(
                        _("Du kan invitere tolk eller pårørende med en lenke. Dere kan være {most} i rommet."),
                        most=rules.MOST_PEOPLE,
                    ),
                ],
            ),
        ],
        words=_("kamera mikrofon lyd skjerm videosamtale venterom legitimasjon tolk pårørende"),
        services=[Service.VIDEO],
        begin="video:test",
        begin_word=_("Test kamera og lyd"),
        asked_at=["video:room", "video:test", "video:invite", "video:elsewhere"],
        related=["bestille-time", "flytte-og-avbestille", "noe-virker-ikke"],
        mine=meeting,
    ),
)

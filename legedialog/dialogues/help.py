"""What people are told of writing to the doctor and the office. Numbers are those of the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.attachments import rules as files
from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.dialogues import doors, rules
from legedialog.dialogues.rules import Kind
from legedialog.fees import queries as fees
from legedialog.fees.texts import in_words
from legedialog.patients.queries import Gp
from legedialog.practices.rules import Service
from legedialog.ui.dates import long_date

DRAFT = rules.DRAFT_LASTS // timedelta(days=1)


def _door(kind: Kind, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    """To whom it would go if she sent it today, by when it is answered, and what it costs her."""
    door = doors.door_of(gp, kind, now)
    if door is None:
        return []
    price = fees.price(
        patient_id=person_id,
        practice_id=door.practice.id,
        service=kind,
        clinician_id=door.answerer_id or door.doctor.clinician_id,
        now=now,
    )
    rows: list[tuple[Told, Told]] = [(_("Hvem leser"), " ".join(door.readers)), (_("Pris"), in_words(price))]
    if door.is_open:
        rows.insert(1, (_("Svar hvis du sender i dag"), format_lazy(_("Senest {date}"), date=long_date(door.due_date))))
    if door.guidance:
        rows.append((_("Kontoret skriver"), door.guidance))
    return rows


def econsultation(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    return _door(Kind.ECONSULTATION, person_id, gp, now)


def contact(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    return _door(Kind.CONTACT, person_id, gp, now)


DAYS = format_lazy(
    _("Svaret kommer innen {days} virkedager. Du ser datoen før du sender."),
    days=rules.ANSWER_DAYS,
)
WITHDRAW = _("Angrer du, kan du trekke meldingen tilbake til noen på kontoret har åpnet den.")
LIMITS = format_lazy(
    _("Du kan legge ved opptil {files} bilder eller dokumenter. Hver fil kan være på opptil {size} MB."),
    files=files.AT_ONCE,
    size=files.MOST // 1024**2,
)
KEPT = format_lazy(_("Det du ikke rekker å sende, ligger som kladd i {days} dager."), days=DRAFT)
LATE = _("Har datoen gått uten svar? Ring legekontoret.")

TOPICS = (
    Topic(
        *("e-konsultasjon", 40, HelpGroup.DOCTOR, "messages"),
        dated=Dated("2026-12-01", "af85550b"),
        title=_("Skrive til legen: e-konsultasjon"),
        about=_("Still legen et spørsmål, og få svar skriftlig."),
        what=[
            _("I en e-konsultasjon skriver du til legen i stedet for å møte opp. Legen svarer deg skriftlig."),
            _("Det du skriver, blir en del av journalen din."),
        ],
        who=[
            _("Fastlegen din svarer. Er legen borte, svarer vikaren."),
            _("Før du skriver, står det hvem som leser."),
        ],
        when=[
            DAYS,
            _("Er legen borte uten vikar, tar det lengre tid."),
            _("Du får en beskjed når svaret er klart. Beskjeden sier ikke hva det gjelder."),
        ],
        cost=[
            _("Du betaler egenandel som for en vanlig time. Prisen står ved knappen før du sender."),
            _("Det kan koste mer når legen svarer om kvelden eller i helgen."),
        ],
        not_for=[
            _("Ikke skriv når det haster. Da ringer du."),
            _("Ikke skriv om noe legen må se eller kjenne på. Bestill time i stedet."),
            _("Skriv bare om deg selv. Skal du skrive for et barn, velger du barnet først."),
        ],
        steps=[
            _("Velg Start e-konsultasjon på Hjem."),
            _("Velg tema, og svar på spørsmålene. De hjelper legen å svare rett."),
            _("Skriv hva det gjelder. Ett tema i hver melding er best."),
            LIMITS,
            _("Les over, og send. Svaret finner du i Meldinger."),
        ],
        fails=[
            _("Er tjenesten stengt, står det hvorfor. Du kan bestille time eller ringe."),
            _("Stopper siden deg og viser et nummer? Da kan det haste. Ring nummeret."),
            WITHDRAW,
            KEPT,
            LATE,
        ],
        words=_("spørre legen melding skrive chat råd bilde utslett sykmelding prøvesvar vedlegg lege på nett"),
        services=[Service.ECONSULTATION],
        begin="dialogues:econsultation",
        begin_word=_("Start e-konsultasjon"),
        asked_at=["dialogues:econsultation", "dialogues:questions", "dialogues:write", "dialogues:review"],
        related=["kontakt-legekontoret", "bestille-time", "betaling"],
        mine=econsultation,
    ),
    Topic(
        *("kontakt-legekontoret", 50, HelpGroup.DOCTOR, "phone"),
        dated=Dated("2026-12-01", "bec659f0"),
        title=_("Spørre kontoret om praktiske ting"),
        about=_("Spør om attest, åpningstid, regning og annet praktisk."),
        what=[_("Du skriver til kontoret om det praktiske. Her gir de ikke helsehjelp.")],
        who=[_("Helsesekretærene svarer. Legene kan lese når de trenger det.")],
        when=[DAYS],
        cost=[_("Det er gratis.")],
        not_for=[
            _("Ikke spør om sykdom, medisin eller prøvesvar her. Bruk e-konsultasjon eller bestill time."),
            _("Ikke skriv når det haster. Da ringer du."),
        ],
        steps=[
            _("Velg Kontakt legekontoret på Hjem."),
            _("Velg hva det gjelder, og skriv spørsmålet ditt."),
            LIMITS,
            _("Les over, og send. Svaret finner du i Meldinger."),
        ],
        fails=[
            _("Er tjenesten stengt? Ring kontoret i åpningstiden."),
            _("Svarer kontoret at legen må vurdere det? Da bestiller du time eller starter en e-konsultasjon."),
            WITHDRAW,
            KEPT,
            LATE,
        ],
        words=_("attest ferie parkering adgang spørsmål resepsjon helsesekretær melding skrive administrativt"),
        services=[Service.CONTACT],
        begin="dialogues:contact",
        begin_word=_("Kontakt legekontoret"),
        asked_at=["dialogues:contact"],
        related=["e-konsultasjon", "uten-nett"],
        mine=contact,
    ),
)

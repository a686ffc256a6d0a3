"""What people are told of paying. Amounts are the office's confirmed rates; rules are those of the code."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.core.times import local_day
from legedialog.fees import queries, rules
from legedialog.fees.texts import SERVICES, between, fee, kroner, line
from legedialog.patients.queries import Gp


def paying(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Sequence[tuple[Told, Told]]:
    """What each service costs her at her office, and the ceiling."""
    found, at = queries.prices(
        patient_id=person_id,
        practice_id=gp.practice.id,
        clinician_id=gp.clinician_ids[0] if len(gp.doctors) == 1 else None,
        services=SERVICES,
        now=now,
    )
    rows: list[tuple[Told, Told]] = [(name, line(found[service])) for service, name in SERVICES.items()]
    own: list[tuple[Told, Told]] = [(each.name, kroner(each.ore)) for each in at.own]
    rows += [*_material(at), *own]
    rows += [
        (_("Gebyr når du ikke møter, eller avbestiller for sent"), fee(found[rules.Service.ATTENDANCE].missed)),
        (_("Gebyr når kontoret sender noe i posten"), fee(found[rules.Service.RENEWAL].dispatch)),
        (_("Gebyr når kontoret sender faktura"), fee(found[rules.Service.RENEWAL].invoice)),
    ]
    if at.ceiling is not None:
        rows.append((format_lazy(_("Egenandelstak i {year}"), year=local_day(now).year), kroner(at.ceiling)))
    return rows


def _material(at: queries.Known) -> list[tuple[Told, Told]]:
    """Equipment by its steps, which everybody pays; nothing where no table tells."""
    found = sorted(at.rates[code].day for code in rules.MATERIAL if code in at.rates)
    return [(_("Utstyr, når det brukes"), between(found[0], found[-1]))] if found else []


TOPICS = (
    Topic(
        *("betaling", 200, HelpGroup.PAYING, "receipt"),
        dated=Dated("2026-12-02", "30e359fe"),
        title=_("Betaling, frikort og fritak"),
        about=_("Hva det koster, og hvem som slipper å betale."),
        what=[
            _("For det meste legen gjør, betaler du en egenandel. Staten bestemmer satsene, og de endres hver sommer."),
            _("Du ser prisen før du bestiller eller sender. Det du så, er det meste du betaler for tjenesten."),
            _("Får du faktura, kan kontoret legge til et gebyr. Du ser gebyret sammen med prisen."),
        ],
        who=[_("Det er legekontoret som krever betaling. Spørsmål om en regning stiller du til kontoret.")],
        when=[
            _("Kravet står i Betaling når kontoret har godkjent det. Der ser du også frist og kvittering."),
        ],
        cost=[
            _("Det kan koste mer om kvelden, i helgen og på helligdag."),
            _("Det kan koste mer hos en lege som er spesialist i allmennmedisin."),
            _("Kontakt med kontoret om praktiske ting er gratis."),
            _("Utstyr, prøver og attester kan komme i tillegg."),
        ],
        steps=[
            _("Åpne Profil, og velg Betaling."),
            _("Velg det du skal betale. Du ser hva det er for."),
            _("Betal på nett når kontoret tilbyr det, med faktura eller på kontoret."),
            _("Kvitteringen blir liggende på samme side."),
        ],
        fails=[
            _("Gikk ikke betalingen gjennom? Ingenting er trukket før siden sier at det er betalt. Prøv igjen."),
            _("Er kravet feil? Ring kontoret, så kan de rette det."),
        ],
        more=[
            (
                _("Hvem som slipper egenandel"),
                [
                    format_lazy(_("Barn under {age} år."), age=rules.FREE_UNDER),
                    _("Du som har frikort."),
                    format_lazy(_("Barn og unge under {age} år i psykoterapi."), age=rules.THERAPY_UNDER),
                    _("Du som er til svangerskapskontroll, har godkjent yrkesskade eller avtjener verneplikt."),
                    _("Du som har en smittsom sykdom som er farlig for andre, eller kan ha det."),
                    _("Du som er til første undersøkelse etter vold i nære relasjoner eller overgrep."),
                ],
            ),
            (
                _("Frikort"),
                [
                    _("Har du betalt nok egenandeler i et år, får du frikort. Det kommer av seg selv."),
                    _("Betaling viser hvor langt du har igjen, etter det kontorene her har godkjent."),
                ],
            ),
            (
                _("Gebyr når du ikke møter"),
                [
                    _("Kommer du ikke, eller avbestiller du for sent, kan kontoret kreve et gebyr."),
                    _("Gebyret gjelder også deg som ellers slipper å betale, og teller ikke med til frikort."),
                ],
            ),
        ],
        words=_("pris egenandel regning faktura kvittering gebyr frikort gratis fritak purring betale kostnad penger"),
        begin="fees:index",
        begin_word=_("Åpne Betaling"),
        asked_at=["fees:index", "fees:show"],
        related=["flytte-og-avbestille", "bestille-time", "e-konsultasjon"],
        mine=paying,
    ),
)

"""What people are told of acting for others. What is open and closed is asked of the rules: representation.py."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.patients.representation import (
    ADULT,
    ALL,
    ATTORNEY_NAMES,
    ENDS,
    NARROWS,
    OPENS,
    YOUTH,
    AddressRule,
    Area,
    Case,
    Ground,
    decide,
)

ADDRESS: dict[str, Sequence[Told]] = {
    AddressRule.ANY: [_("Minst én av foreldrene må være registrert på samme adresse som barnet.")],
    AddressRule.OWN: [_("Du må være registrert på samme adresse som barnet.")],
    AddressRule.OFF: [],
}


def _for_parents(age: int) -> frozenset[Area]:
    """What a parent of a child of that age may do, when nothing else stands in the way."""
    return decide(
        Case(actor_age=40, person_age=age, is_parent=True, lives_with=True, other_parent_does=True, consent="full")
    ).areas


def _labels(areas: frozenset[Area]) -> Sequence[Told]:
    return [area.label for area in Area if area in areas]


CHILD, TEEN = _for_parents(NARROWS - 1), _for_parents(NARROWS)
SWITCH = [
    _("Velg navnet ditt øverst, og så hvem du vil handle for."),
    _("Se at navnet står øverst på siden. Nå gjelder alt du gjør, for den du valgte."),
    _("Velg deg selv igjen når du er ferdig."),
]
REGISTER = _("Foreldreansvar og adresse kommer fra Folkeregisteret. Er noe feil, retter du det der.")
CALL = _("Ring legekontoret når du trenger noe du ikke kan gjøre her.")
PROTECTED = _("Har en av dere sperret adresse, kan dere ikke handle for hverandre her.")

TOPICS = (
    Topic(
        *("barn", 100, HelpGroup.OTHERS, "children"),
        dated=Dated("2026-12-01", "d9985909"),
        title=format_lazy(_("For barn under {age} år"), age=NARROWS),
        about=_("Foreldre bestiller, skriver og fornyer for barnet."),
        what=[
            _("Har du foreldreansvar, kan du bruke tjenestene for barnet ditt."),
            _("Det du gjør, blir en del av barnets journal. Der står det at det er du som gjør det."),
        ],
        who=[
            _("Begge foreldre med foreldreansvar kan handle. Verger kan også handle for barnet."),
            *ADDRESS[settings.PARENT_ADDRESS],
        ],
        when=[
            format_lazy(_("Det gjelder til barnet fyller {age} år. Etter det kan du gjøre mindre."), age=NARROWS),
            _("Blir noe endret i Folkeregisteret, endrer det seg her også."),
        ],
        cost=[_("Barn betaler ikke egenandel.")],
        not_for=[_("Skriv aldri om barnet fra din egen side. Velg barnet først.")],
        steps=SWITCH,
        fails=[
            REGISTER,
            _("Gi full tilgang for barnet første gang. Da åpner tjenestene."),
            _("Noen kontorer kan ikke ta imot at du handler for barnet på nett."),
            PROTECTED,
            CALL,
        ],
        more=[(_("Dette kan du gjøre for barnet"), _labels(CHILD))],
        words=_("foreldre mamma pappa sønn datter foreldreansvar handle for verge baby småbarn på vegne av"),
        begin="portal:choose",
        begin_word=_("Velg hvem du handler for"),
        asked_at=["portal:choose"],
        related=["ungdom", "fullmakt"],
    ),
    Topic(
        *("ungdom", 110, HelpGroup.OTHERS, "children"),
        dated=Dated("2026-12-01", "24ba6a1c"),
        title=format_lazy(_("For ungdom fra {age} til {last} år"), age=NARROWS, last=ENDS - 1),
        about=_("Foreldre kan gjøre mindre, og ungdommen kan få egen tilgang."),
        what=[
            format_lazy(
                _("Fra {age} år har barnet rett til mer privatliv. Da kan foreldre gjøre mindre her."), age=NARROWS
            ),
            format_lazy(
                _("Fra {age} år kan ungdommen få ungdomstilgang av en forelder, og logge inn alene."),
                age=YOUTH,
            ),
        ],
        who=[
            _("Foreldre med foreldreansvar kan handle. De gir ungdomstilgang og kan ta den tilbake."),
            *ADDRESS[settings.PARENT_ADDRESS],
        ],
        when=[format_lazy(_("Den dagen barnet fyller {age} år, endrer tilgangen seg av seg selv."), age=NARROWS)],
        cost=[_("Barn og ungdom på denne alderen betaler ikke egenandel.")],
        not_for=[_("Skriv aldri om ungdommen fra din egen side. Velg ungdommen først.")],
        steps=[
            *SWITCH[:2],
            _("Skal ungdommen logge inn selv? Velg Samtykke og ungdomstilgang, og gi ungdomstilgang."),
            _("Ungdommen trenger sin egen elektroniske ID."),
        ],
        fails=[
            REGISTER,
            _("Det du sender og får på vegne av ungdommen, ser ikke ungdommen."),
            _("Ungdommen kan be legen skjule noe for foreldrene. Time og resept kan ungdommen skjule selv."),
            _("Du som er ung, kan alltid ringe legekontoret, eller snakke med helsesykepleier."),
            PROTECTED,
            CALL,
        ],
        more=[
            (_("Dette kan foreldre gjøre"), _labels(TEEN)),
            (_("Dette kan foreldre ikke gjøre lenger"), _labels(CHILD - TEEN)),
            (_("Dette kan ungdommen gjøre alene, med ungdomstilgang"), _labels(OPENS[Ground.YOUTH])),
        ],
        words=_("tenåring ungdomstilgang foreldre skjule privatliv egen innlogging helsesykepleier"),
        begin="portal:choose",
        begin_word=_("Velg hvem du handler for"),
        asked_at=["portal:child"],
        related=["barn", "fra-16", "fullmakt"],
    ),
    Topic(
        *("fra-16", 120, HelpGroup.OTHERS, "children"),
        dated=Dated("2026-12-02", "b8f8d330"),
        title=format_lazy(_("Når du har fylt {age} år"), age=ENDS),
        about=_("Du bestemmer selv, og foreldre har ikke tilgang lenger."),
        what=[
            format_lazy(
                _("Når du er {age} år, bestemmer du selv over helsen din, og tjenestene åpner for deg."),
                age=ENDS,
            ),
            _("Foreldrene dine ser ikke lenger timer, svar og resepter."),
        ],
        who=[_("Bare du bruker tjenestene for deg. Du kan gi noen fullmakt hvis du vil.")],
        when=[format_lazy(_("Det skjer den dagen du fyller {age} år."), age=ENDS)],
        cost=[format_lazy(_("Fra {age} år betaler du egenandel."), age=ENDS)],
        not_for=[_("Foreldre kan ikke bruke innloggingen til ungdommen.")],
        steps=[
            _("Logg inn med din egen elektroniske ID."),
            _("Se over hva foreldrene dine har valgt for deg, i Profil under Innsyn."),
            _("Legg inn ditt eget mobilnummer i Profil, under Kontakt og beskjeder."),
        ],
        fails=[
            _("Har du ikke elektronisk ID? Ring kontoret, eller møt opp."),
            _("Er du forelder og trenger tilgang fortsatt? Be ungdommen om fullmakt."),
        ],
        words=_("myndig helserettslig seksten bestemmer selv ungdom foreldre mister tilgang"),
        begin="portal:profile",
        begin_word=_("Åpne Profil"),
        related=["fullmakt", "logge-inn", "betaling"],
    ),
    Topic(
        *("fullmakt", 130, HelpGroup.OTHERS, "edit"),
        dated=Dated("2026-12-02", "e937ddaf"),
        title=_("Fullmakt til å handle for en voksen"),
        about=_("La en du stoler på, bruke tjenestene for deg."),
        what=[
            _("Med en fullmakt kan en annen gjøre ting for deg her. Du velger hva den gjelder."),
            _("Den andre kan aldri gjøre mer enn du kan selv."),
        ],
        who=[
            format_lazy(
                _("Du som gir, må ha fylt {giver} år. Den som får, må ha fylt {receiver} år."),
                giver=ENDS,
                receiver=ADULT,
            ),
            _("Kan en pasient ikke lenger gi fullmakt selv? Fastlegen kan bekrefte at en pårørende handler."),
            _("Verger står i Folkeregisteret og trenger ingen fullmakt."),
        ],
        when=[
            _("Fullmakten gjelder med en gang, til datoen du velger, eller til en av dere avslutter den."),
            _("Begge kan avslutte den når de vil."),
        ],
        cost=[_("Det er gratis.")],
        not_for=[_("Lån aldri bort elektronisk ID eller kode. Bruk fullmakt i stedet.")],
        steps=[
            _("Åpne Profil, og velg Fullmakter."),
            _("Velg Gi fullmakt. Skriv navn og fødselsnummer til den som skal få den."),
            _("Velg hva den gjelder, og hvor lenge."),
            _("Les over, og bekreft. På samme side ser du siden hva som blir gjort for deg."),
        ],
        fails=[
            _("Du må ha gitt full tilgang selv før andre kan bruke tjenestene for deg."),
            _("Vil du endre en fullmakt? Avslutt den, og gi en ny."),
            PROTECTED,
            _("Noen kontorer kan ikke ta imot at andre handler for deg på nett. Da ringer dere."),
        ],
        more=[(_("Dette kan en fullmakt gjelde"), list(ATTORNEY_NAMES.values()))],
        words=_("pårørende verge eldre foreldre ektefelle hjelpe andre på vegne av tildelt fullmakt representere"),
        begin="portal:powers",
        begin_word=_("Se fullmaktene"),
        asked_at=["portal:powers", "portal:give_power"],
        related=["barn", "uten-nett", "loggen"],
    ),
)
assert CHILD == ALL  # noqa: S101  the page says that parents do all there is

"""What people are told of appointments. Numbers are those of the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.appointments import queries, rules, wait_rules
from legedialog.core.contexts import Dated, HelpGroup, Told, Topic
from legedialog.core.times import local_day
from legedialog.fees import queries as fees
from legedialog.fees import rules as prices
from legedialog.fees.texts import fee, in_words
from legedialog.outbox.rules import NIGHT
from legedialog.patients.queries import Gp
from legedialog.patients.rules import CONTACT_LASTS
from legedialog.practices.rules import Service
from legedialog.ui.dates import long_date

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Rows = Sequence[tuple[Told, Told]]


def _price(person_id: UUID, gp: Gp, now: datetime) -> prices.Price:
    doctor = gp.clinician_ids[0] if len(gp.doctors) == 1 else None
    return fees.price(
        patient_id=person_id,
        practice_id=gp.practice.id,
        service=prices.Service.ATTENDANCE,
        clinician_id=doctor,
        now=now,
    )


def _cut_offs(gp: Gp) -> Rows:
    """Until when each kind is cancelled in time."""
    kinds = queries.bookable_visit_types(gp.practice.id, gp.serving_ids)
    return [
        (
            format_lazy(_("Frist for å avbestille {kind}"), kind=each.label.lower()),
            format_lazy(_("{hours} timer før timen"), hours=each.cutoff_hours),
        )
        for each in kinds
    ]


def _fee(price: prices.Price) -> Rows:
    return [(_("Gebyr når du ikke møter"), fee(price.missed))]


def booking(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Rows:
    price = _price(person_id, gp, now)
    return [(_("Pris"), in_words(price)), *_fee(price), *_cut_offs(gp)]


def request(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Rows:
    by = rules.answer_by(local_day(now))
    return [
        (_("Svar hvis du sender i dag"), format_lazy(_("Senest {date}"), date=long_date(by))),
        (_("Pris"), in_words(_price(person_id, gp, now))),
    ]


def cancelling(actor: Actor, person_id: UUID, gp: Gp, now: datetime) -> Rows:
    return [*_cut_offs(gp), *_fee(_price(person_id, gp, now))]


COST = [
    _("Du betaler egenandel for timen. Prisen står før du bestiller."),
    format_lazy(_("Barn under {age} år og de som har frikort, betaler ikke egenandel."), age=prices.FREE_UNDER),
]
URGENT = _("Ikke bruk dette når det haster. Da ringer du kontoret eller legevakten.")
CUT_OFF = _("Etter fristen kan du fortsatt avbestille, men kontoret kan kreve et gebyr.")
REGRET = format_lazy(
    _("Angrer du med en gang? De første {minutes} minuttene er det alltid gratis å avbestille."),
    minutes=rules.REGRET // MINUTE,
)

TOPICS = (
    Topic(
        *("bestille-time", 10, HelpGroup.DOCTOR, "calendar"),
        dated=Dated("2026-12-01", "6b2a4cb4"),
        title=_("Bestille time"),
        about=_("Velg dag og klokkeslett selv."),
        what=[
            _("Du ser de ledige timene legen har lagt ut, og velger en av dem."),
            _("Du kan velge oppmøte, telefon eller video når legen tilbyr det."),
        ],
        who=[_("Du får time hos fastlegen, hos vikaren eller hos en annen lege på kontoret. Navnet står ved timen.")],
        when=[_("Timen er din når du har trykket Bestill time. Ingen trenger å godkjenne den.")],
        cost=[*COST, _("Møter du ikke, kan du få et gebyr. Det gjelder også deg som har frikort.")],
        not_for=[URGENT],
        steps=[
            _("Velg Bestill time på Hjem eller i Timeavtaler."),
            _("Velg type time, og om du vil møte opp, snakke på telefon eller på video."),
            format_lazy(
                _("Velg dag og klokkeslett. Vi holder timen av til deg i {minutes} minutter."),
                minutes=rules.HOLD // MINUTE,
            ),
            _("Skriv kort hva det gjelder. Det leses bare på kontoret."),
            _("Les over, og trykk Bestill time."),
        ],
        fails=[
            _("Er ingen timer ledige? Se en annen dag, eller be om time."),
            _("Rakk noen andre å ta timen? Velg en ny. Det du har skrevet, er tatt vare på."),
            _("Kan du ikke bestille på nett? Ring kontoret."),
        ],
        words=_("legetime avtale ledig time konsultasjon oppmøte telefontime vaksine prøve bestilling timebestilling"),
        services=[Service.BOOK],
        begin="appointments:book",
        begin_word=_("Bestill time"),
        asked_at=["appointments:book", "appointments:review", "appointments:receipt"],
        related=["be-om-time", "flytte-og-avbestille", "videotime", "betaling"],
        mine=booking,
    ),
    Topic(
        *("be-om-time", 20, HelpGroup.DOCTOR, "clock"),
        dated=Dated("2026-12-01", "2546e2e0"),
        title=_("Be om time"),
        about=_("Skriv når det passer, så finner kontoret en time."),
        what=[_("Du velger ikke klokkeslett selv. Du skriver hva du trenger og når det passer.")],
        who=[_("Helsesekretærene finner en time til deg.")],
        when=[
            format_lazy(_("Kontoret svarer innen {days} virkedager."), days=rules.ANSWER_DAYS),
            format_lazy(
                _("De kan gi deg en time, eller foreslå opptil {times} tider du kan velge blant."),
                times=rules.MOST_PROPOSED,
            ),
        ],
        cost=COST,
        not_for=[URGENT, _("Ikke bruk det til spørsmål legen kan svare på skriftlig. Start en e-konsultasjon.")],
        steps=[
            _("Velg Be om time på Hjem."),
            _("Skriv hva du trenger, og kryss av for når det passer."),
            _("Send. Du finner ønsket i Meldinger, og kan trekke det tilbake til kontoret svarer."),
            _("Passer ikke timen du får, takker du nei på samme side."),
        ],
        fails=[
            _("Du kan ha ett ønske om gangen. Trekk tilbake det gamle før du sender et nytt."),
            _("Har du ikke fått svar i tide? Ring kontoret."),
        ],
        words=_("timeønske ønske venteliste finne time forespørsel"),
        services=[Service.REQUEST],
        begin="appointments:request",
        begin_word=_("Be om time"),
        asked_at=["appointments:request", "appointments:request-show"],
        related=["bestille-time", "flytte-og-avbestille"],
        mine=request,
    ),
    Topic(
        *("flytte-og-avbestille", 30, HelpGroup.DOCTOR, "calendar"),
        dated=Dated("2026-12-01", "258df851"),
        title=_("Flytte eller avbestille time"),
        about=_("Gjør det i Timeavtaler, så kan andre få timen."),
        what=[_("Du flytter og avbestiller timer hos fastlegen selv. Den du har, beholder du til du har valgt en ny.")],
        who=[_("Du gjør det selv. Kontoret får vite det med en gang.")],
        when=[
            _("Fristen står ved timen. Den er på en arbeidsdag: Har du time på en mandag, er fristen ofte fredag."),
            REGRET,
        ],
        cost=[_("Det er gratis før fristen."), CUT_OFF],
        not_for=[_("Timer på sykehus flytter og avbestiller du hos sykehuset.")],
        steps=[
            _("Åpne Timeavtaler, og velg timen."),
            _("Velg Flytt time eller Avbestill time."),
            _("Les over, og bekreft. Du ser kvitteringen med en gang."),
        ],
        fails=[
            _("Er fristen for å flytte ute? Ring kontoret."),
            _("Er du syk den dagen? Si fra så tidlig du kan. Kontoret bestemmer om du må betale."),
        ],
        words=_("endre time bytte time avlyse kansellere frist gebyr ikke møtt forhindret"),
        begin="appointments:index",
        begin_word=_("Åpne Timeavtaler"),
        asked_at=["appointments:index", "appointments:show", "appointments:cancel", "appointments:move"],
        related=["bestille-time", "tidligere-time", "betaling", "sykehustimer"],
        mine=cancelling,
    ),
    Topic(
        *("nar-du-kommer", 35, HelpGroup.DOCTOR, "place"),
        dated=Dated("2026-12-01", "ad6ad180"),
        title=_("Når du kommer til timen"),
        about=_("Si fra på telefonen at du er kommet."),
        what=[_("Du melder selv at du er kommet. Da slipper du å stå i kø i resepsjonen.")],
        who=[_("De som arbeider på kontoret, ser at du er her, og når du kom.")],
        when=[
            format_lazy(
                _("Du kan si fra fra {minutes} minutter før timen, til den er over."),
                minutes=rules.ARRIVE_BEFORE // MINUTE,
            )
        ],
        cost=[_("Det koster ingenting å si fra.")],
        not_for=[
            _("Er timen på telefon eller video, skal du ikke si fra. Da blir du ringt, eller går inn i videorommet.")
        ],
        steps=[
            _("Åpne timen på Hjem eller i Timeavtaler når du er inne på kontoret."),
            _("Henger det en plakat med en kode? Skriv koden."),
            _("Trykk Jeg er kommet, og sett deg på venterommet."),
        ],
        fails=[
            _("Får du det ikke til? Si fra i resepsjonen. Det er like bra."),
            _("Trykket du for tidlig? Velg Jeg er ikke kommet likevel."),
            _("Vi spør aldri hvor telefonen din er."),
            _("Er legen forsinket? Da står det ved timen, når kontoret har meldt det. Kom likevel til avtalt tid."),
        ],
        words=_("ankommet fremmøte oppmøte innsjekk venterom resepsjon kode plakat sjekke inn"),
        begin="appointments:index",
        begin_word=_("Åpne Timeavtaler"),
        asked_at=["appointments:arrive"],
        related=["bestille-time", "flytte-og-avbestille"],
    ),
    Topic(
        *("tidligere-time", 40, HelpGroup.DOCTOR, "clock"),
        dated=Dated("2026-12-01", "244477f2"),
        title=_("Venteliste for tidligere time"),
        about=_("Få tilbud når en tidligere time blir ledig."),
        what=[
            _("Har du time hos fastlegen, kan du be om tilbud når en tidligere blir ledig."),
            _("Du beholder timen du har til du takker ja til en annen."),
        ],
        who=[_("Tilbudet går til én om gangen. De som har ventet lengst, kommer først.")],
        when=[
            _("Du får beskjed på SMS eller e-post. Hvor lenge du har på deg til å svare, står i tilbudet."),
            format_lazy(
                _("Mellom kl. {begins} og {ends} sender vi ingen tilbud, og fristen løper ikke."),
                begins=NIGHT[0].hour,
                ends=NIGHT[1].hour,
            ),
        ],
        cost=[_("Det koster ingenting å stå på venteliste, å takke ja eller å takke nei.")],
        not_for=[URGENT, _("Har du ikke time? Bestill den første ledige, eller be om time.")],
        steps=[
            _("Åpne timen i Timeavtaler, og velg Sett deg på venteliste."),
            _("Kryss av for når det passer, hos hvem, og hvor lenge før timen du må få tilbudet."),
            _("Når du får et tilbud, står det på Hjem og på timen. Velg Ta den tidligere timen, eller Nei takk."),
        ],
        fails=[
            _("Svarer du ikke i tide, går tilbudet til neste. Timen din står som før."),
            format_lazy(
                _("Svarer du ikke på {times} tilbud på rad, slutter vi å spørre. Du kan sette deg på lista igjen."),
                times=wait_rules.MOST_SILENT,
            ),
            _("Er fristen for å flytte timen ute, får du ikke tilbud. Ring kontoret."),
        ],
        words=_("venteliste tidligere time ledig time fremskynde avbud tilbud raskere time"),
        services=[Service.BOOK],
        begin="appointments:index",
        begin_word=_("Åpne Timeavtaler"),
        asked_at=["appointments:earlier"],
        related=["flytte-og-avbestille", "bestille-time", "beskjeder"],
    ),
    Topic(
        *("innkalling", 45, HelpGroup.DOCTOR, "bell"),
        dated=Dated("2026-12-02", "546f138c"),
        title=_("Når legekontoret ber deg bestille time"),
        about=_("Kontoret kan be deg bestille time, for eksempel til kontroll eller vaksine."),
        what=[
            _("Du får beskjed, og det står på Hjem. Der ser du hva slags time det er, og mellom hvilke dager."),
            _("Du velger selv tidspunktet."),
        ],
        when=[_("Svarer du ikke, blir du minnet på det én eller to ganger.")],
        cost=[_("Det koster ingenting å bli spurt eller å takke nei. Prisen på timen ser du før du bestiller.")],
        steps=[
            _("Åpne Legekontoret ber deg bestille time på Hjem."),
            _("Velg Bestill time. Timetypen og dagene er fylt ut."),
            _("Vil du ikke ha timen? Velg Takk nei, så blir du ikke minnet på det."),
        ],
        fails=[
            _("Passer ingen av dagene? Ring legekontoret."),
            _("Avbestiller du timen, ber vi deg bestille igjen så lenge det er dager igjen."),
        ],
        words=_("innkalling kontroll vaksine influensa årskontroll kalt inn"),
        services=[Service.BOOK],
        begin="appointments:index",
        begin_word=_("Åpne Timeavtaler"),
        asked_at=["appointments:recall"],
        related=["bestille-time", "flytte-og-avbestille", "beskjeder"],
    ),
    Topic(
        *("sykehustimer", 80, HelpGroup.DOCTOR, "hospital"),
        dated=Dated("2026-12-01", "af6949aa"),
        title=_("Timer på sykehus og i kommunen"),
        about=_("Se dem i samme liste som timene hos fastlegen."),
        what=[_("Timeavtaler viser også timer fra sykehus og kommuner som sender dem hit.")],
        who=[_("Sykehuset eller kommunen eier timen. Fastlegen kan ikke endre den.")],
        when=[_("Timen vises når vi får den fra dem. Hører vi ikke fra et sted, står det på siden.")],
        cost=[_("De som gir deg timen, bestemmer prisen.")],
        not_for=[_("Du kan ikke flytte eller avbestille disse timene her.")],
        steps=[
            _("Åpne Timeavtaler, og velg timen."),
            _("Les hvor du skal være, og hva du må gjøre før timen."),
            _("Skal den flyttes? Ring nummeret som står ved timen, eller i brevet du har fått."),
        ],
        fails=[_("Mangler en time i listen? Den kan gjelde likevel. Følg brevet, eller ring dem som sendte det.")],
        words=_("innkalling spesialist poliklinikk henvisning helsestasjon kommune sykehustime"),
        begin="appointments:index",
        begin_word=_("Åpne Timeavtaler"),
        related=["flytte-og-avbestille", "ungdom"],
    ),
    Topic(
        *("beskjeder", 330, HelpGroup.YOURS, "bell"),
        dated=Dated("2026-12-02", "f33e4431"),
        title=_("Beskjeder på SMS og e-post"),
        about=_("Velg hva du får beskjed om, og hvordan."),
        what=[
            _("Vi sier fra når du får svar, og når en time er bestilt, endret eller avlyst."),
            _("En beskjed sier aldri hva timen eller svaret gjelder."),
        ],
        when=[
            format_lazy(_("Du får en påminnelse {hours} timer før timen."), hours=rules.REMIND // HOUR),
            format_lazy(
                _("Mellom kl. {begins} og {ends} venter vi med beskjeder som ikke haster."),
                begins=NIGHT[0].hour,
                ends=NIGHT[1].hour,
            ),
        ],
        steps=[
            _("Åpne Profil, og velg Kontakt og beskjeder. Velg så hvilke beskjeder du får."),
            _("Velg SMS, e-post eller ingen beskjed for hver type."),
            format_lazy(
                _("Bekreft mobilnummer og e-post i Profil minst hver {months}. måned. Ellers kan vi ikke sende."),
                months=CONTACT_LASTS,
            ),
        ],
        fails=[
            _("Får du ingen beskjeder? Se om opplysningene i Profil er bekreftet."),
            _("Har du reservert deg mot digital kontakt fra det offentlige, sender vi ingenting."),
            _("Svaret og timen står uansett på sidene, også uten beskjed."),
        ],
        words=_("sms epost varsel varsling påminnelse mobilnummer telefonnummer kontaktinformasjon reservert"),
        begin="portal:notices",
        begin_word=_("Velg hvilke beskjeder du får"),
        asked_at=["portal:notices", "portal:contact"],
        related=["opplysningene-dine", "uten-nett"],
    ),
)

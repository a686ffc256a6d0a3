"""What no other context tells of: the GP, those without digital services, languages and faults, and the statements."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Role
from legedialog.audit import rules as log
from legedialog.core import contexts
from legedialog.core.contexts import Dated, HelpGroup, Topic
from legedialog.journal import rules as journal
from legedialog.outbox import rules as outbox
from legedialog.visibility.rules import OFFICE, Content, Office

CONTENTS = {
    Content.ECONSULTATION: _("Det du skriver i en e-konsultasjon"),
    Content.CONTACT: _("Det du skriver til kontoret"),
    Content.APPOINTMENT: _("At du har en time"),
    Content.REASON: _("Hva timen gjelder"),
    Content.WISH: _("Et ønske om time"),
    Content.PRESCRIPTION: _("Resepter"),
    Content.CAUTION: _("Allergier og advarsler"),
    Content.RENEWAL: _("En bestilling av resept"),
    Content.VIDEO: _("Det som står om en videotime"),
    Content.NOTE: _("Notater i journalen"),
    Content.VISIT_PRICE: _("Hva en time koster"),
    Content.WORDS_PRICE: _("Hva en e-konsultasjon koster"),
    Content.RENEWAL_PRICE: _("Hva en fornyelse koster"),
    Content.HOSPITAL: _("Timer på sykehus"),
    Content.MUNICIPALITY: _("Timer i kommunen"),
}
MAY = {
    Office.READS: _("Leser"),
    Office.HERS: _("Leser det hun eller han skal svare på, og journalen"),
    Office.TOLD: _("Leser hvis du har fått vite det"),
    Office.KNOWS: _("Ser bare at den er der"),
    Office.NOTHING: _("Ser ingenting"),
}
ROLES = {Role.DOCTOR: _("Lege og vikar"), Role.SECRETARY: _("Helsesekretær"), Role.MANAGER: _("Leder")}


def privacy() -> Mapping[str, Any]:
    """From the table of who may see what, and from what each context keeps of a person."""
    return {
        "roles": list(ROLES.values()),
        "rows": [(name, [MAY[OFFICE[content][role]] for role in ROLES]) for content, name in CONTENTS.items()],
        "kept": [each.title for each in contexts.own()],
    }


TOPICS = (
    Topic(
        *("fastlegen", 5, HelpGroup.DOCTOR, "doctor"),
        dated=Dated("2026-12-01", "7a98a1f0"),
        title=_("Finne fastlegen og kontoret"),
        about=_("Navn, adresse, telefon, åpningstider og vikar."),
        what=[_("Min fastlege viser hvem legen din er, hvor kontoret ligger, og når det er åpent.")],
        who=[_("Legen bestemmer selv hvilke tjenester som er åpne. Er en stengt, står det hvorfor.")],
        when=[_("Er legen borte, ser du hvor lenge, og hvem som er vikar.")],
        steps=[_("Logg inn, og velg Min fastlege."), _("Trykk på telefonnummeret for å ringe.")],
        fails=[
            _("Viser siden feil lege? Navnet kommer fra fastlegeregisteret. Ring kontoret."),
            _("Har du ingen fastlege? Siden sier hvordan du får en."),
        ],
        words=_("fastlege legekontor åpningstider adresse kart telefon vikar bytte lege ferie stengt"),
        begin="portal:gp",
        begin_word=_("Se fastlegen din"),
        asked_at=["portal:gp"],
        related=["bestille-time", "kontakt-legekontoret"],
    ),
    Topic(
        *("uten-nett", 420, HelpGroup.USING, "phone"),
        dated=Dated("2026-12-01", "7963b450"),
        title=_("Når du ikke bruker nett"),
        about=_("Få hjelp på telefon, på papir eller ved å møte opp."),
        what=[_("Du trenger ikke bruke nett for å få hjelp hos legen. Ring eller møt opp i stedet.")],
        who=[_("Legekontoret hjelper deg. En du stoler på, kan også hjelpe deg, med en fullmakt.")],
        when=[_("Ring når kontoret er åpent. Er det stengt og du ikke kan vente, ringer du legevakten.")],
        steps=[
            _("Ring eller møt opp når du trenger time, ny resept eller svar."),
            _("Si fra hvis du vil ha resepten på papir."),
            _("Be om brev hvis du ikke får SMS og e-post."),
            _("Be kontoret om en utskrift av loggen eller journalen din hvis du vil se den."),
        ],
        fails=[
            _("Kommer du ikke fram på telefon? Prøv senere på dagen, eller møt opp."),
            _("Er det vanskelig å høre eller snakke på telefon? Be noen ringe for deg."),
            _("Du har rett til tolk. Si fra når du ringer."),
        ],
        words=_("telefon ringe papir brev post eldre ikke digital uten bankid møte opp ikke internett"),
        related=["fullmakt", "fastlegen", "logge-inn"],
    ),
    Topic(
        *("sprak-og-hjelpemidler", 430, HelpGroup.USING, "info"),
        dated=Dated("2026-12-01", "b9612bc0"),
        title=_("Språk, utseende og hjelpemidler"),
        about=_("Tre språk, lyst og mørkt, tastatur og skjermleser."),
        what=[_("Sidene virker med tastatur, skjermleser og stor skrift. Nesten alt virker også uten skript.")],
        steps=[
            _("Velg språk øverst på siden. I Profil velger du språk for beskjedene også."),
            _("Velg lyst eller mørkt nederst på siden."),
            _("Gjør skriften større i nettleseren. Siden følger med."),
            _("Trykk på tasten Tab først på siden for å hoppe til innholdet."),
        ],
        fails=[_("Er noe vanskelig å bruke? Si fra til legekontoret eller hjelpetelefonen.")],
        words=_("nynorsk engelsk english blind svaksynt skjermleser forstørre mørk modus universell utforming tolk"),
        related=["tilgjengelighet", "uten-nett"],
    ),
    Topic(
        *("noe-virker-ikke", 440, HelpGroup.USING, "help"),
        dated=Dated("2026-12-01", "bdcae6fe"),
        title=_("Når noe ikke virker"),
        about=_("Hva du prøver først, og hvem du ringer."),
        what=[_("Det du har skrevet, er som regel tatt vare på. Prøv dette, ett steg om gangen.")],
        steps=[
            _("Last siden på nytt, og logg inn igjen hvis du blir bedt om det."),
            _("Se om nettet virker på andre sider."),
            _("Står det en kode på feilsiden? Skriv den ned."),
            _("Ring hjelpetelefonen, eller legekontoret. Oppgi koden."),
        ],
        fails=[
            _("Si aldri fødselsnummeret ditt eller hva du er syk av til hjelpetelefonen."),
            _("Haster det, ringer du legekontoret, legevakten eller nødnummeret."),
        ],
        words=_("feil feilmelding kode treg henger hjelpetelefon support krasj teknisk"),
        related=["logge-inn", "videotime"],
    ),
    Topic(
        *("sikkerhet-og-personvern", 340, HelpGroup.YOURS, "lock"),
        dated=Dated("2026-12-01", "bfa87629"),
        title=_("Sikkerhet og personvern"),
        about=_("Hvem som ser opplysningene, hvordan de er sikret, og rettene dine."),
        what=[
            _("Legekontoret har ansvaret for opplysningene om deg. Legedialog lagrer dem for kontoret."),
            _("De blir brukt til å gi deg hjelp hos legen, og til det loven krever."),
        ],
        who=[
            _("De som arbeider på kontoret, ser det de trenger for å hjelpe deg. Se tabellen lenger ned."),
            _("Den som har foreldreansvar eller fullmakt, ser det reglene åpner for."),
            _("De som driver løsningen, har ingen side der de kan lese det du skriver."),
        ],
        more=[
            (
                _("Slik er det sikret"),
                [
                    _("Du logger inn på høyeste nivå. Vi kjenner ikke passordet ditt."),
                    _("Tekst om helsen din er kryptert der den er lagret. Den er også kryptert på veien."),
                    _("Databasen gir bare fra seg det den som spør, har lov til å se."),
                    _("Når noen leser om deg, får loggen en linje som ingen kan endre."),
                    _("Filer blir kontrollert og skrevet på nytt før noen åpner dem."),
                    _("Beskjeder på SMS og e-post sier aldri hva det gjelder."),
                ],
            ),
            (
                _("Dette har du rett til"),
                [
                    _("Å se hva som er lagret, og få det i en fil."),
                    _("Å se hvem som har lest om deg."),
                    format_lazy(
                        _("Å be om at feil blir rettet eller slettet, og få svar innen {days} dager."),
                        days=journal.ANSWER_WITHIN // timedelta(days=1),
                    ),
                    _("Å trekke tilbake samtykket når du vil."),
                    _("Å sperre tilgangen hvis andre kan bruke innloggingen din."),
                ],
            ),
            (
                _("Hvor lenge det blir lagret"),
                [
                    format_lazy(
                        _("Journalen og loggen blir lagret i minst {years} år."),
                        years=log.RETENTION_YEARS[log.Category.CARE],
                    ),
                    format_lazy(
                        _("Beskjeder vi har sendt, blir slettet etter {days} dager."),
                        days=outbox.KEPT // timedelta(days=1),
                    ),
                ],
            ),
            (
                _("Hvem du kan klage til"),
                [
                    _("Snakk med legekontoret først. Send et spørsmål fra loggen, eller ring."),
                    _("Statsforvalteren tar imot klager på helsehjelp, journal og taushetsplikt."),
                    _("Datatilsynet tar imot klager på personvern."),
                    _("Pasient- og brukerombudet gir råd og hjelper deg å klage. Det er gratis."),
                ],
            ),
        ],
        words=_("gdpr personvernerklæring kryptering taushetsplikt klage datatilsynet statsforvalteren ombud lagret"),
        template="guidance/privacy.html",
        shown=privacy,
        related=["loggen", "opplysningene-dine", "retting-og-sletting", "full-tilgang"],
    ),
    Topic(
        *("tilgjengelighet", 450, HelpGroup.USING, "check"),
        dated=Dated("2026-12-01", "67f07358"),
        title=_("Tilgjengelighetserklæring"),
        about=_("Hvilke krav sidene følger, hva som mangler, og hvem du sier fra til."),
        what=[
            format_lazy(
                _("Alle skal kunne bruke sidene. Målet er kravene i {standard}, nivå A og AA."), standard="WCAG 2.2"
            ),
            _("Vi kjenner til noen mangler. De står under."),
        ],
        who=[
            _("De som lager Legedialog, har skrevet erklæringen etter egen kontroll."),
            _("Ingen utenfor har kontrollert sidene ennå."),
        ],
        when=[_("Programmer kontrollerer sidene når noe blir endret. De som lager dem, prøver også selv.")],
        more=[
            (
                _("Dette blir kontrollert"),
                [
                    _("At du kan bruke sidene med tastatur, og ser hvor du er."),
                    _("At overskrifter, felt og feil er merket, så en skjermleser kan lese dem."),
                    _("At kontrasten er god, både i lyst og mørkt."),
                    _("At du ikke må dra sidelengs på en smal skjerm."),
                    _("At skjemaene virker uten skript."),
                ],
            ),
            (
                _("Dette vet vi mangler"),
                [
                    _("Videorommet og testen av kamera virker ikke uten skript. Be om telefon i stedet."),
                    _("Det kontoret og du selv skriver, er ikke alltid merket med språk."),
                    _("Bilder og dokumenter som noen legger ved, kan mangle tekst for skjermleser."),
                ],
            ),
            (
                _("Kontorets egen erklæring"),
                [_("Et offentlig legekontor skal også ha sin egen erklæring på uustatus.no. Spør kontoret.")],
            ),
            (
                _("Si fra, eller klag"),
                [
                    _("Si fra til legekontoret eller hjelpetelefonen når noe er vanskelig å bruke."),
                    _("Kontoret kan gi deg hjelpen på telefon eller ved oppmøte."),
                    _("Du kan klage til Tilsynet for universell utforming av ikt."),
                ],
            ),
        ],
        words=_("wcag universell utforming uu tilsyn uustatus blind hørsel funksjonsnedsettelse tilgjengelig klage"),
        related=["sprak-og-hjelpemidler", "uten-nett"],
    ),
)

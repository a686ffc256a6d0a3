"""Topics, questions and templates of an office that has not written its own: data in three languages.

The red flags follow what the public says to call about: 113 for life and health now, 116117 for what cannot wait until
the office opens. Source: docs/facts.md#e-consultation and #contact-with-the-office and #our-own-choices.
"""

from dataclasses import dataclass, field

from legedialog.dialogues.intake import Option, Question, Texts
from legedialog.dialogues.rules import Kind
from legedialog.practices.rules import Service


@dataclass(frozen=True, slots=True)
class DefaultTopic:
    code: str
    names: Texts
    leads_to: str = ""
    inquiry_code: str = ""
    questions: tuple[Question, ...] = field(default=())


URGENT = Question(
    "urgent",
    "choice",
    {
        "nb": "Gjelder noe av dette nå?",
        "nn": "Gjeld noko av dette no?",
        "en": "Does any of this apply now?",
    },
    (
        Option(
            "life",
            {
                "nb": "Sterke brystsmerter, pustevansker, lammelser eller stor blødning",
                "nn": "Sterke brystsmerter, pustevanskar, lammingar eller stor bløding",
                "en": "Severe chest pain, trouble breathing, paralysis or heavy bleeding",
            },
            "113",
        ),
        Option(
            "self-harm",
            {
                "nb": "Tanker om å skade meg selv eller ta livet mitt",
                "nn": "Tankar om å skade meg sjølv eller ta livet mitt",
                "en": "Thoughts of harming myself or ending my life",
            },
            "116117",
        ),
        Option(
            "worse",
            {
                "nb": "Jeg blir raskt sykere og kan ikke vente på svar",
                "nn": "Eg blir raskt sjukare og kan ikkje vente på svar",
                "en": "I am getting worse fast and cannot wait for an answer",
            },
            "116117",
        ),
        Option("none", {"nb": "Nei, ingenting av dette", "nn": "Nei, ikkje noko av dette", "en": "No, none of this"}),
    ),
)
SINCE = Question(
    "since",
    "choice",
    {"nb": "Hvor lenge har det vart?", "nn": "Kor lenge har det vart?", "en": "How long has it lasted?"},
    (
        Option("days", {"nb": "Noen dager", "nn": "Nokre dagar", "en": "A few days"}),
        Option("weeks", {"nb": "Noen uker", "nn": "Nokre veker", "en": "A few weeks"}),
        Option("months", {"nb": "Flere måneder", "nn": "Fleire månader", "en": "Several months"}),
    ),
)
KNOWN = Question(
    "known",
    "yes-no",
    {
        "nb": "Har du snakket med legen om dette før?",
        "nn": "Har du snakka med legen om dette før?",
        "en": "Have you talked with the doctor about this before?",
    },
)
RASH_FLAG = Question(
    "rash-fever",
    "yes-no",
    {
        "nb": "Har du høy feber og små, mørke flekker som ikke blekner når du trykker på dem?",
        "nn": "Har du høg feber og små, mørke flekker som ikkje bleiknar når du trykkjer på dei?",
        "en": "Do you have a high fever and small dark spots that do not fade when you press them?",
    },
    (Option("yes", {}, "113"),),
)
RASH_SPREADS = Question(
    "rash-where",
    "text",
    {"nb": "Hvor på kroppen er det?", "nn": "Kvar på kroppen er det?", "en": "Where on the body is it?"},
    help={
        "nb": "Legg gjerne ved et skarpt bilde i dagslys, ett nært og ett litt unna.",
        "nn": "Legg gjerne ved eit skarpt bilete i dagslys, eitt nært og eitt litt unna.",
        "en": "A sharp picture in daylight helps: one close, one from further away.",
    },
)
MEDICINE = Question(
    "medicine",
    "text",
    {"nb": "Hvilken medisin gjelder det?", "nn": "Kva medisin gjeld det?", "en": "Which medicine is it about?"},
)
MEDICINE_FLAG = Question(
    "medicine-reaction",
    "yes-no",
    {
        "nb": "Har du fått hevelse i ansikt eller hals, eller pustevansker, etter medisinen?",
        "nn": "Har du fått heving i andlet eller hals, eller pustevanskar, etter medisinen?",
        "en": "Has your face or throat swollen, or have you had trouble breathing, after the medicine?",
    },
    (Option("yes", {}, "113"),),
)
SICK_UNTIL = Question(
    "sick-until",
    "date",
    {
        "nb": "Når går sykmeldingen ut?",
        "nn": "Når går sjukmeldinga ut?",
        "en": "When does the sick note end?",
    },
)

TOPICS: dict[str, tuple[DefaultTopic, ...]] = {
    Kind.ECONSULTATION: (
        DefaultTopic(
            "follow-up",
            {
                "nb": "Noe jeg har snakket med legen om før",
                "nn": "Noko eg har snakka med legen om før",
                "en": "Something I have talked with the doctor about before",
            },
            questions=(URGENT, SINCE),
        ),
        DefaultTopic(
            "rash",
            {"nb": "Hud og utslett", "nn": "Hud og utslett", "en": "Skin and rash"},
            questions=(URGENT, RASH_FLAG, SINCE, RASH_SPREADS),
        ),
        DefaultTopic(
            "medicine",
            {"nb": "Spørsmål om en medisin", "nn": "Spørsmål om ein medisin", "en": "A question about a medicine"},
            questions=(URGENT, MEDICINE_FLAG, MEDICINE),
        ),
        DefaultTopic(
            "results",
            {"nb": "Spørsmål om prøvesvar", "nn": "Spørsmål om prøvesvar", "en": "A question about test results"},
            questions=(URGENT,),
        ),
        DefaultTopic(
            "sick-note",
            {"nb": "Forlenge en sykmelding", "nn": "Forlengje ei sjukmelding", "en": "Extend a sick note"},
            questions=(URGENT, SICK_UNTIL),
        ),
        DefaultTopic(
            "renew",
            {"nb": "Fornye en resept", "nn": "Fornye ein resept", "en": "Renew a prescription"},
            leads_to=Service.RENEW,
        ),
        DefaultTopic(
            "other", {"nb": "Noe annet", "nn": "Noko anna", "en": "Something else"}, questions=(URGENT, KNOWN, SINCE)
        ),
    ),
    Kind.CONTACT: (
        DefaultTopic(
            "certificate",
            {
                "nb": "Bestille attest eller erklæring",
                "nn": "Bestille attest eller erklæring",
                "en": "Order a certificate or statement",
            },
            inquiry_code="BA",
        ),
        DefaultTopic(
            "holiday",
            {
                "nb": "Ferie, stengte dager og åpningstider",
                "nn": "Ferie, stengde dagar og opningstider",
                "en": "Holidays, closed days and opening hours",
            },
        ),
        DefaultTopic(
            "access",
            {
                "nb": "Parkering og adkomst",
                "nn": "Parkering og tilkomst",
                "en": "Parking and access",
            },
        ),
        DefaultTopic("bill", {"nb": "Regning", "nn": "Rekning", "en": "A bill"}),
        DefaultTopic(
            "other", {"nb": "Noe annet praktisk", "nn": "Noko anna praktisk", "en": "Another practical matter"}
        ),
        DefaultTopic(
            "health",
            {
                "nb": "Et spørsmål om helsen min",
                "nn": "Eit spørsmål om helsa mi",
                "en": "A question about my health",
            },
            leads_to=Service.ECONSULTATION,
        ),
        DefaultTopic(
            "time",
            {
                "nb": "Bestille, endre eller avbestille time",
                "nn": "Bestille, endre eller avbestille time",
                "en": "Book, change or cancel an appointment",
            },
            leads_to=Service.BOOK,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class DefaultTemplate:
    name: str
    kind: str
    texts: Texts


TEMPLATES = (
    DefaultTemplate(
        "Trenger time",
        Kind.ECONSULTATION,
        {
            "nb": "Hei {fornavn}. For å hjelpe deg med dette trenger jeg å se deg. Velg gjerne en av timene under.\n\n"
            "Hilsen {avsender}",
            "nn": "Hei {fornavn}. For å hjelpe deg med dette treng eg å sjå deg. Vel gjerne ein av timane under.\n\n"
            "Helsing {avsender}",
            "en": "Hello {fornavn}. To help you with this I need to see you. Please choose one of the times below.\n\n"
            "Kind regards, {avsender}",
        },
    ),
    DefaultTemplate(
        "Attesten er klar",
        Kind.CONTACT,
        {
            "nb": "Hei {fornavn}. Attesten er klar. Du kan hente den hos oss på {kontor}.\n\nHilsen {avsender}",
            "nn": "Hei {fornavn}. Attesten er klar. Du kan hente han hos oss på {kontor}.\n\nHelsing {avsender}",
            "en": "Hello {fornavn}. The certificate is ready. You can collect it at {kontor}.\n\n"
            "Kind regards, {avsender}",
        },
    ),
    DefaultTemplate(
        "Spørsmål om helse",
        Kind.CONTACT,
        {
            "nb": "Hei {fornavn}. Vi kan ikke svare på spørsmål om helse her. Bestill time hos {lege}, eller start en "
            "e-konsultasjon. Haster det, ring oss på {telefon}.\n\nHilsen {avsender}",
            "nn": "Hei {fornavn}. Vi kan ikkje svare på spørsmål om helse her. Bestill time hos {lege}, eller start "
            "ein e-konsultasjon. Hastar det, ring oss på {telefon}.\n\nHelsing {avsender}",
            "en": "Hello {fornavn}. We cannot answer questions about health here. Book an appointment with {lege}, or "
            "start an e-consultation. If it is urgent, call us on {telefon}.\n\nKind regards, {avsender}",
        },
    ),
)

"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import (
    ADDRESS,
    CODE,
    HEALTH,
    LINK,
    NUMBER,
    OFFICE,
    OFFICES,
    RECORD,
    STATE,
    TIME,
    TRACE,
    About,
    Act,
    Chapter,
    Kept,
    Link,
    Measure,
    Notice,
    Part,
    RowOf,
    Table,
    Waits,
    Word,
    belongs_to,
    public,
)
from legedialog.fees import billing, notices, online, paying, story, tables
from legedialog.fees.help import TOPICS
from legedialog.fees.merging import settle
from legedialog.fees.own import CARDS, CHARGES, PROMISES
from legedialog.fees.web import waiting
from legedialog.patients.rules import NoticeKind

OWES = "what an office has asked for, been paid and owes: accounts that it must keep, and a claim that it may have"
CHARGE = "workspace:charge"
ACCOUNTS = Kept("Five years after the accounting year, and as long as the record it tells of (docs/facts.md#accounts)")

ABOUT = About(
    tables={
        "RateTable": Table(
            public(),
            "A file of rates that was loaded: what services cost from when to when.",
            OFFICE,
            {LINK: "id", OFFICES: "name digest", STATE: "is_invented", TRACE: "loaded_at"},
            is_append_only=True,
        ),
        "Rate": Table(
            public(),
            "What one code costs by one table, with its source.",
            OFFICE,
            {
                LINK: "id table",
                OFFICES: "code day evening specialist_day specialist_evening from_date to_date source",
            },
            is_append_only=True,
        ),
        "Confirmation": Table(
            public("practice"),
            "An office's manager has seen a table of rates, and its pages tell them.",
            OFFICE,
            {LINK: "id practice table by_employee", TRACE: "at"},
            is_append_only=True,
        ),
        "Terms": Table(
            public("practice"),
            "What an office has decided about prices.",
            OFFICE,
            {
                LINK: "practice",
                OFFICES: "promises_day_rate charges_missed charges_invoice charges_reminder charges_dispatch"
                " account_number due_days kid_modulus",
                STATE: "invoices credit_notes",
            },
        ),
        "OwnPrice": Table(
            public("practice"),
            "What an office itself sets the price of.",
            OFFICE,
            {LINK: "id practice", OFFICES: "name ore"},
            fixed="name ore",
            is_removed=True,
        ),
        "Promise": Table(
            belongs_to("patient", "practice"),
            "What somebody was shown that a service costs, before she booked or sent: the most that is charged.",
            RECORD,
            {
                LINK: "id practice patient by_person object_id",
                HEALTH: "content restriction service low high missed own_what own_ore invoice dispatch laboratory"
                " laboratory_ore told",
                STATE: "why",
                TRACE: "at",
            },
            plain={
                CODE: "content restriction service laboratory",
                NUMBER: "low high missed own_ore invoice dispatch laboratory_ore",
            },
            not_hers={
                "content": "says which service it is a part of; the service says it to people",
                "restriction": "says from whom it is kept, and nothing of what it is",
            },
        ),
        "Charge": Table(
            belongs_to("patient", "practice", written_by=("practice",)),
            "What an office asks somebody to pay for, how far that has come, and why not.",
            ACCOUNTS,
            {
                LINK: "id practice patient by_person clinician object_id by_employee",
                HEALTH: "content restriction service kind happened_at exemption reason",
                STATE: "status status_at disputed_at is_left_free",
                TRACE: "asked_at told_at notified_at",
            },
            {"exemption": "why a co-payment is not asked for; may name an illness"},
            plain={CODE: "content restriction service kind", TIME: "happened_at"},
            fixed="content",
            moves="by_employee",
            not_hers={
                "content": "says which service it is a part of; the service says it to people",
                "restriction": "says from whom it is kept, and nothing of what it is",
                "kind": "the lines say it",
            },
            stays={"*": OWES},
        ),
        "ExemptionCard": Table(
            belongs_to("patient", follows="patient", written_by=()),
            "The register has told that a patient has an exemption card, so that nobody asks her for a co-payment.",
            ACCOUNTS,
            {LINK: "id patient", HEALTH: "year from_date", TRACE: "told_at"},
            plain={NUMBER: "year", TIME: "from_date"},
            fixed="year",
            stays={"*": OWES},
        ),
        "Line": Table(
            belongs_to("practice", follows="charge", written_by=("practice",)),
            "An amount of a charge, and what counters it.",
            ACCOUNTS,
            {
                LINK: "id practice charge number corrects credit_note by_employee",
                HEALTH: "code what ore is_counted in_evening top by_ceiling reason",
                TRACE: "at",
            },
            plain={CODE: "code", NUMBER: "ore is_counted in_evening top by_ceiling"},
            is_append_only=True,
            not_hers={
                "code": "in the file for systems; the words say it to people",
                "in_evening": "in the file for systems, by the code",
                "is_counted": "in the file for systems",
                "top": "stands in what she was shown",
                "by_ceiling": "the reason says it to people",
            },
            stays={"*": OWES},
        ),
        "Payment": Table(
            belongs_to("practice", follows="charge", written_by=("practice",)),
            "Money that came for a charge, or went back.",
            ACCOUNTS,
            {LINK: "id practice charge key by_employee", HEALTH: "way ore", TRACE: "at"},
            {"key": "of the form, the bank's or the provider's, so that it is taken once"},
            plain={CODE: "way", NUMBER: "ore"},
            is_append_only=True,
            stays={"*": OWES},
        ),
        "Transfer": Table(
            belongs_to("practice", follows="charge", written_by=("practice",)),
            "Money that goes through the payment provider, and how far it has come.",
            ACCOUNTS,
            {
                LINK: "id practice charge of provider_id by_person by_employee",
                OFFICES: "url",
                HEALTH: "direction ore",
                STATE: "stand",
                TRACE: "begun_at stand_at asked_at",
            },
            {"url": "where it is paid; good for one payment"},
            plain={CODE: "direction", NUMBER: "ore"},
            fixed="direction ore begun_at",
            moves="provider_id",
            not_hers={
                "direction": "what was paid and paid back are payments, which are there",
                "ore": "what was paid and paid back are payments, which are there",
            },
            stays={"*": OWES},
        ),
        "Invoice": Table(
            belongs_to("practice", follows="charge", written_by=("practice",)),
            "A charge that was sent to be paid by bank.",
            ACCOUNTS,
            {
                LINK: "id practice charge number kid",
                OFFICES: "account_number",
                HEALTH: "ore",
                TRACE: "sent_at reminded_at",
                STATE: "due_date",
            },
            plain={NUMBER: "ore"},
            fixed="account_number ore sent_at due_date",
            stays={"*": OWES},
        ),
        "CreditNote": Table(
            belongs_to("practice", follows="charge", written_by=("practice",)),
            "What was taken off a charge after its invoice was sent, under a number of its own.",
            ACCOUNTS,
            {LINK: "id practice charge number", HEALTH: "ore", TRACE: "at"},
            plain={NUMBER: "ore"},
            is_append_only=True,
            stays={"*": OWES},
        ),
        "Run": Table(
            belongs_to("practice"),
            "Invoices that an office sends in one go, and how far that has come.",
            ACCOUNTS,
            {LINK: "id practice by_employee", STATE: "total done", TRACE: "started_at ended_at"},
            fixed="started_at total",
        ),
        "Received": Table(
            belongs_to("practice"),
            "A payment that the office's bank told of, and what it turned out to be.",
            ACCOUNTS,
            {
                LINK: "id practice key charge seen_by",
                HEALTH: "kid ore",
                STATE: "finding",
                TRACE: "paid_date read_at seen_at",
                OFFICES: "why",
            },
            plain={ADDRESS: "kid", NUMBER: "ore"},
            fixed="kid ore finding paid_date read_at",
            moves="charge seen_by",
            not_hers={
                "kid": "what came from the bank; what fitted is the payment of her charge, which is there",
                "ore": "the payment of her charge says it",
            },
        ),
    },
    ids={
        "fees.Received.key": "of the bank's transaction",
        "fees.Promise.object_id": "what it is the price of: an appointment, a dialogue, an order",
        "fees.Charge.object_id": "what it is asked for: an appointment, a dialogue, an order",
        "fees.Payment.key": "of the form, the bank or the provider",
        "fees.Transfer.provider_id": "of the payment, at the provider",
    },
    merges={
        "fees.ExemptionCard": settle,
    },
    topics=TOPICS,
    own=(PROMISES, CHARGES, CARDS),
    parts=(Part(("portal:profile",), 10, "fees/citizen/door.html", waiting.in_profile),),
    waits=Waits(waiting.asks, waiting.to_pay),
    story=(Chapter(20, story.prices), Chapter(140, story.play)),
    measures=(
        Measure(
            *("oldest_charge_without_answer_seconds", "How long a charge has waited for the card register.", 7200),
            "Nobody is asked to pay it meanwhile. The worker's log says why the register does not answer.",
            sql="""SELECT coalesce(extract(epoch FROM max(now() - status_at)), 0)
      FROM fees_charge WHERE status = 'checking'""",
        ),
        Measure(
            *("oldest_refund_without_answer_seconds", "How long money has been on its way back to a card.", 7200),
            "The worker's log says why the payment provider does not answer.",
            sql="""SELECT coalesce(extract(epoch FROM max(now() - begun_at)), 0)
      FROM fees_transfer WHERE direction = 'back' AND stand = 'begun'""",
        ),
    ),
    acts={
        "charge.invoice": Act(
            billing.invoice, _("Faktura sendes straks"), _("Fakturaen sendes om %(seconds)d sekunder."), CHARGE
        ),
        "charge.refund": Act(
            paying.refund,
            _("Betales tilbake straks"),
            _("Tilbakebetalingen registreres, og pasienten får beskjed, om %(seconds)d sekunder."),
            CHARGE,
        ),
        "charge.refund-online": Act(
            online.refund,
            _("Betales tilbake til kortet straks"),
            _("Pengene sendes tilbake til kortet om %(seconds)d sekunder."),
            CHARGE,
        ),
        "invoices.run": Act(
            billing.start_run,
            _("Fakturaer sendes straks"),
            _("Fakturaene begynner å gå ut om %(seconds)d sekunder."),
            "workspace:charges-run",
            query=lambda _id, _given: "",
        ),
        "invoices.remind": Act(
            billing.remind,
            _("Påminnelser sendes straks"),
            _("Påminnelsene sendes om %(seconds)d sekunder."),
            "workspace:charges-unpaid",
            query=lambda _id, _given: "",
        ),
    },
    notices={
        "charge.approved": Notice(
            _("Beskjed om noe å betale"),
            notices.approved,
            notices.CHARGE,
            notices.area,
            NoticeKind.BILL,
            says="Du har noe å betale til legekontoret. Logg inn på Legedialog for å se det og betale.",
        ),
        "charge.changed": Notice(
            _("Beskjed om at det som skal betales, er endret"),
            notices.changed,
            notices.CHARGE,
            notices.area,
            NoticeKind.BILL,
            says="Det du skal betale til legekontoret, er endret. Logg inn på Legedialog for å se det.",
        ),
        "charge.invoiced": Notice(
            _("Beskjed om faktura"),
            notices.invoiced,
            notices.CHARGE,
            notices.area,
            NoticeKind.BILL,
            says="Du har fått en faktura. Logg inn på Legedialog for å se den og betale.",
        ),
        "charge.refunded": Notice(
            _("Beskjed om tilbakebetaling"),
            notices.refunded,
            notices.CHARGE,
            notices.area,
            NoticeKind.BILL,
            says="Legekontoret har betalt penger tilbake til deg. Logg inn på Legedialog for å se det.",
        ),
        "charge.reminded": Notice(
            _("Påminnelse om faktura"),
            notices.reminded,
            notices.CHARGE,
            notices.area,
            NoticeKind.BILL,
            says="En faktura er ikke betalt. Logg inn på Legedialog for å se den.",
        ),
    },
    statements={
        "fees:index": 8,  # and the exemption card
        "fees:show": 8,  # lines, payments, transfers, credit notes
        "fees:document": 7,
        "fees:credit-note": 8,
    },
    parameters={
        "table": Word("demo"),
        "charge_id": RowOf("fees.Charge", patient="patient", practice="practice", is_hers=True),
        "received_id": RowOf("fees.Received", practice="practice"),
        "credit_note_id": RowOf("fees.CreditNote", patient="charge__patient", practice="practice", is_hers=True),
        "price_id": RowOf("fees.OwnPrice", practice="practice"),
    },
    links=(Link(10, "fees:index", "receipt", _("Betaling"), _("Egenandeler, kvitteringer og frikort")),),
    pages={"prices.md": tables.page},
)

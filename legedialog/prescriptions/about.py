"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import (
    CODE,
    HEALTH,
    LINK,
    NUMBER,
    OFFICE,
    OFFICES,
    RECORD,
    STAFF,
    STATE,
    TIME,
    TRACE,
    About,
    Act,
    Chapter,
    Door,
    Kept,
    Notice,
    Place,
    RowOf,
    Table,
    Waits,
    belongs_to,
    public,
    span,
)
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind
from legedialog.practices.rules import Service
from legedialog.prescriptions import duties, notices, office, pages, story, withdrawing
from legedialog.prescriptions.help import TOPICS
from legedialog.prescriptions.own import ORDERS, PRESCRIPTIONS
from legedialog.prescriptions.web import waiting

ABOUT = About(
    tables={
        "Source": Table(
            public(),
            "Which other systems tell of prescriptions, and whether they do.",
            OFFICE,
            {LINK: "id", OFFICES: "name phone", STATE: "heard_at failed_at silent_after_minutes"},
        ),
        "Prescription": Table(
            belongs_to("patient", "practice", follows="patient"),
            "What a patient is prescribed, shown to her and renewed by her office; as an e-prescription says it.",
            RECORD,
            {
                LINK: "id patient practice prescriber source identifier renews",
                STAFF: "prescriber_name prescriber_hpr",
                HEALTH: "kind group name substance atc strength form form_code product_number pack use amount"
                " dispensings supply_days reimbursement is_reimbursed written_date valid_until_date restriction"
                " withdrawal",
                STATE: "withdrawn_at",
            },
            {"restriction": "whether it is hidden from the parents or from the youth"},
            plain={
                CODE: "kind restriction",
                NUMBER: "amount dispensings supply_days is_reimbursed",
                TIME: "written_date valid_until_date",
            },
            not_hers={
                "kind": "in the file for systems; the name says it to people",
                "form_code": "a code of `form`",
                "product_number": "a code of `name`, `form` and `pack`",
                "supply_days": "in the file for systems; reckoned from the use",
                "is_reimbursed": "made from `reimbursement`",
                "restriction": "says from whom it is kept, and nothing of what it is",
            },
            moves="renews practice prescriber",
        ),
        "Dispensing": Table(
            belongs_to(follows="prescription"),
            "What was collected on a prescription, so that what is left can be counted.",
            RECORD,
            {LINK: "id prescription identifier", HEALTH: "dispensed_date amount pharmacy"},
            plain={TIME: "dispensed_date", NUMBER: "amount"},
            is_append_only=True,
        ),
        "Renewal": Table(
            belongs_to("patient", "practice"),
            "An order to renew prescriptions, as the patient or who acts for her sent it.",
            RECORD,
            {
                LINK: "id practice patient sent_by key",
                HEALTH: "note pickup pickup_place",
                TRACE: "sent_at",
                STATE: "due_date warn_date lapse_date",
            },
            {"key": "from the form, so that sending twice makes one order"},
            plain={CODE: "pickup"},
        ),
        "Item": Table(
            belongs_to("patient", "practice"),
            "One prescription in an order, how far it has come, and what was decided.",
            RECORD,
            {
                LINK: "id renewal practice patient prescription clinician decided_by result",
                HEALTH: "strength use amount dispensings months staff_note answer times",
                STATE: "status status_at",
            },
            plain={NUMBER: "amount dispensings months", TIME: "times"},
            not_hers={"staff_note": "between colleagues; she asks the office for it"},
            moves="clinician decided_by result",
        ),
        "Step": Table(
            belongs_to(follows="item"),
            "The story of a renewal that patient and office read.",
            RECORD,
            {LINK: "id item by_person by_employee", STATE: "status", TRACE: "at"},
            is_append_only=True,
        ),
        "Allowance": Table(
            public("practice"),
            "What an office's doctors renew without a consultation.",
            OFFICE,
            {LINK: "id practice clinician", OFFICES: "atc label verdict"},
            is_removed=True,
        ),
        "Look": Table(
            belongs_to("patient"),
            "Reminds her who opened a prescription that runs out soon and did not order.",
            Kept(f"{span(duties.LOOK_KEPT)} at most; until she orders or is reminded", duties.tidy),
            {LINK: "id prescription patient", TRACE: "at"},
            is_removed=True,
        ),
    },
    finer={
        "prescriptions:hide": ("youth",),
    },
    statements={
        "prescriptions:index": 9,  # and what she does not tolerate
        "prescriptions:order": 10,  # and what decides its price
    },
    parameters={
        "allowance_id": RowOf("prescriptions.Allowance", practice="practice", clinician="clinician"),
        "prescription_id": RowOf(
            "prescriptions.Prescription",
            patient="patient",
            practice="practice patient__memberships__contract__practice",
            is_hers=True,
        ),
        "renewal_id": RowOf("prescriptions.Renewal", patient="patient", practice="practice", is_hers=True),
    },
    menu=Place(50, "prescriptions:index", _("Legemidler"), "medicine"),
    doors={Service.RENEW: Door("prescriptions:renew", Area.PRESCRIPTIONS)},
    ids={
        "prescriptions.Renewal.key": "of the form",
    },
    acts={
        "prescription.withdraw": Act(
            withdrawing.withdraw_prescription,
            _("Trekkes tilbake straks"),
            _("Resepten trekkes tilbake om %(seconds)d sekunder."),
            "workspace:prescription-withdraw",
        ),
    },
    notices={
        "prescription.withdrawn": Notice(
            _("Beskjed om at en resept er trukket tilbake"),
            notices.withdrawn,
            notices.PRESCRIPTION,
            Area.PRESCRIPTIONS,
            NoticeKind.RENEWAL,
            says="Legen har endret noe hun eller han har skrevet ut til deg. Logg inn på Legedialog for å lese det.",
        ),
        "renewal.answered": Notice(
            _("Beskjed om svar på reseptfornyelse"),
            notices.answered,
            notices.ORDER,
            Area.PRESCRIPTIONS,
            NoticeKind.RENEWAL,
            says="Du har fått svar på en bestilling. Logg inn på Legedialog for å lese det.",
        ),
        "renewal.lapsed": Notice(
            _("Beskjed om at en reseptfornyelse bortfalt"),
            notices.lapsed,
            notices.ORDER,
            Area.PRESCRIPTIONS,
            NoticeKind.RENEWAL,
            says="En bestilling ble ikke besvart i tide. Logg inn på Legedialog for å se hva du kan gjøre.",
        ),
        "renewal.late": Notice(
            _("Beskjed om at svar på reseptfornyelse drøyer"),
            notices.late,
            notices.ORDER,
            Area.PRESCRIPTIONS,
            NoticeKind.RENEWAL,
            says="Svaret på en bestilling drøyer. Logg inn på Legedialog for å se hva du kan gjøre.",
        ),
        "renewal.nudge": Notice(
            _("Påminnelse om noe som snart går ut"),
            notices.nudge,
            notices.PRESCRIPTION,
            Area.PRESCRIPTIONS,
            NoticeKind.RENEWAL_REMINDER,
            says="Noe du så på, går snart ut. Logg inn på Legedialog hvis du vil bestille.",
        ),
    },
    topics=TOPICS,
    own=(PRESCRIPTIONS, ORDERS),
    waits=Waits(waiting.asks, waiting.prescriptions),
    story=(Chapter(170, story.play),),
    has_contact=office.has_contact,
    pages={"renewal-rules.md": pages.rules_page, "renewal-states.md": pages.states_page},
)

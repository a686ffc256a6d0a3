"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import (
    CHOICE,
    CONTACT,
    EMPLOYMENT,
    LINK,
    OFFICE,
    OFFICES,
    REGISTER,
    STAFF,
    TRACE,
    About,
    Chapter,
    Kept,
    RowOf,
    Table,
    belongs_to,
    public,
)
from legedialog.practices import employees, story

ABOUT = About(
    tables={
        "Practice": Table(
            public("id", is_made_by_system=True),  # else anybody could be an office of her own
            "The office, for its patients and for messages to it.",
            OFFICE,
            {
                LINK: "id",
                OFFICES: "name organisation_number her_id street postal_code city phone email website directions"
                " supported_services supports_representation secretary_reads",
            },
        ),
        "OpeningHours": Table(
            public("practice"),
            "When the office is open.",
            OFFICE,
            {LINK: "id practice", OFFICES: "weekday opens closes"},
            is_removed=True,
        ),
        "OpeningException": Table(
            public("practice"),
            "Days with other hours.",
            OFFICE,
            {LINK: "id practice", OFFICES: "date opens closes note"},
            is_removed=True,
        ),
        "Clinician": Table(
            public("practice"),
            "Who treats patients, and what else of an office's has times, shown to them.",
            EMPLOYMENT,
            {LINK: "id practice responsible", STAFF: "name hpr_number her_id is_specialist", OFFICES: "column"},
            moves="responsible",
        ),
        "Employee": Table(
            public("practice"),
            "Who works at an office, in which role: decides what she may open.",
            EMPLOYMENT,
            {
                LINK: "id practice clinician successor",
                STAFF: "name role national_number_index starts_date ends_date",
            },
            {"national_number_index": "finds the employee at login; keyed, so it tells no number"},
            moves="clinician successor",
        ),
        "Reach": Table(
            belongs_to("employee"),
            "Tells an employee, who is away, that work waits: by the way and in the hours she has chosen herself.",
            Kept("Until she turns it off, or leaves", employees.forget_leavers),
            {
                LINK: "id employee",
                CONTACT: "address",
                CHOICE: "mode channel language from_clock to_clock on_days_off",
                TRACE: "chosen_at",
            },
            {"address": "her telephone or e-mail address, seen by nobody else"},
            not_hers=dict.fromkeys(
                ["address", "mode", "channel", "language", "from_clock", "to_clock", "on_days_off"],
                "an employee's, who reads and changes it on her own page",
            ),
            is_removed=True,
        ),
        "Contract": Table(
            public("practice"),
            "A GP's list, from the GP register.",
            REGISTER,
            {LINK: "id practice", OFFICES: "number max_patients is_common_list"},
            moves="practice",
        ),
        "ContractDoctor": Table(
            public("contract.practice"),
            "Which doctors serve a list.",
            REGISTER,
            {LINK: "id contract clinician", STAFF: "starts_date ends_date"},
        ),
        "Offer": Table(
            public("practice"),
            "Which services a doctor offers, and why one is closed.",
            OFFICE,
            {LINK: "id practice clinician", OFFICES: "service is_open closed_until_date closed_reason"},
        ),
        "Absence": Table(
            public("practice"),
            "When a doctor is away and who stands in: closes times and tells patients.",
            OFFICE,
            {LINK: "id practice clinician substitute", STAFF: "first_date last_date note"},
            is_removed=True,
            moves="substitute",
        ),
    },
    parameters={
        "employee_id": RowOf("practices.Employee", practice="practice"),
        "absence_id": RowOf("practices.Absence", practice="practice", clinician="clinician"),
        "column_id": RowOf("practices.Clinician", practice="practice", clinician="pk"),
        "clinician_id": RowOf(
            "practices.Clinician", practice="employments__practice", clinician="pk", states=(("column", ""),)
        ),
    },
    story=(Chapter(50, story.play),),
)

"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import (
    CONTACT,
    HEALTH,
    LINK,
    RECORD,
    TIME,
    TRACE,
    About,
    Chapter,
    Kept,
    Part,
    RowOf,
    Table,
    Top,
    belongs_to,
    kept_stays,
)
from legedialog.interpreters import queries, services, story
from legedialog.interpreters.help import TOPICS
from legedialog.interpreters.own import NEEDS, ORDERS
from legedialog.interpreters.web.citizen import at_appointment, at_booking, in_profile
from legedialog.interpreters.web.office import at_patient, at_visit

ABOUT = About(
    tables={
        "Need": Table(
            belongs_to("patient", follows="patient"),
            "Which language a patient needs an interpreter for.",
            Kept("Until it is said that none is needed; what she said herself, until she turns all services off"),
            {LINK: "id patient by_person by_employee", CONTACT: "language", TRACE: "said_at"},
            moves="by_person by_employee",
            is_removed=True,
        ),
        "Order": Table(
            belongs_to("patient", "practice", written_by=("practice",)),
            "An office has noted that an interpreter is ordered for an appointment.",
            RECORD,
            {
                LINK: "id practice patient appointment by_employee undone_by",
                HEALTH: "language starts_at",
                TRACE: "ordered_at undone_at",
            },
            {"starts_at": "the appointment's time when it was noted"},
            plain={TIME: "starts_at"},
            fixed="language starts_at ordered_at",
            moves="undone_by",
        ),
    },
    parameters={
        "interpreter_id": RowOf("interpreters.Order", patient="patient", practice="practice", is_hers=True),
    },
    merges={"interpreters.Need": kept_stays},
    parts=(
        Part(("portal:reach",), 10, "interpreters/profile.html", in_profile),
        Part(
            ("appointments:review", "appointments:move", "appointments:request"),
            *(10, "interpreters/booking.html", at_booking),
        ),
        Part(("appointments:show",), 10, "interpreters/appointment.html", at_appointment),
        Part(("workspace:patient",), 10, "interpreters/patient.html", at_patient),
        Part(("workspace:visit",), 10, "interpreters/visit.html", at_visit),
    ),
    top=(Top(20, "interpreter.read", queries.asks_top, queries.top, "interpreters/top.html"),),
    log={
        "interpreter.needed": _("Sa hvilket språk du trenger tolk på"),
        "interpreter.not-needed": _("Sa at du ikke trenger tolk"),
        "interpreter.ordered": _("Noterte at tolk er bestilt til en time"),
        "interpreter.order-undone": _("Angret at tolk er bestilt til en time"),
        "interpreter.read": _("Leste hvilket språk du trenger tolk på"),
    },
    topics=TOPICS,
    own=(NEEDS, ORDERS),
    forget=lambda actor, person_id, now: services.forget(actor=actor, person_id=person_id, now=now),
    story=(Chapter(165, story.play),),
)

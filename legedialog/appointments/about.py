"""What this context says about itself to the rest. See core/contexts."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.appointments import notices, office, policy, rules, services, story, wait_rules
from legedialog.appointments.help import TOPICS
from legedialog.appointments.merging import settle_recalls, settle_requests
from legedialog.appointments.own import ELSEWHERE, RECALLS, VISITS, WAITS, WISHES
from legedialog.appointments.web import waiting
from legedialog.appointments.web.home import upcoming
from legedialog.core.contexts import (
    CHOICE,
    CODE,
    HEALTH,
    LINK,
    LOGIN,
    OFFICE,
    OFFICES,
    PLAN,
    RECORD,
    STATE,
    TIME,
    TRACE,
    About,
    Act,
    Door,
    Kept,
    Letters,
    Notice,
    Part,
    Place,
    RowOf,
    Table,
    Waits,
    belongs_to,
    kept_stays,
    public,
    span,
)
from legedialog.core.times import CLINIC
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind
from legedialog.practices.rules import Service


def _again(key: UUID, given: Mapping[str, Any]) -> str:
    """The office's booking page with the patient, the doctor and the time, and what else she had given."""
    start = given["starts_at"].astimezone(CLINIC).strftime("%Y-%m-%dT%H:%M")
    place = {"pasient": given["patient_id"], "kalender": given["calendar_id"], "start": start, "igjen": key}
    return urlencode(place)


def _nothing(key: UUID, given: Mapping[str, Any]) -> str:
    """The page is of nothing in particular."""
    return ""


WALK_IN = "to one whom only the office has registered"  # who cannot log in

ABOUT = About(
    tables={
        "Calendar": Table(
            public("practice"),
            "A doctor's time at an office, or another column's.",
            OFFICE,
            {LINK: "id practice clinician", OFFICES: "is_active"},
        ),
        "VisitType": Table(
            public("practice"),
            "What may be booked, and how.",
            PLAN,
            {
                LINK: "id practice own_price",
                OFFICES: "name name_nn name_en kind minutes channels is_bookable_by_citizens"
                " is_with_anybody needs_order horizon_days lead_minutes release_clock buffer_minutes cutoff_hours"
                " max_coming preparation exemption is_own_price_alone laboratory is_active position",
            },
            moves="own_price",
        ),
        "Block": Table(
            public("calendar.practice"),
            "The weekly plan.",
            PLAN,
            {
                LINK: "id calendar",
                OFFICES: "weekday starts ends step_minutes channels is_online first_date last_date",
            },
            is_removed=True,
        ),
        "Block_visit_types": Table(
            public("block.calendar.practice"),
            "What a part of the plan is for.",
            PLAN,
            {LINK: "id block visittype"},
            is_removed=True,
        ),
        "Claim": Table(
            belongs_to(
                *("holder", "calendar.practice"),
                also="EXISTS (SELECT FROM appointments_appointment a WHERE a.claim_id = appointments_claim.id)",
            ),
            "The time an appointment, a hold or the office's own work takes, so that nothing is booked twice.",
            Kept(
                f"{RECORD.text}; a hold that became nothing, {span(rules.HOLD)}; an offered time until it is answered",
                services.tidy,
            ),
            {
                LINK: "id calendar holder visit_type",
                HEALTH: "period kind channel note",
                STATE: "is_active is_overbooked expires_at",
            },
            {
                "holder": "whose hold it is, while she books, or to whom the time is offered",
                "note": "why the office keeps the time; never about a patient",
            },
            plain={TIME: "period", CODE: "kind channel"},
            not_hers={
                "period": "the calendar's; what she has booked is an appointment",
                "kind": "the calendar's; what she has booked is an appointment",
                "channel": "the calendar's; what she has booked is an appointment",
                "note": "the calendar's; what she has booked is an appointment",
            },
            fixed="period channel note is_overbooked",
            moves="holder",
            is_removed=True,
        ),
        "Appointment": Table(
            belongs_to("patient", "practice", takes=("claim",)),
            "A visit, planned or held: part of the patient's record at the office.",
            RECORD,
            {
                LINK: "id practice calendar patient visit_type claim booked_by_person booked_by_employee",
                HEALTH: "channel starts_at ends_at moved_from_at reason cancel_note",
                CHOICE: "restriction",
                STATE: "status sequence changes offers_new arrived_online",
                TRACE: "booked_at status_at arrived_at cancelled_by is_late",
            },
            plain={CODE: "channel", TIME: "starts_at ends_at moved_from_at"},
            not_hers={"restriction": "says from whom it is kept, and nothing of what it is"},
            fixed="booked_at",
            moves="claim calendar visit_type",
        ),
        "Delay": Table(
            public("calendar.practice"),
            "How far behind a calendar is today, for those who have a time there.",
            Kept("Until the day is over", services.tidy_delays),
            {LINK: "id calendar", OFFICES: "day minutes", TRACE: "told_at"},
            fixed="day",
            is_removed=True,
        ),
        "DayNote": Table(
            belongs_to("calendar.practice"),
            "What an office has written of a calendar's day, for itself.",
            Kept(f"{span(rules.NOTE_KEPT)} after the day", services.tidy_day_notes),
            {LINK: "id calendar written_by", OFFICES: "day text before", TRACE: "written_at"},
            {
                "text": "sealed: never about a patient, but nobody can know what is typed",
                "before": "what stood there, until it is written anew, so that it can be taken back",
            },
            fixed="day",
            moves="written_by",
            is_removed=True,
        ),
        "ArrivalCode": Table(
            public("practice"),
            "The code on an office's wall, by which a patient shows that she stands there.",
            Kept("Until the manager draws another, or asks for none"),
            {LINK: "id practice", OFFICES: "code", TRACE: "drawn_at"},
            {"code": "sealed, though it hangs on a wall"},
            is_removed=True,
        ),
        "TimeRequest": Table(
            belongs_to("patient", "practice"),
            "A wish for a time, and the office's answer: part of the patient's record at the office.",
            RECORD,
            {
                LINK: "id practice clinician patient sent_by key appointment",
                HEALTH: "wishes coarse_times channels answer reply",
                STATE: "status rounds",
                TRACE: "sent_at status_at",
            },
            plain={CODE: "coarse_times channels"},
            moves="appointment",
            is_removed=True,
        ),
        "ProposedTime": Table(
            belongs_to(follows="request"),
            "Times the office named for a wish, for the patient to choose among.",
            RECORD,
            {LINK: "id request calendar visit_type", HEALTH: "channel starts_at", STATE: "round"},
            plain={CODE: "channel", TIME: "starts_at"},
            not_hers={
                "channel": "a time that was free when it was named; the one she took is an appointment",
                "starts_at": "a time that was free when it was named; the one she took is an appointment",
            },
            is_append_only=True,
        ),
        "Waitlist": Table(
            public("practice"),
            "Whether an office offers freed times to those who wait, and how long they have to answer.",
            OFFICE,
            {LINK: "id practice", OFFICES: "is_open answer_minutes"},
        ),
        "Wait": Table(
            belongs_to("patient", "practice", in_the_name_of=("asked_by",)),
            "A wish for an earlier time than the one that is booked, and when it suits.",
            Kept(f"{span(wait_rules.KEPT)} after it has ended", services.end_what_is_over),
            {
                LINK: "id appointment patient practice asked_by",
                HEALTH: "coarse_times",
                CHOICE: "with_anybody notice_minutes",
                STATE: "status known",
                TRACE: "asked_at status_at",
            },
            {"known": "times that were free when she asked, so that they are not offered as news"},
            plain={CODE: "coarse_times"},
            fixed="asked_at",
            is_removed=True,
            stays={"*": "with the appointment; without her consent nothing is offered"},
        ),
        "TimeOffer": Table(
            belongs_to(follows="wait"),
            "A freed time that was offered to one who waits, until when, and what she answered.",
            Kept(f"{span(wait_rules.KEPT)} after the wait has ended", services.end_what_is_over),
            {LINK: "id wait calendar", HEALTH: "starts_at", STATE: "status", TRACE: "offered_at answer_by status_at"},
            plain={TIME: "starts_at"},
            fixed="starts_at offered_at answer_by",
            is_removed=True,
            stays={"*": "as what it answers"},
        ),
        "Recall": Table(
            belongs_to("patient", "practice"),
            "That an office asks a patient to book a visit, and what she answered: part of her record at the office.",
            Kept(RECORD.text, services.end_recalls),
            {
                LINK: "id practice patient round visit_type calendar asked_by appointment",
                HEALTH: "first_date last_date",
                STATE: "status tells_date",
                TRACE: "asked_at status_at",
            },
            {"round": "those who were asked at once", "tells_date": "the day she is told"},
            plain={TIME: "first_date last_date"},
            fixed="first_date last_date tells_date asked_at",
            moves="appointment",
            stays={"*": "part of her record at the office; without her consent she sees none of it there"},
        ),
        "Source": Table(
            public(),
            "Another system that tells of appointments, and whether it is heard from.",
            OFFICE,
            {
                LINK: "id",
                OFFICES: "name organisation_number kind phone silent_after_minutes",
                STATE: "heard_at failed_at",
            },
        ),
        "CalendarFeed": Table(
            belongs_to("person"),
            "The address at which her own calendar reads when she has a time.",
            Kept(f"Until she ends it, or nothing has read it for {span(rules.FEED_KEPT)}", services.tidy_feeds),
            {LINK: "id person", LOGIN: "token_hash", TRACE: "made_at read_at"},
            fixed="token_hash made_at",
            is_removed=True,
        ),
        "ExternalAppointment": Table(
            belongs_to("patient"),
            "An appointment elsewhere, shown with the others. The source keeps the record.",
            RECORD,
            {
                LINK: "id source identifier patient",
                HEALTH: "starts_at ends_at channel title place instruction join_url",
                STATE: "status sequence",
                TRACE: "received_at sent_at",
            },
            plain={TIME: "starts_at ends_at", CODE: "channel"},
            not_hers={"join_url": "a door to a meeting that another keeps, not something of hers"},
        ),
    },
    relations={
        "appointments_taken": "When a calendar is taken, for those who look for free time; whose it is, is left out."
    },
    for_everybody={
        "appointments:feed-read": "a calendar program, known by its address; one answer for all that do not work",
    },
    use_cases=policy.USE_CASES,
    finer={
        "appointments:feed": ("full", "protected"),
        "appointments:feed-end": ("full", "protected"),
        "appointments:hide": ("youth",),
    },
    statements={"appointments:show": 7, "appointments:earlier": 8},  # what the offered time costs
    parameters={
        "appointment_id": RowOf("appointments.Appointment", patient="patient", practice="practice", is_hers=True),
        "block_id": RowOf("appointments.Block", practice="calendar__practice", clinician="calendar__clinician"),
        "calendar_id": RowOf("appointments.Calendar", practice="practice", clinician="clinician"),
        "claim_id": RowOf("appointments.Claim", practice="calendar__practice", states=(("kind", "block"),)),
        "external_id": RowOf("appointments.ExternalAppointment", patient="patient", is_hers=True),
        "request_id": RowOf("appointments.TimeRequest", patient="patient", practice="practice", is_hers=True),
        "visit_type_id": RowOf("appointments.VisitType", practice="practice"),
        "recall_id": RowOf("appointments.Recall", patient="patient", practice="practice", is_hers=True),
        "wait_id": RowOf("appointments.Wait", patient="patient", practice="practice", is_hers=True),
        "offer_id": RowOf("appointments.TimeOffer", patient="wait__patient", practice="wait__practice", is_hers=True),
    },
    menu=Place(30, "appointments:index", _("Timeavtaler"), "calendar"),
    doors={
        Service.BOOK: Door("appointments:book", Area.BOOKING),
        Service.REQUEST: Door("appointments:request", Area.BOOKING),
    },
    ids={
        "appointments.TimeRequest.key": "of the form",
        "appointments.Recall.round": "of the form",
        "appointments.ExternalAppointment.identifier": "the source's own",
    },
    merges={
        "appointments.CalendarFeed": kept_stays,
        "appointments.Claim": kept_stays,
        "appointments.Recall": settle_recalls,
        "appointments.TimeRequest": settle_requests,
    },
    acts={
        "appointment.book": Act(
            services.book_for_patient,
            _("Får time straks"),
            _("Pasienten får timen og beskjed om %(seconds)d sekunder."),
            "workspace:book",
            services.keep_time,
            services.let_go_of_time,
            _again,
        ),
        "appointment.move": Act(
            services.move,
            _("Endres straks"),
            _("Timen endres, og pasienten får beskjed, om %(seconds)d sekunder."),
            "workspace:change",
            services.keep_new_time,
            services.let_go_of_time,
        ),
        "appointment.cancel": Act(
            services.cancel,
            _("Avlyses straks"),
            _("Timen avlyses, og pasienten får beskjed, om %(seconds)d sekunder."),
            "workspace:cancel",
        ),
        "recall.ask": Act(
            services.ask_to_book,
            _("Innkalles straks"),
            _("Innkallingen sendes om %(seconds)d sekunder."),
            "workspace:recalls",
            query=_nothing,
        ),
        "recall.stop-all": Act(
            services.stop_round,
            _("Stoppes straks"),
            _("Innkallingen stoppes for alle som ikke har svart, om %(seconds)d sekunder."),
            "workspace:recalls",
            query=_nothing,
        ),
        "request.assign": Act(
            services.assign_request,
            _("Får time straks"),
            _("Pasienten får timen og beskjed om %(seconds)d sekunder."),
            "workspace:request",
            services.keep_time,
            services.let_go_of_time,
        ),
        "request.refuse": Act(
            services.refuse_request,
            _("Svaret sendes straks"),
            _("Svaret sendes om %(seconds)d sekunder."),
            "workspace:request",
        ),
        "request.propose": Act(
            services.propose_times,
            _("Tidene sendes straks"),
            _("Pasienten får tidene og beskjed om %(seconds)d sekunder."),
            "workspace:request",
        ),
    },
    notices={
        "appointment.booked": Notice(
            _("Beskjed om ny time"),
            notices.booked,
            notices.APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.BOOKED,
            says={
                "": "Du har fått time …. Logg inn på Legedialog for å se hvor.",
                WALK_IN: "Du har fått time …. Ring legekontoret hvis du må endre den.",
            },
        ),
        "appointment.moved": Notice(
            _("Beskjed om flyttet time"),
            notices.moved,
            notices.APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.BOOKED,
            says={
                "by the office": "Timen din er flyttet fra … til …. Logg inn på Legedialog for å se hvor.",
                WALK_IN: "Timen din er flyttet fra … til …. Ring legekontoret hvis den ikke passer.",
            },
        ),
        "appointment.changed": Notice(
            _("Beskjed om endret time"),
            notices.changed,
            notices.APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.BOOKED,
            says={
                "": "Timen din … er endret. Logg inn på Legedialog for å se hva som er nytt.",
                WALK_IN: "Timen din … er endret. Ring legekontoret for å få vite hva som er nytt.",
            },
        ),
        "appointment.cancelled": Notice(
            _("Beskjed om avlyst time"),
            notices.cancelled,
            notices.APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.CANCELLED,
            says={
                "by the office": "Timen din … er avlyst. Logg inn på Legedialog for å bestille en ny.",
                "by the office, with others to choose": "Timen din … er avlyst. Logg inn på Legedialog for å velge en "
                "ny blant dem som er ledige.",
                "by the patient": "Timen din … er avbestilt.",
                WALK_IN: "Timen din … er avlyst. Ring legekontoret for å få en ny.",
            },
        ),
        "appointment.reminder": Notice(
            _("Påminnelse om time"),
            notices.reminder,
            notices.APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.REMINDER,
            says={
                "48 hours before": "Husk timen din …. Logg inn på Legedialog for å se hvor og hva du må ha "
                "klart, eller avbestille.",
                WALK_IN: "Husk timen din …. Ring legekontoret hvis du ikke kan komme.",
            },
        ),
        "request.refused": Notice(
            _("Beskjed om svar på timeønske"),
            notices.refused,
            notices.WISH,
            Area.INBOX,
            NoticeKind.REQUEST,
            says="Du har fått svar på timeønsket ditt. Logg inn på Legedialog for å lese det.",
        ),
        "request.proposed": Notice(
            _("Beskjed om tider å velge mellom"),
            notices.proposed,
            notices.WISH,
            Area.INBOX,
            NoticeKind.REQUEST,
            says="Du kan velge mellom tider til timen du ba om. Logg inn på Legedialog og velg.",
        ),
        "appointment.offered": Notice(
            _("Tilbud om tidligere time"),
            notices.offered,
            notices.OFFER,
            Area.APPOINTMENTS,
            NoticeKind.EARLIER,
            says="Du kan få en tidligere time: …. Logg inn på Legedialog og svar innen ….",
        ),
        "wait.removed": Notice(
            _("Beskjed om venteliste"),
            notices.taken_off,
            notices.WAIT,
            Area.APPOINTMENTS,
            NoticeKind.EARLIER,
            says="Legekontoret har tatt deg av ventelisten for tidligere time. Timen din står som før.",
        ),
        "wait.silent": Notice(
            _("Beskjed om venteliste"),
            notices.silent,
            notices.WAIT,
            Area.APPOINTMENTS,
            NoticeKind.EARLIER,
            says="Du svarte ikke på tilbud om tidligere time, så du står ikke på ventelisten lenger. "
            "Timen din står som før.",
        ),
        "recall.asked": Notice(
            _("Innkalling til time"),
            notices.recalled,
            notices.RECALL,
            Area.APPOINTMENTS,
            NoticeKind.RECALL,
            says="Legekontoret ber deg bestille time. Logg inn på Legedialog for å bestille.",
        ),
        "recall.reminder": Notice(
            _("Påminnelse om innkalling"),
            notices.recalled_again,
            notices.RECALL,
            Area.APPOINTMENTS,
            NoticeKind.RECALL,
            says="Legekontoret venter på at du bestiller time. Logg inn på Legedialog for å bestille eller takke nei.",
        ),
        "external.changed": Notice(
            _("Beskjed om time et annet sted"),
            notices.external,
            notices.EXTERNAL,
            notices.area_of,
            NoticeKind.ELSEWHERE,
            says={
                "new or changed": "Du har en ny eller endret time. Logg inn på Legedialog for å se den.",
                "cancelled": "En av timene dine er avlyst. Logg inn på Legedialog for å se hvilken.",
            },
        ),
    },
    topics=TOPICS,
    own=(VISITS, ELSEWHERE, WISHES, WAITS, RECALLS),
    waits=Waits(waiting.asks, waiting.answers),
    story=story.CHAPTERS,
    forget=lambda actor, person_id, now: services.forget_feed(actor=actor, person_id=person_id),
    parts=(Part(("portal:home",), 10, "appointments/citizen/next.html", upcoming),),
    log={
        "calendar-feed.made": _("Laget en adresse som kalenderen din henter timene fra"),
        "calendar-feed.ended": _("Sluttet å dele timene med kalenderen din"),
        "recall.asked": _("Ba deg bestille time"),
        "recall.declined": _("Takket nei til å bestille time"),
        "recall.stopped": _("Sluttet å be deg bestille time"),
        "recall.over": _("Innkallingen til time ble avsluttet"),
        "recalls.read": _("Så hvem som er bedt om å bestille time"),
    },
    letters=Letters(told=waiting.wishes),
    has_contact=office.has_contact,
)

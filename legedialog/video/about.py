"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.appointments.notices import APPOINTMENT
from legedialog.core.contexts import (
    CHOICE,
    CONTACT,
    HEALTH,
    IDENTITY,
    LINK,
    LOGIN,
    STATE,
    TRACE,
    About,
    Chapter,
    Kept,
    Notice,
    RowOf,
    Table,
    Word,
    belongs_to,
    kept_stays,
    span,
)
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind
from legedialog.video import notices, rules, services, story
from legedialog.video.help import TOPICS
from legedialog.video.own import SEATS, TESTS

ABOUT = About(
    tables={
        "Room": Table(
            belongs_to("practice", follows="appointment"),
            "The room of a video appointment: how far the visit has come.",
            Kept(f"{span(rules.ROOM_KEPT)} after the appointment; the record keeps what was filed", services.tidy),
            {
                LINK: "id practice appointment",
                STATE: "state outcome endings delayed_until",
                TRACE: "opened_at started_at ended_at",
                HEALTH: "message",
            },
            {"message": "what the office told those who waited; emptied when the visit begins"},
            not_hers={"message": "to all who waited; gone when the visit begins"},
            stays={"*": "the office's visit, which goes on; removed by itself"},
            is_removed=True,
        ),
        "Seat": Table(
            belongs_to("practice", "person", follows="room"),
            "One person in a video room: when she came, who confirmed her identity, and how the connection was.",
            Kept(f"{span(rules.ROOM_KEPT)} after the appointment", services.tidy),
            {
                LINK: "id practice room person employee guest identity_by",
                STATE: "role state tab quality worst_quality has_audio has_video shares_screen has_answered",
                TRACE: "entered_at admitted_at seen_at identity identity_at call_asked_at",
                CONTACT: "call_number",
            },
            {"call_number": "the number she asked to be called on", "has_answered": "that she did, never what"},
            stays={"*": "the office's visit, which goes on; removed by itself"},
            moves="identity_by",
            is_removed=True,
        ),
        "Guest": Table(
            belongs_to("practice", follows="room"),
            "An interpreter or a relative whom the patient lets be there.",
            Kept(
                f"{span(rules.ROOM_KEPT)} after the appointment; an unused link a day after it expired",
                services.tidy,
            ),
            {
                LINK: "id practice room invited_by_person invited_by_employee",
                IDENTITY: "kind name",
                LOGIN: "token_hash cookie_hash expires_at",
                TRACE: "invited_at used_at",
                CHOICE: "agreed_at agreed_by_person agreed_told_by",
            },
            {
                "token_hash": "knows the link; tells nothing of it",
                "cookie_hash": "knows the browser that used the link",
            },
            not_hers={
                "kind": "tells of the guest, who is another person",
                "name": "tells of the guest, who is another person",
                "agreed_at": "tells of the guest, who is another person",
                "agreed_by_person": "tells of the guest, who is another person",
                "agreed_told_by": "tells of the guest, who is another person",
            },
            stays={"*": "the office's visit, which goes on; removed by itself"},
            is_removed=True,
        ),
        "Signal": Table(
            belongs_to("practice", follows="room"),
            "What the browsers of a video visit tell each other to connect. Never picture, sound or chat.",
            Kept(f"Until the visit ends, at most {span(rules.SIGNALS_KEPT)}", services.tidy),
            {LINK: "id practice room to sender", STATE: "kind", CONTACT: "data", TRACE: "sent_at"},
            {"data": "network addresses and encryption fingerprints of her device"},
            not_hers={"data": "between browsers; gone when the visit ends"},
            stays={"*": "the office's visit, which goes on; removed by itself"},
            is_append_only=True,
            is_removed=True,
        ),
        "DeviceTest": Table(
            belongs_to("person", follows="person"),
            "Shows a person and her office whether her camera, sound and network work, before a video visit.",
            Kept(span(rules.TEST_KEPT), services.tidy),
            {
                LINK: "id person",
                STATE: "camera camera_fault microphone microphone_fault speaker speaker_fault network network_fault"
                " relay relay_fault",
                TRACE: "tested_at",
            },
            is_removed=True,
        ),
        "Feedback": Table(
            belongs_to("practice"),
            "How video works for the office's patients. Not linked to anybody.",
            Kept(span(rules.FEEDBACK_KEPT), services.tidy),
            {LINK: "id practice", TRACE: "date", STATE: "picture_and_sound was_enough"},
            is_append_only=True,
            is_removed=True,
        ),
    },
    for_everybody={
        "video:guest": "a guest's browser, known by the cookie of her link; one answer for all others",
        "video:guest-link": "a link that works once; one answer for all that do not",
        "video:ice": "video/policy.py: find_seat, for a login or a guest's cookie",
        "video:send": "video/policy.py: find_seat, for a login or a guest's cookie",
    },
    statements={
        "video:room": 8,
    },
    parameters={
        "guest_id": RowOf("video.Guest", patient="room__appointment__patient", practice="practice", is_hers=True),
        "seat_id": RowOf("video.Seat", patient="person", practice="practice", is_hers=True),
        "token": Word("a" * 43),
        "video: appointment_id": RowOf(
            "appointments.Appointment",
            patient="patient",
            practice="practice",
            states=(("channel", "video"), ("status__in", ("booked", "arrived")), ("room__guests__isnull", False)),
            is_hers=True,
        ),
    },
    forget=lambda actor, person_id, now: services.forget_test(actor=actor, person_id=person_id),
    merges={
        "video.Seat": kept_stays,
        "video.DeviceTest": kept_stays,
    },
    notices={
        "video.ready": Notice(
            _("Beskjed om at legen er klar til videotimen"),
            notices.ready,
            APPOINTMENT,
            Area.APPOINTMENTS,
            NoticeKind.REMINDER,
            says="Timen din i dag er klar. Logg inn på Legedialog for å møte.",
        ),
    },
    topics=TOPICS,
    own=(SEATS, TESTS),
    story=(Chapter(130, story.play, at_each_start=True),),
    pages={"video-states.md": rules.page},
    settle_copy=services.end_guests,
)

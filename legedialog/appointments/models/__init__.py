"""The tables of appointments, a file for each concept."""

from legedialog.appointments.models.elsewhere import (
    ExternalAppointment,
    Source,
    SourceKind,
)
from legedialog.appointments.models.feeds import CalendarFeed
from legedialog.appointments.models.recalls import (
    Recall,
    RecallStatus,
)
from legedialog.appointments.models.visits import (
    OPEN_REQUESTS,
    Appointment,
    ArrivalCode,
    Block,
    Calendar,
    CancelledBy,
    Channel,
    Claim,
    ClaimKind,
    DayNote,
    Delay,
    ProposedTime,
    RequestStatus,
    Status,
    Taken,
    TimeRequest,
    VisitKind,
    VisitType,
    in_language,
)
from legedialog.appointments.models.waits import (
    OfferStatus,
    TimeOffer,
    Wait,
    Waitlist,
    WaitStatus,
)

__all__ = [
    "OPEN_REQUESTS",
    "Appointment",
    "ArrivalCode",
    "Block",
    "Calendar",
    "CalendarFeed",
    "CancelledBy",
    "Channel",
    "Claim",
    "ClaimKind",
    "DayNote",
    "Delay",
    "ExternalAppointment",
    "OfferStatus",
    "ProposedTime",
    "Recall",
    "RecallStatus",
    "RequestStatus",
    "Source",
    "SourceKind",
    "Status",
    "Taken",
    "TimeOffer",
    "TimeRequest",
    "VisitKind",
    "VisitType",
    "Wait",
    "WaitStatus",
    "Waitlist",
    "in_language",
]

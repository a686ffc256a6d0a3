"""The use cases of appointments, one function each, by concept. Others call them as `services.book(...)`.

State, audit, notices and live events commit together. `now` is aware.
"""

from legedialog.appointments.services.arrivals import check_in, draw_code, remove_code, take_back_check_in
from legedialog.appointments.services.booking import (
    book,
    book_for_patient,
    cancel,
    hold,
    hold_any,
    release,
    restrict,
    tidy,
)
from legedialog.appointments.services.columns import save_column
from legedialog.appointments.services.day_notes import take_back_day_note, tidy_day_notes, write_day_note
from legedialog.appointments.services.deaths import close_for_death, reopen_appointment, reopen_request
from legedialog.appointments.services.delays import tell_delay, tidy_delays
from legedialog.appointments.services.external import receive_external
from legedialog.appointments.services.feeds import end_feed, forget_feed, make_feed, tidy_feeds, whose_feed
from legedialog.appointments.services.keeping import keep_new_time, keep_time, let_go_of_time
from legedialog.appointments.services.moving import hold_to_move, move
from legedialog.appointments.services.plans import block_time, remove_block, save_block, save_visit_type, unblock
from legedialog.appointments.services.recalls import (
    ask_to_book,
    decline_recall,
    end_recalls,
    stop_recall,
    stop_round,
)
from legedialog.appointments.services.requests import (
    Proposed,
    accept_proposed,
    assign_request,
    decline_assigned,
    decline_proposed,
    propose_times,
    refuse_request,
    send_request,
    withdraw_request,
)
from legedialog.appointments.services.visits import arrive, back_to_booked, complete, no_show
from legedialog.appointments.services.waiting import (
    accept_offer,
    ask_for_earlier,
    end_what_is_over,
    offer_freed,
    refuse_offer,
    save_waitlist,
    stop_waiting,
    take_off_waitlist,
)

__all__ = [
    "Proposed",
    "accept_offer",
    "accept_proposed",
    "arrive",
    "ask_for_earlier",
    "ask_to_book",
    "assign_request",
    "back_to_booked",
    "block_time",
    "book",
    "book_for_patient",
    "cancel",
    "check_in",
    "close_for_death",
    "complete",
    "decline_assigned",
    "decline_proposed",
    "decline_recall",
    "draw_code",
    "end_feed",
    "end_recalls",
    "end_what_is_over",
    "forget_feed",
    "hold",
    "hold_any",
    "hold_to_move",
    "keep_new_time",
    "keep_time",
    "let_go_of_time",
    "make_feed",
    "move",
    "no_show",
    "offer_freed",
    "propose_times",
    "receive_external",
    "refuse_offer",
    "refuse_request",
    "release",
    "remove_block",
    "remove_code",
    "reopen_appointment",
    "reopen_request",
    "restrict",
    "save_block",
    "save_column",
    "save_visit_type",
    "save_waitlist",
    "send_request",
    "stop_recall",
    "stop_round",
    "stop_waiting",
    "take_back_check_in",
    "take_back_day_note",
    "take_off_waitlist",
    "tell_delay",
    "tidy",
    "tidy_day_notes",
    "tidy_delays",
    "tidy_feeds",
    "unblock",
    "whose_feed",
    "withdraw_request",
    "write_day_note",
]

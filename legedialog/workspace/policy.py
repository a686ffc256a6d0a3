"""Which office pages each role opens. What may be done there is decided again in the contexts, row by row."""

from legedialog.access.actor import Actor, Role

EVERYBODY = frozenset(Role)
CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})  # works with patients

PAGES: dict[str, frozenset[Role]] = {
    "start": EVERYBODY,
    "errands": EVERYBODY,  # those about a patient: errands/policy.py
    "inbox": CARES | {Role.MANAGER},  # the manager gives out what waits, and mends undelivered notices
    "answers": CARES,  # writes to patients
    "numbers": frozenset({Role.MANAGER, Role.DOCTOR}),
    "requests": CARES,
    "calendar": EVERYBODY,
    "visits": EVERYBODY,
    "absences": EVERYBODY,  # who may report whose is asked of practices; who may book, of appointments
    "booking": CARES,  # book, move along, cancel, keep time
    "video": CARES,
    "prescriptions": CARES,  # staff prepare, doctors sign
    "patients": CARES,
    "assigning": frozenset({Role.DOCTOR, Role.SUBSTITUTE}),  # the patient's own, asked again in journeys/assigning.py
    "concerns": frozenset({Role.MANAGER, Role.DOCTOR}),  # answers citizens who ask who has read, and why
    "changes": CARES,  # what a register has changed for a patient: seen, and opened again
    "searches": frozenset({Role.MANAGER}),  # who has searched without opening anybody
    "charges": EVERYBODY,  # money
    "settlement": frozenset({Role.MANAGER, Role.DOCTOR}),  # a month of identity numbers in one file: fees/policy.py
    "own": EVERYBODY,  # each her own
    "settings": EVERYBODY,  # what may be changed there is asked of each context
}


def may(actor: Actor, page: str) -> bool:
    return actor.is_staff and actor.role in PAGES[page]

"""How often a page may ask the database, and what it may weigh. tests/test_hot.py opens every page that is only read.

A page is held to its reader's line. One that needs more says so in its about.py (`statements`), which may be lowered
and not raised: who needs one more statement looks first for one that is asked already. See
docs/adr/0070-own-lists-are-statements.md.
"""

# With the session's, which also tells whom the request is about. Who acts for another costs two more: whether she may,
# and the trace in the other's log.
CITIZEN, ACTING, STAFF = 6, 8, 8

# Bytes as they are sent: of a page to who has been here before, and of the first, with what all pages need.
CITIZEN_BYTES, STAFF_BYTES, FIRST_BYTES = 25 * 1024, 60 * 1024, 130 * 1024

MORE: dict[str, int] = {
    # The citizen's.
    "portal:powers": 9,
    "portal:log": 7,
    "dialogues:attachment": 7,  # and whether all its parts are there, before the answer begins
    "appointments:earlier": 7,  # and whether it costs to cancel what is offered
    "prescriptions:index": 9,  # and what she does not tolerate
    "prescriptions:order": 10,  # and what decides its price
    "fees:index": 8,  # and the exemption card
    "fees:show": 7,  # lines, payments, transfers, credit notes
    "fees:document": 7,
    "fees:credit-note": 8,
    "video:room": 8,
    # The office's.
    "workspace:dialogue": 13,
    "workspace:dialogue-attachment": 23,
    "workspace:patient": 24,
    "workspace:journal": 14,
    "workspace:journal-paper": 14,
    "workspace:journal-document": 12,
    "workspace:journal-entry": 13,
    "workspace:journal-correct": 13,
    "workspace:journal-misfile": 19,
    "workspace:journal-moved": 14,
    "workspace:journal-attachment": 9,
    "workspace:medicine-list": 12,
    "workspace:prescriptions": 12,
    "workspace:prescription-withdraw": 9,
    "workspace:prescription-order": 39,
    "workspace:charge": 11,
    "workspace:charge-credit-note": 9,
    "workspace:charges-unpaid": 11,  # two lists, each with lines and payments, and the sum of all
    "workspace:settings": 13,
    "workspace:absences": 13,
    "workspace:absence": 17,  # what she leaves, and whether another may see each
    "workspace:leaver": 14,
    "workspace:video-room": 11,
    "workspace:request": 10,
    "workspace:change": 9,
    "workspace:caution": 11,
    "workspace:assigned": 9,
}
# Pages that ask the same twice, until somebody mends them. A name may be taken away and not added.
TWICE = frozenset(
    {
        "video:room",
        "workspace:around",
        "workspace:assigned",
        "workspace:caution",  # whose it is, and then the row itself
        "workspace:dialogue-attachment",
        "workspace:end-assigned",
        "workspace:intake",
        "workspace:intake-topic",
        "workspace:journal",
        "workspace:journal-correct",
        "workspace:journal-document",
        "workspace:journal-entry",
        "workspace:journal-misfile",
        "workspace:journal-paper",
        "workspace:medicine-list",
        "workspace:patient",
        "workspace:prescription-order",
        "workspace:prescriptions",
        "workspace:request",
        "workspace:settings",
    }
)

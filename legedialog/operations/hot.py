"""How often a page may ask the database. tests/test_hot.py opens every page that is only read and compares.

A page is held to its reader's line. One that needs more has a line of its own, which may be lowered and not raised: who
needs one more statement looks first for one that is asked already. docs/adr/0070-own-lists-are-statements.md.
"""

# With the session's, which also tells whom the request is about. Who acts for another costs two more: whether she may,
# and the trace in the other's log.
CITIZEN, ACTING, STAFF = 6, 8, 8

MORE: dict[str, int] = {
    # The citizen's.
    "appointments:book": 8,  # and the price, and who else at the office takes this kind
    "portal:powers": 9,
    "portal:log": 8,
    "portal:withdraw": 8,
    "dialogues:attachment": 7,  # and whether all its parts are there, before the answer begins
    "dialogues:contact": 8,  # and the price
    "dialogues:econsultation": 8,  # and the price
    "prescriptions:order": 9,
    "fees:index": 8,  # and the exemption card
    "fees:show": 7,  # and what an invoice costs
    "video:room": 15,
    # The office's.
    "workspace:inbox": 15,
    "workspace:dialogue": 23,
    "workspace:dialogue-attachment": 33,
    "workspace:patient": 24,
    "workspace:journal": 14,
    "workspace:journal-paper": 14,
    "workspace:journal-document": 12,
    "workspace:journal-entry": 16,
    "workspace:journal-correct": 16,
    "workspace:journal-misfile": 21,
    "workspace:journal-moved": 16,
    "workspace:journal-attachment": 13,
    "workspace:medicine-list": 12,
    "workspace:prescriptions": 13,
    "workspace:prescription-withdraw": 12,
    "workspace:video": 10,
    "workspace:prescription-order": 41,
    "workspace:charge": 12,
    "workspace:charges-unpaid": 12,  # two lists, each with lines and payments, and the sum of all
    "workspace:settings": 14,
    "workspace:absences": 14,
    "workspace:absence": 17,  # what she leaves, and whether another may see each
    "workspace:leaver": 17,
    "workspace:video-room": 23,
    "workspace:request": 14,
    "workspace:change": 10,
    "workspace:assigned": 12,
    "workspace:end-assigned": 13,
}
# Pages that ask the same twice, until somebody mends them. A name may be taken away and not added.
TWICE = frozenset(
    {
        "video:room",
        "workspace:around",
        "workspace:assigned",
        "workspace:dialogue",
        "workspace:dialogue-attachment",
        "workspace:end-assigned",
        "workspace:inbox",
        "workspace:intake",
        "workspace:intake-topic",
        "workspace:journal",
        "workspace:journal-attachment",
        "workspace:journal-correct",
        "workspace:journal-document",
        "workspace:journal-entry",
        "workspace:journal-misfile",
        "workspace:journal-moved",
        "workspace:journal-paper",
        "workspace:medicine-list",
        "workspace:patient",
        "workspace:prescription-order",
        "workspace:prescription-withdraw",
        "workspace:prescriptions",
        "workspace:request",
        "workspace:settings",
        "workspace:video-room",
    }
)

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

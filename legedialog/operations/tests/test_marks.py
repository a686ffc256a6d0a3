"""Every form that changes something says what its page showed of it, so that nothing is done with what nobody saw.

ADR 36. A form that is in no line here, and has no mark, is named: give it one (core/seen.py), or a reason.
"""

import re
from pathlib import Path

LEGEDIALOG = Path(__file__).resolve().parents[2]
MARKED = re.compile(r'name="(mark|seen|was|from|version|hold|item|key)"|include "[a-z/]+/seen\.html"')
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
SENT = re.compile(r"method=\"post\"|hx-post=")
ADDRESS = re.compile(r"""(?:action|hx-post)="\{% url ['"]([\w:-]+)['"]""")

OWN_FIELD = "its form has a hidden field of its own for it"
ONE_STEP = "the row's state has one way on, and refuses a second time"
NEVER_CHANGED = "what it shows is never changed after it was sent, only answered, ended or replaced by another id"
MONEY = "it adds a line of money once, and refuses more than is owed or paid"
MAKES = "it makes something new"
ASKS = "it only asks"
NOBODYS = "it changes nobody's affairs, or only which are shown"

NEEDS_NONE = {
    where: why
    for why, places in {
        MONEY: """
            workspace/charges/bank workspace/charges/run workspace/charges/settle workspace:charge-invoice
            workspace:charge-pay workspace:charge-refund workspace:charges-remind
        """,
        OWN_FIELD: """
            appointments:review workspace/absences/index workspace/absences/show workspace/journal/correct
            workspace:charges-approve workspace:inbox-several workspace:undo
        """,
        ONE_STEP: """
            appointments/citizen/cancel appointments:request-decline appointments:request-withdraw
            appointments:arrive appointments:not-here
            appointments:wait-stop workspace:waitlist-take-off
            dialogues:withdraw portal/profile/lock portal/representation/child
            portal/representation/end_power portal:log_out_device portal:log_out_everywhere
            prescriptions:withdraw video:leave workspace/inbox/change workspace/journal/moved
            workspace/patients/end_assigned workspace/prescriptions/withdraw
            workspace:charges-take-up workspace:not-done workspace:notice workspace:video-admit
            workspace:video-end workspace:video-identity workspace:video-no-show
            workspace:video-phone workspace:video-picture workspace:video-remove
            video:room video/_room video/door video/guest_door workspace/video/door
            workspace:video-renew workspace:video-reopen workspace:video-room
        """,
        NEVER_CHANGED: """
            access:send_kept workspace/inbox/concern workspace/inbox/correction appointments:request-accept
            appointments:offer-accept appointments:offer-refuse interpreters:undo
            workspace:blocked workspace:end-absence workspace:handover-stop
            workspace:settings-remove-allowance workspace:settings-remove-own-price
        """,
        MAKES: """
            operations/new_office operations/office workspace/settings/own_price
            appointments/citizen/book appointments:request dialogues:reply portal/corrections/index
            portal/log/log_react portal:export portal:give_power prescriptions/citizen/renew
            video/invite video:call-me video:feedback workspace/calendar/block
            workspace/calendar/book workspace/cautions/index workspace/inbox/start workspace/journal/note
            workspace/patients/assigned workspace/purpose
            workspace/video/postpone workspace:video-invite workspace:video-remind
        """,
        ASKS: """
            guidance:search portal:messages workspace/journal/index
            workspace/patients/patients workspace:patient-number workspace:patients
        """,
        NOBODYS: """
            access/another access/refused access:kept access:office identity/choose payments/page portal:choose
            portal:switch_back ui/acting_for ui/gallery ui/person ui:language ui:scheme
            video/guest_link
        """,
        "her own choice, and the page says what each level opens": """
            consent:give
        """,
        "her own choice among levels that are written out; it only ever closes": """
            portal/profile/withdraw
        """,
        "one choice of her own, which stands in the form": """
            appointments/citizen/earlier portal:language
        """,
        "that which answers has a mark; beginning, and holding, the claim asks": """
            workspace:dialogue-answer
        """,
    }.items()
    for where in places.split()
}


def forms() -> set[tuple[str, bool]]:
    """Where each is sent, or the template that sends it to its own address; and whether it has a mark."""
    found = set()
    for path in LEGEDIALOG.rglob("*.html"):
        for form in FORM.findall(path.read_text(encoding="utf-8")):
            if SENT.search(form) and path.name != "error.html":
                address = ADDRESS.search(form)
                where = address[1] if address else path.relative_to(LEGEDIALOG).as_posix().removesuffix(".html")
                found.add((where.rpartition("templates/")[2], bool(MARKED.search(form))))
    return found


def test_every_form_says_what_was_seen_or_why_it_need_not() -> None:
    unmarked = {where for where, is_marked in forms() if not is_marked}
    assert not unmarked - NEEDS_NONE.keys(), "give them a mark, or a line above with the reason"
    assert not NEEDS_NONE.keys() - unmarked, "these have a mark now, or are no more: remove their lines"

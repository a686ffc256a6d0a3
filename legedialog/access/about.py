"""What this context says about itself to the rest. See core/contexts."""

from legedialog.access import rules, services
from legedialog.access.help import TOPICS
from legedialog.access.own import LOCKS, LOGINS
from legedialog.core.contexts import (
    ADDRESS,
    CHOICE,
    HEALTH,
    LINK,
    LOG,
    LOGIN,
    STAFF,
    TRACE,
    About,
    Kept,
    RowOf,
    Table,
    belongs_to,
    kept_stays,
    span,
)

ABOUT = About(
    tables={
        "Operator": Table(
            belongs_to(),
            "Who may see the health of the system, and never patients.",
            Kept("Until the operator is removed by the command line"),
            {LINK: "id", STAFF: "name national_number_index"},
            {"national_number_index": "finds the operator at login; keyed, so it tells no number"},
            is_removed=True,
        ),
        "Login": Table(
            belongs_to("person", "employee", "id"),
            "Keeps a person logged in, shows her where, and lets her end it.",
            Kept(f"{span(rules.ENDED_KEPT)} after it ended", services.tidy),
            {
                LINK: "id person employee operator acting_for",
                LOGIN: "token_hash proof kind assurance issuer provider_sid provider_sub device",
                TRACE: "created_at seen_at ended_at ended_why",
            },
            {
                "token_hash": "knows the browser's cookie; tells nothing of it",
                "proof": "says that nobody has made the row or changed whose it is behind the product's back",
                "device": "browser and system in two words",
                "acting_for": "whom she has chosen to act for; whether she may is asked anew each time",
            },
            stays={"*": "she is logged in, and ends it herself; who was logged in is told from it for a while"},
            fixed="kind assurance issuer provider_sid provider_sub created_at",
            moves="employee acting_for",
            is_removed=True,
        ),
        "LoginAttempt": Table(
            belongs_to(),
            "Lets the provider's answer come back once, to the browser that asked, and counts attempts.",
            Kept(span(rules.ONCE_KEPT), services.tidy),
            {
                LINK: "id",
                LOGIN: "state_hash browser_hash provider nonce code_verifier redirect_uri next_path",
                TRACE: "created_at used_at",
            },
            fixed="state_hash browser_hash provider nonce code_verifier redirect_uri next_path created_at",
            is_removed=True,
        ),
        "Tally": Table(
            belongs_to(),
            "Counts how often one person or one network address sends, uploads or begins a login.",
            Kept("2 hours", services.tidy),
            {LOGIN: "who_hash name number", TRACE: "window_at"},
            {"who_hash": "keyed, so it tells no person and no address"},
            fixed="who_hash name window_at",
            is_removed=True,
        ),
        "UsedToken": Table(
            belongs_to(),
            "Stops a message that works once from working twice.",
            Kept(span(rules.ONCE_KEPT), services.tidy),
            {LINK: "id", LOGIN: "issuer token", TRACE: "used_at"},
            is_append_only=True,
            is_removed=True,
        ),
        "KeptForm": Table(
            belongs_to(follows="login"),
            "What a person sent when her login had ended or was for another, so that she need not write it again.",
            Kept(span(rules.KEPT_LASTS), services.tidy),
            {LINK: "id login acting_for employee", LOGIN: "browser_hash", HEALTH: "path fields", TRACE: "created_at"},
            plain={ADDRESS: "path"},
            not_hers={
                "path": "where she was when her login ended; gone soon after",
                "fields": "what she had typed, shown at her next login; gone soon after",
            },
            is_append_only=True,
            is_removed=True,
        ),
        "Lock": Table(
            belongs_to("person", follows="person"),
            "Keeps everybody from logging in as a person who has locked her access (akuttsperre).",
            LOG,
            {LINK: "id person", CHOICE: "locked_at", TRACE: "lifted_at lifted_by"},
            fixed="locked_at",
            is_removed=True,
        ),
    },
    parameters={
        "form_id": RowOf("access.KeptForm", patient="login__person", practice="login__employee__practice"),
        "login_id": RowOf("access.Login", patient="person"),
    },
    topics=TOPICS,
    own=(LOGINS, LOCKS),
    forget=lambda actor, person_id, now: services.forget_forms_of(actor=actor),
    merges={
        "access.Lock": kept_stays,
    },
    settle_copy=services.end_all,
)

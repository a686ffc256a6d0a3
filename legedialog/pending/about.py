"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import CODE, HEALTH, LINK, STATE, TRACE, About, Kept, RowOf, Table, belongs_to, span
from legedialog.pending import rules, services

ABOUT = About(
    tables={
        "PendingAct": Table(
            belongs_to("practice"),
            "What somebody at an office has done, kept a moment so that it can be taken back before anybody is told.",
            Kept(f"Until it is done; {span(rules.KEPT)} where it could not be", services.tidy),
            {
                LINK: "id practice employee login_id patient object_id",
                HEALTH: "name given",
                STATE: "kept_id reason",
                TRACE: "done_at due_at failed_at",
            },
            {"kept_id": "a time in the calendar that is kept until then"},
            plain={CODE: "name"},
            not_hers={
                "name": "has not happened; what happens is where it belongs",
                "given": "has not happened; what happens is where it belongs",
            },
            is_removed=True,
        ),
    },
    parameters={"act_id": RowOf("pending.PendingAct", practice="practice")},
    ids={
        "pending.PendingAct.login_id": "a login",
        "pending.PendingAct.object_id": "what it is done to, never a person",
        "pending.PendingAct.kept_id": "a time in a calendar",
    },
)
